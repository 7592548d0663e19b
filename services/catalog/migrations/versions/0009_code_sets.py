"""The official tables beside the code sets: conversions, POA exemptions, equivalence mappings, the indexes."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE conversion (
    release_id text NOT NULL,
    ordinal integer NOT NULL,
    code text NOT NULL,
    effective date NOT NULL,
    previous text NOT NULL,
    first text NOT NULL,
    last text NOT NULL,
    PRIMARY KEY (release_id, ordinal, first, last)
);
CREATE INDEX conversion_by_code ON conversion (release_id, code);
CREATE INDEX conversion_by_first ON conversion (release_id, first);
CREATE INDEX conversion_ranges ON conversion (release_id, first) WHERE first <> last;
COMMENT ON TABLE conversion IS 'Codes that were added, with the spans of codes that stood for them before.';
CREATE TABLE poa_exempt (
    release_id text NOT NULL,
    code text NOT NULL,
    PRIMARY KEY (release_id, code)
);
COMMENT ON TABLE poa_exempt IS 'Codes that are exempt from present-on-admission reporting.';
CREATE TABLE gem (
    release_id text NOT NULL,
    system text NOT NULL,
    code text NOT NULL,
    target_system text NOT NULL,
    target text NOT NULL,
    approximate boolean NOT NULL,
    no_map boolean NOT NULL,
    combination boolean NOT NULL,
    scenario smallint NOT NULL,
    choice_list smallint NOT NULL
);
CREATE INDEX gem_by_code ON gem (release_id, system, code);
CREATE INDEX gem_by_target ON gem (release_id, target_system, target);
COMMENT ON TABLE gem IS 'General equivalence mappings; target is empty where nothing maps.';
CREATE TABLE icd10cm_index_entry (
    release_id text NOT NULL,
    index_name text NOT NULL,
    ordinal integer NOT NULL,
    level smallint NOT NULL,
    path text[] NOT NULL,
    nonessential text[] NOT NULL,
    see text NOT NULL,
    see_also text NOT NULL,
    column_title text NOT NULL,
    relation text NOT NULL,
    code text,
    more boolean NOT NULL
);
CREATE INDEX icd10cm_index_entry_by_code ON icd10cm_index_entry (release_id, code);
CREATE INDEX icd10cm_index_entry_by_place ON icd10cm_index_entry (release_id, index_name, ordinal);
COMMENT ON TABLE icd10cm_index_entry IS 'Terms of the indexes and tables of ICD-10-CM; a row for each code of a term.';
"""


def upgrade() -> None:
    """Create the tables."""
    op.execute(TABLES)
