"""Three accounts to try the platform with, made at the first start with random passwords that only the owner reads."""

import json
import secrets
from dataclasses import dataclass
from pathlib import Path

from deploy.local.issuer import accounts, passwords
from deploy.local.issuer.accounts import Tx

NAMES = ("free", "pro", "operator")


@dataclass(frozen=True)
class DemoAccount:
    """One of them."""

    name: str
    email: str
    password: str
    account_id: str


def ensure(tx: Tx, file: Path) -> list[DemoAccount]:
    """Make the accounts that are missing, and give them all. One whose password was changed keeps the new one."""
    known: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
    for name in NAMES:
        known.setdefault(name, secrets.token_urlsafe(12))
    file.touch(mode=0o600)
    file.write_text(json.dumps(known))
    return [_one(tx, name, known[name]) for name in NAMES]


def _one(tx: Tx, name: str, password: str) -> DemoAccount:
    email = f"{name}@example.org"
    account = accounts.by_email(tx, email) or accounts.add(
        tx,
        email=email,
        name=f"Demo ({name})",
        password_hash=passwords.hash_password(password),
        verified=True,
        roles=["operator", "editor"] if name == "operator" else [],
    )
    assert account is not None  # noqa: S101 - found or added
    return DemoAccount(name, email, password, str(account.id))
