"""The addresses of official files, read from a data file."""

import re
from importlib import resources
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from services.catalog.imports.registry import IMPORTERS
from shared.errors import InvalidInput

MIB = 1024 * 1024


def _pattern(text: str) -> str:
    re.compile(text)
    return text


def _kind(text: str) -> str:
    if text not in IMPORTERS:
        raise ValueError(f"{text} is no kind")
    return text


class Source(BaseModel):
    """One data set and where it is."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[a-z0-9-]+$")
    kinds: tuple[Annotated[str, AfterValidator(_kind)], ...] = Field(min_length=1)
    """What it is imported as."""
    setting: str = ""
    addresses: tuple[str, ...] = ()
    """Of files that never change."""
    page: str = ""
    """Where the links to files of every edition stand."""
    links: tuple[Annotated[str, AfterValidator(_pattern)], ...] = ()
    """Which link to follow from each page to the next, and from the last one to the files."""
    visit: str = ""
    """A page for a person, where the files cannot be found safely."""
    licensed: bool = False
    """Whether the publisher asks for the acceptance of terms before it gives the files."""
    accepted: str = ""
    """The query by which an address says that the terms are accepted."""
    sha256: str = Field(default="", pattern=r"^([0-9a-f]{64})?$")
    """What a file that never changes must be; of several, empty."""
    largest_mb: int = Field(default=200, ge=1, le=4096)

    @model_validator(mode="after")
    def _one_way(self) -> "Source":
        if sum(map(bool, (self.addresses, self.page, self.visit))) != 1 or bool(self.page) != bool(self.links):
            raise ValueError(f"{self.name}: one of addresses, page with links, and visit is needed")
        return self

    @property
    def largest(self) -> int:
        """Most bytes of one file."""
        return self.largest_mb * MIB


_SOURCES = TypeAdapter(tuple[Source, ...])


def load_sources(file: Path | None = None) -> tuple[Source, ...]:
    """Read the sources of this repository, or of another file, such as one of a mirror."""
    try:
        text = (
            (resources.files("services.catalog.fetching") / "sources.yaml").read_text("utf-8")
            if file is None
            else file.read_text("utf-8")
        )
        return _SOURCES.validate_python(yaml.safe_load(text))
    except OSError as error:
        raise InvalidInput("SOURCES_WRONG", f"{file}: the file cannot be read ({error.strerror}).") from error
    except (yaml.YAMLError, ValidationError) as error:
        raise InvalidInput("SOURCES_WRONG", f"{file}: {str(error).splitlines()[0]}") from error


def chosen(sources: tuple[Source, ...], names: list[str]) -> list[Source]:
    """The sources of these names, or all that can be fetched when none is named; InvalidInput for an unknown one."""
    known = {source.name: source for source in sources}
    for name in names:
        if name not in known:
            raise InvalidInput("SOURCE_UNKNOWN", f'"{name}" is not known; there are {", ".join(known)}.')
    return [known[name] for name in names] if names else [source for source in sources if not source.visit]
