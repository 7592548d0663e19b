"""The edition of our texts: a month, kept beside them with the digest of what it stands for.

Texts that changed without a new edition (`new_edition.py`) are shown to readers as such.
"""

import hashlib
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

EDITION_FILE = "edition.yaml"
FACTS_FILE = "facts.json"
CLAIM_CODES = "claim-codes/*.yaml"
CONTENT_GLOBS = ("texts/*.yaml", CLAIM_CODES, "sources*.yaml")
CONTENT_FOLDER = Path(__file__).parent


class ContentEdition(BaseModel):
    """A month, the first day on which the texts applied, and the digest of the files that bear the edition."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    edition: Annotated[str, StringConstraints(pattern=r"^20\d\d-(0[1-9]|1[0-2])$")]
    effective_from: date
    digest: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]

    def name(self, digest: str) -> str:
        """The name for readers of content with a digest."""
        return self.edition if digest == self.digest else f"{self.edition}, with later changes"


def content_files(folder: Path, *, with_facts: bool = True) -> list[Path]:
    """The files that texts, sources and facts stand in, in a fixed order."""
    files = [path for where in CONTENT_GLOBS for path in sorted(folder.glob(where))]
    facts = folder / FACTS_FILE
    return [*files, facts] if with_facts and facts.is_file() else files


def digest_of(folder: Path, paths: Iterable[Path]) -> str:
    """SHA-256 over names and bytes, hexadecimal."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(f"{path.relative_to(folder).as_posix()}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def checksum_of(folder: Path) -> str:
    """SHA-256 over everything in the folder, its edition too, without reading what it says."""
    edition = folder / EDITION_FILE
    return digest_of(folder, [*content_files(folder), *([edition] if edition.is_file() else [])])
