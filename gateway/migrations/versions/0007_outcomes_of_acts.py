"""Acts of operators are written before they are done, and their outcomes after; both tables are append-only."""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Move the outcomes of acts into a table of their own, and keep what an act asked for."""
    op.execute(
        """
        CREATE TABLE act_outcome (
            act bigint PRIMARY KEY REFERENCES operator_act,
            at timestamptz NOT NULL DEFAULT clock_timestamp(),
            after jsonb,
            refused text NOT NULL DEFAULT '',
            CHECK ((after IS NULL) <> (refused = ''))
        );
        INSERT INTO act_outcome (act, at, after) SELECT id, at, after FROM operator_act;
        ALTER TABLE operator_act DROP COLUMN after, ADD COLUMN asked jsonb NOT NULL DEFAULT '{}';
        CREATE TRIGGER act_outcome_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON act_outcome
            FOR EACH STATEMENT EXECUTE FUNCTION is_append_only();
        """
    )
