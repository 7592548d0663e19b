"""What accounts signed in with before: browsers by name, networks by their keyed hash."""

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Create the table."""
    op.execute(
        """
        CREATE TABLE known_place (
            account text NOT NULL,
            device text NOT NULL,
            network text NOT NULL,
            first_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            last_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            PRIMARY KEY (account, device, network)
        );
        CREATE INDEX known_place_by_use ON known_place (last_at);
        """
    )
