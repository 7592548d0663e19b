"""Accounts: registration, verification, forgotten passwords, locks, the second factor, deletion."""

import re
import statistics
import time
from datetime import UTC, datetime

import pyotp
import pytest
from codingahead.gateway.v1 import events_pb2

from deploy.local.issuer import accounts
from shared.events.event import Event
from shared.events.log import open_log
from tests.integration.issuer.stand import EMAIL, PASSWORD, Browser, Stand, parameters
from tests.integration.issuer.test_tokens import claims_of

NEW = "another good password"

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]


async def registration(browser: Browser, email: str, password: str = PASSWORD) -> int:
    """Register; gives the status."""
    address = (await browser.stand.address()).replace("/auth?", "/registrations?")
    assert (await browser.open(address)).status_code == 200
    answer = await browser.send(name="Bo", email=email, password=password, password_again=password)
    return answer.status_code


def link(stand: Stand, part: str) -> str:
    """The newest link in a mail."""
    text = stand.mails()[-1].replace("=\n", "").replace("=3D", "=")
    found = re.findall(rf"{re.escape(stand.url)}\S*{part}\S*", text)
    return str(found[-1])


async def test_a_new_person_registers_and_goes_back_to_the_site_signed_in(stand: Stand, browser: Browser) -> None:
    assert await registration(browser, "bo@example.org") == 303
    tokens = (await stand.redeem(parameters(browser.page)["code"])).json()
    assert (await claims_of(stand, tokens["access_token"]))["email_verified"] is False


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaaaaa", "bo@example.org", "x" * 129])
async def test_an_unfit_password_is_refused_with_what_would_do(browser: Browser, password: str) -> None:
    assert await registration(browser, "bo@example.org", password) == 400
    assert "Choose a password" in browser.page.text
    assert password not in browser.page.text.replace('value="bo@example.org"', "")


async def test_an_address_has_one_account_in_any_case_of_letters(stand: Stand, browser: Browser) -> None:
    assert await registration(browser, EMAIL.upper()) == 400
    with stand.database() as tx:
        assert sum(account.email.lower() == EMAIL.lower() for account in accounts.everyone(tx)) == 1


async def test_with_verification_the_answer_does_not_tell_whether_an_address_is_known(strict_stand: Stand) -> None:
    browser = Browser(strict_stand)
    first = await registration(browser, "bo@example.org"), browser.page.headers["location"].partition("?")[0]
    second = await registration(browser, EMAIL), browser.page.headers["location"].partition("?")[0]
    await strict_stand.until(lambda: len(strict_stand.mails()) == 2)
    assert first == second
    await browser.http.aclose()


async def test_an_account_signs_in_only_once_its_address_is_verified(strict_stand: Stand) -> None:
    browser = Browser(strict_stand)
    await registration(browser, "bo@example.org")
    assert "unverified" in (await browser.sign_in("bo@example.org")).headers["location"]
    await strict_stand.until(lambda: bool(strict_stand.mails()))
    address = link(strict_stand, "verify-email")
    await browser.open(address)
    assert "unverified" in (await browser.sign_in("bo@example.org")).headers["location"], "a look verifies nothing"
    await browser.open(address)
    assert (await browser.send()).status_code == 200
    assert "code" in parameters(await browser.sign_in("bo@example.org"))
    await browser.open(address)
    assert (await browser.send()).status_code == 400, "a link works once"
    await browser.http.aclose()


async def test_a_forgotten_password_is_set_anew_by_a_link_that_works_once(stand: Stand, browser: Browser) -> None:
    tokens = await browser.tokens()
    reset = f"{stand.settings.issuer}/login-actions/reset-credentials"
    await browser.open(reset)
    known = (await browser.send(email=EMAIL)).text
    await browser.open(reset)
    assert (await browser.send(email="nobody@example.org")).text == known, "the answer tells nothing"
    await stand.until(lambda: len(stand.mails()) == 1)
    address = link(stand, "new-password")
    await browser.open(address)
    assert (await browser.send(password="short", password_again="short")).status_code == 400
    assert (await browser.send(password=NEW, password_again=NEW)).status_code == 200
    assert (await stand.refresh(tokens["refresh_token"])).status_code == 400, "every sign-on has ended"
    await stand.until(lambda: bool(stand.logout_tokens))
    await browser.open(address)
    assert (await browser.send(password=PASSWORD, password_again=PASSWORD)).status_code == 400
    assert (await browser.sign_in()).status_code == 401
    assert "code" in parameters(await browser.sign_in(password=NEW))


async def test_a_link_that_is_too_old_sets_no_password(stand: Stand, browser: Browser) -> None:
    await browser.open(f"{stand.settings.issuer}/login-actions/reset-credentials")
    await browser.send(email=EMAIL)
    await stand.until(lambda: bool(stand.mails()))
    with stand.database() as tx:
        tx.execute("UPDATE mail_ticket SET expires_at = now() - interval '1 second'")
    await browser.open(link(stand, "new-password"))
    assert (await browser.send(password=NEW, password_again=NEW)).status_code == 400
    assert "code" in parameters(await browser.sign_in())


async def test_a_changed_password_ends_the_other_sign_ons(stand: Stand, browser: Browser) -> None:
    elsewhere = Browser(stand)
    tokens = await elsewhere.tokens()
    own = await browser.tokens()
    await browser.open(f"{stand.settings.issuer}/account")
    wrong = await browser.send(old_password="wrong", password=NEW, password_again=NEW)
    assert wrong.status_code == 401
    assert (await browser.send(old_password=PASSWORD, password=NEW, password_again=NEW)).status_code == 200
    assert (await stand.refresh(tokens["refresh_token"])).status_code == 400
    assert (await stand.refresh(own["refresh_token"])).status_code == 200
    await elsewhere.http.aclose()


async def test_after_five_failures_the_right_password_waits_as_well(stand: Stand, browser: Browser) -> None:
    for _ in range(5):
        assert (await browser.sign_in(password="wrong")).status_code == 401
    locked = await browser.sign_in()
    assert locked.status_code == 429
    assert re.search(r"wait \d+ seconds", locked.text)
    stand.add_account("bo@example.org")
    assert "code" in parameters(await browser.sign_in("bo@example.org")), "others of the network go on"
    with stand.database() as tx:
        tx.execute("UPDATE failed_attempt SET locked_until = now() - interval '1 second'")
    assert "code" in parameters(await browser.sign_in(prompt="login"))


async def test_an_unknown_address_is_answered_and_locked_as_a_known_one_is(stand: Stand, browser: Browser) -> None:
    answers: dict[str, list[tuple[int, str]]] = {}
    for email in (EMAIL, "nobody@example.org"):
        for _ in range(6):
            page = await browser.sign_in(email, "wrong")
            plain = re.sub(r"wait \d+|state=[^&\"]*", "", page.text).replace(email, "")
            answers.setdefault(email, []).append((page.status_code, plain))
    assert answers[EMAIL] == answers["nobody@example.org"]


async def test_an_unknown_address_takes_as_long_as_a_known_one(stand: Stand, browser: Browser) -> None:
    took: dict[str, list[float]] = {EMAIL: [], "nobody@example.org": []}
    for _ in range(9):
        for email, seconds in took.items():
            with stand.database() as tx:
                tx.execute("DELETE FROM failed_attempt")
            await browser.open(await stand.address())
            begun = time.perf_counter()
            await browser.send(email=email, password="wrong")
            seconds.append(time.perf_counter() - begun)
    known, unknown = (statistics.median(seconds) for seconds in took.values())
    assert 0.5 < known / unknown < 2, "without the same work the ratio is above five"


async def test_an_operator_sets_up_a_second_factor_and_no_code_counts_twice(stand: Stand, browser: Browser) -> None:
    stand.add_account("op@example.org", "operator")
    answer = await browser.sign_in("op@example.org")
    assert "code=" not in answer.headers["location"].replace("code_challenge", "").replace("response_type=code", "")
    page = await browser.open(answer.headers["location"])
    assert "<svg" in page.text
    secret = re.search(r'id="secret">(\w+)<', page.text)
    assert secret
    assert (await browser.send(code="000000")).status_code == 401
    code = pyotp.TOTP(secret[1]).now()
    tokens = (await stand.redeem(parameters(await browser.send(code=code))["code"])).json()
    claims = await claims_of(stand, tokens["access_token"])
    assert claims["acr"] == "2"
    assert claims["realm_access"]["roles"] == ["operator"]

    again = Browser(stand)
    page = await again.open((await again.sign_in("op@example.org")).headers["location"])
    assert secret[1] not in page.text, "the secret is shown once"
    assert (await again.send(code=code)).status_code == 401
    later = pyotp.TOTP(secret[1]).at(int(time.time()) + 30)
    assert "code" in parameters(await again.send(code=later))
    await again.http.aclose()


async def test_the_second_factor_cannot_be_left_out(stand: Stand, browser: Browser) -> None:
    stand.add_account("op@example.org", "operator")
    await browser.sign_in("op@example.org")
    assert (await browser.open(await stand.address())).status_code == 200, "the form again"


async def test_the_demo_accounts_keep_their_passwords(stand: Stand, browser: Browser) -> None:
    assert stand.keys.demo_accounts.stat().st_mode & 0o077 == 0
    free = stand.demo[0]
    assert "code" in parameters(await browser.sign_in(free.email, free.password))


async def test_a_deleted_account_signs_in_no_more(stand: Stand, browser: Browser) -> None:
    tokens = await browser.tokens()
    with stand.database() as tx:
        account = accounts.by_email(tx, EMAIL)
    assert account is not None
    message = events_pb2.AccountDeleted(account_id=str(account.id))
    log = open_log(stand.events_url)
    await log.start()
    event = Event.of(
        topic="gateway.account-deleted", key=str(account.id), message=message, source="/t", time=datetime.now(UTC)
    )
    await log.publish([event])
    await log.drain(1)

    def gone() -> bool:
        with stand.database() as tx:
            return accounts.by_email(tx, EMAIL) is None

    await stand.until(gone)
    assert (await browser.sign_in()).status_code == 401
    assert (await stand.refresh(tokens["refresh_token"])).status_code == 400
