"""An index by which the corrections of an operator are found, when the operator's own account is deleted."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index."""
    op.execute("CREATE INDEX ledger_by_actor ON ledger (actor) WHERE kind IN ('credit', 'plan')")
