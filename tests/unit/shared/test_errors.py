"""The kinds of errors are a closed set, each with its one place in gRPC and in HTTP; reasons can be listed."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import grpc

from shared import errors
from shared.errors import KINDS, DomainError

ROOT = Path(__file__).parents[3]
REASON = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)+")


def test_every_kind_is_in_the_set_under_a_grpc_code_of_its_own() -> None:
    declared = {
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, DomainError) and kind is not DomainError
    }
    assert set(KINDS.values()) == declared
    assert len(KINDS) == len(declared)
    assert set(KINDS) <= {code.name for code in grpc.StatusCode}


def test_every_kind_is_a_failure_in_http() -> None:
    assert [kind for kind in KINDS.values() if kind.http_status < 400] == []


def test_every_reason_is_written_out_where_it_is_raised() -> None:
    """Otherwise nobody could list them: the reference is drawn from the code."""
    calls = [call for folder in ("shared", "services", "gateway") for call in made_errors(ROOT / folder)]
    assert len(calls) > 10
    assert [place for place, reason in calls if not REASON.fullmatch(reason)] == []


def made_errors(folder: Path) -> Iterator[tuple[str, str]]:
    """Each place where a domain error is made, and its reason, empty when it is not a literal."""
    kinds = {kind.__name__ for kind in KINDS.values()}
    for file in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in kinds:
                first = node.args[0] if node.args else None
                literal = first.value if isinstance(first, ast.Constant) else ""
                yield f"{file.relative_to(ROOT)}:{node.lineno}", str(literal)
