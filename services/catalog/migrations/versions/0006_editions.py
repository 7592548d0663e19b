"""Releases are for a setting, and several of one kind and setting answer beside each other, each for its days."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the setting and whether a release answers; of what is kept so far, only what is in force does."""
    op.execute(
        """
        ALTER TABLE release
            ADD COLUMN setting text NOT NULL DEFAULT '',
            ADD COLUMN answering boolean NOT NULL DEFAULT true;
        UPDATE release SET answering = in_force;
        ALTER TABLE release
            ADD CHECK (answering OR NOT in_force),
            ADD CHECK (NOT answering OR pruned_at IS NULL);
        DROP INDEX release_in_force;
        CREATE UNIQUE INDEX release_in_force ON release (kind, setting) WHERE in_force;
        COMMENT ON COLUMN release.answering IS
            'Whether it answers for its days; the last of its kind and setting that does is in force.';
        """
    )
