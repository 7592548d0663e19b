"""Kind `coverage`: national and local coverage determinations and their articles, with the codes that they list.

A release is one state of the Medicare Coverage Database, as answers of CMS's Coverage API say it: a file an answer, all
documents of the release at once. The documents bear their own days.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from services.catalog.imports.archives import Limits, SourceFile, members
from services.catalog.imports.defects import Defects
from services.catalog.imports.importer import Choices, Progress, Reading, called
from services.catalog.imports.payment.coverage_entries import Answers
from services.catalog.imports.payment.json_answers import entries_of
from services.catalog.payment_rows import CoverageArticleRow, CoverageCodeRow
from services.catalog.rows import Edition, Rows
from shared.errors import InvalidInput

MANY = Limits(members=200_000)
"""An archive of answers holds a dozen files a document."""


class CoverageDocuments:
    """Reads answers of the API on articles, LCDs and NCDs, their codes, contractors and related documents."""

    kind = "coverage"
    title = "Medicare coverage documents"
    publisher = "Centers for Medicare & Medicaid Services (CMS)"
    systems = ("cpt", "hcpcs", "icd10cm", "icd10pcs", "modifier")
    subject = "coverage_code"
    settings = ()
    recognised = (called(r"(?!.*openapi).*\.json(?:\.gz)?"),)
    files = "answers of CMS's Coverage API as JSON, a file each, e.g. article.json and hcpc-code.json, zipped or not"

    def read(self, paths: Sequence[Path], choices: Choices, defects: Defects, progress: Progress) -> Reading:
        """Begin to read the answers; which document is of which version is known only when all were read."""
        files = list(members(paths, *self.recognised, wanted=self.files, limits=MANY))
        if not files:
            raise InvalidInput("FILES_WRONG", f"No file was named; expected: {self.files}.")
        snapshot = _Snapshot(files, defects, progress)
        return Reading(rows=snapshot.rows(), edition=lambda: _edition(snapshot.answers, choices, defects))


class _Snapshot:
    """All answers on their way to rows."""

    def __init__(self, files: list[SourceFile], defects: Defects, progress: Progress) -> None:
        self._files = files
        self._defects = defects
        self._progress = progress
        self.answers = Answers()

    def rows(self) -> Rows:
        yield "coverage_article", self._documents()
        yield "coverage_code", self._codes()

    def _documents(self) -> Iterator[CoverageArticleRow]:
        for number, file in enumerate(self._files, 1):
            for entry in entries_of(file, self._defects):
                self.answers.take(entry)
            self._progress("reading coverage documents", number, len(self._files))
        if not self.answers.documents and not self._defects.count:
            what = "no answer names a document; those of the API on articles, LCDs or NCDs are expected"
            self._defects.add(self._files[0].label, 1, 1, what)
        for document, row in sorted(self.answers.documents.items()):
            issuers = self.answers.issuers.get(document, ())
            names = {self.answers.contractors.get(issuer, f"contractor {issuer}") for issuer in issuers}
            related = {*self.answers.related.get(document, ())} - {f"{document.type}/{document.id}"}
            yield replace(row, contractors=sorted({*row.contractors, *names}), related=sorted(related))

    def _codes(self) -> Iterator[CoverageCodeRow]:
        for (document, version), codes in sorted(self.answers.codes.items()):
            known = self.answers.documents.get(document)
            if known is not None and known.version == version:
                yield from codes
                continue
            if known is None:
                what = f"codes of {document.type} {document.id}, which is not among the documents of the files"
                right = "bring the answer on it too"
            else:
                what = f"codes of version {version} of {document.type} {document.id}"
                right = f"its own answer is of version {known.version}; bring both of one version"
            self._defects.add(*self.answers.places[document, version], 1, f"{what}; {right}")


def _edition(answers: Answers, choices: Choices, defects: Defects) -> Edition:
    """The day up to which the database was read, as one of the answers or the operator says.

    Raises:
        InvalidInput: nobody says it.

    """
    begins = choices.effective_from or answers.captured_through
    if begins is None:
        if defects.count:
            return Edition("")
        raise InvalidInput(
            "EFFECTIVE_MISSING",
            "effective: none of the answers says up to which day the database was read (metadata/local-data-schedule): "
            "say it, e.g. --effective 2026-11-15.",
        )
    return Edition(choices.edition or f"as of {begins:%B %-d, %Y}", begins, choices.effective_to)
