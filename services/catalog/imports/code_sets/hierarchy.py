"""Turns a tree of codes into rows: places in order, sizes of what stands below, and a digest of what is said of each.

`ICD-10-CM` has a tree of its own (`tabular/outline.py`), for its notes are inherited.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.catalog.rows import CodeRow


@dataclass(slots=True)
class Node:
    """A code, or a heading above codes, with what stands below it."""

    code: str
    heading: str
    display: str = ""
    """The code as it is written; the code itself where empty."""
    kind: str = "code"
    level: int = 0
    official: bool = True
    reportable: bool = True
    has_page: bool = True
    body: Mapping[str, Any] = field(default_factory=dict)
    children: list["Node"] = field(default_factory=list)
    size: int = 1
    """Itself and everything below it; known when rows are made."""
    reportable_size: int = 0


def rows_of_tree(system: str, roots: Sequence[Node]) -> Iterator[CodeRow]:
    """A row for every node, parents before children; the tree may be used once."""
    ordinal = 0
    for root in roots:
        _measure(root)
        yield from _rows(system, root, ordinal, (), b"")
        ordinal += root.size


def _measure(node: Node) -> None:
    for child in node.children:
        _measure(child)
    node.size = 1 + sum(child.size for child in node.children)
    node.reportable_size = node.reportable + sum(child.reportable_size for child in node.children)


def _rows(system: str, node: Node, ordinal: int, above: tuple[str, ...], said_above: bytes) -> Iterator[CodeRow]:
    said = _digest(said_above, node.code, node.heading, repr(dict(node.body)), str(node.reportable))
    yield CodeRow(
        system=system,
        code=node.code,
        display=node.display or node.code,
        kind=node.kind,
        level=node.level,
        ordinal=ordinal,
        last_ordinal=ordinal + node.size - 1,
        parent=above[-1] if above else None,
        ancestors=list(above),
        heading=node.heading,
        official=node.official,
        reportable=node.reportable,
        has_page=node.has_page,
        children=len(node.children),
        reportable_below=node.reportable_size - node.reportable,
        body=dict(node.body),
        content_hash=_digest(said, *(f"{child.code} {child.heading}" for child in node.children)),
    )
    place = ordinal + 1
    for child in node.children:
        yield from _rows(system, child, place, (*above, node.code), said)
        place += child.size


def _digest(before: bytes, *texts: str) -> bytes:
    digest = hashlib.blake2b(before, digest_size=16)
    for text in texts:
        digest.update(text.encode())
        digest.update(b"\0")
    return digest.digest()
