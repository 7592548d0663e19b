"""What a person changes about the account: the password."""

from starlette.responses import Response

from deploy.local.issuer import attempts, passwords, recovery
from deploy.local.issuer.sign_in import ACTION
from deploy.local.issuer.visit import Visit

SIGN_IN_FIRST = "Sign in first: this page is for whoever has signed in."


def page(visit: Visit, defect: str = "", *, status: int = 200) -> Response:
    """Draw the form."""
    person = visit.person()
    if person is None:
        return visit.error_page(401, SIGN_IN_FIRST)
    return visit.page(
        "account.html",
        status,
        title="Your sign-in",
        defect=defect,
        email=person.account.email,
        action=visit.path("account"),
        shortest=passwords.SHORTEST,
    )


def change_password(visit: Visit) -> Response:
    """Change the password; every other sign-on of the account ends."""
    visit.check_form()
    person = visit.person()
    if person is None:
        return visit.error_page(401, SIGN_IN_FIRST)
    account, form = person.account, visit.asked.form
    wait = attempts.seconds_locked(visit.tx, account.email, visit.asked.peer)
    if wait:
        return page(visit, f"Too many attempts: wait {wait} seconds and try again.", status=429)
    if not passwords.holds(account.password_hash, form.get("old_password", "")):
        attempts.failed(visit.tx, account.email, visit.asked.peer)
        return page(visit, "The present password is not right.", status=401)
    password = form.get("password", "")
    defect = passwords.defect(password, account.email)
    if defect or password != form.get("password_again"):
        return page(visit, defect or "Write the same password twice.", status=400)
    recovery.change_password(visit, account.id, password, but=person.sign_on.id)
    if ACTION in visit.asked.query:  # a client sent the person, and goes on as it would have without
        return visit.redirect(visit.path("protocol/openid-connect/auth", without=ACTION))
    return visit.page("sent.html", title="Password changed", sentence="Your password is changed.")
