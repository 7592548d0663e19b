"""API keys, by the digest of their secret, and the answers that are given again for an Idempotency-Key."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create both tables."""
    op.execute(
        """
        CREATE TABLE api_key (
            id text PRIMARY KEY,
            account text NOT NULL,
            name text NOT NULL,
            digest bytea NOT NULL UNIQUE,
            beginning text NOT NULL,
            scopes text[] NOT NULL,
            networks text[] NOT NULL,
            origins text[] NOT NULL,
            created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            expires_at timestamptz NOT NULL,
            last_used_at timestamptz,
            revoked_at timestamptz
        );
        CREATE INDEX api_key_by_account ON api_key (account, created_at);
        CREATE TABLE idempotent_answer (
            principal text NOT NULL,
            key bytea NOT NULL,
            fingerprint bytea NOT NULL,
            status integer,
            headers text[] NOT NULL DEFAULT '{}',
            body bytea NOT NULL DEFAULT '',
            begun_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            PRIMARY KEY (principal, key)
        );
        CREATE INDEX idempotent_answer_by_time ON idempotent_answer (begun_at);
        """
    )
