"""Runs the whole platform on one machine, and the commands around it: ``python -m deploy.local --help``."""

import gc
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from deploy.local import identity_commands
from deploy.local.backup import load_backup, unpack_backup, write_backup
from deploy.local.environment import Environment
from deploy.local.keys import Keys
from deploy.local.postgres import EmbeddedPostgres
from deploy.local.problems import Problem, full_disk_told, in_a_sentence, require_free_port, require_room
from deploy.local.servers import ProvidedServers, Servers
from deploy.local.settings import LocalSettings
from deploy.local.split import end_leftovers
from deploy.local.state import State
from shared.errors import DomainError

AnyServers = TypeVar("AnyServers", bound=Servers)

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, help="The whole platform on one machine.")


@app.callback(invoke_without_command=True)
def run(
    context: typer.Context,
    split: Annotated[bool, typer.Option("--split", help="Run one process a service.")] = False,
    production: Annotated[
        bool, typer.Option("--production", help="Use the servers at POSTGRES_URL, KAFKA_URL and ELASTICSEARCH_URL.")
    ] = False,
) -> None:
    """Start everything and serve until Ctrl-C."""
    context.obj = production
    if context.invoked_subcommand in ("backup", "restore") and production:
        raise Problem(
            "This backup is of the embedded PostgreSQL: back up servers of your own with their own tools, e.g. pg_dump."
        )
    if context.invoked_subcommand is not None:
        return
    settings, state = _settings_and_state()
    require_room(state.folder)
    state.create()
    with state.locked():
        end_leftovers(state.run)
        require_free_port(settings.host, settings.port)
        servers = _servers(settings, state, production=production)
        try:
            with full_disk_told(state.folder):
                run_platform = _loaded_while(servers.start)
                state.tell_address(settings.public_url)
            run_platform(_environment(settings, state, servers), split=split)
        finally:
            servers.stop()


def _loaded_while(start: Callable[[], None]) -> Callable[..., None]:
    """Load the platform, which takes as long as the servers need for their start, meanwhile.

    Rounds of the garbage collector through what stays for good would be a sixth of the time.
    """
    with ThreadPoolExecutor(1) as beside:
        starting = beside.submit(start)
        gc.disable()
        from deploy.local.running import run_platform  # noqa: PLC0415 - commands need nothing of it

        gc.freeze()
        gc.enable()
        starting.result()
    return run_platform


@app.command("exec", context_settings={"allow_extra_args": True, "allow_interspersed_args": False})
def execute(context: typer.Context, process: str) -> None:
    """Run a command with the settings of a service, e.g. ``exec catalog python -m services.catalog releases list``.

    With ``--production`` before ``exec`` it works on the servers of the production profile.
    """
    settings, state = _settings_and_state()
    state.create()
    with _started(_servers(settings, state, production=bool(context.obj)), state) as servers:
        environment = _environment(settings, state, servers)
        done = subprocess.run(context.args, env=os.environ | dict(environment.of(process)), check=False)
    raise typer.Exit(done.returncode)


@app.command()
def token(
    account: Annotated[str, typer.Option(help="Name of the account.")],
    role: Annotated[list[str] | None, typer.Option(help="A role, e.g. operator or editor; may be repeated.")] = None,
    acr: Annotated[str, typer.Option(help="How the account is said to have signed in: 2 with a second factor.")] = "2",
) -> None:
    """Print an access token for an account of this machine, for API calls; it is valid for one hour."""
    settings, state = _settings_and_state()
    keys = Keys(state.keys)
    if not keys.issuer_private.exists():
        raise Problem(f"No platform has run on {state.folder} yet: start it once with `make run`.")
    address = state.address() or settings.public_url
    print(keys.access_token(account, tuple(role or ()), address, acr=acr))


@app.command()
def backup(file: Annotated[Path | None, typer.Argument(help="The file to write.")] = None) -> None:
    """Write all state into one file; the platform may be running."""
    _, state = _settings_and_state()
    if not state.folder.exists():
        raise Problem(f"There is no state at {state.folder}: nothing to back up.")
    target = file or Path(f"backup-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.tar.gz")
    with _started(_embedded(state), state) as postgres:
        size = write_backup(state, postgres, target)
    print(f"{target}: {size / 1e6:.1f} MB. It holds keys: keep it where only operators can read it.")


@app.command()
def restore(file: Annotated[Path | None, typer.Argument(help="A file that `backup` wrote.")] = None) -> None:
    """Make the state folder anew from a backup; the folder must not hold any state."""
    _, state = _settings_and_state()
    if file is None:
        raise Problem("Name the backup to restore with FILE=backup-....tar.gz.")
    if state.postgres.exists():
        raise Problem(
            f"{state.folder} holds state already: move it away, or choose another folder with STATE=/some/folder."
        )
    with tempfile.TemporaryDirectory(prefix="restore-") as scratch:
        unpack_backup(file, Path(scratch))
        require_room(state.folder)
        state.create()
        with _started(_embedded(state), state) as postgres:
            load_backup(Path(scratch), state, postgres)
    print(f"{state.folder} holds what {file} held; start it with `make run`.")


@contextmanager
def _identity() -> Iterator[tuple[str, Keys]]:
    _, state = _settings_and_state()
    if not state.postgres.exists():
        raise Problem(f"No platform has run on {state.folder} yet: start it once with `make run`.")
    with _started(_embedded(state), state) as postgres:
        yield postgres.url("identity"), Keys(state.keys)


for name, group in identity_commands.commands(_identity).items():
    app.add_typer(group, name=name)


def _settings_and_state() -> tuple[LocalSettings, State]:
    settings = LocalSettings()
    return settings, State(settings.state)


def _servers(settings: LocalSettings, state: State, *, production: bool) -> Servers:
    if production:
        return ProvidedServers(settings.postgres_url, settings.kafka_url)
    return _embedded(state)


def _embedded(state: State) -> EmbeddedPostgres:
    return EmbeddedPostgres(state.postgres, state.run)


def _environment(settings: LocalSettings, state: State, servers: Servers) -> Environment:
    keys = Keys(state.keys)
    keys.create()
    return Environment(state, servers, keys, settings)


@contextmanager
def _started(servers: AnyServers, state: State) -> Iterator[AnyServers]:
    """The servers, started for this command when no platform runs on the folder."""
    if state.is_running():
        yield servers
        return
    with state.locked():
        servers.start()
        try:
            yield servers
        finally:
            servers.stop()


def _wrong_setting(defect: ErrorDetails) -> str:
    name = ".".join(map(str, defect["loc"])).upper()
    return f"{name}={defect['input']}: {defect['msg']}. Set {name} anew and start again."


def main() -> None:
    """Run the command line; what the operator has to change is said in one sentence."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # until the platform serves and handles it itself
    try:
        app()
    except KeyboardInterrupt:
        sys.exit("Stopped before it was ready; the next start goes on from here.")
    except (Problem, DomainError) as problem:
        sys.exit(str(problem))
    except ValidationError as error:
        sys.exit("\n".join(_wrong_setting(defect) for defect in error.errors()))
    except OSError as error:
        sys.exit(in_a_sentence(error, LocalSettings().state))


if __name__ == "__main__":
    main()
