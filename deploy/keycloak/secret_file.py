"""A client's secret: in a file, never on the screen."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from deploy.keycloak.problems import Problem


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret and the file that it stands in, which may have to be written yet."""

    file: Path
    value: str = field(repr=False)
    new: bool = False

    def keep(self) -> None:
        """Write the file where it is new, for its owner alone."""
        if not self.new:
            return
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(self.file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            raise Problem(f"{self.file} cannot be written: {error.strerror}.") from error
        with os.fdopen(handle, "w") as file:
            file.write(self.value + "\n")


def read_secret(file: Path) -> Secret:
    """Read the secret, or make one for a file that is not there yet; Problem for a file that holds none."""
    if not file.exists():
        return Secret(file, secrets.token_urlsafe(32), new=True)
    value = read_word(file)
    if len(value) < 16:
        raise Problem(f"{file} holds a secret of {len(value)} characters: at least 16 are needed, or remove the file.")
    return Secret(file, value)


def read_word(file: Path) -> str:
    """The one word in a file; Problem for none or several."""
    try:
        words = file.read_text().split()
    except (OSError, UnicodeDecodeError) as error:
        raise Problem(f"{file} cannot be read: {getattr(error, 'strerror', None) or 'it is not text'}.") from error
    if len(words) != 1:
        raise Problem(f"{file} holds {len(words)} words, and one is needed: the secret alone.")
    return words[0]
