"""Topics, partitions, records, groups."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the log."""
    op.execute(
        """
        CREATE TABLE log_topic (
            topic text PRIMARY KEY,
            partitions integer NOT NULL CHECK (partitions > 0),
            retention interval,
            created_at timestamptz NOT NULL DEFAULT clock_timestamp()
        );
        -- Appending locks a partition's row until its transaction ends, so that offsets become visible in order:
        -- a committed offset never appears behind one that was read already.
        CREATE TABLE log_partition (
            topic text NOT NULL REFERENCES log_topic,
            number integer NOT NULL,
            next_offset bigint NOT NULL DEFAULT 0,
            PRIMARY KEY (topic, number)
        ) WITH (fillfactor = 50);
        CREATE TABLE log_record (
            topic text NOT NULL,
            partition integer NOT NULL,
            "offset" bigint NOT NULL,
            key bytea,
            headers jsonb NOT NULL,
            payload bytea NOT NULL,
            appended_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            PRIMARY KEY (topic, partition, "offset")
        );
        CREATE INDEX log_record_by_age ON log_record USING brin (appended_at);
        CREATE TABLE log_member (
            "group" text NOT NULL,
            member uuid NOT NULL,
            topics text[] NOT NULL,
            expires_at timestamptz NOT NULL,
            PRIMARY KEY ("group", member)
        );
        CREATE TABLE log_position (
            "group" text NOT NULL,
            topic text NOT NULL,
            partition integer NOT NULL,
            next_offset bigint NOT NULL DEFAULT 0,
            owner uuid,
            PRIMARY KEY ("group", topic, partition),
            FOREIGN KEY (topic, partition) REFERENCES log_partition (topic, number)
        ) WITH (fillfactor = 50);
        """
    )


def downgrade() -> None:
    """Remove the log."""
    op.execute("DROP TABLE log_position, log_member, log_record, log_partition, log_topic")
