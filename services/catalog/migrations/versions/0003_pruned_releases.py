"""A release whose content was removed stays on record: who imported what and when, and since when a kind is here."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the moment of removal."""
    op.execute("ALTER TABLE release ADD COLUMN pruned_at timestamptz CHECK (pruned_at IS NULL OR NOT in_force)")
