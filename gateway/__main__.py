"""Runs the gateway alone: ``python -m gateway [migrate]``."""

import sys
from pathlib import Path

from gateway.settings import Settings
from gateway.wiring import build
from shared.database import migrate
from shared.process import run, serve
from shared.telemetry import configure_logs

MIGRATIONS = Path(__file__).parent / "migrations"


async def _serve(settings: Settings) -> None:
    await serve([build(settings)], settings.drain_seconds)


def main() -> None:
    """Migrate the gateway's database, or serve until a signal."""
    settings = Settings()
    configure_logs(settings.log_level, settings.log_format)
    match sys.argv[1:]:
        case []:
            run(_serve(settings))
        case ["migrate"]:
            migrate(settings.database_url, MIGRATIONS)
        case arguments:
            sys.exit(
                f"Unknown: {' '.join(arguments)}. Say `python -m gateway` to serve, or `python -m gateway migrate`."
            )


if __name__ == "__main__":
    main()
