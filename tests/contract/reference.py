"""Writes docs/reference.md: settings, metrics, topics, RPCs and error reasons, drawn from the code that has them.

`python -m tests.contract.reference` renews it; test_reference.py fails when the file and the code disagree.
"""

import ast
import tempfile
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path

import yaml
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from prometheus_client import REGISTRY
from pydantic_core import PydanticUndefined
from pydantic_settings import BaseSettings

from shared.errors import KINDS
from tests.contract.generate import describe

ROOT = Path(__file__).parents[2]
TARGET = ROOT / "docs" / "reference.md"
PACKAGES = ("shared", "services", "gateway")

SETTINGS = {
    "Every service": ("shared.settings", "KitSettings"),
    "catalog": ("services.catalog.settings", "Settings"),
    "metering": ("services.metering.settings", "Settings"),
    "search": ("services.search.settings", "Settings"),
    "gateway": ("gateway.settings", "Settings"),
    "One machine (deploy.local)": ("deploy.local.settings", "LocalSettings"),
    "Provisioning of Keycloak (deploy.keycloak)": ("deploy.keycloak.settings", "ProvisioningSettings"),
}
PYTHON_METRICS = ("python_", "process_")

HEAD = """# Reference

Drawn from the code by `make docs`; a test fails when the two disagree.
"""


def reference() -> str:
    """The whole text."""
    return "\n".join((HEAD, *_settings(), *_rpcs(), *_topics(), *_reasons(), *_metrics()))


def _settings() -> Iterator[str]:
    yield "## Settings\n\nRead from environment variables, once, at the start.\n"
    common = _fields(*SETTINGS["Every service"])
    for title, (module, name) in SETTINGS.items():
        fields = _fields(module, name)
        own = {k: v for k, v in fields.items() if title == "Every service" or common.get(k) != v}
        yield f"### {title}\n"
        yield from _table(("variable", "default", "meaning"), ((f"`{k}`", *v) for k, v in own.items()))


def _fields(module: str, name: str) -> dict[str, tuple[str, str]]:
    settings: type[BaseSettings] = getattr(import_module(module), name)
    return {
        key.upper(): (_default(field.default), field.description or "") for key, field in settings.model_fields.items()
    }


def _default(value: object) -> str:
    if value is PydanticUndefined:
        return "(required)"
    return f"`{value}`" if str(value) else "(empty)"


def _rpcs() -> Iterator[str]:
    yield "## RPCs\n"
    with tempfile.TemporaryDirectory() as scratch:
        files = describe(Path(scratch)).file
    for file in files:
        if not file.package.startswith("codingahead."):
            continue
        comments = {tuple(place.path): place.leading_comments for place in file.source_code_info.location}
        for index, service in enumerate(file.service):
            yield f"### {file.package}.{service.name}\n"
            yield from _table(("method", "what it does"), _methods(file, index, comments))


def _methods(
    file: FileDescriptorProto, service: int, comments: dict[tuple[int, ...], str]
) -> Iterator[tuple[str, str]]:
    for index, method in enumerate(file.service[service].method):
        yield f"`{method.name}`", " ".join(comments[6, service, 2, index].split())


def _topics() -> Iterator[str]:
    yield "## Topics\n"
    topics = yaml.safe_load((ROOT / "deploy" / "kafka" / "topics.yaml").read_text())["topics"]
    rows = ((f"`{t['name']}`", str(t["partitions"]), str(t["retention_days"] or "for ever")) for t in topics)
    yield from _table(("topic", "partitions", "days kept"), rows)


def _reasons() -> Iterator[str]:
    yield "## Error reasons\n\nStable: in `google.rpc.ErrorInfo` of RPCs and in `reason` of API problems.\n"
    found = sorted({reason for file in _modules() for reason in _reasons_in(file)})
    yield from _table(("reason", "kind"), ((f"`{reason}`", kind) for reason, kind in found))


def _reasons_in(file: Path) -> Iterator[tuple[str, str]]:
    """Every error that the module makes with a literal reason."""
    kinds = {kind.__name__ for kind in KINDS.values()}
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in kinds and node.args:
            reason = node.args[0]
            if isinstance(reason, ast.Constant) and isinstance(reason.value, str):
                yield reason.value, node.func.id


def _metrics() -> Iterator[str]:
    yield "## Metrics\n\nIn Prometheus' form, at `/metrics` of `METRICS_LISTEN`.\n"
    for file in _modules():
        if "prometheus_client" in file.read_text():
            import_module(".".join(file.relative_to(ROOT).with_suffix("").parts))
    rows = sorted(
        {(f"`{m.name}`", m.type, m.documentation) for m in REGISTRY.collect() if not m.name.startswith(PYTHON_METRICS)}
    )
    yield from _table(("metric", "type", "meaning"), rows)


def _modules() -> list[Path]:
    files = (file for package in PACKAGES for file in (ROOT / package).rglob("*.py"))
    return sorted(file for file in files if "versions" not in file.parts)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |"
    yield ""


if __name__ == "__main__":
    TARGET.write_text(reference())
