"""What the catalog gives to search and terminology: every entry of every code set, and no licensed text."""

import pytest
from codingahead.catalog.v1 import catalog_pb2, entries_pb2_grpc
from codingahead.catalog.v1 import entries_pb2 as pb

from shared.errors import Denied
from shared.rpc.client import call_metadata, invoke, responses
from tests.integration.catalog.conftest import Catalog
from tests.integration.catalog.test_code_sets import import_all, order
from tests.unit.catalog.code_set_files import CONVERSION, WORKBOOKS, workbook


async def exported(catalog: Catalog, *systems: str) -> dict[tuple[str, str], pb.Entry]:
    """Every entry of the systems, by system and code."""
    stub: entries_pb2_grpc.EntriesServiceAsyncStub = entries_pb2_grpc.EntriesServiceStub(catalog.channel)
    found: dict[tuple[str, str], pb.Entry] = {}
    releases: list[catalog_pb2.DataRelease] = []
    call = stub.ExportEntries(
        pb.ExportEntriesRequest(systems=systems), timeout=10, metadata=call_metadata(catalog.service_token())
    )
    async for part in responses(call):
        releases += part.releases
        for entry in part.entries:
            assert releases[entry.release].kind
            found[entry.system, entry.code] = entry
    return found


async def test_every_code_of_every_set_is_exported_with_its_words_and_place(catalog: Catalog) -> None:
    await import_all(catalog)
    await catalog.import_tabular()
    await catalog.import_house()
    entries = await exported(catalog)
    assert {"icd10cm", "icd10pcs", "icd9cm", "icd9pcs", "hcpcs", "cpt", "modifier", "cdt"} <= {s for s, _ in entries}
    wound = entries["icd10cm", "S06"]
    assert (wound.title, list(wound.inclusion_terms), wound.reportable) == (
        "Invented head wound", ["Made-up bump"], False,
    )  # fmt: skip
    assert wound.ancestors
    assert wound.has_children
    ours = next(entry for (system, _), entry in entries.items() if system == "cpt" and entry.reportable)
    assert ours.origin == catalog_pb2.TEXT_ORIGIN_OURS
    assert ours.title
    assert ours.summary


async def test_licensed_titles_are_left_out_but_their_codes_are_there(catalog: Catalog) -> None:
    await import_all(catalog)
    entries = await exported(catalog, "cdt")
    assert entries["cdt", "D0001"].title == ""
    assert all("nvented" not in str(entry) for entry in entries.values())


async def test_a_deleted_code_has_its_last_day_and_its_successor(catalog: Catalog) -> None:
    old = [("A00", 0, "Invented fever"), ("A001", 1, "Invented old fever"), ("A009", 1, "Invented fever")]
    new = [("A00", 0, "Invented fever"), ("A002", 1, "Invented new fever"), ("A009", 1, "Invented fever")]
    await catalog.import_files("icd10cm-order", {"icd10cm_order_2025.txt": order(*old)})
    await catalog.import_files("icd10cm-order", {"icd10cm_order_2026.txt": order(*new)})
    rows = [*CONVERSION[:2], ["A00.2", 2025, "A00.1"]]
    await catalog.import_files("icd10cm-conversion", {WORKBOOKS["icd10cm-conversion"][0]: workbook(rows)})
    entries = await exported(catalog, "icd10cm")
    gone = entries["icd10cm", "A001"]
    assert (gone.last_day.year, gone.last_day.month, gone.last_day.day) == (2025, 9, 30)
    assert list(gone.successors) == ["A002"]
    assert not entries["icd10cm", "A009"].HasField("last_day")


async def test_entries_are_given_by_key_and_to_services_alone(catalog: Catalog) -> None:
    await import_all(catalog)
    stub: entries_pb2_grpc.EntriesServiceAsyncStub = entries_pb2_grpc.EntriesServiceStub(catalog.channel)
    keys = [catalog_pb2.CodeKey(system="icd10cm", code=code) for code in ("A009", "Z999")]
    request = pb.GetEntriesRequest(keys=keys)
    answer: pb.GetEntriesResponse = await invoke(stub.GetEntries, request, timeout=10, token=catalog.service_token())
    assert [entry.display_code for entry in answer.entries] == ["A00.9"]
    with pytest.raises(Denied):
        await invoke(stub.GetEntries, request, timeout=10, token=catalog.token())
