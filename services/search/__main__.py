"""Runs search alone, and the commands of its operators: `python -m services.search [COMMAND]`."""

import typer

from services.search.settings import Settings
from services.search.wiring import build, migrate_database
from shared.process import run_service, told_in_a_sentence
from shared.settings import read_settings

app = typer.Typer(
    help="Search: finds codes by number, word, abbreviation, lay term and typo.",
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback(invoke_without_command=True)
def run(context: typer.Context) -> None:
    """Run the service, when no command is named, until SIGTERM or Ctrl-C."""
    if context.invoked_subcommand is None:
        run_service(Settings, build)


@app.command()
def migrate() -> None:
    """Bring the database to the newest schema."""
    with told_in_a_sentence():
        migrate_database(read_settings(Settings))
    print("The database has the newest schema.")


if __name__ == "__main__":
    app(prog_name="python -m services.search")
