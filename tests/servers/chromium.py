"""Debian's Chromium for the browser tests: a program rather than a server, asked for by the same rule."""

import os
import shutil
from pathlib import Path

from tests.servers.source import NotAvailableError

VARIABLE = "CHROMIUM_PATH"
DEBIAN = Path("/usr/bin/chromium")


def find_chromium() -> Path:
    """The browser to drive.

    Raises:
        NotAvailableError: where there is none, or the environment names a file that cannot be run.

    """
    named = os.environ.get(VARIABLE)
    if named:
        if not os.access(named, os.X_OK):
            raise NotAvailableError(f"{VARIABLE} names {named}, which is not a program that can be run")
        return Path(named)
    if os.access(DEBIAN, os.X_OK):
        return DEBIAN
    found = shutil.which("chromium")
    if found:
        return Path(found)
    raise NotAvailableError(f"there is no {DEBIAN} and {VARIABLE} is not set; `apt-get install chromium` gives it")
