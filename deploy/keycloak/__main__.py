"""Holds a Keycloak to realm.yaml: `plan` shows what differs, `apply` changes it, `partner` makes a partner's client."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from deploy.keycloak.changes import Change
from deploy.keycloak.partner import PublicKeys, partner_changes
from deploy.keycloak.problems import Problem
from deploy.keycloak.provisioning import Provisioning
from deploy.keycloak.secret_file import read_secret
from deploy.keycloak.settings import ProvisioningSettings

app = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__, pretty_exceptions_enable=False)
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask before changing anything.")]


@app.command("plan")
def show() -> None:
    """Show what `apply` would change; the status is 2 when there is something."""
    if _show(list(_provisioning().changes())):
        raise typer.Exit(2)


@app.command()
def apply(*, yes: Yes = False) -> None:
    """Show what differs, ask, and change it; a second time there is nothing to change."""
    provisioning = _provisioning()
    if _show(list(provisioning.changes())) and _agreed(yes=yes):
        for change in provisioning.apply():
            print(f"done: {change.verb} {change.what}")


@app.command()
def partner(
    name: Annotated[str, typer.Argument(help="The client's id: small letters, digits and hyphens.")],
    *,
    display_name: Annotated[str, typer.Option(help="The partner's name in words.")] = "",
    secret_file: Annotated[Path | None, typer.Option(help="File of its secret; made where it is missing.")] = None,
    public_keys: Annotated[str, typer.Option(help="Its public keys (JWKS), a file or an https address.")] = "",
    yes: Yes = False,
) -> None:
    """Make or change a partner's client: client credentials by a secret, or by a signed token (private_key_jwt)."""
    if (secret_file is None) == (not public_keys):
        raise Problem("Name either --secret-file FILE or --public-keys FILE-OR-ADDRESS.")
    provisioning = _provisioning()
    how = PublicKeys.read(public_keys) if public_keys else read_secret(secret_file or Path())
    changes = partner_changes(provisioning, name, display_name or name, how)
    if _show(list(changes)) and _agreed(yes=yes):
        for change in provisioning.act(partner_changes(provisioning, name, display_name or name, how), how):
            print(f"done: {change.verb} {change.what}")


def _show(changes: list[Change]) -> bool:
    for change in changes:
        print(f"{change.verb} {change.what}")
        for difference in change.differences:
            print(f"    {difference}")
    if not changes:
        print("nothing to change")
    return bool(changes)


def _agreed(*, yes: bool) -> bool:
    return yes or typer.confirm("Change this?", err=True)


def _provisioning() -> Provisioning:
    try:
        return Provisioning(ProvisioningSettings())
    except ValidationError as error:
        first = error.errors()[0]
        raise Problem(f"{str(first['loc'][0]).upper()}: {first['msg']}.") from error


def main() -> int:
    """Run a command; what goes wrong is said in a sentence."""
    try:
        app()
    except Problem as problem:
        print(problem, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
