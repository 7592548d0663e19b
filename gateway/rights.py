"""Who may do what: one table of rights, and the right that each route asks for. What stands in no row is refused.

A right names who has it. Some can be given to an API key, and then the name of the right is the scope of the key; a key
never carries more than its owner has, and never a role of the staff. Services check again what touches their data.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from starlette.routing import compile_path

from gateway.auth.second_factor import needed
from shared.errors import Denied, Unauthenticated
from shared.identity import Kind, Principal


class Who(StrEnum):
    """Whom a right is given to. Editors, employers and operators are accounts as well."""

    GUEST = "guest"
    ACCOUNT = "account"
    PARTNER = "partner"
    EDITOR = "editor"
    EMPLOYER = "employer"
    OPERATOR = "operator"


ANYONE = frozenset(Who)
SIGNED_IN = frozenset({Who.ACCOUNT, Who.PARTNER})
PEOPLE = frozenset({Who.ACCOUNT})
EDITORS = frozenset({Who.EDITOR, Who.OPERATOR})
ROLES = frozenset({Who.EDITOR, Who.EMPLOYER, Who.OPERATOR})


@dataclass(frozen=True, slots=True)
class Right:
    """One right."""

    name: str
    who: frozenset[Who]
    meaning: str
    for_keys: bool = False
    """Whether an API key may carry it, as a scope."""


SITE_READ = Right("site:read", ANYONE, "Read what is the same for everybody: home, terms, documentation.", True)
CODES_BROWSE = Right("codes:browse", ANYONE, "List, browse and look up codes. Not metered as pages.", True)
CODES_READ = Right("codes:read", ANYONE, "Read code pages, as the meter allows.", True)
EDITS_CHECK = Right("edits:check", ANYONE, "Check claims against edits. Not metered as pages.", True)
METER_READ = Right("meter:read", ANYONE, "See the own quota.", True)
LICENCES_READ = Right("licences:read", ANYONE, "Read the terms of licensed code sets.", True)
LICENCES_ACCEPT = Right("licences:accept", SIGNED_IN, "Accept the terms of licensed code sets.")
REPORTS_SEND = Right("reports:send", ANYONE, "Report an error on a page.")
SEARCHES_WATCH = Right("searches:watch", EDITORS, "See what was searched for in vain, without who asked.")
REPORTS_WORK = Right("reports:work", EDITORS, "Work through the queue of error reports.")
KEYS_MANAGE = Right("keys:manage", PEOPLE, "List, make and revoke the own API keys. Never with a key.")

LIBRARY_PAGES = Right("library:pages", PEOPLE, "Keep favourites, notes and history on the site. Never with a key.")
LIBRARY_READ = Right("library:read", PEOPLE, "Read the own favourites, notes and history.", True)
LIBRARY_WRITE = Right("library:write", PEOPLE, "Change the own favourites, notes and history.", True)

SESSION_BEGIN = Right("session:begin", ANYONE, "Sign in and register.")
SESSION_END = Right("session:end", ANYONE, "Sign out; the issuer ends sessions by a signed token of its own.")
ACCOUNT_OWN = Right("account:own", PEOPLE, "See and keep the own account.")
PLANS_READ = Right("plans:read", ANYONE, "See what the plans give.", True)
PLANS_BUY = Right("plans:buy", PEOPLE, "Pay for a plan. Never with a key.")
PAYMENTS_TELL = Right("payments:tell", ANYONE, "Tell of payments; the signature of the event decides.")
MAIL_LOCAL = Right("mail:local", ANYONE, "Read the mail folder, from the machine it lies on alone.")
RELEASES_READ = Right("releases:read", ANYONE, "List releases of the data and compare them.", True)
RELEASES_OPERATE = Right("releases:operate", frozenset({Who.OPERATOR}), "Import files and put releases back.")
ACCOUNTS_OPERATE = Right("accounts:operate", frozenset({Who.OPERATOR}), "Set plans, credit pages, read the audit.")

RIGHTS = (
    PLANS_READ,
    PLANS_BUY,
    PAYMENTS_TELL,
    MAIL_LOCAL,
    ACCOUNTS_OPERATE,
    RELEASES_READ,
    RELEASES_OPERATE,
    SESSION_BEGIN,
    SESSION_END,
    ACCOUNT_OWN,
    SITE_READ,
    CODES_BROWSE,
    CODES_READ,
    EDITS_CHECK,
    METER_READ,
    LICENCES_READ,
    LICENCES_ACCEPT,
    REPORTS_SEND,
    REPORTS_WORK,
    SEARCHES_WATCH,
    KEYS_MANAGE,
    LIBRARY_PAGES,
    LIBRARY_READ,
    LIBRARY_WRITE,
)
SCOPES = {right.name: right.meaning for right in RIGHTS if right.for_keys}
"""What an API key may be given, with its meaning."""


def whose(principal: Principal) -> frozenset[Who]:
    """Give whom a principal counts as."""
    if principal.kind is Kind.PARTNER:
        return frozenset({Who.PARTNER})
    if principal.kind is Kind.ACCOUNT:
        return frozenset({Who.ACCOUNT}) | {role for role in ROLES if role in principal.roles}
    return frozenset({Who.GUEST})


def check(
    right: Right, principal: Principal, scopes: frozenset[str] | None, held_back: frozenset[str] = frozenset()
) -> None:
    """Unauthenticated for a guest and Denied for anybody else who has not the right.

    `scopes` are those of the API key that the call shows, None for a call without one; `held_back` are roles that wait
    for a second factor.
    """
    if scopes is not None and not (right.for_keys and right.name in scopes):
        raise Denied("SCOPE_MISSING", _scope_sentence(right))
    if whose(principal) & right.who:
        return
    if principal.kind is Kind.GUEST:
        raise Unauthenticated("SIGN_IN_NEEDED", "Sign in first: this is open to accounts, not to guests.")
    if held_back & right.who:
        raise needed()
    allowed = " or ".join(sorted(right.who))
    raise Denied("RIGHT_MISSING", f"The right {right.name} is needed for this, and it belongs to: {allowed}.")


def _scope_sentence(right: Right) -> str:
    if right.for_keys:
        return f"The API key lacks the scope {right.name}: make a key that has it."
    return f"No API key can carry the right {right.name}: sign in, or use an access token."


ROUTES: Mapping[str, Right] = {
    "GET /": SITE_READ,
    "GET /accounts": SITE_READ,
    "GET /data": SITE_READ,
    "GET /not-billing-advice": SITE_READ,
    "GET /privacy": SITE_READ,
    "GET /problems": SITE_READ,
    "GET /problems/{name}": SITE_READ,
    "GET /terms": SITE_READ,
    "GET /api/docs": SITE_READ,
    "GET /api/openapi.json": SITE_READ,
    "GET /static/api-docs/{name}": SITE_READ,
    "GET /static/{name}": SITE_READ,
    "GET /favicon.ico": SITE_READ,
    "GET /robots.txt": SITE_READ,
    "GET /sitemap.xml": SITE_READ,
    "GET /sitemap-{name}.xml": SITE_READ,
    "GET /healthz": SITE_READ,
    "GET /readyz": SITE_READ,
    "GET /appearance.css": SITE_READ,
    "POST /appearance": SITE_READ,
    "GET /browse": CODES_BROWSE,
    "GET /codes": CODES_BROWSE,
    "GET /browse/{system}": CODES_BROWSE,
    "GET /browse/{system}/{code}": CODES_BROWSE,
    "GET /lookup": CODES_BROWSE,
    "GET /search": CODES_BROWSE,
    "GET /icd10pcs/build": CODES_BROWSE,
    "GET /index": CODES_BROWSE,
    "GET /index/{name}": CODES_BROWSE,
    "GET /index/{name}/see": CODES_BROWSE,
    "GET /index/{name}/{ordinal}": CODES_BROWSE,
    "GET /api/v1/indexes": CODES_BROWSE,
    "GET /api/v1/indexes/{name}": CODES_BROWSE,
    "GET /api/v1/indexes/{name}/reference": CODES_BROWSE,
    "GET /api/v1/indexes/{name}/terms/{ordinal}": CODES_BROWSE,
    "GET /fhir/metadata": SITE_READ,
    "GET /fhir/CodeSystem/$lookup": CODES_READ,
    "POST /fhir/CodeSystem/$lookup": CODES_READ,
    "GET /fhir/CodeSystem/$validate-code": CODES_BROWSE,
    "POST /fhir/CodeSystem/$validate-code": CODES_BROWSE,
    "GET /fhir/CodeSystem/{system}": CODES_BROWSE,
    "GET /fhir/CodeSystem/{system}/$validate-code": CODES_BROWSE,
    "POST /fhir/CodeSystem/{system}/$validate-code": CODES_BROWSE,
    "GET /fhir/ConceptMap/$translate": CODES_READ,
    "POST /fhir/ConceptMap/$translate": CODES_READ,
    "GET /fhir/ValueSet/$expand": CODES_BROWSE,
    "POST /fhir/ValueSet/$expand": CODES_BROWSE,
    "GET /fhir/ValueSet/$validate-code": CODES_BROWSE,
    "POST /fhir/ValueSet/$validate-code": CODES_BROWSE,
    "GET /fhir/ValueSet/{system}": CODES_BROWSE,
    "GET /fhir/ValueSet/{system}/$expand": CODES_BROWSE,
    "POST /fhir/ValueSet/{system}/$expand": CODES_BROWSE,
    "GET /fhir/ValueSet/{system}/$validate-code": CODES_BROWSE,
    "POST /fhir/ValueSet/{system}/$validate-code": CODES_BROWSE,
    "GET /api/v1/search": CODES_BROWSE,
    "GET /api/v1/suggest": CODES_BROWSE,
    "GET /api/v1/codes": CODES_BROWSE,
    "GET /api/v1/codes/{system}": CODES_BROWSE,
    "GET /edits/{system}/{code}": CODES_BROWSE,
    "GET /index-entries/icd10cm/{code}": CODES_BROWSE,
    "GET /api/v1/icd10pcs/build": CODES_BROWSE,
    "GET /api/v1/codes/icd10cm/{code}/index-entries": CODES_BROWSE,
    "GET /api/v1/codes/{system}/{code}/edits": CODES_BROWSE,
    "GET /codes/{system}/{code}": CODES_READ,
    "GET /api/v1/codes/{system}/{code}": CODES_READ,
    "GET /codes/hcpcs/{code}/units": CODES_BROWSE,
    "GET /api/v1/codes/hcpcs/{code}/units": CODES_BROWSE,
    "GET /edits": EDITS_CHECK,
    "GET /edits/findings.csv": EDITS_CHECK,
    "POST /api/v1/edits/check": EDITS_CHECK,
    "GET /api/v1/meter": METER_READ,
    "GET /sign-in": SESSION_BEGIN,
    "GET /sign-in/callback": SESSION_BEGIN,
    "GET /register": SESSION_BEGIN,
    "POST /sign-out": SESSION_END,
    "POST /sign-out/everywhere": SESSION_END,
    "POST /sign-out/back-channel": SESSION_END,
    "GET /account": ACCOUNT_OWN,
    "GET /account/password": ACCOUNT_OWN,
    "GET /account/export": ACCOUNT_OWN,
    "GET /account/deletion": ACCOUNT_OWN,
    "POST /account/deletion": ACCOUNT_OWN,
    "GET /account/deleted": SITE_READ,
    "GET /plans": PLANS_READ,
    "POST /plans/checkout": PLANS_BUY,
    "GET /local/checkout": PLANS_BUY,
    "POST /local/checkout": PLANS_BUY,
    "POST /webhooks/stripe": PAYMENTS_TELL,
    "GET /local/mail": MAIL_LOCAL,
    "GET /local/mail/{name}": MAIL_LOCAL,
    "GET /operator/accounts": ACCOUNTS_OPERATE,
    "POST /operator/accounts/plan": ACCOUNTS_OPERATE,
    "POST /operator/accounts/credit": ACCOUNTS_OPERATE,
    "GET /operator/audit": ACCOUNTS_OPERATE,
    "GET /operator/zero-hits": SEARCHES_WATCH,
    "GET /api/v1/operator/zero-hits": SEARCHES_WATCH,
    "POST /api/v1/operator/plans": ACCOUNTS_OPERATE,
    "POST /api/v1/operator/credits": ACCOUNTS_OPERATE,
    "GET /api/v1/operator/acts": ACCOUNTS_OPERATE,
    "GET /data/releases": RELEASES_READ,
    "GET /data/releases/compare": RELEASES_READ,
    "GET /data/releases/{old}/{new}": RELEASES_READ,
    "GET /data/releases/{old}/{new}.csv": RELEASES_READ,
    "GET /api/v1/releases": RELEASES_READ,
    "GET /api/v1/releases/{old}/changes/{new}": RELEASES_READ,
    "POST /operator/releases/revert": RELEASES_OPERATE,
    "GET /operator/imports": RELEASES_OPERATE,
    "POST /operator/imports": RELEASES_OPERATE,
    "POST /operator/imports/order": RELEASES_OPERATE,
    "GET /operator/imports/{job_id}": RELEASES_OPERATE,
    "POST /operator/imports/{job_id}/retry": RELEASES_OPERATE,
    "GET /api/v1/operator/import-kinds": RELEASES_OPERATE,
    "GET /api/v1/operator/imports": RELEASES_OPERATE,
    "POST /api/v1/operator/imports": RELEASES_OPERATE,
    "GET /api/v1/operator/imports/{job_id}": RELEASES_OPERATE,
    "POST /api/v1/operator/imports/{job_id}/retry": RELEASES_OPERATE,
    "GET /licences/{licence}": LICENCES_READ,
    "POST /licences/{licence}": LICENCES_ACCEPT,
    "GET /api/v1/licences/{licence}": LICENCES_READ,
    "POST /api/v1/licences/{licence}/acceptance": LICENCES_ACCEPT,
    "GET /report-error": REPORTS_SEND,
    "POST /report-error": REPORTS_SEND,
    "GET /report-error/thanks": REPORTS_SEND,
    "GET /editor/reports": REPORTS_WORK,
    "POST /editor/reports/{report_id}": REPORTS_WORK,
    "GET /account/library": LIBRARY_PAGES,
    "GET /account/library/notes": LIBRARY_PAGES,
    "GET /account/library/history": LIBRARY_PAGES,
    "POST /account/library/favourites": LIBRARY_PAGES,
    "POST /account/library/favourites/order": LIBRARY_PAGES,
    "POST /account/library/folders": LIBRARY_PAGES,
    "POST /account/library/folders/{folder_id}": LIBRARY_PAGES,
    "POST /account/library/notes": LIBRARY_PAGES,
    "POST /account/library/history": LIBRARY_PAGES,
    "GET /api/v1/favourites": LIBRARY_READ,
    "POST /api/v1/favourites": LIBRARY_WRITE,
    "PATCH /api/v1/favourites/{system}/{code}": LIBRARY_WRITE,
    "DELETE /api/v1/favourites/{system}/{code}": LIBRARY_WRITE,
    "GET /api/v1/favourite-folders": LIBRARY_READ,
    "POST /api/v1/favourite-folders": LIBRARY_WRITE,
    "PATCH /api/v1/favourite-folders/{folder_id}": LIBRARY_WRITE,
    "DELETE /api/v1/favourite-folders/{folder_id}": LIBRARY_WRITE,
    "GET /api/v1/notes": LIBRARY_READ,
    "GET /api/v1/notes/{system}/{code}": LIBRARY_READ,
    "PUT /api/v1/notes/{system}/{code}": LIBRARY_WRITE,
    "DELETE /api/v1/notes/{system}/{code}": LIBRARY_WRITE,
    "GET /api/v1/history": LIBRARY_READ,
    "DELETE /api/v1/history": LIBRARY_WRITE,
    "PUT /api/v1/history/recording": LIBRARY_WRITE,
    "GET /account/keys": KEYS_MANAGE,
    "POST /account/keys": KEYS_MANAGE,
    "POST /account/keys/{key_id}/revocation": KEYS_MANAGE,
    "GET /api/v1/keys": KEYS_MANAGE,
    "POST /api/v1/keys": KEYS_MANAGE,
    "DELETE /api/v1/keys/{key_id}": KEYS_MANAGE,
}
"""The right of every route by method and path; HEAD asks for that of GET. The test of rights walks all routes."""

READS_BY_POST = frozenset({
    "POST /api/v1/edits/check",
    "POST /fhir/CodeSystem/$lookup",
    "POST /fhir/CodeSystem/$validate-code",
    "POST /fhir/CodeSystem/{system}/$validate-code",
    "POST /fhir/ConceptMap/$translate",
    "POST /fhir/ValueSet/$expand",
    "POST /fhir/ValueSet/{system}/$expand",
    "POST /fhir/ValueSet/$validate-code",
    "POST /fhir/ValueSet/{system}/$validate-code",
})  # fmt: skip
"""Rows that change nothing: their questions are too long for an address. They need no Idempotency-Key, and a guest's
program no Origin. A signed-in browser sends the token of its session here as well: what is read may count for it."""
_READ = tuple(compile_path(row.removeprefix("POST "))[0] for row in READS_BY_POST)


def reads_by_post(path: str) -> bool:
    """Whether a request for a path changes nothing though it is not sent by GET."""
    return any(read.match(path) for read in _READ)
