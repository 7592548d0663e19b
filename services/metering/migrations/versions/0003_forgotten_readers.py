"""Deleted accounts: the ledger lets a name become a pseudonym, within the transaction that makes it, and nothing else.

A pseudonym takes the entries of one reader only, and no table leads from it back to the reader.
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the pseudonyms and the one change that the ledger permits."""
    op.execute("""
        CREATE TABLE forgotten_reader (
            pseudonym text PRIMARY KEY,
            forgotten_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            made_in xid8 NOT NULL DEFAULT pg_current_xact_id()
        );
        CREATE INDEX ledger_by_other ON ledger (other) WHERE other <> '';

        CREATE FUNCTION ledger_forgets_names_only() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            names CONSTANT text[] := ARRAY['principal', 'other', 'actor', 'note'];
            given text;
        BEGIN
            IF to_jsonb(NEW) - names IS DISTINCT FROM to_jsonb(OLD) - names OR NEW.note NOT IN (OLD.note, '') THEN
                RAISE EXCEPTION 'the ledger is append-only: write a correcting entry instead of UPDATE';
            END IF;
            FOR given IN
                SELECT n.after FROM (VALUES (OLD.principal, NEW.principal), (OLD.other, NEW.other),
                                            (OLD.actor, NEW.actor)) AS n (before, after) WHERE n.before <> n.after
            LOOP
                IF NOT EXISTS (SELECT FROM forgotten_reader f
                               WHERE f.pseudonym = given AND f.made_in = pg_current_xact_id()) THEN
                    RAISE EXCEPTION 'the ledger is append-only: a name may become a new pseudonym alone';
                END IF;
            END LOOP;
            RETURN NEW;
        END $$;
        DROP TRIGGER ledger_is_append_only ON ledger;
        CREATE TRIGGER ledger_is_append_only BEFORE DELETE OR TRUNCATE ON ledger
            FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only();
        CREATE TRIGGER ledger_forgets_names_only BEFORE UPDATE ON ledger
            FOR EACH ROW EXECUTE FUNCTION ledger_forgets_names_only();
    """)
