"""Queries that found nothing, counted by their words alone."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.execute(
        """
        CREATE TABLE zero_hit (
            query text PRIMARY KEY,
            times bigint NOT NULL,
            last_day date NOT NULL
        );
        CREATE INDEX zero_hit_most ON zero_hit (times DESC);
        COMMENT ON TABLE zero_hit IS 'Queries without a result. Neither the hour nor who asked is kept.';
        """
    )
