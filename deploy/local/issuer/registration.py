"""New accounts."""

from starlette.responses import Response

from deploy.local.issuer import accounts, attempts, passwords, recovery, sign_in
from deploy.local.issuer.visit import Visit, texts
from shared.errors import InvalidInput
from shared.mail.mail import check_address

TAKEN = "No account can be made with this address: sign in with it, or set a new password."
LONGEST_NAME = 100


def form(visit: Visit) -> Response:
    """Draw the form for whom a client has sent."""
    return sign_in.check_client(visit) or _page(visit, [])


def register(visit: Visit) -> Response:
    """Make an account and sign on with it; with verification the answer is the same for an address that is taken."""
    visit.check_form()
    refused = sign_in.check_client(visit)
    if refused is not None:
        return refused
    name, written = texts(visit.asked.form, "name", "email")
    password = visit.asked.form.get("password", "")
    email = address_of(written)
    defects = [
        ""
        if 0 < len(name) <= LONGEST_NAME and name.isprintable()
        else f"Give your name, up to {LONGEST_NAME} characters.",
        "" if email else "Give an e-mail address, e.g. name@example.org.",
        passwords.defect(password, email),
        "" if password == visit.asked.form.get("password_again") else "Write the same password twice.",
    ]
    if any(defects):
        return _page(visit, [defect for defect in defects if defect])
    wait = attempts.seconds_locked(visit.tx, "", visit.asked.peer)
    if wait:
        return _page(visit, [f"Too many attempts: wait {wait} seconds and try again."])
    account = accounts.add(
        visit.tx, email=email, name=name, password_hash=passwords.hash_password(password), verified=False
    )
    if visit.settings.verify_email:
        recovery.send_verification(visit, email, account)
        return visit.redirect(visit.path("login-actions/unverified"))
    if account is None:
        attempts.failed(visit.tx, "", visit.asked.peer)
        return _page(visit, [TAKEN])
    return sign_in.complete(visit, account, two_factors=False)


def address_of(written: str) -> str:
    """Give an e-mail address; nothing for what is none. Whether it is read, only a mail can tell."""
    try:
        host = check_address("email", written).domain
    except InvalidInput:
        return ""
    return written if "." in host else ""


def _page(visit: Visit, defects: list[str]) -> Response:
    return visit.page(
        "register.html",
        400 if defects else 200,
        title="Make an account",
        defects=defects,
        name=visit.asked.form.get("name", ""),
        email=visit.asked.form.get("email", ""),
        action=visit.path("login-actions/registration"),
        sign_in=visit.path("protocol/openid-connect/auth"),
        shortest=passwords.SHORTEST,
    )
