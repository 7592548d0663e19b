"""What has run out at the issuer is removed, and what still holds goes on holding."""

import pytest
from psycopg import sql

from deploy.local.issuer.pruning import prune
from shared.database import Database
from tests.integration.issuer.stand import Browser, Stand, parameters

TABLES = ("sign_on", "client_grant", "refresh_token", "mail_ticket", "failed_attempt", "client_assertion")
pytestmark = pytest.mark.timeout(120)


async def test_only_what_is_refused_anyway_is_removed(stand: Stand, browser: Browser) -> None:
    living, ended = await browser.tokens(), Browser(stand)
    again = parameters(await browser.open(await stand.address()))["code"]
    assert (await stand.redeem(again)).status_code == 200
    await ended.tokens()
    await Browser(stand).sign_in(password="wrong")
    await ended.open(f"{stand.settings.issuer}/login-actions/reset-credentials")
    await ended.send(email="free@example.org")
    with stand.database() as tx:
        tx.execute("INSERT INTO client_assertion VALUES ('x', 'old', now() - interval '1 hour')")
        tx.execute("UPDATE mail_ticket SET expires_at = now() - interval '1 second'")
        tx.execute("UPDATE failed_attempt SET last_at = now() - interval '13 hours', locked_until = NULL")
        tx.execute("UPDATE client_grant SET granted_at = granted_at - interval '2 days'")
        tx.execute(
            "UPDATE sign_on SET ended_at = now() - interval '25 hours' WHERE id ="
            " (SELECT id FROM sign_on ORDER BY signed_in_at DESC LIMIT 1)"
        )
    assert await _pruned(stand) == {
        "sign_on": 1, "client_grant": 2, "refresh_token": 2, "mail_ticket": 0, "failed_attempt": 0,
        "client_assertion": 0,
    }  # fmt: skip
    assert (await stand.refresh(living["refresh_token"])).status_code == 200
    with stand.database() as tx:
        tx.execute("UPDATE refresh_token SET issued_at = issued_at - interval '25 hours'")
    left = await _pruned(stand)
    assert (left["sign_on"], left["client_grant"], left["refresh_token"]) == (1, 1, 0)
    assert "code" in parameters(await browser.open(await stand.address())), "the sign-on stands"
    await ended.http.aclose()


async def _pruned(stand: Stand) -> dict[str, int]:
    database = Database(stand.database_url, max_size=1)
    await database.open()
    async with database.transaction() as conn:
        await prune(conn)
    await database.close()
    with stand.database() as tx:
        counted = {
            table: tx.execute(sql.SQL("SELECT count(*) AS n FROM {}").format(sql.Identifier(table))).fetchone()
            for table in TABLES
        }
    return {table: row["n"] for table, row in counted.items() if row is not None}
