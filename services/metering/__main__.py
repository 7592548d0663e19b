"""Runs metering alone, and the commands of its operators: `python -m services.metering [COMMAND]`."""

import asyncio
import getpass
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, TypeVar

import typer
import yaml

from services.metering import wiring
from services.metering.policies import put_policy
from services.metering.policy import policy_of
from services.metering.settings import Settings
from services.metering.store import Transaction
from shared.errors import DomainError, InvalidInput
from shared.process import run_service, told_in_a_sentence
from shared.settings import read_settings

MOST_DISCREPANCIES = 1_000
T = TypeVar("T")

app = typer.Typer(
    help="Metering: how much each guest, account and partner may read.",
    add_completion=False,
    pretty_exceptions_enable=False,
)
policy_app = typer.Typer(help="The reading policy: data with versions.")
app.add_typer(policy_app, name="policy")


@app.callback(invoke_without_command=True)
def run(context: typer.Context) -> None:
    """Run the service, when no command is named, until SIGTERM or Ctrl-C."""
    if context.invoked_subcommand is None:
        run_service(Settings, wiring.build)


@app.command()
def migrate() -> None:
    """Bring the database to the newest schema."""
    _answered(lambda: wiring.migrate_database(read_settings(Settings)))
    print("The database has the newest schema.")


@app.command()
def reconcile(principal: Annotated[str, typer.Argument(help='One principal, e.g. "account:4711".')] = "") -> None:
    """Compare ledger, counters and grants; ends with 1 when they differ."""
    found = _in_transaction(lambda tx: tx.reconcile(principal, MOST_DISCREPANCIES), reads=True)
    for one in found.discrepancies:
        print(f"{one.principal}: {one.detail}")
    print(
        f"{found.principals} principals and {found.ledger_entries} ledger entries compared,"
        f" {len(found.discrepancies)} differences."
    )
    raise typer.Exit(1 if found.discrepancies else 0)


@policy_app.command("show")
def show(version: Annotated[int, typer.Argument(help="0 for the one in force.", min=0)] = 0) -> None:
    """Print a version of the policy, in the form that `put` reads."""
    found = _in_transaction(lambda tx: tx.policy(version), reads=True)
    print(f"# version {found.version}, in force from {found.effective_at.isoformat()}")
    print(yaml.safe_dump(found.policy.document(), sort_keys=False, allow_unicode=True), end="")


@policy_app.command("put")
def put(file: Annotated[Path, typer.Argument(help="A policy in YAML.", exists=True, dir_okay=False)]) -> None:
    """Check a policy and put it in force as the next version."""
    policy = _answered(lambda: policy_of(_yaml(file)))
    who = f"operator:{getpass.getuser()}"
    done = _in_transaction(lambda tx: put_policy(tx, policy, policy.note, who))
    print(f"Version {done.version} is in force from {done.effective_at.isoformat()}.")


def _yaml(file: Path) -> object:
    try:
        return yaml.safe_load(file.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InvalidInput("POLICY_INVALID", f"{file} is no YAML: {' '.join(str(error).split())}") from None


def _in_transaction(work: Callable[[Transaction], Awaitable[T]], *, reads: bool = False) -> T:
    async def done() -> T:
        settings = read_settings(Settings)
        database = wiring.database_of(settings)
        await database.open()
        try:
            store = wiring.store_of(settings, database)
            async with store.snapshot() if reads else store.transaction() as tx:
                return await work(tx)
        finally:
            await database.close()

    return _answered(lambda: asyncio.run(done()))


def _answered(work: Callable[[], T]) -> T:
    """Do a command's work, or end with a sentence: status 2 for what was asked, 1 for how the command is set up."""
    with told_in_a_sentence():
        try:
            return work()
        except DomainError as error:
            print(error.message, file=sys.stderr)
            raise typer.Exit(2) from None


if __name__ == "__main__":
    app(prog_name="python -m services.metering")
