"""Running processes say which releases they answer claims from: an import returns when all answer from its own."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table; what it holds is worth nothing after a crash, so it is not logged."""
    op.execute(
        """
        CREATE UNLOGGED TABLE answering_process (
            id text PRIMARY KEY,
            releases text NOT NULL,
            heard_at timestamptz NOT NULL
        );
        COMMENT ON COLUMN answering_process.releases IS 'A digest of the ids of the releases that it answers from.';
        """
    )
