"""What two releases differ in, kept once it was found: releases never change."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.execute(
        """
        CREATE TABLE release_comparison (
            old_id text NOT NULL,
            new_id text NOT NULL,
            added integer NOT NULL,
            deleted integer NOT NULL,
            revised integer NOT NULL,
            PRIMARY KEY (old_id, new_id)
        );
        CREATE TABLE code_difference (
            old_id text NOT NULL,
            new_id text NOT NULL,
            system text NOT NULL,
            code text COLLATE "C" NOT NULL,
            change text NOT NULL CHECK (change IN ('added', 'deleted', 'revised', 'page')),
            PRIMARY KEY (old_id, new_id, system, code)
        );
        CREATE INDEX code_difference_by_change ON code_difference (old_id, new_id, change, system, code);
        """
    )
