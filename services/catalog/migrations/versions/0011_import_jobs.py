"""Imports that operators order from the site: the files that came, and where each import stands."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.execute(
        """
        CREATE TABLE import_upload (
            id text PRIMARY KEY,
            place text NOT NULL,
            uploaded_by text NOT NULL,
            uploaded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            files jsonb NOT NULL,
            removed_at timestamptz
        );
        CREATE INDEX import_upload_kept ON import_upload (place, uploaded_at) WHERE removed_at IS NULL;
        CREATE TABLE import_job (
            number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            id text NOT NULL UNIQUE,
            upload_id text NOT NULL REFERENCES import_upload,
            kind text NOT NULL,
            setting text NOT NULL,
            file_names text[] NOT NULL,
            edition text NOT NULL,
            effective_from date,
            effective_to date,
            licence_accepted_by text NOT NULL,
            ordered_by text NOT NULL,
            ordered_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'running', 'done', 'failed')),
            not_before timestamptz NOT NULL DEFAULT clock_timestamp(),
            owner text NOT NULL DEFAULT '',
            heartbeat_at timestamptz,
            started_at timestamptz,
            ended_at timestamptz,
            attempts integer NOT NULL DEFAULT 0,
            steps jsonb NOT NULL DEFAULT '[]',
            told text NOT NULL DEFAULT '',
            defects jsonb NOT NULL DEFAULT '[]',
            defect_count bigint NOT NULL DEFAULT 0,
            release_id text NOT NULL DEFAULT '',
            entries bigint NOT NULL DEFAULT 0
        );
        CREATE INDEX import_job_of_upload ON import_job (upload_id);
        CREATE INDEX import_job_open ON import_job (state, number) WHERE state IN ('waiting', 'running');
        """
    )
