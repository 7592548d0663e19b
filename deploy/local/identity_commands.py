"""Commands about who may sign in on this machine: clients, accounts, and the issuer's keys."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Annotated

import psycopg
import typer
from psycopg.rows import dict_row

from deploy.local.issuer import accounts, clients, letters
from deploy.local.issuer.accounts import Tx
from deploy.local.keys import Keys
from deploy.local.problems import Problem

OpenIdentity = Callable[[], AbstractContextManager[tuple[str, Keys]]]
"""Gives the address of the issuer's database while it runs, and the keys."""


def commands(identity: OpenIdentity) -> dict[str, typer.Typer]:
    """Give the groups of commands by name."""
    return {"clients": _clients(identity), "users": _users(identity), "keys": _keys(identity)}


def _clients(identity: OpenIdentity) -> typer.Typer:
    group = typer.Typer(help="Clients of partners at the built-in sign-in.")

    @group.callback()
    def about() -> None:
        """Clients of partners at the built-in sign-in."""

    @group.command()
    def add(
        name: str,
        jwks: Annotated[Path | None, typer.Option(help="Public keys (JWKS) that the client signs with.")] = None,
    ) -> None:
        """Make a partner's client; its secret is printed once, and kept nowhere."""
        with identity() as (url, _), _connected(url) as tx:
            secret = clients.add_partner(tx, name, _read_jwks(jwks) if jwks else None)
        print(f"client_id {name}")
        print(f"client_secret {secret}" if secret else "It proves itself by private_key_jwt.")

    return group


def _users(identity: OpenIdentity) -> typer.Typer:
    group = typer.Typer(help="Accounts of the built-in sign-in.")

    @group.command("list")
    def list_() -> None:
        """Print every account: address, roles, second factor."""
        with identity() as (url, _), _connected(url) as tx:
            for account in accounts.everyone(tx):
                factor = "second factor" if account.otp_secret else ""
                print(f"{account.id}  {account.email:<32} {','.join(account.roles) or '-':<24} {factor}".rstrip())

    @group.command()
    def role(
        email: str,
        roles: Annotated[list[str] | None, typer.Argument(help="editor, employer, operator; none to take all.")] = None,
    ) -> None:
        """Give an account exactly these roles, from its next token on."""
        unknown = set(roles or ()) - set(accounts.ROLES)
        if unknown:
            raise Problem(f"There is no role {', '.join(sorted(unknown))}: choose of {', '.join(accounts.ROLES)}.")
        with identity() as (url, _), _connected(url) as tx:
            accounts.set_roles(tx, _account(tx, email).id, roles or ())

    @group.command("reset-second-factor")
    def reset_second_factor(email: str) -> None:
        """Take away the second factor of an account; an operator sets up a new one at the next sign-in."""
        with identity() as (url, _), _connected(url) as tx:
            account = _account(tx, email)
            accounts.set_otp(tx, account.id, None)
            letters.queue(tx, letters.second_factor_taken_away(account))

    return group


def _keys(identity: OpenIdentity) -> typer.Typer:
    group = typer.Typer(help="Keys of the built-in sign-in.")

    @group.callback()
    def about() -> None:
        """Keys of the built-in sign-in."""

    @group.command()
    def rotate() -> None:
        """Sign with a new key from now on; what older keys have signed stays valid."""
        with identity() as (_, keys):
            print(f"Tokens are signed with the new key {keys.rotate_issuer()}.")

    return group


def _connected(url: str) -> psycopg.Connection[psycopg.rows.DictRow]:
    return psycopg.connect(url, row_factory=dict_row)


def _account(tx: Tx, email: str) -> accounts.Account:
    account = accounts.by_email(tx, email)
    if account is None:
        raise Problem(f"There is no account {email}: `python -m deploy.local users list` prints them.")
    return account


def _read_jwks(file: Path) -> dict[str, object]:
    try:
        document = json.loads(file.read_text())
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise Problem(f"{file} is no JSON Web Key Set.")
    return document
