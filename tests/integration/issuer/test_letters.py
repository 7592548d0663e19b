"""The issuer's mails: none is lost, the verification can be asked for again, and notices tell of what changed."""

import asyncio
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pyotp
import pytest
from typer.testing import CliRunner

from deploy.local.identity_commands import commands
from deploy.local.keys import Keys
from tests.integration.issuer.stand import PASSWORD, Browser, Stand
from tests.integration.issuer.test_accounts import NEW, link, registration

BO = "bo@example.org"
pytestmark = pytest.mark.timeout(120)


async def test_the_verification_is_sent_again_to_who_waits_for_it_and_nobody_learns_who_does(
    strict_stand: Stand,
) -> None:
    browser = Browser(strict_stand)

    async def ask(email: str) -> str:
        await browser.open(f"{strict_stand.settings.issuer}/login-actions/unverified")
        answer = await browser.send(email=email)
        assert answer.status_code == 200
        return answer.text

    await registration(browser, BO)
    assert "login-actions/unverified?" in browser.page.headers["location"]
    waiting = await ask(BO)
    await strict_stand.until(lambda: len(strict_stand.mails()) == 2)
    assert waiting == await ask("nobody@example.org") == await ask("pro@example.org"), "of a verified address"
    assert {await ask(BO) for _ in range(8)} == {waiting}
    await strict_stand.until(lambda: len(strict_stand.mails()) == 6)  # five in a row, then it waits
    await browser.open(link(strict_stand, "verify-email"))
    assert (await browser.send()).status_code == 200
    with strict_stand.database() as tx:
        tx.execute("DELETE FROM failed_attempt")
    assert waiting == await ask(BO)
    await strict_stand.until(lambda: _queued(strict_stand) == 0)
    assert len(strict_stand.mails()) == 6
    assert all(BO in mail for mail in strict_stand.mails())
    await browser.http.aclose()


async def test_a_notice_waits_while_the_mail_cannot_go_out_and_is_in_the_change_that_it_tells_of(
    stand: Stand, browser: Browser
) -> None:
    folder = stand.folder / "mail"
    folder.write_text("no folder")
    await browser.tokens()
    await browser.open(f"{stand.settings.issuer}/account")
    answer = await browser.send(old_password=PASSWORD, password=NEW, password_again=NEW)
    assert answer.status_code == 200
    assert _queued(stand) == 1
    await stand.until(lambda: any(_waiting(stand)))
    folder.unlink()
    await asyncio.to_thread(_make_due, stand)  # beside the loop: who sends may hold the row meanwhile, within it
    await browser.open(f"{stand.settings.issuer}/login-actions/reset-credentials")
    await browser.send(email="free@example.org")  # wakes the queue
    await stand.until(lambda: len(stand.mails()) == 2)
    assert sum("Your password at Coding Ahead was changed" in mail for mail in stand.mails()) == 1
    await stand.until(lambda: _queued(stand) == 0)


async def test_a_second_factor_that_is_set_up_or_taken_away_is_told_by_mail(stand: Stand, browser: Browser) -> None:
    stand.add_account("op@example.org", "operator")
    page = await browser.open((await browser.sign_in("op@example.org")).headers["location"])
    secret = re.search(r'id="secret">(\w+)<', page.text)
    assert secret
    await browser.send(code="000000")
    assert (_queued(stand), stand.mails()) == (0, [])
    assert (await browser.send(code=pyotp.TOTP(secret[1]).at(int(time.time())))).status_code == 303
    await stand.until(lambda: len(stand.mails()) == 1)

    @contextmanager
    def identity() -> Iterator[tuple[str, Keys]]:
        yield stand.database_url, stand.keys

    run = CliRunner().invoke(commands(identity)["users"], ["reset-second-factor", "op@example.org"])
    assert run.exit_code == 0, run.output
    await stand.until(lambda: len(stand.mails()) == 2)
    told = [re.search(r"Subject: (.*)", mail) for mail in stand.mails()]
    assert [line[1] for line in told if line] == [
        "A second factor at Coding Ahead",
        "Your second factor at Coding Ahead was taken away",
    ]
    assert not any(secret[1] in mail for mail in stand.mails())


def _queued(stand: Stand) -> int:
    return len(_waiting(stand))


def _waiting(stand: Stand) -> list[int]:
    """How often each mail that waits was tried."""
    with stand.database() as tx:
        return [row["failures"] for row in tx.execute("SELECT failures FROM mail_waiting")]


def _make_due(stand: Stand) -> None:
    with stand.database() as tx:
        tx.execute("UPDATE mail_waiting SET due_at = now()")
