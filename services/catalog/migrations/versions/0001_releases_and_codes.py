"""Releases, the codes in them, our texts and the facts beside them, error reports, the outbox.

Every row of content belongs to a release; a release is in force or kept for comparing and reverting. Rows are never
changed after their release is published.
"""

from alembic import op

from shared import idempotency
from shared.events import outbox

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

RELEASES = """
CREATE TABLE release (
    id text PRIMARY KEY,
    kind text NOT NULL,
    title text NOT NULL,
    publisher text NOT NULL,
    edition text NOT NULL,
    effective_from date,
    effective_to date,
    systems text[] NOT NULL,
    checksum text NOT NULL,
    entries bigint NOT NULL,
    imported_by text NOT NULL,
    imported_at timestamptz NOT NULL,
    published_at timestamptz NOT NULL,
    licence_accepted_by text,
    in_force boolean NOT NULL DEFAULT true
);
CREATE UNIQUE INDEX release_in_force ON release (kind) WHERE in_force;
CREATE INDEX release_newest ON release (imported_at DESC);
CREATE TABLE release_table (
    release_id text NOT NULL REFERENCES release,
    name text NOT NULL,
    kind text NOT NULL,
    setting text,
    title text NOT NULL,
    publisher text NOT NULL,
    url text NOT NULL,
    edition text NOT NULL,
    effective_from date,
    effective_to date,
    checksum text NOT NULL,
    PRIMARY KEY (release_id, name)
);
COMMENT ON TABLE release_table IS 'Published tables that a compiled release was drawn from.';
"""

CODES = """
CREATE TABLE code (
    release_id text NOT NULL,
    system text NOT NULL,
    code text NOT NULL,
    display text NOT NULL,
    kind text NOT NULL,
    level smallint NOT NULL,
    ordinal integer NOT NULL,
    last_ordinal integer NOT NULL,
    parent text,
    ancestors text[] NOT NULL,
    heading text NOT NULL,
    official boolean NOT NULL,
    reportable boolean NOT NULL,
    has_page boolean NOT NULL,
    children integer NOT NULL,
    reportable_below integer NOT NULL,
    body jsonb NOT NULL,
    content_hash bytea NOT NULL,
    PRIMARY KEY (release_id, system, code)
);
CREATE INDEX code_by_place ON code (release_id, system, ordinal);
CREATE INDEX code_by_parent ON code (release_id, system, parent, ordinal);
CREATE INDEX code_by_level ON code (release_id, system, level, ordinal);
COMMENT ON COLUMN code.ordinal IS 'Place in the tree, parents before children; the subtree ends at last_ordinal.';
CREATE TABLE code_change (
    system text NOT NULL,
    code text NOT NULL,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (system, code)
);
COMMENT ON TABLE code_change IS 'Codes whose page changed after the first release of their system, and when last.';
"""

FACTS = """
CREATE TABLE official_text (
    release_id text NOT NULL,
    system text NOT NULL,
    code text NOT NULL,
    long_text text NOT NULL,
    medium_text text NOT NULL,
    short_text text NOT NULL,
    PRIMARY KEY (release_id, system, code)
);
CREATE TABLE our_text (
    release_id text NOT NULL,
    system text NOT NULL,
    code text NOT NULL,
    body jsonb NOT NULL,
    PRIMARY KEY (release_id, system, code)
);
CREATE TABLE code_facts (
    release_id text NOT NULL,
    system text NOT NULL,
    code text NOT NULL,
    body jsonb NOT NULL,
    PRIMARY KEY (release_id, system, code)
);
CREATE TABLE add_on (
    release_id text NOT NULL,
    add_on text NOT NULL,
    primary_code text,
    type smallint NOT NULL
);
CREATE INDEX add_on_by_add_on ON add_on (release_id, add_on);
CREATE INDEX add_on_by_primary ON add_on (release_id, primary_code);
CREATE TABLE ptp_edit (
    release_id text NOT NULL,
    setting text NOT NULL,
    column_1 text NOT NULL,
    column_2 text NOT NULL,
    modifier_indicator text NOT NULL,
    rationale text NOT NULL
);
CREATE INDEX ptp_edit_by_column_1 ON ptp_edit (release_id, column_1);
CREATE INDEX ptp_edit_by_column_2 ON ptp_edit (release_id, column_2);
CREATE TABLE hcc (
    release_id text NOT NULL,
    code text NOT NULL,
    model text NOT NULL,
    category text NOT NULL,
    label text NOT NULL,
    payment_year smallint NOT NULL,
    PRIMARY KEY (release_id, code, model, category)
);
"""

REPORTS = """
CREATE TABLE error_report (
    id text PRIMARY KEY,
    number bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    system text NOT NULL,
    code text NOT NULL,
    section text NOT NULL,
    text text NOT NULL,
    email text NOT NULL,
    filed_by text NOT NULL,
    filed_at timestamptz NOT NULL,
    resolved_at timestamptz,
    resolution text NOT NULL DEFAULT '',
    resolved_by text NOT NULL DEFAULT ''
);
CREATE INDEX error_report_open ON error_report (number) WHERE resolved_at IS NULL;
"""


def upgrade() -> None:
    """Create everything."""
    for statements in (RELEASES, CODES, FACTS, REPORTS):
        op.execute(statements)
    idempotency.create_tables(op)
    outbox.create_tables(op)
