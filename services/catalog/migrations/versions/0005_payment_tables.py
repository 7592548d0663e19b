"""Medicare's payment tables, whole: NCCI edits, MUE values, add-on codes, the fee schedule, coverage documents.

Their codes need no page. An absent value is NULL: the files that do not say when an edit began are not made to.
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

PTP = """
CREATE TABLE ncci_ptp (
    release_id text COLLATE "C" NOT NULL,
    column_1 text COLLATE "C" NOT NULL,
    column_2 text COLLATE "C" NOT NULL,
    effective_from date,
    deleted_on date,
    prior_1996 boolean,
    modifier_indicator "char" NOT NULL,
    rationale smallint NOT NULL
) PARTITION BY LIST (release_id);
CREATE INDEX ncci_ptp_by_column_1 ON ncci_ptp (column_1, column_2);
CREATE INDEX ncci_ptp_by_column_2 ON ncci_ptp (column_2, column_1);
COMMENT ON TABLE ncci_ptp IS
    'Procedure-to-procedure edits, a partition a release: name it in every query. A pair may have several rows.';
COMMENT ON COLUMN ncci_ptp.deleted_on IS 'The last day the row applies to; with indicator 9 it never applied.';
COMMENT ON COLUMN ncci_ptp.prior_1996 IS
    'In existence prior to 1996; NULL, as effective_from, where the file is silent.';
CREATE TABLE ncci_ptp_rationale (
    release_id text NOT NULL,
    id smallint NOT NULL,
    text text NOT NULL,
    PRIMARY KEY (release_id, id)
);
COMMENT ON TABLE ncci_ptp_rationale IS 'Why edits exist, as published: a dozen sentences that millions of rows share.';
"""

OTHER_NCCI = """
CREATE TABLE ncci_mue (
    release_id text NOT NULL,
    code text NOT NULL,
    units integer NOT NULL,
    mai smallint NOT NULL,
    rationale text NOT NULL,
    PRIMARY KEY (release_id, code)
);
CREATE TABLE ncci_aoc (
    release_id text NOT NULL,
    add_on text NOT NULL,
    primary_code text,
    type smallint NOT NULL,
    effective_from date,
    deleted_on date
);
CREATE INDEX ncci_aoc_by_add_on ON ncci_aoc (release_id, add_on);
CREATE INDEX ncci_aoc_by_primary ON ncci_aoc (release_id, primary_code);
COMMENT ON COLUMN ncci_aoc.primary_code IS 'NULL where the Medicare contractor defines it (CCCCC).';
"""

FEES = """
CREATE TABLE pfs_rvu (
    release_id text NOT NULL,
    code text NOT NULL,
    modifier text NOT NULL,
    qpp text NOT NULL DEFAULT '' CHECK (qpp IN ('', 'qpp', 'non-qpp')),
    status text NOT NULL,
    not_used_for_medicare boolean NOT NULL,
    work numeric(9, 2) NOT NULL,
    non_facility_pe numeric(9, 2) NOT NULL,
    non_facility_na boolean NOT NULL,
    facility_pe numeric(9, 2) NOT NULL,
    facility_na boolean NOT NULL,
    malpractice numeric(9, 2) NOT NULL,
    non_facility_total numeric(9, 2) NOT NULL,
    facility_total numeric(9, 2) NOT NULL,
    pctc text NOT NULL,
    global_days text NOT NULL,
    pre_operative numeric(4, 2) NOT NULL,
    intra_operative numeric(4, 2) NOT NULL,
    post_operative numeric(4, 2) NOT NULL,
    multiple_procedure text NOT NULL,
    bilateral text NOT NULL,
    assistant text NOT NULL,
    co_surgeons text NOT NULL,
    team text NOT NULL,
    endoscopic_base text NOT NULL,
    conversion_factor numeric(9, 4),
    supervision text NOT NULL,
    calculation_flag text,
    imaging_family text NOT NULL,
    opps_non_facility_pe numeric(9, 2) NOT NULL,
    opps_facility_pe numeric(9, 2) NOT NULL,
    opps_malpractice numeric(9, 2) NOT NULL,
    PRIMARY KEY (release_id, code, modifier, qpp)
);
COMMENT ON COLUMN pfs_rvu.qpp IS
    'Since 2026 a release has two rows a code and modifier: for qualifying APM participants (qpp) and for all others.';
COMMENT ON COLUMN pfs_rvu.calculation_flag IS 'NULL where the file is silent.';
"""

COVERAGE = """
CREATE TABLE coverage_article (
    release_id text NOT NULL,
    document_type text NOT NULL CHECK (document_type IN ('article', 'lcd', 'ncd')),
    document_id integer NOT NULL,
    version integer NOT NULL,
    display_id text NOT NULL,
    title text NOT NULL,
    article_type text NOT NULL,
    status text NOT NULL,
    contractors text[] NOT NULL,
    effective_from date,
    effective_to date,
    retired_on date,
    updated_on date,
    url text NOT NULL,
    related text[] NOT NULL,
    PRIMARY KEY (release_id, document_type, document_id)
);
COMMENT ON COLUMN coverage_article.related IS 'Other documents that it names: article/ID, lcd/ID or ncd/ID.';
CREATE TABLE coverage_code (
    release_id text NOT NULL,
    document_type text NOT NULL,
    document_id integer NOT NULL,
    system text NOT NULL,
    code text NOT NULL,
    role text NOT NULL CHECK (role IN ('procedure', 'modifier', 'supports', 'does-not-support', 'excluded')),
    "group" integer NOT NULL,
    asterisk boolean NOT NULL
);
CREATE INDEX coverage_code_by_document ON coverage_code (release_id, document_type, document_id);
CREATE INDEX coverage_code_by_code ON coverage_code (release_id, system, code);
COMMENT ON COLUMN coverage_code.role IS
    'procedure: a service it is about; supports and does-not-support: diagnoses; excluded: self-administered drugs.';
COMMENT ON COLUMN coverage_code.group IS 'Codes of one group of a document go together; 0 where it has no groups.';
"""


def upgrade() -> None:
    """Create the tables."""
    for statements in (PTP, OTHER_NCCI, FEES, COVERAGE):
        op.execute(statements)
