"""Runs the gateway alone: ``python -m gateway [migrate]``."""

import sys
from pathlib import Path

from gateway.settings import Settings
from gateway.wiring import build
from shared.database import migrate
from shared.process import run, serve, told_in_a_sentence
from shared.settings import read_settings
from shared.telemetry import configure_logs, configure_traces

MIGRATIONS = Path(__file__).parent / "migrations"


async def _serve(settings: Settings) -> None:
    await serve([build(settings)], settings.drain_seconds, metrics_listen=settings.metrics_listen)


def main() -> None:
    """Migrate the gateway's database, or serve until a signal."""
    arguments = sys.argv[1:]
    if arguments not in ([], ["migrate"]):
        sys.exit(f"Unknown: {' '.join(arguments)}. Say `python -m gateway` to serve, or `python -m gateway migrate`.")
    with told_in_a_sentence():
        settings = read_settings(Settings)
        configure_logs(settings.log_level, settings.log_format)
        configure_traces("gateway", settings.otlp_endpoint)
        if arguments:
            migrate(settings.database_url, MIGRATIONS)
        else:
            run(_serve(settings))


if __name__ == "__main__":
    main()
