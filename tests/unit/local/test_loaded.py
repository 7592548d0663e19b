"""What a start loads: a library that only some sites or some commands need is left alone."""

import subprocess
import sys

NOT_NEEDED = {"alembic", "elasticsearch", "kafka", "keycloak", "openpyxl", "sqlalchemy", "stripe"}
LOADED = "import sys, deploy.local.__main__, deploy.local.running; print(*sys.modules)"


def test_a_start_loads_nothing_that_it_does_not_need() -> None:
    done = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True)
    assert "gateway.app" in done.stdout.split()
    assert not NOT_NEEDED.intersection(done.stdout.split())
