"""Roles of a session that wait for a sign-in with a second factor."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add them; sessions from before have shown nothing yet, so they hold their operators' rights back."""
    op.execute(
        """
        ALTER TABLE session ADD COLUMN held_back text[] NOT NULL DEFAULT '{}';
        UPDATE session SET held_back = '{operator}', roles = array_remove(roles, 'operator')
        WHERE 'operator' = ANY (roles);
        """
    )
