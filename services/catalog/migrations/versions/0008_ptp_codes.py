"""The codes that PTP edits name, each with a digest: two quarters of millions of rows are compared by them."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.execute(
        """
        CREATE TABLE ncci_ptp_code (
            release_id text NOT NULL,
            system text NOT NULL,
            code text NOT NULL,
            as_column_1 integer NOT NULL,
            as_column_2 integer NOT NULL,
            digest bytea NOT NULL,
            PRIMARY KEY (release_id, system, code)
        );
        """
    )
