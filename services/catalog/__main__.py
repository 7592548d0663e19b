"""`python -m services.catalog`: runs the service, or one of the operator's commands on its database."""

from services.catalog.commands import app

if __name__ == "__main__":
    app(prog_name="python -m services.catalog")
