"""Runs a folder of Alembic migrations against one database, inside this process.

Loaded only when there is a need: Alembic and SQLAlchemy are the largest imports of the platform.
"""

import threading
from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from alembic.util.exc import CommandError
from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import NullPool

from shared.errors import CannotStart

LOCK = 0x636F64696E676168
"""Advisory lock, one a database, at which two starters of one service meet."""

_one_at_a_time = threading.Lock()
"""Alembic keeps the migration that runs in a global of its module, so a process runs one at a time."""


def upgrade(url: str, folder: Path) -> None:
    """Bring the database to the newest revision of `folder`, or leave it as it is and raise."""
    # The driver reads the URL itself, as the pool does, so that both understand the same ones.
    with psycopg.connect(url) as session:
        engine = create_engine("postgresql+psycopg://", creator=lambda: session, poolclass=NullPool)
        with _one_at_a_time, engine.connect() as connection:
            connection.exec_driver_sql(f"SELECT pg_advisory_lock({LOCK})")  # until the session ends
            connection.commit()
            _upgrade(connection, folder)


def _upgrade(connection: Connection, folder: Path) -> None:
    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.attributes["connection"] = connection  # env.py runs on it
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        if "Can't locate revision" not in str(error):
            raise
        raise CannotStart(
            f"The database has a schema that {folder} does not know: it was migrated by a newer version of the"
            " platform. Run that version, or restore a backup of before."
        ) from None
    connection.commit()
