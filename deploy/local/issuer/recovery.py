"""What goes by mail: showing that one reads mail at an address, and a new password for one that was forgotten."""

from uuid import UUID

from starlette.responses import Response

from deploy.local.issuer import accounts, attempts, letters, passwords, sign_ons
from deploy.local.issuer.accounts import Account
from deploy.local.issuer.secret_values import hashed, new_secret
from deploy.local.issuer.visit import Visit, texts

VERIFY = "verify"
RESET = "reset"
VERIFY_SENT = (
    "If there is an account with this address that is not verified yet, a mail with a link is on its way. The link"
    " works once, for an hour."
)
SENT = "If there is an account with this address, a mail with a link is on its way. The link works once, for an hour."


def send_verification(visit: Visit, email: str, account: Account | None) -> None:
    """Send the link that verifies an address; whoever has an account there already is told so instead."""
    if account is not None:
        _send_link(visit, account)
    elif _may_mail(visit, f"known {email}"):
        visit.write(letters.address_known(email, visit.settings.public_url))


def unverified_page(visit: Visit) -> Response:
    """Say that a mail is to be read first, and offer to send it again."""
    return visit.page(
        "unverified.html", title="Read your mail", action=visit.path("login-actions/unverified"),
        sentence="Open the link in the mail that we sent, and sign in.",
    )  # fmt: skip


def send_verification_again(visit: Visit) -> Response:
    """Send the link once more; the answer is the same for an address without an account, or with a verified one."""
    visit.check_form()
    email = texts(visit.asked.form, "email")[0]
    if _may_mail(visit, f"verify {email}"):
        account = accounts.by_email(visit.tx, email)
        if account is not None and not account.email_verified:
            _send_link(visit, account)
    return visit.page("sent.html", title="Read your mail", sentence=VERIFY_SENT)


def verify_email(visit: Visit) -> Response:
    """Show a button: programs that follow links in mails press none."""
    return visit.page(
        "verify.html", title="Verify your address", ticket=visit.asked.query.get("key", ""),
        action=f"{visit.settings.base}/login-actions/verify-email",
    )  # fmt: skip


def take_verification(visit: Visit) -> Response:
    """Note that an address is its account's."""
    visit.check_form()
    account_id = _use(visit, visit.asked.form.get("key", ""), VERIFY)
    if account_id is None:
        return visit.page(
            "unverified.html", 400, title="This link works no more", action=visit.path("login-actions/unverified"),
            sentence="This link was used before or is too old. If your address is not verified yet, get a new one.",
        )  # fmt: skip
    accounts.verify_email(visit.tx, account_id)
    return visit.page("sent.html", title="Address verified", sentence="Your address is verified: you can sign in now.")


def forgotten_page(visit: Visit) -> Response:
    """Ask for the address."""
    return visit.page(
        "forgotten.html", title="Forgotten password", action=visit.path("login-actions/reset-credentials")
    )


def send_reset(visit: Visit) -> Response:
    """Send a link for a new password; the answer is the same for an address without an account."""
    visit.check_form()
    email = texts(visit.asked.form, "email")[0]
    if _may_mail(visit, f"reset {email}"):
        account = accounts.by_email(visit.tx, email)
        if account is not None:
            link = _ticket(visit, account, RESET, "login-actions/new-password")
            visit.write(letters.reset(account, link))
    return visit.page("sent.html", title="Read your mail", sentence=SENT)


def new_password_page(visit: Visit, defect: str = "") -> Response:
    """Ask for a new password."""
    return visit.page(
        "new_password.html", 400 if defect else 200, title="New password", defect=defect,
        ticket=visit.asked.params.get("key", ""), action=f"{visit.settings.base}/login-actions/new-password",
        shortest=passwords.SHORTEST,
    )  # fmt: skip


def take_new_password(visit: Visit) -> Response:
    """Set the new password, and end every sign-on of the account."""
    visit.check_form()
    password = visit.asked.form.get("password", "")
    defect = passwords.defect(password, "")
    if defect or password != visit.asked.form.get("password_again"):
        return new_password_page(visit, defect or "Write the same password twice.")
    account_id = _use(visit, visit.asked.form.get("key", ""), RESET)
    if account_id is None:
        return visit.error_page(400, "This link was used before or is too old: ask for a new one.")
    change_password(visit, account_id, password)
    accounts.verify_email(visit.tx, account_id)
    return visit.page("sent.html", title="Password changed", sentence="Your password is changed: you can sign in now.")


def change_password(visit: Visit, account_id: UUID, password: str, *, but: UUID | None = None) -> None:
    """Set a password, end the account's other sign-ons, and say so by mail."""
    accounts.set_password(visit.tx, account_id, passwords.hash_password(password))
    for ended in sign_ons.end_all(visit.tx, account_id, but=but):
        visit.end(ended)
    account = accounts.by_id(visit.tx, account_id)
    if account is not None:
        attempts.succeeded(visit.tx, account.email)
        visit.write(letters.password_changed(account))


def _send_link(visit: Visit, account: Account) -> None:
    link = _ticket(visit, account, VERIFY, "login-actions/verify-email")
    visit.write(letters.verification(account, link))


def _may_mail(visit: Visit, what: str) -> bool:
    """Whether one more mail of a kind may go to an address, and from this network; counts it."""
    if attempts.seconds_locked(visit.tx, what, visit.asked.peer):
        return False
    attempts.failed(visit.tx, what, visit.asked.peer)
    return True


def _ticket(visit: Visit, account: Account, purpose: str, path: str) -> str:
    key = new_secret()
    visit.tx.execute("DELETE FROM mail_ticket WHERE expires_at < now() - interval '1 day'")
    visit.tx.execute(
        "INSERT INTO mail_ticket (hash, account_id, purpose, expires_at)"
        " VALUES (%s, %s, %s, now() + interval '1 hour')",
        (hashed(key), account.id, purpose),
    )
    return f"{visit.settings.issuer}/{path}?key={key}"


def _use(visit: Visit, key: str, purpose: str) -> UUID | None:
    row = visit.tx.execute(
        "UPDATE mail_ticket SET used_at = now() WHERE hash = %s AND purpose = %s AND used_at IS NULL"
        " AND expires_at > now() RETURNING account_id",
        (hashed(key), purpose),
    ).fetchone()
    return row["account_id"] if row else None
