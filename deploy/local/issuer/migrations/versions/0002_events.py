"""What the issuer has heard of deleted accounts."""

from alembic import op

from shared.events import outbox

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the record of consumed events."""
    outbox.create_tables(op)
