"""What the Guidelines and the Tabular List's Excludes notes say of codes elsewhere."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

MENTIONS = """
CREATE TABLE guideline_section (
    release_id text NOT NULL,
    number text NOT NULL,
    ordinal integer NOT NULL,
    title text NOT NULL,
    text text NOT NULL,
    PRIMARY KEY (release_id, number)
);
CREATE TABLE guideline_mention (
    release_id text NOT NULL,
    number text NOT NULL,
    first text NOT NULL,
    last text NOT NULL,
    excerpt text NOT NULL
);
CREATE INDEX guideline_mention_by_first ON guideline_mention (release_id, first);
COMMENT ON TABLE guideline_mention IS 'Spans of codes that a section names; equal ends name one code and all below it.';
CREATE TABLE tabular_mention (
    release_id text NOT NULL,
    code text NOT NULL,
    kind text NOT NULL,
    text text NOT NULL,
    first text NOT NULL,
    last text NOT NULL
);
CREATE INDEX tabular_mention_by_first ON tabular_mention (release_id, first);
CREATE INDEX tabular_mention_ranges ON tabular_mention (release_id, first) WHERE first <> last;
COMMENT ON TABLE tabular_mention IS 'Spans of codes that Excludes notes name, with where the note stands.';
"""


def upgrade() -> None:
    """Create the tables."""
    op.execute(MENTIONS)
