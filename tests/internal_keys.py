"""Keys of internal tokens for tests: a private set and the public one that says whom it speaks for."""

import json
from pathlib import Path

from shared.identity import EVERYBODY, new_key_file, public_keys


def new_key_files(private: Path, public: Path, principal: str = EVERYBODY, *roles: str) -> None:
    """Make a key and the public set of it alone."""
    new_key_file(private)
    public.write_text(json.dumps({"keys": public_keys(private, principal, *roles)}))
