"""The indexes walked over RPC as in the book: main terms, terms below, references, codes with pages."""

from __future__ import annotations

from pathlib import Path

import pytest
from codingahead.catalog.v1 import index_pb2 as pb
from codingahead.catalog.v1.index_pb2_grpc import IndexServiceStub

from services.catalog.imports.run import import_file
from shared.errors import InvalidInput, NotFound
from shared.rpc.client import invoke
from tests.integration.catalog.conftest import Catalog
from tests.real_files import files_of
from tests.unit.catalog.small_index import SMALL_INDEX


class Indexes:
    """What is asked here, over the running catalog."""

    def __init__(self, catalog: Catalog) -> None:
        """Take the catalog."""
        self._stub = IndexServiceStub(catalog.channel)
        self._token = catalog.token()

    async def loaded(self) -> list[pb.LoadedIndex]:
        """The indexes."""
        answer = await invoke(self._stub.ListIndexes, pb.ListIndexesRequest(), timeout=20, token=self._token)
        return list(answer.indexes)

    async def main(self, name: str, begins: str = "", size: int = 0, after: int = 0) -> pb.ListMainTermsResponse:
        """Main terms."""
        request = pb.ListMainTermsRequest(index_name=name, begins=begins, page_size=size, after=after)
        return await invoke(self._stub.ListMainTerms, request, timeout=20, token=self._token)

    async def term(self, name: str, ordinal: int) -> pb.GetIndexTermResponse:
        """A term."""
        request = pb.GetIndexTermRequest(index_name=name, ordinal=ordinal)
        return await invoke(self._stub.GetIndexTerm, request, timeout=20, token=self._token)

    async def leads(self, name: str, text: str) -> tuple[str, bool]:
        """Where a reference leads: the path of the term, and whether the whole reference was found."""
        request = pb.GetReferencedTermRequest(index_name=name, text=text)
        found = await invoke(self._stub.GetReferencedTerm, request, timeout=20, token=self._token)
        term = await self.term(found.index_name, found.ordinal)
        return ", ".join(each.title for each in (*term.path, term.term)), found.whole


@pytest.fixture
async def indexes(catalog: Catalog) -> Indexes:
    """Small indexes and a small Tabular List."""
    await catalog.import_tabular()
    await catalog.import_files("icd10cm-index", SMALL_INDEX)
    return Indexes(catalog)


async def test_indexes_stand_in_the_order_of_the_book_with_letters_and_columns(indexes: Indexes) -> None:
    loaded = {each.name: each for each in await indexes.loaded()}
    assert list(loaded) == ["index", "neoplasm", "drug"]
    assert list(loaded["index"].letters) == ["D", "L"]
    assert list(loaded["drug"].letters) == ["#", "A"]
    assert list(loaded["drug"].columns) == ["Poisoning Accidental (unintentional)", "Adverse effect"]
    assert loaded["index"].main_terms == 3


async def test_a_walk_leads_from_the_main_term_to_the_code_with_the_whole_path(indexes: Indexes) -> None:
    [diabetes, disease] = (await indexes.main("index", "d")).terms
    assert (diabetes.title, diabetes.nonessential) == ("Diabetes, diabetic", "(mellitus) (sugar)")
    assert (diabetes.below, disease.below) == (4, 3)
    whole = await indexes.term("index", diabetes.ordinal)
    assert [(each.level, each.title) for each in whole.terms] == [
        (1, "type 1"),
        (2, "with"),
        (3, "amyotrophy"),
        (1, "bronzed"),
    ]
    deepest = await indexes.term("index", whole.terms[2].ordinal)
    assert [each.title for each in deepest.path] == ["Diabetes, diabetic", "type 1", "with"]
    assert [(each.code.display_code, each.more) for each in deepest.term.codes] == [("E10.44", False)]


async def test_pages_of_main_terms_follow_each_other_without_gap(indexes: Indexes) -> None:
    first = await indexes.main("index", size=2)
    second = await indexes.main("index", size=2, after=first.next_after)
    assert [each.title for each in (*first.terms, *second.terms)] == ["Diabetes, diabetic", "Disease, diseased", "Lump"]
    assert second.next_after == 0


@pytest.mark.parametrize(
    ("text", "leads", "whole"),
    [
        ("Diabetes, type 1, with, amyotrophy", "Diabetes, diabetic, type 1, with, amyotrophy", True),
        ("Lump, foot", "Lump, foot", True),
        ("lump, by site", "Lump", False),
        ("Neoplasm Table, abdomen", "Neoplasm, neoplastic, abdomen, abdominal", True),
    ],
)
async def test_a_reference_leads_to_the_term_that_names_most_of_it(
    indexes: Indexes, text: str, leads: str, whole: bool
) -> None:
    assert await indexes.leads("index", text) == (leads, whole)


async def test_what_is_not_there_is_said(indexes: Indexes) -> None:
    with pytest.raises(NotFound, match="external-cause of ICD-10-CM is not loaded"):
        await indexes.main("external-cause")
    with pytest.raises(InvalidInput, match="“cookery” is none"):
        await indexes.main("cookery")
    with pytest.raises(NotFound, match="no term at place 9999"):
        await indexes.term("index", 9_999)
    with pytest.raises(NotFound, match="Hemochromatosis"):
        await indexes.leads("index", "Hemochromatosis")


@pytest.mark.long
async def test_nearly_every_reference_of_the_official_indexes_leads_to_a_term(catalog: Catalog, data_dir: Path) -> None:
    paths = files_of(data_dir, "icd10cm-index")
    await import_file(catalog.database, "icd10cm-index", paths, imported_by="tester", clock=catalog.clock)
    indexes = Indexes(catalog)
    async with catalog.database.connection() as conn:
        rows = await (
            await conn.execute(
                "SELECT DISTINCT index_name, see FROM icd10cm_index_entry WHERE see <> '' ORDER BY index_name, see"
            )
        ).fetchall()
    lost = []
    for row in rows:
        try:
            await indexes.leads(row["index_name"], row["see"])
        except NotFound:
            lost.append(row["see"])
    assert len(rows) > 100
    assert len(lost) < 0.1 * len(rows), lost
