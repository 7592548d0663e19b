"""Problems of content with their places, and YAML read so that every value's place is known."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

# The parser in C is many times faster, and some builds of PyYAML lack it.
_Safe: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
Place = tuple[int, int]
"""Line and column, 1-based."""
START: Place = (1, 1)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with the content."""

    file: str
    """Its name, from the content's folder."""
    place: Place
    what: str
    """What is wrong and what would be right."""

    def __str__(self) -> str:
        """Name the file, the place and what is wrong."""
        return f"{self.file}, line {self.place[0]}, column {self.place[1]}: {self.what}"


class ContentError(ValueError):
    """What is wrong with the content, every problem with its place."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        """Take the problems, at least one."""
        super().__init__("\n".join(map(str, problems)))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Document:
    """A YAML file: its value, and the tree that knows where each part stands."""

    value: dict[str, Any]
    node: yaml.Node | None

    def place(self, path: Sequence[int | str]) -> Place:
        """Where the value at a path stands; for one that is missing, where what should hold it begins."""
        return place_in(self.node, path)


def read_yaml(path: Path, name: str, problems: list[Problem]) -> Document | None:
    """Read a file in UTF-8 whose top is a mapping; None, and a problem more, when it is not such a file."""
    loader: Any = None
    try:
        text = path.read_bytes().decode("utf-8-sig")
        loader = _StrictLoader(text)
        node = loader.get_single_node()
        value = {} if node is None else loader.construct_document(node)
    except UnicodeDecodeError as error:
        place = place_of_byte(error.object, error.start)
        problems.append(Problem(name, place, "cannot be read as UTF-8; save the file in UTF-8"))
        return None
    except OSError as error:
        problems.append(Problem(name, START, f"cannot be read ({error.strerror}); a YAML file is expected"))
        return None
    except yaml.YAMLError as error:
        problems.append(Problem(name, _mark(error), f"cannot be read as YAML: {_said(error)}"))
        return None
    except ValueError as error:  # e.g. a date that no calendar has
        problems.append(Problem(name, START, f"cannot be read as YAML: {error}"))
        return None
    finally:
        if loader is not None:
            loader.dispose()
    if not isinstance(value, dict):
        problems.append(Problem(name, START, f"a mapping is expected at the top, found {type(value).__name__}"))
        return None
    return Document(value, node)


def place_in(node: yaml.Node | None, path: Sequence[int | str]) -> Place:
    """Where the value at a path below a node stands, as far as the path can be followed."""
    for part in path:
        below = _below(node, part)
        if below is None:
            break
        node = below
    return START if node is None else (node.start_mark.line + 1, node.start_mark.column + 1)


def json_place(text: str, path: Sequence[int | str]) -> Place:
    """The same in a JSON file, which is YAML too."""
    try:
        return place_in(yaml.compose(text, Loader=_Safe), path)
    except yaml.YAMLError as error:
        return _mark(error)


def place_of_byte(data: bytes, at: int) -> Place:
    """Line and column of a byte; columns count bytes, for what stands there is no text."""
    return data.count(b"\n", 0, at) + 1, at - data.rfind(b"\n", 0, at)


def _below(node: yaml.Node | None, part: int | str) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == str(part)), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        found: yaml.Node = node.value[part]
        return found
    return None


def _mark(error: yaml.YAMLError) -> Place:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    return START if mark is None else (mark.line + 1, mark.column + 1)


def _said(error: yaml.YAMLError) -> str:
    parts = [getattr(error, name, None) for name in ("context", "problem")]
    return ", ".join(part for part in parts if part) or " ".join(str(error).split())


class _StrictLoader(_Safe):  # type: ignore[misc]
    """Reads YAML safely and refuses a key that stands twice in one mapping, which YAML would silently overwrite."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> Any:
        seen: set[Any] = set()
        for key, _ in node.value:
            if isinstance(key.value, str) and key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"'{key.value}' stands twice", key.start_mark)
            seen.add(key.value if isinstance(key.value, str) else id(key))
        return super().construct_mapping(node, deep)
