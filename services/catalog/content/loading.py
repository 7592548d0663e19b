"""Reads a folder of our content (texts, claim-codes, sources*.yaml, facts.json) into checked models, whole or not."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from services.catalog.content.claim_codes import ClaimCodes
from services.catalog.content.edition import (
    CLAIM_CODES,
    CONTENT_FOLDER,
    EDITION_FILE,
    FACTS_FILE,
    ContentEdition,
    checksum_of,
    content_files,
    digest_of,
)
from services.catalog.content.fact_sheet import FactSheet
from services.catalog.content.format import CodeText, Family, Source
from services.catalog.content.places import START, ContentError, Document, Place, Problem, json_place, read_yaml


@dataclass(frozen=True)
class Text:
    """The text of a code, the family and file that it stands in, and where in the file."""

    family: str
    file: str
    code: CodeText
    place: Place


@dataclass(frozen=True)
class Content:
    """All our texts in order of system and code, the sources they cite, and the facts beside them."""

    texts: tuple[Text, ...]
    sources: dict[str, Source]
    facts: FactSheet
    claim_codes: tuple[ClaimCodes, ...]
    """Modifiers and places of service, by file."""
    edition: ContentEdition | None
    digest: str
    """SHA-256 over names and bytes of all files but the edition's, hexadecimal."""
    checksum: str
    """The same with the edition's file."""

    @property
    def edition_name(self) -> str:
        """The edition for readers; content that has none is known by its digest."""
        return self.edition.name(self.digest) if self.edition else f"undated ({self.digest[:12]})"


def load_content(folder: Path = CONTENT_FOLDER, *, with_facts: bool = True) -> Content:
    """Reads and checks the whole folder; raises ContentError with every problem found, not only the first."""
    problems: list[Problem] = []
    text_files = sorted((folder / "texts").glob("*.yaml"))
    if not text_files:
        problems.append(Problem("texts", START, "there is no .yaml file here; one file a family of codes is expected"))
    sources = _read_sources(sorted(folder.glob("sources*.yaml")), problems)
    texts = [text for path in text_files for text in _read_family(path, sources, problems)]
    problems += _duplicates(texts)
    claim_codes = [
        found for path in sorted(folder.glob(CLAIM_CODES)) for found in _read_claim_codes(path, sources, problems)
    ]
    facts = _read_facts(folder / FACTS_FILE, problems) if with_facts else FactSheet()
    edition = _read_edition(folder / EDITION_FILE, problems)
    if problems:
        raise ContentError(problems)
    texts.sort(key=lambda text: text.code.key)
    digest = digest_of(folder, content_files(folder, with_facts=with_facts))
    return Content(tuple(texts), sources, facts, tuple(claim_codes), edition, digest, checksum_of(folder))


def _read_family(path: Path, sources: dict[str, Source], problems: list[Problem]) -> list[Text]:
    name = f"texts/{path.name}"
    document = read_yaml(path, name, problems)
    if document is None:
        return []
    try:
        family = Family.model_validate(document.value)
    except ValidationError as error:
        problems += _explain(error, document, name)
        return []
    problems += _unknown_sources(family, sources, document, name)
    return [
        Text(family.family, path.name, code, document.place(("codes", number, "code")))
        for number, code in enumerate(family.codes)
    ]


def _read_claim_codes(path: Path, sources: dict[str, Source], problems: list[Problem]) -> Iterator[ClaimCodes]:
    name = f"claim-codes/{path.name}"
    document = read_yaml(path, name, problems)
    if document is None:
        return
    try:
        found = ClaimCodes.model_validate(document.value)
    except ValidationError as error:
        problems += _explain(error, document, name)
        return
    seen: set[str] = set()
    for number, code in enumerate(found.codes):
        if code.code in seen:
            what = f"code {code.code} stands twice; each code stands once"
            problems.append(Problem(name, document.place(("codes", number, "code")), what))
        seen.add(code.code)
        for path_to, key in code.citations():
            if key not in sources:
                what = f"code {code.code}: the source '{key}' is in no sources*.yaml file"
                problems.append(Problem(name, document.place(("codes", number, *path_to)), what))
    yield found


def _read_sources(paths: list[Path], problems: list[Problem]) -> dict[str, Source]:
    sources: dict[str, Source] = {}
    for path in paths:
        document = read_yaml(path, path.name, problems) or Document({}, None)
        for key, value in document.value.items():
            if key in sources:
                what = f"the source '{key}' is defined twice; keep one of the two"
                problems.append(Problem(path.name, document.place((key,)), what))
                continue
            try:
                sources[key] = Source.model_validate(value)
            except ValidationError as error:
                problems += [
                    Problem(path.name, document.place((key, *e["loc"])), f"source '{key}', {_sentence(e)}")
                    for e in error.errors()
                ]
    return sources


def _read_facts(path: Path, problems: list[Problem]) -> FactSheet:
    try:
        text = path.read_bytes().decode("utf-8", errors="replace")
        return FactSheet.model_validate_json(text)
    except OSError:
        what = "missing; write it with `python -m services.catalog.content.facts --data FOLDER`"
        problems.append(Problem(path.name, START, what))
    except ValidationError as error:
        problems += [Problem(path.name, json_place(text, e["loc"]), _sentence(e)) for e in error.errors()]
    return FactSheet()


def _read_edition(path: Path, problems: list[Problem]) -> ContentEdition | None:
    if not path.exists():
        return None
    document = read_yaml(path, path.name, problems)
    if document is None:
        return None
    try:
        return ContentEdition.model_validate(document.value)
    except ValidationError as error:
        problems += [Problem(path.name, document.place(e["loc"]), _sentence(e)) for e in error.errors()]
        return None


def _explain(error: ValidationError, document: Document, name: str) -> Iterator[Problem]:
    places = [problem["loc"] for problem in error.errors()]
    for problem in error.errors():
        path = problem["loc"]
        if any(len(other) > len(path) and other[: len(path)] == path for other in places):
            continue  # a list is called too short merely because an entry of it is already refused
        what = _sentence(problem)
        if len(path) > 1 and path[0] == "codes" and isinstance(path[1], int):
            entry = document.value["codes"][path[1]]
            code = entry.get("code") if isinstance(entry, dict) else None
            what = f"code {code or f'number {path[1] + 1}'}, {_sentence(problem, skip=2)}"
        yield Problem(name, document.place(path), what)


def _sentence(problem: Any, skip: int = 0) -> str:
    field = ".".join(str(part) for part in problem["loc"][skip:]) or "the entry as a whole"
    shown = json.dumps(problem["input"], default=str)
    found = "" if problem["type"] in {"missing", "value_error"} else f" (found {shown[:80]})"
    said = problem["msg"].removeprefix("Value error, ")
    return f"field {field}: {said}{found}"


def _unknown_sources(family: Family, sources: dict[str, Source], document: Document, name: str) -> Iterator[Problem]:
    for number, code in enumerate(family.codes):
        for field, key in code.citations():
            if key not in sources:
                kind, _, index = field.rstrip("]").partition("[")
                place = document.place(("codes", number, kind, int(index), "source"))
                what = f"code {code.code}, field {field}: the source '{key}' is in no sources*.yaml file"
                yield Problem(name, place, what)


def _duplicates(texts: list[Text]) -> Iterator[Problem]:
    first: dict[str, Text] = {}
    for text in texts:
        other = first.setdefault(text.code.key, text)
        if other is not text:
            what = f"code {text.code.code} already has a text, in texts/{other.file} (line {other.place[0]})"
            yield Problem(f"texts/{text.file}", text.place, what)
