"""Releases are numbered in the order of their import, so that "the one before" is certain whatever the clock says."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Number the releases."""
    op.execute("ALTER TABLE release ADD COLUMN number bigint GENERATED ALWAYS AS IDENTITY")
    op.execute("DROP INDEX release_newest")
    op.execute("CREATE UNIQUE INDEX release_newest ON release (number DESC)")
