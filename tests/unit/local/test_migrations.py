"""Every database has one history of migrations: two that follow the same one would keep the platform from starting."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from deploy.local.migrations import PACKAGES


@pytest.mark.parametrize("package", PACKAGES.values(), ids=PACKAGES.keys())
def test_the_migrations_of_a_database_follow_each_other_in_one_line(package: str) -> None:
    folder = Path(str(resources.files(package) / "migrations"))
    config = Config()
    config.set_main_option("script_location", str(folder))
    history = ScriptDirectory.from_config(config)
    numbers = [script.revision for script in history.walk_revisions()]
    assert len(history.get_heads()) == 1
    assert numbers == sorted(set(numbers), reverse=True)
    assert len(numbers) == len(list((folder / "versions").glob("[0-9]*.py"))), "no two have the same number"
