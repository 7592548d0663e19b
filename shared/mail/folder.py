"""Mail as files in a folder, one .eml a mail, which every mail program opens; for one machine without a relay."""

import asyncio
import os
import secrets
import time
from pathlib import Path

from shared.errors import Unavailable
from shared.mail.mail import Mail, message_of

MOST_KEPT = 1_000


class FolderMailer:
    """Writes each mail whole or not at all; the oldest go when there are more than `MOST_KEPT`."""

    def __init__(self, folder: Path, sender: str, *, most: int = MOST_KEPT) -> None:
        """Take the folder, which is made with the first mail, and the address that mails come from."""
        self._folder = folder
        self._sender = sender
        self._most = most

    async def send(self, mail: Mail) -> None:
        """Write a mail into the folder; Unavailable when it cannot be written."""
        content = message_of(mail, self._sender).as_bytes()
        try:
            await asyncio.to_thread(self._write, content)
        except OSError as error:
            raise Unavailable("MAIL_RELAY_AWAY", f"The mail folder cannot be written: {error.strerror}.") from None

    def _write(self, content: bytes) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = f"{time.time_ns():020d}-{secrets.token_hex(4)}"
        draft = self._folder / f".{name}.draft"
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(self._folder / f"{name}.eml")
        kept = sorted(self._folder.glob("*.eml"))
        for outdated in kept[: -self._most]:
            outdated.unlink(missing_ok=True)
