"""An import that is killed at any moment leaves the old release serving and nothing else, and a retry works."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from codingahead.catalog.v1 import catalog_pb2 as pb

from services.catalog.imports.run import import_file, revert
from services.catalog.rows import COLUMNS
from shared.database import Database
from shared.errors import Conflict
from shared.rpc.client import invoke
from tests.integration.catalog.conftest import Catalog
from tests.polling import eventually
from tests.unit.catalog.code_set_files import order_line
from tests.unit.catalog.small_payment import mue_text
from tests.unit.catalog.small_ptp import ptp_text

pytestmark = pytest.mark.long
ROOT = Path(__file__).parents[3]
MOMENTS = 3
VICTIM = """
import asyncio, sys
from pathlib import Path
from services.catalog.imports.run import import_file
from shared.database import Database

async def main():
    database = Database(sys.argv[1])
    await database.open()
    print("ready", flush=True)
    await import_file(database, sys.argv[2], [Path(sys.argv[3])], imported_by="victim")
    print("done", flush=True)

asyncio.run(main())
"""


@dataclass(frozen=True)
class Editions:
    """Two editions of a kind."""

    kind: str
    setting: str
    old: Path
    new: Path


def _written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_bytes(text.encode("latin-1"))
    return path


def _ptp(rows: int, words: str) -> str:
    codes = [f"{10_000 + n}" for n in range(700)]
    pairs = ((a, b) for a in codes for b in codes if a != b)
    return ptp_text(*(f"{a}\t{b}\t\t20200101\t*\t1\t{words}" for (a, b), _ in zip(pairs, range(rows), strict=False)))


def _order(title: str) -> str:
    lines = []
    for n in range(6_000):
        category, detail = f"{chr(65 + n // 1000)}{n // 10 % 100:02d}", n % 10
        if not detail:
            lines.append((category, 0, title))
        lines.append((f"{category}{detail}", 1, f"{title} {detail}"))
    return "\n".join(order_line(number, *fields) for number, fields in enumerate(lines, 1))


def _mue(value: int) -> str:
    return mue_text(*(f"{10_000 + n},{value},3 Date of Service Edit: Clinical,Reason" for n in range(6_000)))


@pytest.fixture
def editions(tmp_path: Path) -> list[Editions]:
    """Old and new editions of kinds that are copied in blocks, in rows and into several tables."""
    ptp, order, mue = "ccipra-v{}r0-f1.txt", "icd10cm_order_{}.txt", "MCR_MUE_PractitionerServices_Eff_{}.csv"
    return [
        Editions(
            "ncci-ptp", "practitioner",
            _written(tmp_path, ptp.format("322"), _ptp(60_000, "Old")),
            _written(tmp_path, ptp.format("323"), _ptp(90_000, "New")),
        ),
        Editions(
            "icd10cm-order", "",
            _written(tmp_path, order.format("2026"), _order("Old fever")),
            _written(tmp_path, order.format("2027"), _order("New fever")),
        ),
        Editions(
            "ncci-mue", "practitioner",
            _written(tmp_path, mue.format("07-01-2026"), _mue(2)),
            _written(tmp_path, mue.format("10-01-2026"), _mue(3)),
        ),
    ]  # fmt: skip


class Slot:
    """What readers and the database say of a kind."""

    def __init__(self, catalog: Catalog, each: Editions) -> None:
        self.catalog = catalog
        self.each = each

    async def in_force(self) -> pb.DataRelease:
        request = pb.ListReleasesRequest(kind=self.each.kind)
        answer = await invoke(self.catalog.stub.ListReleases, request, timeout=20, token=self.catalog.token())
        (release,) = [release for release in answer.releases if release.in_force]
        return release

    async def import_once(self, path: Path) -> str:
        """Import as soon as nothing of a killed import holds the slot any more."""
        landed: list[str] = []

        async def lands() -> bool:
            try:
                release = await import_file(self.catalog.database, self.each.kind, [path], imported_by="retry")
            except Conflict:
                return False
            landed.append(release.id)
            return True

        await eventually(lands, "the retry lands", 60)
        return landed[0]


async def leftovers(database: Database) -> dict[str, int]:
    """Rows of content that belong to no release, by table."""
    found = {}
    async with database.connection() as conn:
        for table in COLUMNS:
            cursor = await conn.execute(
                f"SELECT count(*) AS rows FROM {table} WHERE release_id NOT IN (SELECT id FROM release)"
            )
            row = await cursor.fetchone()
            if row is not None and row["rows"]:
                found[table] = row["rows"]
    return found


def start(*command: str | Path) -> subprocess.Popen[str]:
    """A process of Python that imports."""
    environment = os.environ | {"PYTHONPATH": f"{ROOT}:{ROOT / 'protos'}"}
    return subprocess.Popen(
        [sys.executable, *map(str, command)], env=environment, cwd=ROOT, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


async def killed_after(url: str, each: Editions, seconds: float) -> bool:
    """Kill an import so long after its beginning; whether it was done by then."""
    victim = await asyncio.to_thread(start, "-c", VICTIM, url, each.kind, each.new)
    assert victim.stdout is not None
    line = ""
    while line.strip() != "ready":
        line = await asyncio.to_thread(victim.stdout.readline)
    await asyncio.sleep(seconds)  # the moment of the kill, not a wait for anything
    victim.send_signal(signal.SIGKILL)
    rest, _ = await asyncio.to_thread(victim.communicate)
    return "done" in rest


@pytest.mark.parametrize("place", range(3), ids=["ncci-ptp", "icd10cm-order", "ncci-mue"])
async def test_a_kill_at_a_random_moment_leaves_the_old_release_and_a_retry_works(
    catalog: Catalog, catalog_url: str, editions: list[Editions], place: int
) -> None:
    chance = random.Random(place)  # noqa: S311 - moments
    each = editions[place]
    slot = Slot(catalog, each)
    old = await slot.import_once(each.old)
    begun = time.monotonic()
    await slot.import_once(each.new)
    whole, entries = time.monotonic() - begun, (await slot.in_force()).entries
    for _ in range(MOMENTS):
        await revert(catalog.database, each.kind, setting=each.setting, release_id=old)
        done = await killed_after(catalog_url, each, chance.uniform(0, whole))
        after = await slot.in_force()
        if after.release_id != old:  # killed behind its commit: then all of it is there
            assert (after.imported_by, after.entries) == ("victim", entries)
        assert not done or after.release_id != old
        again = await slot.import_once(each.new)
        assert (await slot.in_force()).release_id == again
        assert await leftovers(catalog.database) == {}


async def test_of_two_imports_at_once_one_lands_and_the_other_is_refused_or_lands_after_it(
    catalog: Catalog, catalog_url: str, editions: list[Editions], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", catalog_url)
    command = ("-m", "services.catalog", "import")
    racing = [(each, start(*command, each.kind, each.new)) for each in editions for _ in range(2)]
    ended = [(each, *(await asyncio.to_thread(run.communicate))[:1], run.returncode) for each, run in racing]
    for each in editions:
        outcomes = [(code, text) for other, text, code in ended if other is each]
        assert 0 in {code for code, _ in outcomes}, outcomes
        for code, text in outcomes:
            assert code == 0 or f"Another import of {each.kind}" in text, text
        assert (await Slot(catalog, each).in_force()).answering
    assert await leftovers(catalog.database) == {}
