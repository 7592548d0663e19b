"""Mails of the issuer that wait for the relay, and the ages by which what has run out is found."""

from alembic import op

from shared.mail import waiting

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create the queue and the indices."""
    waiting.create_table(op)
    op.execute(
        """
        CREATE INDEX refresh_token_by_age ON refresh_token (issued_at);
        CREATE INDEX client_grant_by_age ON client_grant (granted_at);
        """
    )
