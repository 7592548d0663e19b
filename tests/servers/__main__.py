"""Starts servers for a developer: `python -m tests.servers start kafka postgres`. Ctrl-C stops them."""

from __future__ import annotations

import signal
from typing import Annotated

import typer

from tests.servers import source
from tests.servers.ports import free_port, listens
from tests.servers.run import RECIPES, Run
from tests.servers.source import NotAvailableError

app = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__)


@app.callback()
def _servers() -> None:
    """Real servers for a developer."""


@app.command()
def start(names: Annotated[list[str], typer.Argument(help=f"Any of: {', '.join(RECIPES)}")]) -> None:
    """Start servers, print their addresses, and keep them until Ctrl-C."""
    unknown = [name for name in names if name not in RECIPES]
    if unknown:
        typer.echo(f"There is no server {unknown[0]}; there is {', '.join(RECIPES)}.", err=True)
        raise typer.Exit(2)
    # SIGINT too: a shell starts what it puts in the background with SIGINT ignored.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    run = Run.begin()
    try:
        for name in names:
            started = run.get(name, _port(name))
            typer.echo(f"{RECIPES[name].variable}={started.address}  # {_where(started)}")
        typer.echo("Ctrl-C stops them.", err=True)
        signal.pause()
    except KeyboardInterrupt:
        typer.echo("stopping", err=True)
    except NotAvailableError as reason:
        typer.echo(str(reason), err=True)
        raise typer.Exit(1) from reason
    finally:
        run.end()


def _port(name: str) -> int | None:
    """The usual port, which `make run PROFILE=production` looks at; another one when it is taken."""
    usual = RECIPES[name].port
    if not listens(usual):
        return usual
    typer.echo(f"Port {usual} is taken, {name} listens elsewhere: pass its address on.", err=True)
    return free_port()


def _where(started: source.Started) -> str:
    if started.source == "environment":
        return "from the environment; it is left alone"
    return "in a container" if started.source == "container" else f"launched in {started.handle}"


if __name__ == "__main__":
    app()
