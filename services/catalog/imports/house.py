"""Kind `house`: our own texts on CPT and HCPCS Level II codes, and the facts of government tables beside them.

Reading and checking the folder is the content's own business (`content/loading.py`); here it becomes rows.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from itertools import chain, groupby
from pathlib import Path
from typing import Any

from services.catalog.content.edition import CONTENT_FOLDER
from services.catalog.content.fact_sheet import CodeFacts, FactSheet
from services.catalog.content.loading import Content, Text, load_content
from services.catalog.content.places import ContentError
from services.catalog.imports.claim_codes import claim_rows
from services.catalog.imports.defects import Defects
from services.catalog.imports.importer import Choices, FilePattern, Progress, Reading
from services.catalog.rows import (
    AddOnRow,
    CodeFactsRow,
    CodeRow,
    Edition,
    OfficialTextRow,
    OurTextRow,
    PtpRow,
    Row,
    SourceTable,
)
from shared.errors import InvalidInput

_WITH_TEXTS = ("cpt", "hcpcs")


class House:
    """Reads the content folder of this repository, or another of the same form."""

    kind = "house"
    title = "Coding Ahead summaries of CPT and HCPCS Level II codes, modifiers and places of service"
    publisher = "Coding Ahead"
    systems = ("cpt", "hcpcs", "modifier", "pos")
    subject = "code"
    settings: tuple[str, ...] = ()
    recognised: tuple[FilePattern, ...] = ()
    files = "no file for the texts of this repository, or one folder of the same form"

    def read(self, paths: Sequence[Path], choices: Choices, defects: Defects, progress: Progress) -> Reading:
        """Read and check the whole folder."""
        folder = folder_of(paths)
        try:
            content = load_content(folder)
        except ContentError as error:
            for problem in error.problems:
                defects.add(problem.file, *problem.place, problem.what)
            return Reading(rows=iter([]), edition=lambda: Edition(""))
        progress("reading our texts", len(content.texts), len(content.texts))
        edition = Edition(
            choices.edition or content.edition_name,
            choices.effective_from or (content.edition.effective_from if content.edition else None),
            choices.effective_to,
            tuple(_tables(content.facts)),
        )
        return Reading(rows=_rows(content), edition=lambda: edition)


def folder_of(paths: Sequence[Path]) -> Path:
    """The folder that is meant: the repository's own when none is named."""
    if len(paths) > 1 or (paths and not paths[0].is_dir()):
        raise InvalidInput("FILES_WRONG", f"Expected is {House.files}.")
    return paths[0] if paths else CONTENT_FOLDER


def _rows(content: Content) -> Iterator[tuple[str, Iterator[Row]]]:
    facts = {(f.system, f.code): f for f in content.facts.codes}
    yield (
        "code",
        chain((row for system in _WITH_TEXTS for row in _outline(system, content, facts)), claim_rows(content)),
    )
    yield "our_text", (OurTextRow(t.code.system, t.code.code, _text_body(t, content)) for t in content.texts)
    yield "code_facts", (CodeFactsRow(f.system, f.code, f.model_dump(mode="json")) for f in content.facts.codes)
    yield (
        "official_text",
        (
            OfficialTextRow("hcpcs", f.code, f.hcpcs.long, "", f.hcpcs.short)
            for f in content.facts.codes
            if f.hcpcs is not None
        ),
    )
    yield "add_on", (AddOnRow(a.add_on, a.primary, a.type) for a in content.facts.add_on)
    yield (
        "ptp_edit",
        (PtpRow(e.setting, e.column_1, e.column_2, e.modifier_indicator, e.rationale) for e in content.facts.ptp),
    )


def _outline(system: str, content: Content, facts: dict[tuple[Any, str], CodeFacts]) -> Iterator[CodeRow]:
    """Families in order of their first code, each with its codes."""
    mine = sorted((t for t in content.texts if t.code.system == system), key=lambda t: (t.file, t.code.code))
    families = [list(texts) for _, texts in groupby(mine, key=lambda t: t.file)]
    ordinal = 0
    for texts in sorted(families, key=lambda texts: texts[0].code.code):
        family = Path(texts[0].file).stem.upper().replace("_", "-")
        codes = [
            _code_row(text, family, ordinal + 1 + place, _digest(content, text, facts.get((system, text.code.code))))
            for place, text in enumerate(texts)
        ]
        yield _family_row(texts[0], family, ordinal, codes)
        yield from codes
        ordinal += 1 + len(codes)


def _family_row(first: Text, family: str, ordinal: int, codes: list[CodeRow]) -> CodeRow:
    return CodeRow(
        system=first.code.system,
        code=family,
        display=first.family,
        kind="block",
        level=0,
        ordinal=ordinal,
        last_ordinal=ordinal + len(codes),
        parent=None,
        ancestors=[],
        heading=first.family,
        official=False,
        reportable=False,
        has_page=False,
        children=len(codes),
        reportable_below=len(codes),
        body={},
        content_hash=hashlib.blake2b(
            "\n".join([first.family, *(c.code for c in codes)]).encode(), digest_size=16
        ).digest(),
    )


def _code_row(text: Text, family: str, ordinal: int, content_hash: bytes) -> CodeRow:
    return CodeRow(
        system=text.code.system,
        code=text.code.code,
        display=text.code.code,
        kind="code",
        level=1,
        ordinal=ordinal,
        last_ordinal=ordinal,
        parent=family,
        ancestors=[family],
        heading=text.code.heading,
        official=False,
        reportable=True,
        has_page=True,
        children=0,
        reportable_below=0,
        body={},
        content_hash=content_hash,
    )


def _text_body(text: Text, content: Content) -> dict[str, Any]:
    cited = sorted({source for _, source in text.code.citations()})
    return {
        "text": text.code.model_dump(mode="json", exclude_defaults=True),
        "sources": {key: content.sources[key].model_dump(mode="json", exclude_none=True) for key in cited},
    }


def _digest(content: Content, text: Text, facts: CodeFacts | None) -> bytes:
    """Of everything that the page says of the code itself."""
    parts: list[Any] = [text.family, _text_body(text, content), facts.model_dump(mode="json") if facts else None]
    parts += [relation.model_dump(mode="json") for relation in content.facts.add_on_of(text.code.code)]
    parts += [edit.model_dump(mode="json") for edit in content.facts.ptp_of(text.code.code)]
    return hashlib.blake2b(json.dumps(parts, sort_keys=True).encode(), digest_size=16).digest()


def _tables(facts: FactSheet) -> Iterator[SourceTable]:
    for file in facts.files:
        yield SourceTable(
            name=file.name,
            kind=file.table,
            setting=file.setting,
            title=file.title,
            publisher=file.publisher,
            url=file.url,
            edition=file.edition,
            effective_from=file.effective_from,
            effective_to=file.effective_to,
            checksum=file.sha256,
        )
