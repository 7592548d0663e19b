"""People at a realm that sends mail: verified addresses, forgotten passwords, unfit passwords, and guessing at them."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from html import unescape

import httpx
import pyotp
import pytest

from tests.integration.keycloak.realms import PASSWORD, TestRealm, fresh
from tests.integration.keycloak.site import Form, Site, claims
from tests.servers.keycloak import Address
from tests.servers.ports import free_port
from tests.servers.smtp import Inbox, smtp_server

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]

NEW = "another good password"
WRONG = "The e-mail address or the password is not right."


@pytest.fixture(scope="module")
def inbox() -> Iterator[tuple[Inbox, int]]:
    """A relay and its port."""
    port = free_port()
    with smtp_server(port) as received:
        yield received, port


@pytest.fixture(scope="module")
def realm(keycloak: Address, inbox: tuple[Inbox, int], tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestRealm]:
    """A realm that has addresses verified."""
    relay = f"smtp://127.0.0.1:{inbox[1]}?from=no-reply@example.org"
    made = fresh(keycloak, tmp_path_factory.mktemp("people"), VERIFY_EMAIL="true", KEYCLOAK_MAIL_URL=relay)
    yield made
    made.remove()


async def _link(inbox: Inbox, to: str) -> str:
    """The link in the newest mail to an address."""
    await inbox.until(lambda had: any(message["To"] == to for message in had.messages()))
    body = next(message for message in reversed(inbox.messages()) if message["To"] == to).get_body(("plain",))
    assert body is not None
    return str(re.findall(r"http://\S+", body.get_content())[0])


def _register(site: Site, address: str, password: str = PASSWORD, again: str | None = None) -> httpx.Response:
    filled = {"email": address, "password": password, "password-confirm": password if again is None else again}
    return site.fill(site.ask(prompt="create"), firstName="Ada Coder", **filled)


async def test_a_new_person_comes_back_signed_in_once_the_address_is_verified(
    realm: TestRealm, inbox: tuple[Inbox, int]
) -> None:
    site = Site(realm)
    waiting = _register(site, "new@example.org")
    assert "location" not in waiting.headers
    assert "Verify your address" in waiting.text
    link = await _link(inbox[0], "new@example.org")
    elsewhere = Site(realm).sign_in("new@example.org")
    assert "location" not in elsewhere.headers, "the password alone signs nobody in"
    back = site.follow(link)
    identity = claims(site.tokens(back)["id_token"])
    assert (identity["email_verified"], identity["name"]) == (True, "Ada Coder")


async def test_a_forgotten_password_is_set_by_a_link_and_followed_by_a_sign_in(
    realm: TestRealm, inbox: tuple[Inbox, int]
) -> None:
    realm.person("forgetful@example.org")
    said = [_forgotten(Site(realm), address) for address in ("nobody@example.org", "forgetful@example.org")]
    assert said[0] == said[1] != "", "the answer does not tell which addresses are known"
    link = await _link(inbox[0], "forgetful@example.org")
    assert not [message for message in inbox[0].messages() if message["To"] == "nobody@example.org"]
    site = Site(realm)
    changed = site.fill(site.follow(link), **{"password-new": NEW, "password-confirm": NEW})
    assert "code=" not in changed.headers.get("location", ""), "a mail alone opens no account"
    assert WRONG in Site(realm).sign_in("forgetful@example.org").text
    later = Site(realm)
    assert later.tokens(later.fill(later.ask(), username="forgetful@example.org", password=NEW))["access_token"]
    again = Site(realm).follow(link)
    assert "password-new" not in again.text, "a link serves once"


def _forgotten(site: Site, address: str) -> str:
    """What is said to whoever asks for a new password."""
    asked = re.search(r'href="([^"]*login-actions/reset-credentials[^"]*)"', site.ask().text)
    assert asked
    form = site.follow(httpx.URL(site.realm.issuer).join(unescape(asked[1])))
    told = re.search(r'role="status"><p>(.*?)</p>', site.fill(form, username=address).text)
    return told[1] if told else ""


@pytest.mark.parametrize(
    ("password", "again", "words"),
    [
        ("short", None, "Choose a password of at least 12 characters."),
        ("x" * 129, None, "Choose a password of at most 128 characters."),
        ("weak@example.org", None, "Choose a password that is not your e-mail address."),
        (PASSWORD, "four plain words there", "Write the same password twice."),
    ],
)
def test_an_unfit_password_is_refused_with_what_would_do(
    realm: TestRealm, password: str, again: str | None, words: str
) -> None:
    page = _register(Site(realm), "weak@example.org", password, again)
    assert words in page.text
    assert realm.admin().get_user_id("weak@example.org") is None


def test_after_eight_failures_the_right_password_waits_and_nobody_learns_of_it(realm: TestRealm) -> None:
    account = realm.person("guessed@example.org")
    realm.person("neighbour@example.org")
    for _ in range(8):
        guess = Site(realm)
        assert WRONG in guess.fill(guess.ask(), username="guessed@example.org", password="a guess of somebody").text
    assert WRONG in Site(realm).sign_in("guessed@example.org").text
    assert realm.admin().get_bruteforce_detection_status(account)["disabled"] is True
    other = Site(realm)
    assert other.tokens(other.sign_in("neighbour@example.org"))["access_token"]
    realm.admin().clear_bruteforce_attempts_for_user(account)
    later = Site(realm)
    assert later.tokens(later.sign_in("guessed@example.org"))["access_token"]


def test_an_address_that_is_taken_is_refused_at_registration(realm: TestRealm) -> None:
    realm.person("taken@example.org")
    page = _register(Site(realm), "Taken@Example.org")
    assert "No account can be made with this address" in page.text
    assert "password" in Form.of(page).fields


async def test_a_changed_password_and_a_second_factor_set_or_taken_away_are_told_by_mail_and_a_wrong_password_is_not(
    realm: TestRealm, inbox: tuple[Inbox, int]
) -> None:
    person = realm.person("careful@example.org")
    guess = Site(realm)
    guess.fill(guess.ask(), username="careful@example.org", password="a guess of somebody")
    site = Site(realm)
    site.tokens(site.sign_in("careful@example.org"))
    setting_up = site.fill(site.ask(acr_values="2"), password=PASSWORD)
    totp = pyotp.TOTP(base64.b32encode(Form.of(setting_up).fields["totpSecret"].encode()).decode())
    site.tokens(site.fill(setting_up, totp=totp.now(), userLabel="a phone"))
    factor = next(each["id"] for each in realm.admin().get_credentials(person) if each["type"] == "otp")
    site.fill(site.change(f"delete_credential:{factor}"))
    site.fill(site.change("UPDATE_PASSWORD"), **{"password-new": NEW, "password-confirm": NEW})

    def told() -> list[str]:
        mails = [mail for mail in inbox[0].messages() if mail["To"] == "careful@example.org"]
        return [body.get_content() for mail in mails if (body := mail.get_body(("plain",))) is not None]

    await inbox[0].until(lambda _: len(told()) >= 3)
    set_up, taken_away, changed = told()
    assert set_up.startswith("A second factor was set up for your account")
    assert taken_away.startswith("The second factor of your account was taken away.")
    assert changed.splitlines()[0] == "Your password was changed."
    assert all("tell the operator of this site." in text for text in told())
