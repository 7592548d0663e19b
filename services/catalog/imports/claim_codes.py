"""Rows of the modifiers and places of service that our content holds."""

from collections.abc import Iterator
from typing import Any

from services.catalog.content.claim_codes import ClaimCode, ClaimCodes
from services.catalog.content.loading import Content
from services.catalog.imports.code_sets.hierarchy import Node, rows_of_tree
from services.catalog.rows import CodeRow

KINDS = {"modifier": "modifier", "pos": "place"}


def claim_rows(content: Content) -> Iterator[CodeRow]:
    """The rows of each system, groups with their codes in order."""
    for system in KINDS:
        parts = [part for part in content.claim_codes if part.system == system]
        roots = [node for part in parts for node in _roots(part, content)]
        yield from rows_of_tree(system, roots)


def _roots(part: ClaimCodes, content: Content) -> list[Node]:
    nodes = [_node(part, code, content) for code in sorted(part.codes, key=lambda code: code.code)]
    if part.group is None:
        return nodes
    group = Node(
        group_code(part.group),
        part.group,
        kind="block",
        display=part.group,
        official=False,
        reportable=False,
        has_page=False,
        children=nodes,
    )
    return [group]


def group_code(group: str) -> str:
    """The id of a group, e.g. CPT-MODIFIERS; that of HCPCS modifiers is the same as in the HCPCS file."""
    return "-".join(word for word in group.upper().split() if word not in {"LEVEL", "II"})


def _node(part: ClaimCodes, code: ClaimCode, content: Content) -> Node:
    stored: dict[str, Any] = code.model_dump(
        mode="json", exclude_defaults=True, exclude={"code", "heading", "official"}
    )
    cited = sorted({key for _, key in code.citations()})
    stored["sources"] = {key: content.sources[key].model_dump(mode="json", exclude_none=True) for key in cited}
    return Node(code.code, code.heading, kind=KINDS[part.system], level=1, official=code.official, body=stored)
