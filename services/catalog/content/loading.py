"""Reads a folder of our content (texts/*.yaml, sources*.yaml, facts.json) into checked models, whole or not at all."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from services.catalog.content.fact_sheet import FactSheet
from services.catalog.content.format import CodeText, Family, Source

CONTENT_FOLDER = Path(__file__).parent
FACTS_FILE = "facts.json"


class ContentError(ValueError):
    """What is wrong with the content, one sentence a line, each naming file, code and field."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Text:
    """The text of a code and the family and file that it stands in."""

    family: str
    file: str
    code: CodeText


@dataclass(frozen=True)
class Content:
    """All our texts in order of system and code, the sources they cite, and the facts beside them."""

    texts: tuple[Text, ...]
    sources: dict[str, Source]
    facts: FactSheet
    checksum: str  # SHA-256 over names and bytes of all files read, hexadecimal


def load_content(folder: Path = CONTENT_FOLDER, *, with_facts: bool = True) -> Content:
    """Reads and checks the whole folder; raises ContentError with every problem found, not only the first."""
    problems: list[str] = []
    text_files = sorted((folder / "texts").glob("*.yaml"))
    source_files = sorted(folder.glob("sources*.yaml"))
    if not text_files:
        problems.append(f"{folder / 'texts'}: there is no .yaml file here, and one file a family of codes is expected")
    sources = _read_sources(source_files, problems)
    texts = [text for path in text_files for text in _read_family(path, problems)]
    problems += _unknown_sources(texts, sources) + _duplicates(texts)
    facts_path = folder / FACTS_FILE
    facts = _read_facts(facts_path, problems) if with_facts else FactSheet()
    if problems:
        raise ContentError(problems)
    texts.sort(key=lambda text: text.code.key)
    read = [*text_files, *source_files, *([facts_path] if with_facts else [])]
    return Content(tuple(texts), sources, facts, _checksum(folder, read))


def _read_family(path: Path, problems: list[str]) -> list[Text]:
    raw = _parse(path, problems)
    if raw is None:
        return []
    try:
        family = Family.model_validate(raw)
    except ValidationError as error:
        problems += [f"texts/{path.name}: {line}" for line in _explain(error, raw)]
        return []
    return [Text(family.family, path.name, code) for code in family.codes]


def _read_sources(paths: list[Path], problems: list[str]) -> dict[str, Source]:
    sources: dict[str, Source] = {}
    for path in paths:
        raw = _parse(path, problems) or {}
        for key, value in raw.items():
            if key in sources:
                problems.append(f"{path.name}: the source '{key}' is defined twice; keep one of the two")
                continue
            try:
                sources[key] = Source.model_validate(value)
            except ValidationError as error:
                problems += [f"{path.name}: source '{key}', {_sentence(e)}" for e in error.errors()]
    return sources


def _read_facts(path: Path, problems: list[str]) -> FactSheet:
    try:
        return FactSheet.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        problems.append(f"{path.name}: missing; write it with `python -m services.catalog.content.facts --data FOLDER`")
    except ValidationError as error:
        problems += [f"{path.name}: {_sentence(e)}" for e in error.errors()]
    return FactSheet()


def _parse(path: Path, problems: list[str]) -> dict[str, Any] | None:
    try:
        raw = yaml.load(path.read_text(encoding="utf-8"), Loader=_StrictLoader)  # noqa: S506 (a SafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        problems.append(f"{path.name}: cannot be read as YAML: {' '.join(str(error).split())}")
        return None
    if not isinstance(raw, dict):
        problems.append(f"{path.name}: a mapping is expected at the top, found {type(raw).__name__}")
        return None
    return raw


class _StrictLoader(yaml.SafeLoader):
    """Reads YAML safely and refuses a key that stands twice in one mapping, which YAML would silently overwrite."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"'{key.value}' stands twice", key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def _explain(error: ValidationError, raw: dict[str, Any]) -> Iterator[str]:
    places = [problem["loc"] for problem in error.errors()]
    for problem in error.errors():
        place = problem["loc"]
        if any(len(other) > len(place) and other[: len(place)] == place for other in places):
            continue  # a list is called too short merely because an entry of it is already refused
        if len(place) > 1 and place[0] == "codes" and isinstance(place[1], int):
            entry = raw["codes"][place[1]]
            name = entry.get("code", f"number {place[1] + 1}") if isinstance(entry, dict) else f"number {place[1] + 1}"
            yield f"code {name}, {_sentence(problem, skip=2)}"
        else:
            yield _sentence(problem)


def _sentence(problem: Any, skip: int = 0) -> str:
    field = ".".join(str(part) for part in problem["loc"][skip:]) or "the entry as a whole"
    shown = json.dumps(problem["input"], default=str)
    found = "" if problem["type"] in {"missing", "value_error"} else f" (found {shown[:80]})"
    said = problem["msg"].removeprefix("Value error, ")
    return f"field {field}: {said}{found}"


def _unknown_sources(texts: list[Text], sources: dict[str, Source]) -> list[str]:
    return [
        f"texts/{text.file}: code {text.code.code}, field {field}: the source '{key}' is in no sources*.yaml file"
        for text in texts
        for field, key in text.code.citations()
        if key not in sources
    ]


def _duplicates(texts: list[Text]) -> list[str]:
    first: dict[str, Text] = {}
    problems = []
    for text in texts:
        other = first.setdefault(text.code.key, text)
        if other is not text:
            problems.append(f"texts/{text.file}: code {text.code.code} already has a text, in texts/{other.file}")
    return problems


def _checksum(folder: Path, paths: list[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(f"{path.relative_to(folder).as_posix()}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
