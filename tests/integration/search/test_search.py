"""The search service over a real catalog: codes and words are found, and what an import changes is found at once."""

import asyncio
import re
import shutil

import psutil
import pytest
from codingahead.search.v1 import search_pb2 as pb

from shared.errors import Denied, InvalidInput, Unavailable
from shared.rpc.client import invoke
from tests.integration.catalog.conftest import Catalog
from tests.integration.catalog.test_code_sets import order
from tests.integration.search.conftest import Search
from tests.polling import eventually
from tests.unit.catalog.code_set_files import INDEX_XML
from tests.unit.catalog.small_tabular import SMALL


async def test_codes_and_words_of_every_set_are_found_with_title_reason_and_release(search: Search) -> None:
    await search.until("S06", ("icd10cm", "S06"))
    answer = await search.search("made up bump")
    first = answer.results[0]
    assert (first.system, first.code, first.reason.kind) == ("icd10cm", "S06", pb.REASON_KIND_TERM)
    assert answer.releases[first.release].kind == "icd10cm-tabular"
    assert first.breadcrumb
    assert [code for _, code in await search.codes("8154")] == ["81.54"]
    status = await search.status()
    assert status.engine == "tantivy"
    assert {"icd10cm", "icd9pcs", "hcpcs", "cdt"} <= {system.system for system in status.systems}


async def test_licensed_titles_are_not_in_the_index_but_their_codes_are(search: Search) -> None:
    await search.until("D0001", ("cdt", "D0001"))
    assert (await search.search("D0001")).results[0].title == ""
    assert all(system != "cdt" for system, _ in await search.codes("invented"))


async def test_what_an_import_changes_is_found_without_a_restart(search: Search, catalog: Catalog) -> None:
    await search.until("S06", ("icd10cm", "S06"))
    new = [("A00", 0, "Invented fever"), ("A001", 1, "Unheard marsupial fever"), ("A009", 1, "Invented fever")]
    later = {"icd10cm_order_2028.txt": order(*new)}
    await catalog.import_files("icd10cm-order", later)
    await search.until("marsupial", ("icd10cm", "A00.1"))
    assert (await search.status()).generation


async def test_paths_of_the_indexes_lead_to_codes_and_a_new_index_is_taken_up(search: Search, catalog: Catalog) -> None:
    await search.until("fever hill", ("icd10cm", "A00.0"))
    first = (await search.search("fever hill")).results[0]
    assert (first.reason.kind, first.reason.words) == (pb.REASON_KIND_INDEX, "Fever, hill")
    later = INDEX_XML.replace("<version>2026", "<version>2028").replace("<title>hill</title>", "<title>marsh</title>")
    await catalog.import_files("icd10cm-index", {"icd10cm-eindex-April-1-2028.xml": later.encode()})
    await search.until("fever marsh", ("icd10cm", "A00.0"))


async def test_codes_that_a_corrected_release_changes_are_found_within_two_seconds_and_nothing_is_built(
    search: Search, catalog: Catalog
) -> None:
    await search.until("S06", ("icd10cm", "S06"))
    generation = await search.settled()
    corrected = re.sub("made.up bump", "unheard marsupial bump", SMALL, flags=re.IGNORECASE)
    assert corrected != SMALL
    await catalog.import_tabular(corrected)
    await search.until("unheard marsupial", ("icd10cm", "S06"), seconds=2)
    status = await search.status()
    assert (status.generation, status.building) == (generation, False)


async def test_after_a_change_of_single_codes_a_restart_finds_words_from_the_first_question_on(
    search: Search, catalog: Catalog
) -> None:
    await search.until("S06", ("icd10cm", "S06"))
    await search.settled()
    await catalog.import_tabular(re.sub("made.up bump", "unheard marsupial bump", SMALL, flags=re.IGNORECASE))
    await search.until("unheard marsupial", ("icd10cm", "S06"))
    await search.restart()
    assert ("icd10cm", "S06") in await search.codes("unheard marsupial")
    assert ("icd10cm", "S09.0") in await search.codes("invented scratch")
    await search.settled()
    assert ("icd10cm", "S06") in await search.codes("unheard marsupial")


async def test_queries_without_a_result_are_listed_to_operators_without_the_person(search: Search) -> None:
    await search.until("S06", ("icd10cm", "S06"))
    assert not (await search.search("Xylograph  zzz")).results
    request = pb.ListZeroHitsRequest()
    listed = await invoke(search.stub.ListZeroHits, request, timeout=10, token=search.token("operator"))
    assert [(hit.query, hit.times) for hit in listed.zero_hits] == [("xylograph zzz", 1)]
    with pytest.raises(Denied):
        await invoke(search.stub.ListZeroHits, request, timeout=10, token=search.token())


async def test_wrong_questions_are_told_what_is_wrong(search: Search) -> None:
    await search.until("S06", ("icd10cm", "S06"))
    with pytest.raises(InvalidInput, match="up to 200 characters"):
        await search.search("x" * 201)
    with pytest.raises(InvalidInput, match='no code system "icd11"'):
        await search.search("fever", filter=pb.Filter(systems=["icd11"]))


async def test_a_later_start_takes_up_the_table_that_was_kept_and_builds_none(search: Search) -> None:
    await search.until("S06", ("icd10cm", "S06"))
    generation = (await search.status()).generation
    await search.restart()
    await search.until("made up bump", ("icd10cm", "S06"))
    await asyncio.sleep(1)
    status = await search.status()
    assert (status.generation, status.building) == (generation, False)


async def test_until_an_index_stands_codes_are_found_by_number_and_words_are_said_to_come_later(search: Search) -> None:
    await search.until("S06", ("icd10cm", "S06"))
    await search.service.drain(5)
    shutil.rmtree(search.settings.search_table_folder)
    await search.restart()
    answer = await search.search("s06")
    first = answer.results[0]
    assert (first.system, first.code, first.reason.kind, first.has_page) == (
        "icd10cm",
        "S06",
        pb.REASON_KIND_CODE,
        True,
    )
    assert answer.releases[first.release].kind == "icd10cm-tabular"
    assert "being prepared" in answer.limited
    with pytest.raises(Unavailable, match="Codes are found by number already"):
        await search.search("made up bump")
    await search.until("made up bump", ("icd10cm", "S06"))
    assert not (await search.search("s06")).limited


async def test_a_rebuild_that_is_killed_leaves_the_old_table_answering_and_is_begun_anew(
    search: Search, catalog: Catalog
) -> None:
    await search.until("S06", ("icd10cm", "S06"))
    await search.service.drain(5)
    new = [("A00", 0, "Invented fever"), ("A001", 1, "Unheard marsupial fever"), ("A009", 1, "Invented fever")]
    await catalog.import_files("icd10cm-order", {"icd10cm_order_2028.txt": order(*new)})
    await search.restart()
    await eventually(lambda: bool(builders()), "a process builds")
    builders()[0].kill()
    await search.until("made up bump", ("icd10cm", "S06"), seconds=2)
    assert not await search.codes("marsupial")
    await search.until("marsupial", ("icd10cm", "A00.1"))


def builders() -> list[psutil.Process]:
    """The processes of this one that build."""
    return [child for child in psutil.Process().children() if "services.search.build_process" in child.cmdline()]
