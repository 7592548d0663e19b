"""Deleted accounts: the outbox that tells of them, what refuses them, and the names that books of record may lose."""

from alembic import op

from shared.events import outbox

revision = "0009"
down_revision = "0008"

FORGETTING = """
    CREATE TABLE forgotten_account (
        pseudonym text PRIMARY KEY,
        forgotten_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        made_in xid8 NOT NULL DEFAULT pg_current_xact_id()
    );
    CREATE FUNCTION forgets_names_only() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        names text[] := TG_ARGV;
        given text;
    BEGIN
        IF to_jsonb(NEW) - names IS DISTINCT FROM to_jsonb(OLD) - names THEN
            RAISE EXCEPTION '% is append-only: no % of what is written', TG_TABLE_NAME, TG_OP;
        END IF;
        FOREACH given IN ARRAY names LOOP
            IF to_jsonb(NEW) ->> given <> to_jsonb(OLD) ->> given AND NOT EXISTS (
                SELECT FROM forgotten_account f WHERE f.made_in = pg_current_xact_id()
                  AND to_jsonb(NEW) ->> given IN (f.pseudonym, 'account:' || f.pseudonym)) THEN
                RAISE EXCEPTION '% is append-only: a name may become a new pseudonym alone', TG_TABLE_NAME;
            END IF;
        END LOOP;
        RETURN NEW;
    END $$;
    DROP TRIGGER operator_act_is_append_only ON operator_act;
    CREATE TRIGGER operator_act_is_append_only BEFORE DELETE OR TRUNCATE ON operator_act
        FOR EACH STATEMENT EXECUTE FUNCTION is_append_only();
    CREATE TRIGGER operator_act_forgets_names_only BEFORE UPDATE ON operator_act
        FOR EACH ROW EXECUTE FUNCTION forgets_names_only('operator', 'whom');
    DROP TRIGGER payment_event_is_append_only ON payment_event;
    CREATE TRIGGER payment_event_is_append_only BEFORE DELETE OR TRUNCATE ON payment_event
        FOR EACH STATEMENT EXECUTE FUNCTION is_append_only();
    CREATE TRIGGER payment_event_forgets_names_only BEFORE UPDATE ON payment_event
        FOR EACH ROW EXECUTE FUNCTION forgets_names_only('account');
    CREATE INDEX payment_event_by_account ON payment_event (account) WHERE account <> '';
"""


def upgrade() -> None:
    """Create the tables, and let a name become a pseudonym within the transaction that makes it."""
    outbox.create_tables(op)
    op.execute(
        """
        CREATE TABLE deleted_account (
            digest bytea PRIMARY KEY,
            account text,
            deleted_at timestamptz NOT NULL DEFAULT clock_timestamp()
        );
        COMMENT ON COLUMN deleted_account.account IS 'Its id, until the services are told.';
        CREATE INDEX deleted_account_by_time ON deleted_account (deleted_at);
        DELETE FROM history_choice WHERE forgotten_at IS NOT NULL;
        ALTER TABLE history_choice DROP COLUMN forgotten_at;
        """
    )
    op.execute(FORGETTING)
