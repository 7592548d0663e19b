"""Sign-ins under way, sessions, logout tokens that have served, and guests that wait to be merged."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create the tables; what names a browser stands in them as a hash, what names a person sealed."""
    op.execute(
        """
        CREATE TABLE login (
            state_hash bytea PRIMARY KEY,
            browser_hash bytea NOT NULL,
            sealed bytea NOT NULL,
            expires_at timestamptz NOT NULL
        );
        CREATE INDEX login_by_expiry ON login (expires_at);
        CREATE TABLE session (
            id_hash bytea PRIMARY KEY,
            subject text NOT NULL,
            issuer_session text NOT NULL,
            roles text[] NOT NULL,
            sealed bytea NOT NULL,
            device text NOT NULL,
            access_expires_at timestamptz NOT NULL,
            created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            used_at timestamptz NOT NULL DEFAULT clock_timestamp()
        );
        CREATE INDEX session_by_subject ON session (subject);
        CREATE INDEX session_by_issuer_session ON session (issuer_session);
        CREATE INDEX session_by_use ON session (used_at);
        CREATE TABLE logout_token (
            id text PRIMARY KEY,
            expires_at timestamptz NOT NULL
        );
        CREATE TABLE guest_merge (
            guest text PRIMARY KEY,
            account text NOT NULL,
            added_at timestamptz NOT NULL DEFAULT clock_timestamp()
        );
        """
    )
