"""Mails that wait for the relay, acts of operators, and what the payment provider told."""

from alembic import op

revision = "0005"
down_revision = "0004"

APPEND_ONLY = """
    CREATE FUNCTION is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION '% is append-only: no % of what is written', TG_TABLE_NAME, TG_OP;
    END $$;
    CREATE TRIGGER operator_act_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON operator_act
        FOR EACH STATEMENT EXECUTE FUNCTION is_append_only();
    CREATE TRIGGER payment_event_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payment_event
        FOR EACH STATEMENT EXECUTE FUNCTION is_append_only();
"""


def upgrade() -> None:
    """Create the tables."""
    op.execute(
        """
        CREATE TABLE mail_waiting (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            recipient text NOT NULL,
            subject text NOT NULL,
            body text NOT NULL,
            failures integer NOT NULL DEFAULT 0,
            added_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            due_at timestamptz NOT NULL DEFAULT clock_timestamp()
        );
        CREATE INDEX mail_waiting_by_due ON mail_waiting (due_at);
        CREATE TABLE operator_act (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            at timestamptz NOT NULL DEFAULT clock_timestamp(),
            operator text NOT NULL,
            act text NOT NULL,
            whom text NOT NULL,
            reason text NOT NULL,
            request_id text NOT NULL UNIQUE,
            before jsonb NOT NULL,
            after jsonb NOT NULL
        );
        CREATE INDEX operator_act_by_whom ON operator_act (whom, id);
        CREATE TABLE payment_event (
            id text PRIMARY KEY,
            kind text NOT NULL,
            created_at timestamptz NOT NULL,
            subscription text NOT NULL,
            account text NOT NULL,
            outcome text NOT NULL,
            received_at timestamptz NOT NULL DEFAULT clock_timestamp()
        );
        CREATE TABLE subscription (
            id text PRIMARY KEY,
            account text NOT NULL,
            paid boolean NOT NULL,
            ended boolean NOT NULL,
            as_of timestamptz NOT NULL
        );
        CREATE INDEX subscription_by_account ON subscription (account);
        """
        + APPEND_ONLY
    )
