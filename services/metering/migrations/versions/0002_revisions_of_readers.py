"""A revision for every reader: what was read of it is known to be true still when its revision is the same.

Revisions come from one sequence, so that a guest that was forgotten and comes again never has one of its old ones.
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the sequence and the column."""
    op.execute("""
        CREATE SEQUENCE reader_revision CACHE 1;
        ALTER TABLE reader ADD COLUMN revision bigint NOT NULL DEFAULT nextval('reader_revision');
        COMMENT ON COLUMN reader.revision IS 'Another one after every change of this row; never used twice.';
    """)
