"""Pages of the catalog: GetCode p50 and p99 for a heavy, a middling and a light code, and the export of all codes.

Each figure stands beside a bare SQL fetch of the same rows in the same run, without anything composed of them.
`python tests/bench/bench_catalog.py [CALLS]`.
"""

import asyncio
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from codingahead.catalog.v1 import catalog_pb2 as pb
from codingahead.catalog.v1 import catalog_pb2_grpc

from services.catalog import migrations
from services.catalog.imports.packaged import import_packaged
from shared.database import Database, migrate
from shared.identity import Kind, Principal
from shared.rpc.client import invoke
from tests.running_catalog import running_catalog
from tests.servers.postgres import create_database, drop_database
from tests.servers.run import Run

CALLS = 200
CODES = (("cpt", "96372"), ("cpt", "99213"), ("icd10cm", "E119"))
_EDITS = "SELECT * FROM ptp_edit WHERE column_1 = %(code)s OR column_2 = %(code)s"
_CODE = "SELECT * FROM code WHERE system = %(system)s AND code = %(code)s"
_ALL = "SELECT system, code, display, heading, children FROM code WHERE has_page ORDER BY system, code"


def main(calls: int) -> None:
    """Load a database of its own, serve it, and print the figures."""
    run = Run.begin()
    try:
        server = run.get("postgres").address
        names = ("bench_catalog", "bench_catalog_events")
        urls = [create_database(server, name) for name in names]
        try:
            migrate(urls[0], Path(migrations.__path__[0]))
            asyncio.run(_measure(urls[0], urls[1], calls))
        finally:
            for name in names:
                drop_database(server, name)
    finally:
        run.end()


async def _measure(url: str, events_url: str, calls: int) -> None:
    database = Database(url)
    await database.open()
    try:
        await import_packaged(database)
        async with running_catalog(url, events_url, Principal(Kind.SERVICE, "bench")) as (channel, token):
            stub: catalog_pb2_grpc.CatalogServiceAsyncStub = catalog_pb2_grpc.CatalogServiceStub(channel)
            await _pages(stub, token(), database, calls)
            await _export(stub, token(), database)
    finally:
        await database.close()


async def _pages(stub: Any, token: str, database: Database, calls: int) -> None:
    for system, code in CODES:
        request = pb.GetCodeRequest(system=system, code=code)
        values = {"system": system, "code": code}

        async def page(request: pb.GetCodeRequest = request) -> None:
            await invoke(stub.GetCode, request, timeout=10, token=token)

        async def bare(values: dict[str, str] = values) -> None:
            async with database.connection() as conn:
                for statement in (_CODE, _EDITS):
                    await (await conn.execute(statement, values, prepare=True)).fetchall()

        first = (await _times(page, 1))[0]
        pages, fetches = await _times(page, calls), await _times(bare, calls)
        ratio = statistics.median(pages) / statistics.median(fetches)
        print(
            f"GetCode {system} {code:<6} first {first:6.2f} ms   p50 {statistics.median(pages):6.2f} ms   "
            f"p99 {statistics.quantiles(pages, n=100)[98]:6.2f} ms   {ratio:.2f} of a bare fetch"
        )


async def _times(work: Callable[[], Awaitable[None]], calls: int) -> list[float]:
    """Milliseconds of each of some calls, one after the other."""
    found = []
    for _ in range(calls):
        began = time.perf_counter()
        await work()
        found.append((time.perf_counter() - began) * 1000)
    return found


async def _export(stub: Any, token: str, database: Database) -> None:
    codes = 0

    async def export() -> None:
        nonlocal codes
        codes = 0
        call = stub.ExportCodes(pb.ExportCodesRequest(), timeout=60, metadata=(("authorization", f"Bearer {token}"),))
        async for part in call:
            codes += len(part.codes)

    async def bare() -> None:
        async with database.connection() as conn:
            await (await conn.execute(_ALL)).fetchall()

    exports, fetches = await _times(export, 3), await _times(bare, 3)
    print(
        f"ExportCodes {codes:,} codes   first {exports[0]:.0f} ms   median {statistics.median(exports):.0f} ms   "
        f"{statistics.median(exports) / statistics.median(fetches):.2f} of a bare fetch"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else CALLS)
