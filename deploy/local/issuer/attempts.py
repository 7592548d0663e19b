"""Counts failed attempts for each account and each network, and locks them for a while: longer each time."""

import math

from deploy.local.issuer.accounts import Tx
from deploy.local.issuer.secret_values import hashed

FREE_OF_ACCOUNT = 5
FREE_OF_NETWORK = 50
"""Failures before a lock. A network is shared by many people, so it may fail more often."""
FIRST_LOCK_SECONDS = 30
LONGEST_LOCK_SECONDS = 900
FORGOTTEN_AFTER = "12 hours"


def seconds_locked(tx: Tx, email: str, network: str) -> int:
    """Give how long nobody may try for this address or from this network; 0 when they may."""
    row = tx.execute(
        "SELECT extract(epoch FROM max(locked_until) - now())::float8 AS wait FROM failed_attempt WHERE key = ANY(%s)",
        ([_account(email), _network(network)],),
    ).fetchone()
    return max(0, math.ceil(row["wait"])) if row and row["wait"] is not None else 0


def failed(tx: Tx, email: str, network: str) -> None:
    """Count a failure of both."""
    for key, free in ((_account(email), FREE_OF_ACCOUNT), (_network(network), FREE_OF_NETWORK)):
        tx.execute(
            f"""
            INSERT INTO failed_attempt AS old (key, failures, last_at) VALUES (%(key)s, 1, now())
            ON CONFLICT (key) DO UPDATE SET last_at = now(), failures =
                CASE WHEN old.last_at < now() - interval '{FORGOTTEN_AFTER}' THEN 1 ELSE old.failures + 1 END
            """,  # noqa: S608 - a constant
            {"key": key},
        )
        tx.execute(
            "UPDATE failed_attempt SET locked_until = now() + make_interval(secs =>"
            " least(%(first)s * 2 ^ least(failures - %(free)s, 10), %(longest)s)) WHERE key = %(key)s"
            " AND failures >= %(free)s",
            {"first": FIRST_LOCK_SECONDS, "longest": LONGEST_LOCK_SECONDS, "free": free, "key": key},
        )


def succeeded(tx: Tx, email: str) -> None:
    """Forget the failures of an account; those of the network stay."""
    tx.execute("DELETE FROM failed_attempt WHERE key = %s", (_account(email),))


def _account(email: str) -> bytes:
    return hashed(f"account {email.lower()}")


def _network(network: str) -> bytes:
    return hashed(f"network {network}")
