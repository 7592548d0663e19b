"""The contracts are generated as checked in, commented throughout and named by the field's rules (buf's STANDARD).

What a service promises behind its contract is tested with that service.
"""

import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pytest
from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FileDescriptorProto,
    ServiceDescriptorProto,
)

from tests.contract.generate import PROTOS, contracts, describe, generate, google_types

PACKAGE = re.compile(r"codingahead\.[a-z_]+\.v[1-9][0-9]*")
PASCAL = re.compile(r"([A-Z][a-z0-9]*)+")
LOWER_SNAKE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
UPPER_SNAKE = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*")

# Field numbers of descriptor.proto, of which the paths in source info are made.
MESSAGE, ENUM, SERVICE = 4, 5, 6
FIELD, NESTED, NESTED_ENUM, ONEOF = 2, 3, 4, 8
VALUE, METHOD = 2, 2

Place = tuple[int, ...]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[FileDescriptorProto]:
    return list(describe(tmp_path_factory.mktemp("descriptors")).file)


def test_the_checked_in_code_is_what_the_contracts_generate(tmp_path: Path) -> None:
    generate(tmp_path)
    fresh = {file.relative_to(tmp_path): file.read_text() for file in tmp_path.rglob("*_pb2*")}
    checked_in = {
        file.relative_to(PROTOS): file.read_text() for file in PROTOS.rglob("*_pb2*") if file.suffix != ".pyc"
    }
    assert sorted(fresh) == sorted(checked_in), "files are missing or left over: run `make protos`"
    differing = [str(name) for name in fresh if fresh[name] != checked_in[name]]
    assert not differing, "the code is not of these contracts: run `make protos`"


def test_every_message_field_enum_value_service_and_rpc_has_a_comment(files: list[FileDescriptorProto]) -> None:
    assert [name for file in files for name in uncommented(file)] == []


def test_names_follow_the_rules(files: list[FileDescriptorProto]) -> None:
    assert [complaint for file in files for complaint in naming(file)] == []


def test_no_two_rpcs_share_a_request_or_response(files: list[FileDescriptorProto]) -> None:
    assert shared_messages(files) == []


def test_every_changing_rpc_carries_a_request_id(files: list[FileDescriptorProto]) -> None:
    messages = {message.name: message for file in files for message in file.message_type}
    without = [
        method.name
        for file in files
        for service in file.service
        for method in service.method
        if not re.match(r"(Get|List|Peek|Export|Reconcile|Check|Compare|Search|Suggest)[A-Z]?", method.name)
        if not _carries_request_id(messages[method.input_type.rsplit(".", 1)[1]], messages)
    ]
    assert without == []


def test_the_checks_see_what_is_wrong(tmp_path: Path) -> None:
    folder = tmp_path / "codingahead" / "wrong"
    folder.mkdir(parents=True)
    (folder / "wrong.proto").write_text(WRONG)
    described = list(describe(tmp_path, tmp_path).file)
    complaints = [*naming(described[0]), *uncommented(described[0]), *shared_messages(described)]
    for expected in EXPECTED_COMPLAINTS:
        assert any(expected in complaint for complaint in complaints), expected


def test_buf_finds_nothing_to_lint(buf: str, tmp_path: Path) -> None:
    workspace(tmp_path, {name: (PROTOS / name).read_bytes() for name in contracts()})
    run = subprocess.run([buf, "lint", "ours"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


def test_buf_finds_no_field_whose_number_means_something_else_than_before(buf: str, tmp_path: Path) -> None:
    before = contracts_of("HEAD~1")
    if not before:
        pytest.skip("the commit before this one is not in this clone")
    workspace(tmp_path / "before", before)
    workspace(tmp_path / "now", {name: (PROTOS / name).read_bytes() for name in contracts()})
    assert breaking(buf, tmp_path) == ""
    changed = {name: re.sub(rb"string system = 1;", b"int64 system = 1;", text) for name, text in before.items()}
    workspace(tmp_path / "now", changed)
    assert 'Field "1"' in breaking(buf, tmp_path), "a changed field is found"


@pytest.fixture
def buf() -> str:
    program = shutil.which("buf")
    if program is None:
        pytest.skip("buf is not installed; the checks above hold the same rules")
    return program


def workspace(folder: Path, protos: Mapping[str, bytes]) -> None:
    """Lay contracts out for buf, beside the types that they import."""
    for name, text in protos.items():
        (folder / "ours" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "ours" / name).write_bytes(text)
    shutil.copytree(google_types() / "google" / "type", folder / "imported" / "google" / "type", dirs_exist_ok=True)
    (folder / "buf.yaml").write_text(BUF)


def contracts_of(commit: str) -> dict[str, bytes]:
    """The contracts of a commit, by their names; none when there is no such commit here."""
    git = ["git", "-C", str(PROTOS)]
    listed = subprocess.run([*git, "ls-tree", "-r", "--name-only", commit, "."], capture_output=True, check=False)
    names = [name for name in listed.stdout.decode().split() if name.endswith(".proto")]
    return {
        name: subprocess.run([*git, "show", f"{commit}:./{name}"], capture_output=True, check=True).stdout
        for name in names
    }


def breaking(buf: str, folder: Path) -> str:
    """What of the contracts now would misread messages of before; empty when nothing."""
    run = subprocess.run(
        [buf, "breaking", "now", "--against", "before"], cwd=folder, capture_output=True, text=True, check=False
    )
    return run.stdout + run.stderr


BUF = """
version: v2
modules: [{path: ours}, {path: imported}]
lint: {use: [STANDARD]}
breaking: {use: [WIRE]}
"""


def uncommented(file: FileDescriptorProto) -> Iterator[str]:
    """Name everything in a contract without a leading comment."""
    commented = {tuple(place.path) for place in file.source_code_info.location if place.leading_comments.strip()}
    for path, name in _declared(file):
        if path not in commented:
            yield f"{file.name}: {name} has no comment"


def _declared(file: FileDescriptorProto) -> Iterator[tuple[Place, str]]:
    for index, message in enumerate(file.message_type):
        yield from _in_message((MESSAGE, index), message, message.name)
    for index, enum in enumerate(file.enum_type):
        yield from _in_enum((ENUM, index), enum, enum.name)
    for index, service in enumerate(file.service):
        yield (SERVICE, index), service.name
        for number, method in enumerate(service.method):
            yield (SERVICE, index, METHOD, number), f"{service.name}.{method.name}"


def _in_message(path: Place, message: DescriptorProto, name: str) -> Iterator[tuple[Place, str]]:
    if message.options.map_entry:
        return
    yield path, name
    for index, field in enumerate(message.field):
        yield (*path, FIELD, index), f"{name}.{field.name}"
    for index, oneof in enumerate(message.oneof_decl):
        if not oneof.name.startswith("_"):  # made by the compiler for `optional`
            yield (*path, ONEOF, index), f"{name}.{oneof.name}"
    for index, nested in enumerate(message.nested_type):
        yield from _in_message((*path, NESTED, index), nested, f"{name}.{nested.name}")
    for index, enum in enumerate(message.enum_type):
        yield from _in_enum((*path, NESTED_ENUM, index), enum, f"{name}.{enum.name}")


def _in_enum(path: Place, enum: EnumDescriptorProto, name: str) -> Iterator[tuple[Place, str]]:
    yield path, name
    for index, value in enumerate(enum.value):
        yield (*path, VALUE, index), f"{name}.{value.name}"


def naming(file: FileDescriptorProto) -> Iterator[str]:
    """Name every breach of the naming rules in a contract."""
    yield from _file_naming(file)
    for message in _messages(file.message_type):
        if not PASCAL.fullmatch(message.name):
            yield f"{file.name}: message {message.name} is not PascalCase"
        for name in [field.name for field in message.field] + [
            oneof.name for oneof in message.oneof_decl if not oneof.name.startswith("_")
        ]:
            if not LOWER_SNAKE.fullmatch(name):
                yield f"{file.name}: {message.name}.{name} is not lower_snake_case"
    enums = [*file.enum_type, *(enum for message in _messages(file.message_type) for enum in message.enum_type)]
    for enum in enums:
        yield from (f"{file.name}: {complaint}" for complaint in _enum_naming(enum))
    for service in file.service:
        yield from (f"{file.name}: {complaint}" for complaint in _service_naming(service))


def _file_naming(file: FileDescriptorProto) -> Iterator[str]:
    if file.syntax != "proto3":
        yield f"{file.name}: the syntax is not proto3"
    if not PACKAGE.fullmatch(file.package):
        yield f"{file.name}: package {file.package} is not codingahead.<service>.v<number>"
    if Path(file.name).parent.as_posix() != file.package.replace(".", "/"):
        yield f"{file.name}: package {file.package} does not match its folder"
    if not LOWER_SNAKE.fullmatch(Path(file.name).stem):
        yield f"{file.name}: the file's name is not lower_snake_case"
    if file.public_dependency or file.weak_dependency:
        yield f"{file.name}: a public or weak import"


def _messages(messages: Iterable[DescriptorProto]) -> Iterator[DescriptorProto]:
    for message in messages:
        if not message.options.map_entry:
            yield message
            yield from _messages(message.nested_type)


def _enum_naming(enum: EnumDescriptorProto) -> Iterator[str]:
    prefix = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", enum.name).upper()
    if not PASCAL.fullmatch(enum.name):
        yield f"enum {enum.name} is not PascalCase"
    if enum.options.allow_alias:
        yield f"enum {enum.name} allows aliases"
    for value in enum.value:
        if not UPPER_SNAKE.fullmatch(value.name) or not value.name.startswith(f"{prefix}_"):
            yield f"{enum.name}.{value.name} does not begin with {prefix}_ in UPPER_SNAKE_CASE"
        if value.number == 0 and value.name != f"{prefix}_UNSPECIFIED":
            yield f"{enum.name}.{value.name} is zero and not {prefix}_UNSPECIFIED"


def _service_naming(service: ServiceDescriptorProto) -> Iterator[str]:
    if not PASCAL.fullmatch(service.name) or not service.name.endswith("Service"):
        yield f"service {service.name} is not PascalCase ending in Service"
    for method in service.method:
        if not PASCAL.fullmatch(method.name):
            yield f"rpc {service.name}.{method.name} is not PascalCase"
        for given, suffix in ((method.input_type, "Request"), (method.output_type, "Response")):
            if given.rsplit(".", 1)[1] != f"{method.name}{suffix}":
                yield f"rpc {service.name}.{method.name}: its {suffix.lower()} is not {method.name}{suffix}"


def shared_messages(files: Iterable[FileDescriptorProto]) -> list[str]:
    """Name every message that is the request or the response of more than one RPC."""
    used = Counter(
        given
        for file in files
        for service in file.service
        for method in service.method
        for given in (method.input_type, method.output_type)
    )
    return [f"{name} is used by {count} RPCs" for name, count in used.items() if count > 1]


def _carries_request_id(message: DescriptorProto, messages: dict[str, DescriptorProto]) -> bool:
    """Whether a request, or each item that it carries, has an id that makes a repeat harmless."""
    return any(
        field.name == "request_id"
        or (field.type == field.TYPE_MESSAGE and _carries_request_id(messages[_last(field.type_name)], messages))
        for field in message.field
        if field.type != field.TYPE_MESSAGE or _last(field.type_name) in messages
    )


def _last(name: str) -> str:
    return name.rsplit(".", 1)[1]


WRONG = """
syntax = "proto3";
package codingahead.other;
// A message.
message badName {
  // A field.
  string badField = 1;
  string uncommented = 2;
}
// An enum.
enum Colour {
  // Zero.
  RED = 0;
}
// A service.
service Things {
  // An rpc.
  rpc Take(badName) returns (badName);
}
"""

EXPECTED_COMPLAINTS = (
    "is not codingahead.<service>.v<number>",
    "does not match its folder",
    "badName is not PascalCase",
    "badField is not lower_snake_case",
    "badName.uncommented has no comment",
    "RED does not begin with COLOUR_",
    "RED is zero and not COLOUR_UNSPECIFIED",
    "service Things is not PascalCase ending in Service",
    "its request is not TakeRequest",
    "its response is not TakeResponse",
    "badName is used by 2 RPCs",
)
