"""Hands each process its own keys, for processes that share no folder: ``python -m deploy.local.key_shares FOLDER``.

What is missing of the keys is made in the folder itself, which only this command and `token` see; below it each share
is a folder, e.g. a volume that is mounted where it is needed alone.
"""

import sys
from pathlib import Path

from deploy.local.keys import Keys, write_key_file

USAGE = "Name the folder of the keys: python -m deploy.local.key_shares FOLDER"


def shares(keys: Keys) -> dict[str, tuple[Path, ...]]:
    """Which files each share holds: what everybody may read, and what search and the gateway sign and seal with."""
    return {
        "public": (keys.internal_public, keys.issuer_public),
        "search": (keys.internal_search,),
        "gateway": (keys.internal_private, keys.guest_cookie, keys.network, keys.session),
    }


def hand_out(folder: Path) -> None:
    """Make what is missing, and bring every share to what the folder holds."""
    keys = Keys(folder)
    keys.create()
    for share, files in shares(keys).items():
        (folder / share).mkdir(mode=0o700, exist_ok=True)
        for file in files:
            given = folder / share / file.name
            if not given.exists() or given.read_bytes() != file.read_bytes():
                write_key_file(given, file.read_text(), mode=file.stat().st_mode & 0o777)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(USAGE)
    hand_out(Path(sys.argv[1]))
