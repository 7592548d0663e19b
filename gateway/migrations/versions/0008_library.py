"""A reader's own layer: folders, favourites, notes, and what was read and looked up."""

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Create the tables; each row belongs to one account."""
    op.execute(
        """
        CREATE TABLE favourite_folder (
            id text PRIMARY KEY,
            account text NOT NULL,
            name text NOT NULL,
            position integer NOT NULL
        );
        CREATE UNIQUE INDEX favourite_folder_by_name ON favourite_folder (account, lower(name));
        CREATE TABLE favourite (
            account text NOT NULL,
            system text NOT NULL,
            code text NOT NULL,
            folder text REFERENCES favourite_folder,
            position integer NOT NULL,
            added_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            PRIMARY KEY (account, system, code)
        );
        CREATE INDEX favourite_by_folder ON favourite (folder);
        CREATE SEQUENCE note_revision;
        CREATE TABLE note (
            account text NOT NULL,
            system text NOT NULL,
            code text NOT NULL,
            text text NOT NULL,
            revision bigint NOT NULL DEFAULT nextval('note_revision'),
            written_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            PRIMARY KEY (account, system, code)
        );
        CREATE TABLE reading (
            account text NOT NULL,
            system text NOT NULL,
            code text NOT NULL,
            read_at timestamptz NOT NULL,
            PRIMARY KEY (account, system, code)
        );
        CREATE INDEX reading_by_time ON reading (account, read_at);
        CREATE TABLE look_up (
            account text NOT NULL,
            folded text NOT NULL,
            words text NOT NULL,
            looked_up_at timestamptz NOT NULL,
            PRIMARY KEY (account, folded)
        );
        CREATE INDEX look_up_by_time ON look_up (account, looked_up_at);
        CREATE TABLE history_choice (
            account text PRIMARY KEY,
            recording boolean NOT NULL DEFAULT true,
            cleared_at timestamptz,
            forgotten_at timestamptz
        );
        """
    )
