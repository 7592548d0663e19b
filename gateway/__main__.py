"""Runs the gateway alone: ``python -m gateway [migrate]``."""

import sys
from pathlib import Path

from gateway.settings import Settings
from gateway.wiring import build
from shared.database import migrate
from shared.process import run_service, told_in_a_sentence
from shared.settings import read_settings

MIGRATIONS = Path(__file__).parent / "migrations"


def main() -> None:
    """Migrate the gateway's database, or serve until a signal."""
    arguments = sys.argv[1:]
    if arguments not in ([], ["migrate"]):
        sys.exit(f"Unknown: {' '.join(arguments)}. Say `python -m gateway` to serve, or `python -m gateway migrate`.")
    if not arguments:
        run_service(Settings, build)
        return
    with told_in_a_sentence():
        migrate(read_settings(Settings).database_url, MIGRATIONS)


if __name__ == "__main__":
    main()
