"""A release of HCPCS Level II names the code systems that it holds: some files come without the modifiers."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Name no system of which a release that is kept has no row."""
    op.execute(
        """
        UPDATE release SET systems = ARRAY(
            SELECT named FROM unnest(systems) AS named
            WHERE EXISTS (SELECT FROM code WHERE code.release_id = release.id AND code.system = named)
        )
        WHERE kind = 'hcpcs' AND pruned_at IS NULL;
        TRUNCATE code_difference, release_comparison;  -- what was compared before is compared anew when it is asked for
        """
    )
