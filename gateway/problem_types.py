"""The kinds of problem that the API names by `type`: what each means and how a caller goes on.

A type is a path of this site (RFC 9457, section 3.1.1, wants a relative one whole), so that it leads to its description
wherever the platform runs. A reason that has no entry here travels as `about:blank`: its status then says it all.
"""

from http import HTTPStatus as Status
from typing import NamedTuple

from shared.errors import NotFound

PREFIX = "/problems/"
BLANK = "about:blank"

_AGAIN = "Nothing was counted. Wait as long as Retry-After says and send the call again."


class ProblemType(NamedTuple):
    """One kind of problem."""

    reason: str
    status: Status
    meaning: str
    way_on: str

    @property
    def path(self) -> str:
        """Its address, which is its type."""
        return PREFIX + self.reason.lower().replace("_", "-")


TYPES = {
    kind.reason: kind
    for kind in (
        ProblemType(
            "QUOTA_EXCEEDED",
            Status.TOO_MANY_REQUESTS,
            "The page views of the reader's window, or of its network's new guests today, are used up.",
            "Wait as long as Retry-After says, register, or upgrade. Pages that were granted stay open.",
        ),
        ProblemType(
            "TOO_FAST",
            Status.TOO_MANY_REQUESTS,
            "More requests came at once than the burst limit of the caller allows; RateLimit-Policy names it.",
            "Wait as long as Retry-After says and go on more slowly. This is no quota; nothing was counted.",
        ),
        ProblemType(
            "PREFETCH_REFUSED",
            Status.SERVICE_UNAVAILABLE,
            "A prefetch asked for a page that is not granted yet, which would cost a page view nobody asked for.",
            "Open the page when a person wants to read it.",
        ),
        ProblemType(
            "CODE_UNKNOWN",
            Status.NOT_FOUND,
            "The code system has no such code in the release in force.",
            "Look at the member near, which names the nearest codes, or browse the system.",
        ),
        ProblemType(
            "CODE_MALFORMED",
            Status.BAD_REQUEST,
            "The text cannot be a code of this code system.",
            "Send a code of the system's form; the detail says which. A dot and the case do not matter.",
        ),
        ProblemType(
            "SYSTEM_UNKNOWN",
            Status.NOT_FOUND,
            "There is no code system of this name.",
            "List the code systems at /api/v1/codes.",
        ),
        ProblemType(
            "SYSTEM_EMPTY",
            Status.NOT_FOUND,
            "The code system is known, but the operator of this site has loaded no codes of it.",
            "List the code systems that hold codes at /api/v1/codes.",
        ),
        ProblemType(
            "CURSOR_MALFORMED",
            Status.BAD_REQUEST,
            "The cursor was not made by this list, or belongs to another.",
            "Send next_cursor of the page before as it was given, with the same system and parent, or begin anew.",
        ),
        ProblemType(
            "REQUEST_INVALID",
            Status.UNPROCESSABLE_ENTITY,
            "A value in the address or the body is of the wrong form.",
            "Look at the member defects, which names each place and what is wrong there.",
        ),
        ProblemType(
            "CLAIMS_TOO_MANY",
            Status.BAD_REQUEST,
            "There are more claims, or lines of claims, than one call takes.",
            "Send fewer at a time; the detail says how many. Accounts and partners may send more than guests.",
        ),
        ProblemType(
            "CLAIM_INVALID",
            Status.BAD_REQUEST,
            "A claim cannot be checked as it is.",
            "Look at the member defects, which names each claim, line and field and what is wrong there.",
        ),
        ProblemType(
            "ACCESS_TOKEN_INVALID",
            Status.UNAUTHORIZED,
            "The bearer token is refused; the detail says which check failed. It never makes the caller a guest.",
            "Get a new access token of the configured issuer, or send no credential to read as a guest.",
        ),
        ProblemType(
            "CREDENTIAL_UNKNOWN",
            Status.UNAUTHORIZED,
            "The Authorization header holds no bearer token.",
            "Send a bearer access token, or no credential to read as a guest.",
        ),
        ProblemType(
            "IDEMPOTENCY_KEY_MISSING",
            Status.BAD_REQUEST,
            "A repeat of this call would do harm, so it needs the header Idempotency-Key.",
            "Send a new UUID with each new wish, and the same one when you repeat a call.",
        ),
        ProblemType(
            "IDEMPOTENCY_KEY_INVALID",
            Status.BAD_REQUEST,
            "The header Idempotency-Key is empty, too long, or holds other than visible ASCII characters.",
            "Send a UUID.",
        ),
        ProblemType(
            "IDEMPOTENCY_KEY_REUSED",
            Status.UNPROCESSABLE_ENTITY,
            "The Idempotency-Key came before with another request.",
            "Make a new key for a new request.",
        ),
        ProblemType(
            "IDEMPOTENCY_KEY_IN_FLIGHT",
            Status.CONFLICT,
            "The first call with this Idempotency-Key has not been answered yet.",
            "Wait a moment and send the same call again.",
        ),
        ProblemType(
            "API_KEY_INVALID",
            Status.UNAUTHORIZED,
            "The API key is refused; the detail says why: mistyped, unknown, revoked, expired or from another network.",
            "Look at your keys at /account/keys, and make a new one where this one has ended.",
        ),
        ProblemType(
            "SCOPE_MISSING",
            Status.FORBIDDEN,
            "The API key was not given the right that this call asks for, or no key can have it.",
            "Make a key with the scope that the detail names, or call with an access token.",
        ),
        ProblemType(
            "RIGHT_MISSING",
            Status.FORBIDDEN,
            "The caller is known and has not the right that this call asks for.",
            "Call as one of those that the detail names.",
        ),
        ProblemType(
            "SECOND_FACTOR_NEEDED",
            Status.FORBIDDEN,
            "The caller has the role for this, and the token is of a sign-in without a second factor.",
            "Sign in with the second factor (acr_values=2) and send the access token of that sign-in.",
        ),
        ProblemType(
            "KEY_INVALID",
            Status.BAD_REQUEST,
            "A key was asked for with a value that is not right; the detail names the field and what would be right.",
            "Correct the field and send the call again.",
        ),
        ProblemType(
            "KEY_UNKNOWN",
            Status.NOT_FOUND,
            "The account has no such key.",
            "List the keys at /api/v1/keys.",
        ),
        ProblemType(
            "KEYS_FULL",
            Status.CONFLICT,
            "The account has as many live keys as it may: two, the old one and the one that takes its place.",
            "Revoke a key first.",
        ),
        ProblemType(
            "DOSE_INVALID",
            Status.BAD_REQUEST,
            "A dose cannot be counted as it was given: the amount, its measure, or what the containers hold.",
            "The detail names the field and what would be right.",
        ),
        ProblemType(
            "NOTE_CHANGED",
            Status.PRECONDITION_FAILED,
            "The note is not the one that If-Match names: it was changed or deleted elsewhere. Nothing was written.",
            "The member note is the present text, null when there is none. Bring both together and send its etag.",
        ),
        ProblemType(
            "CONDITION_MISSING",
            Status.PRECONDITION_REQUIRED,
            "A note is changed or deleted without saying which text is meant.",
            "Send If-Match with the etag of the text that was read, or If-None-Match: * for a first text.",
        ),
        ProblemType(
            "CONDITION_INVALID",
            Status.BAD_REQUEST,
            "If-Match or If-None-Match holds something that was never given out.",
            "Send the etag as it was given, or * in If-None-Match.",
        ),
        ProblemType(
            "NOTE_INVALID",
            Status.BAD_REQUEST,
            "The text of a note is empty, too long, or holds a character that is no text.",
            "The detail says which; correct it and send the call again.",
        ),
        ProblemType("NOTE_UNKNOWN", Status.NOT_FOUND, "The account has no note on the code.", "Write one first."),
        ProblemType(
            "FAVOURITE_EXISTS",
            Status.CONFLICT,
            "The code is a favourite already.",
            "Change its folder or place with PATCH.",
        ),
        ProblemType(
            "FAVOURITE_UNKNOWN",
            Status.NOT_FOUND,
            "The code is no favourite of the account.",
            "List the favourites at /api/v1/favourites.",
        ),
        ProblemType(
            "FOLDER_INVALID",
            Status.BAD_REQUEST,
            "The name of a folder is empty, too long, or holds a character that is no text.",
            "Choose a name of 1 to 80 characters.",
        ),
        ProblemType(
            "FOLDER_EXISTS",
            Status.CONFLICT,
            "Another folder of the account has this name; the case does not matter.",
            "Choose another name, or use that folder.",
        ),
        ProblemType(
            "FOLDER_UNKNOWN",
            Status.NOT_FOUND,
            "The account has no such folder.",
            "List the folders at /api/v1/favourite-folders.",
        ),
        ProblemType(
            "FAVOURITES_FULL", Status.CONFLICT, "The library holds as many favourites as fit.", "Take one out first."
        ),
        ProblemType("FOLDERS_FULL", Status.CONFLICT, "The library holds as many folders as fit.", "Remove one first."),
        ProblemType("NOTES_FULL", Status.CONFLICT, "The library holds as many notes as fit.", "Delete one first."),
        ProblemType(
            "SIGN_IN_NEEDED",
            Status.UNAUTHORIZED,
            "Only an account can do this.",
            "Send the access token of an account.",
        ),
        ProblemType(
            "ORIGIN_FOREIGN",
            Status.FORBIDDEN,
            "A write came from a page of another site, or carried a cookie without saying which page it came from.",
            "Send it from a page of this site, or from a program with a bearer token and no cookie.",
        ),
        ProblemType(
            "LICENCE_UNKNOWN",
            Status.NOT_FOUND,
            "There is no licence of this name.",
            "The detail names the licences there are.",
        ),
        ProblemType(
            "TERMS_OUTDATED",
            Status.CONFLICT,
            "The terms that were accepted are not the edition in force.",
            "Read the terms at /api/v1/licences/{licence} and accept their edition.",
        ),
        ProblemType(
            "HEADER_TOO_LARGE",
            Status.REQUEST_HEADER_FIELDS_TOO_LARGE,
            "The request's header is longer than is read.",
            "Send fewer cookies or headers; the detail names the limit.",
        ),
        ProblemType(
            "PATH_TOO_LONG", Status.REQUEST_URI_TOO_LONG, "The path is longer than is read.", "Send a shorter one."
        ),
        ProblemType(
            "BODY_TOO_LARGE",
            Status.REQUEST_ENTITY_TOO_LARGE,
            "The request's body is longer than is read.",
            "Send a shorter one; the detail names the limit.",
        ),
        ProblemType("METERING_AWAY", Status.SERVICE_UNAVAILABLE, "Page views cannot be counted at the moment.", _AGAIN),
        ProblemType("METERING_LATE", Status.GATEWAY_TIMEOUT, "Counting the page view took too long.", _AGAIN),
        ProblemType("ISSUER_AWAY", Status.SERVICE_UNAVAILABLE, "The token cannot be checked at the moment.", _AGAIN),
        ProblemType("PEER_AWAY", Status.SERVICE_UNAVAILABLE, "A part of the platform does not answer.", _AGAIN),
        ProblemType("DATABASE_AWAY", Status.SERVICE_UNAVAILABLE, "A database of the platform does not answer.", _AGAIN),
        ProblemType("DEADLINE_EXCEEDED", Status.GATEWAY_TIMEOUT, "A part of the platform took too long.", _AGAIN),
        ProblemType(
            "INTERNAL",
            Status.INTERNAL_SERVER_ERROR,
            "Something failed that nobody foresaw.",
            "Try again; if it stays, tell the operator the request id of the detail.",
        ),
    )
}
"""By reason."""


def type_of(reason: str) -> str:
    """Give the type of a reason, as it stands in a problem."""
    kind = TYPES.get(reason)
    return kind.path if kind is not None else BLANK


def described(name: str) -> ProblemType:
    """Give the kind of problem at an address; NotFound when there is none."""
    kind = TYPES.get(name.upper().replace("-", "_"))
    if kind is None or kind.path != PREFIX + name:
        raise NotFound("PROBLEM_UNKNOWN", f"There is no kind of problem {name[:60]!r}.")
    return kind
