"""Displays of licensed text, written down before the answer goes out, until metering has counted them."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the queue."""
    op.execute(
        """
        CREATE TABLE official_display (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            principal text NOT NULL,
            counter text NOT NULL,
            batch text,
            shown_at timestamptz NOT NULL DEFAULT clock_timestamp()
        );
        CREATE INDEX official_display_by_batch ON official_display (batch, principal);
        """
    )
