"""Pages served to unlimited readers while metering was away, until they are recorded."""

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the queue."""
    op.execute(
        """
        CREATE TABLE served_page (
            request_id text PRIMARY KEY,
            principal text NOT NULL,
            system text NOT NULL,
            code text NOT NULL,
            served_at timestamptz NOT NULL DEFAULT clock_timestamp()
        );
        CREATE INDEX served_page_by_time ON served_page (served_at);
        """
    )
