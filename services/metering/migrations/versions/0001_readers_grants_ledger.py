"""Readers and their counters, grants, the append-only ledger, policies, licences, the outbox.

A reader's `window_no` counts its windows; grants, ledger entries and counters carry it, so that all three can be
compared window by window. Credits given before a window opens carry the number of the window that opens next.
"""

from alembic import op

from shared import idempotency
from shared.events import outbox

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

READERS = """
CREATE TABLE reader (
    principal text PRIMARY KEY,
    tier text NOT NULL CHECK (tier IN ('guest', 'free', 'pro', 'partner')),
    monthly_quota bigint CHECK (monthly_quota >= 0),
    window_no bigint NOT NULL DEFAULT 0,
    window_start timestamptz,
    window_end timestamptz,
    used bigint NOT NULL DEFAULT 0 CHECK (used >= 0),
    carried bigint NOT NULL DEFAULT 0 CHECK (carried BETWEEN 0 AND used),
    credits bigint NOT NULL DEFAULT 0,
    limit_reached boolean NOT NULL DEFAULT false,
    merged_into text NOT NULL DEFAULT '',
    last_at timestamptz,
    licences text[] NOT NULL DEFAULT '{}',
    CHECK ((window_start IS NULL) = (window_end IS NULL)),
    CHECK (window_start < window_end)
) WITH (fillfactor = 80);
COMMENT ON COLUMN reader.last_at IS 'Time of its newest change; no decision about it is taken at an earlier time.';
COMMENT ON COLUMN reader.merged_into IS 'The account that took over this guest, whose tombstone this row then is.';
CREATE INDEX reader_idle_guest ON reader (last_at) WHERE tier = 'guest';

CREATE TABLE page_grant (
    principal text NOT NULL,
    system text NOT NULL,
    code text NOT NULL,
    granted_at timestamptz NOT NULL,
    granted_until timestamptz NOT NULL,
    window_no bigint NOT NULL,
    carried boolean NOT NULL,
    request_id text NOT NULL,
    tier text NOT NULL,
    page_limit bigint,
    used_after bigint NOT NULL,
    window_start timestamptz NOT NULL,
    window_end timestamptz NOT NULL,
    policy_version bigint NOT NULL,
    PRIMARY KEY (principal, system, code, granted_at),
    CHECK (granted_at < granted_until)
);
COMMENT ON COLUMN page_grant.used_after IS 'With page_limit and the window: the answer given first, for repeats.';
CREATE UNIQUE INDEX page_grant_request ON page_grant (principal, request_id) WHERE request_id <> '';
CREATE INDEX page_grant_newest ON page_grant (principal, window_no, granted_at DESC, system, code);

CREATE TABLE network_day (
    network text NOT NULL,
    day date NOT NULL,
    guests bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (network, day)
);
COMMENT ON TABLE network_day IS 'First grants of new guests by keyed hash of their network and UTC day.';

CREATE TABLE counter (
    principal text NOT NULL,
    window_no bigint NOT NULL,
    name text NOT NULL,
    value bigint NOT NULL CHECK (value >= 0),
    PRIMARY KEY (principal, window_no, name)
);

CREATE TABLE licence_acceptance (
    principal text NOT NULL,
    licence text NOT NULL,
    terms_edition text NOT NULL,
    accepted_at timestamptz NOT NULL,
    PRIMARY KEY (principal, licence, terms_edition)
);
"""

LEDGER = """
CREATE TABLE ledger (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    principal text NOT NULL,
    window_no bigint NOT NULL,
    kind text NOT NULL CHECK (kind IN ('grant', 'carry', 'credit', 'plan', 'merge', 'forget')),
    at timestamptz NOT NULL,
    pages bigint NOT NULL,
    system text NOT NULL DEFAULT '',
    code text NOT NULL DEFAULT '',
    tier text NOT NULL,
    tier_before text NOT NULL DEFAULT '',
    page_limit bigint,
    used_after bigint NOT NULL,
    policy_version bigint NOT NULL,
    request_id text NOT NULL DEFAULT '',
    actor text NOT NULL,
    other text NOT NULL DEFAULT '',
    note text NOT NULL DEFAULT ''
);
COMMENT ON COLUMN ledger.other IS 'The other party: the guest of a carry, the account of a merge.';
CREATE INDEX ledger_by_principal ON ledger (principal, window_no, id);

CREATE FUNCTION ledger_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is append-only: write a correcting entry instead of %', TG_OP;
END $$;
CREATE TRIGGER ledger_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only();

CREATE TABLE policy (
    version bigint PRIMARY KEY CHECK (version > 0),
    effective_at timestamptz NOT NULL,
    document jsonb NOT NULL,
    note text NOT NULL,
    put_by text NOT NULL
);
CREATE TRIGGER policies_are_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON policy
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only();
"""


def upgrade() -> None:
    """Create everything."""
    op.execute(READERS)
    op.execute(LEDGER)
    idempotency.create_tables(op)
    outbox.create_tables(op)
