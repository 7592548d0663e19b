"""One-time codes (RFC 6238): required of operators, who set them up at their first sign-in."""

import io
import time
from dataclasses import dataclass

import pyotp
import segno
from markupsafe import Markup
from starlette.responses import Response

from deploy.local.issuer import accounts, letters
from deploy.local.issuer.accounts import Account
from deploy.local.issuer.secret_values import hashed, new_secret
from deploy.local.issuer.visit import STEP_COOKIE, Visit

STEP_SECONDS = 30


@dataclass(frozen=True)
class HalfSignIn:
    """A sign-in whose password was right and whose second factor is awaited."""

    account: Account
    new_secret: str | None
    """The secret to set up, when the account has none."""


def begin(visit: Visit, account: Account) -> None:
    """Remember for five minutes that the password was right."""
    cookie = visit.cookies[STEP_COOKIE] = new_secret()
    visit.tx.execute("DELETE FROM half_sign_in WHERE expires_at < now()")
    visit.tx.execute(
        "INSERT INTO half_sign_in (hash, account_id, new_otp_secret, expires_at)"
        " VALUES (%s, %s, %s, now() + interval '5 minutes')",
        (hashed(cookie), account.id, None if account.otp_secret else pyotp.random_base32()),
    )


def under_way(visit: Visit) -> HalfSignIn | None:
    """Find the half sign-in of this browser."""
    row = visit.tx.execute(
        "SELECT account_id, new_otp_secret FROM half_sign_in WHERE hash = %s AND expires_at > now()",
        (hashed(visit.asked.cookies.get(STEP_COOKIE, "")),),
    ).fetchone()
    account = accounts.by_id(visit.tx, row["account_id"]) if row else None
    if row is None or account is None:
        return None
    return HalfSignIn(account, None if account.otp_secret else row["new_otp_secret"])


def accept(visit: Visit, half: HalfSignIn, code: str) -> bool:
    """Take a code of this or a neighbouring time step, once; set the secret up with its first code."""
    secret = half.account.otp_secret or half.new_secret
    step = _step_of(secret, "".join(code.split())) if secret else None
    if step is None:
        return False
    if half.account.otp_secret is None:
        accounts.set_otp(visit.tx, half.account.id, secret)
        visit.write(letters.second_factor_set(half.account))
    if not accounts.accept_otp_step(visit.tx, half.account.id, step):
        return False
    visit.tx.execute("DELETE FROM half_sign_in WHERE account_id = %s", (half.account.id,))
    return True


def page(visit: Visit, half: HalfSignIn, defect: str = "", *, status: int = 200) -> Response:
    """Draw the form, with the secret as a picture where it is being set up."""
    picture = ""
    if half.new_secret:
        address = pyotp.TOTP(half.new_secret).provisioning_uri(name=half.account.email, issuer_name="Coding Ahead")
        picture = _picture(address)
    return visit.page(
        "second_factor.html",
        status,
        title="Second factor",
        defect=defect,
        secret=half.new_secret or "",
        picture=picture,
        action=visit.path("login-actions/second-factor"),
    )


def _step_of(secret: str, code: str) -> int | None:
    now = int(time.time()) // STEP_SECONDS
    totp = pyotp.TOTP(secret)
    return next((step for step in (now, now - 1, now + 1) if totp.verify(code, for_time=step * STEP_SECONDS)), None)


def _picture(address: str) -> Markup:
    drawn = io.BytesIO()
    segno.make(address, error="m").save(
        drawn, kind="svg", scale=5, border=2, light="#fff", xmldecl=False, svgns=False, nl=False,
        title="The secret as a QR code",
    )  # fmt: skip
    return Markup(drawn.getvalue().decode())  # noqa: S704 - the library's drawing; the address is only drawn in squares
