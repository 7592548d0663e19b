"""Generates the code of the protobuf contracts: `python -m tests.contract.generate FOLDER`, or `protos` to renew it.

It knows the compiler and its plug-ins; what a good contract looks like is in test_protos.py.
"""

import sys
from importlib.metadata import distribution
from pathlib import Path

from google.protobuf.descriptor_pb2 import FileDescriptorSet
from grpc_tools import protoc  # type: ignore[import-untyped]  # the package carries no types

PROTOS = Path(__file__).parents[2] / "protos"

OUTPUTS = ("--python_out={}", "--grpc_python_out={}", "--mypy_out=quiet:{}", "--mypy_grpc_out=quiet:{}")


class CompilationError(Exception):
    """The compiler refused the contracts; its own words are on the terminal."""


def contracts(protos: Path = PROTOS) -> list[str]:
    """Every contract, as a path below `protos`."""
    return sorted(str(file.relative_to(protos)) for file in protos.rglob("*.proto"))


def generate(target: Path, protos: Path = PROTOS) -> None:
    """Write the messages, the RPC stubs and the types of both into `target`."""
    _compile([*_plugins(), *(output.format(target) for output in OUTPUTS)], protos)


def describe(scratch: Path, protos: Path = PROTOS) -> FileDescriptorSet:
    """Give the contracts as descriptors with their comments; `scratch` takes a file in between."""
    file = scratch / "contracts.binpb"
    _compile([f"--descriptor_set_out={file}", "--include_source_info"], protos)
    return FileDescriptorSet.FromString(file.read_bytes())


def _compile(options: list[str], protos: Path) -> None:
    includes = [protos, _well_known(), google_types()]
    status = protoc.main(["protoc", *(f"-I{folder}" for folder in includes), *options, *contracts(protos)])
    if status != 0:
        raise CompilationError(f"protoc ended with status {status}")


def _well_known() -> Path:
    """Folder that holds google/protobuf/*.proto."""
    return Path(protoc.__file__).parent / "_proto"


def google_types() -> Path:
    """Folder that holds google/type/*.proto and google/rpc/*.proto."""
    return Path(str(distribution("googleapis-common-protos").locate_file("")))


def _plugins() -> list[str]:
    """The plug-ins that write types, from the environment that runs this."""
    programs = Path(sys.executable).parent
    return [f"--plugin={name}={programs / name}" for name in ("protoc-gen-mypy", "protoc-gen-mypy_grpc")]


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Name the folder to write to, e.g. `python -m tests.contract.generate protos`.")
    try:
        generate(Path(sys.argv[1]))
    except CompilationError as error:
        sys.exit(str(error))
