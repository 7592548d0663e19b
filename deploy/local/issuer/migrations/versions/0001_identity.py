"""Accounts, sign-ons, clients and what they were given. Passwords, codes and tokens are kept as hashes only."""

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the tables."""
    op.execute(
        """
        CREATE TABLE account (
            id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
            email text NOT NULL,
            name text NOT NULL,
            password_hash text NOT NULL,
            email_verified boolean NOT NULL DEFAULT false,
            roles text[] NOT NULL DEFAULT '{}',
            otp_secret text,
            otp_last_step bigint NOT NULL DEFAULT 0,
            created_at timestamptz NOT NULL DEFAULT clock_timestamp()
        );
        CREATE UNIQUE INDEX account_by_email ON account (lower(email));

        CREATE TABLE sign_on (
            id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
            account_id uuid NOT NULL REFERENCES account ON DELETE CASCADE,
            cookie_hash bytea NOT NULL UNIQUE,
            acr text NOT NULL,
            amr text[] NOT NULL,
            signed_in_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            last_used_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            ended_at timestamptz
        );
        CREATE INDEX sign_on_by_account ON sign_on (account_id);

        CREATE TABLE client (
            id text PRIMARY KEY,
            secret_hash bytea,
            jwks jsonb,
            grant_types text[] NOT NULL,
            redirect_uris text[] NOT NULL DEFAULT '{}',
            post_logout_redirect_uris text[] NOT NULL DEFAULT '{}',
            backchannel_logout_uri text NOT NULL DEFAULT '',
            roles text[] NOT NULL DEFAULT '{}',
            service_account uuid NOT NULL DEFAULT gen_random_uuid(),
            created_at timestamptz NOT NULL DEFAULT clock_timestamp()
        );

        CREATE TABLE client_grant (
            id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
            sign_on_id uuid NOT NULL REFERENCES sign_on ON DELETE CASCADE,
            client_id text NOT NULL REFERENCES client ON DELETE CASCADE,
            scope text NOT NULL,
            redirect_uri text NOT NULL,
            nonce text,
            code_hash bytea NOT NULL UNIQUE,
            code_challenge text NOT NULL,
            code_used_at timestamptz,
            granted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            revoked_at timestamptz
        );
        CREATE INDEX client_grant_by_sign_on ON client_grant (sign_on_id);

        CREATE TABLE refresh_token (
            hash bytea PRIMARY KEY,
            grant_id uuid NOT NULL REFERENCES client_grant ON DELETE CASCADE,
            issued_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            used_at timestamptz
        );
        CREATE INDEX refresh_token_by_grant ON refresh_token (grant_id);

        CREATE TABLE client_assertion (
            client_id text NOT NULL,
            jti text NOT NULL,
            expires_at timestamptz NOT NULL,
            PRIMARY KEY (client_id, jti)
        );

        CREATE TABLE failed_attempt (
            key bytea PRIMARY KEY,
            failures int NOT NULL,
            last_at timestamptz NOT NULL,
            locked_until timestamptz
        );

        CREATE TABLE mail_ticket (
            hash bytea PRIMARY KEY,
            account_id uuid NOT NULL REFERENCES account ON DELETE CASCADE,
            purpose text NOT NULL,
            expires_at timestamptz NOT NULL,
            used_at timestamptz
        );

        CREATE TABLE half_sign_in (
            hash bytea PRIMARY KEY,
            account_id uuid NOT NULL REFERENCES account ON DELETE CASCADE,
            new_otp_secret text,
            expires_at timestamptz NOT NULL
        );
        """
    )
