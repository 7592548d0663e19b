"""Each database has one linear history of migrations, numbered without a gap."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
TOPS = ("services", "gateway", "shared", "deploy")
FOLDERS = sorted(path.parent for top in TOPS for path in (ROOT / top).rglob("versions/0001_*.py"))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: str(folder.relative_to(ROOT)))
def test_migrations_follow_each_other_in_the_order_of_their_numbers(folder: Path) -> None:
    files = sorted(folder.glob("[0-9]*.py"))
    numbers = [file.name[:4] for file in files]
    assert numbers == [f"{number:04}" for number in range(1, len(files) + 1)]
    for file, before in zip(files, [None, *numbers], strict=False):
        text = file.read_text(encoding="utf-8")
        assert re.findall(r'^revision = "(\d+)"$', text, re.MULTILINE) == [file.name[:4]], file
        expected = "None" if before is None else f'"{before}"'
        assert f"\ndown_revision = {expected}\n" in text, file


def test_every_database_was_found() -> None:
    assert len(FOLDERS) >= 5
