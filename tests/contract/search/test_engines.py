"""What search expects of an engine: candidates by terms, generations side by side, and changes found at once."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import httpx
import pytest

from services.search.adapters.engines import EnginePart, open_engine
from services.search.engine import LONGEST_START, Document, Group, Narrowed, Weighing, Weighted
from services.search.entry import Entry, Key
from services.search.postings import Postings
from services.search.shelf import Shelf
from services.search.shelving import documents_of, shelf_of
from tests.search.random_tables import random_filter, random_table, random_terms

ANY = Narrowed()
FEVER, COUGH, BITE = ("icd10cm", "R50"), ("icd10cm", "R05"), ("icd9cm", "E906")


def document(number: int, key: Key, words: str, *, above: str = "", standing: int = 1) -> Document:
    """What an engine gets of an entry."""
    starts = {word[:size] for word in words.split() for size in range(1, min(len(word), LONGEST_START) + 1)}
    tags = f"s:{key[0]} b:1 x:{key[0]}/{key[1]}".lower()
    low = 2**32 - 1 - number
    return Document(key, number, words, above, " ".join(sorted(starts)), tags, standing << 32 | low)


DOCUMENTS = (
    document(0, FEVER, "fever unspecified", above="general symptom", standing=3),
    document(1, COUGH, "cough", above="respiratory symptom", standing=2),
    document(2, BITE, "bite fever rat", above="injury", standing=1),
)


async def held(engine: EnginePart, documents: Sequence[Document] = DOCUMENTS, generation: str = "1") -> None:
    """Let a generation answer."""
    await engine.build(generation, documents)
    await engine.swap(generation)


async def found(engine: EnginePart, *terms: str, narrowed: Narrowed = ANY, limit: int = 10) -> list[Key]:
    """The entries with all of some terms, by key; those of `DOCUMENTS` are known by number too."""
    names = await engine.all_of([Group((term,)) for term in terms], narrowed, limit)
    return [name if isinstance(name, tuple) else DOCUMENTS[name].key for name in names]


async def test_nothing_answers_before_the_first_swap(engine: EnginePart) -> None:
    assert (await engine.generation(), await engine.answers()) == ("", False)
    await engine.build("1", DOCUMENTS)
    assert (await engine.generation(), await engine.answers()) == ("", False)
    await engine.swap("1")
    assert (await engine.generation(), await engine.answers()) == ("1", True)


async def test_entries_with_a_term_of_every_group_are_found_highest_first(engine: EnginePart) -> None:
    await held(engine)
    assert await found(engine, "fever") == [FEVER, BITE]
    assert await found(engine, "fever", limit=1) == [FEVER]
    assert await found(engine, "fever", "rat") == [BITE]
    assert await found(engine, "symptom") == [FEVER, COUGH], "terms above an entry count"
    assert await found(engine, "fev") == [], "only beginnings that are asked for are"
    assert not await engine.all_of([Group(("symptom",), own=True)], ANY, 10), "unless it is asked for their own"
    assert len(await engine.all_of([Group(("fever",), own=True)], ANY, 10)) == 2
    names = await engine.all_of([Group(("bite",), start="cou")], ANY, 10)
    assert len(names) == 2, "a term of a group is enough, or a word that begins so"


async def test_what_is_found_can_be_narrowed_down(engine: EnginePart) -> None:
    await held(engine)
    assert await found(engine, "fever", narrowed=Narrowed(systems=("icd9cm", "hcpcs"))) == [BITE]
    assert await found(engine, "fever", narrowed=Narrowed(billable_only=True, section="icd10cm/r50")) == [FEVER]
    assert await found(engine, "fever", narrowed=Narrowed(systems=("hcpcs",))) == []


async def weighing(engine: EnginePart, table: Shelf) -> Weighing:
    """What weighs terms once an index of a table answers: the engine, or the table where it does not."""
    rows = [row for row in range(len(table)) if table.columns.alive[row]]
    await held(engine, list(documents_of(table, rows, 0)), "1")
    return engine if isinstance(engine, Weighing) else Postings(table)


async def test_some_of_the_terms_are_enough_and_what_weighs_more_comes_first(engine: EnginePart) -> None:
    entries = (
        Entry("icd10cm", "R", "R", "General symptom"),
        Entry("icd10cm", "R50", "R50", "Fever", ancestors=("R",)),
        Entry("icd10cm", "R05", "R05", "Cough", ancestors=("R",)),
        Entry("icd9cm", "E906", "E906", "Bite of rat with fever"),
    )
    table = shelf_of("1", entries, {})
    weighs = await weighing(engine, table)

    async def found(*terms: Weighted, narrowed: Narrowed = ANY, limit: int = 10) -> list[str]:
        names = await weighs.some_of(terms, narrowed, limit)
        return [table.code_of(row)[1] for name in names if (row := table.row(name)) is not None]

    assert await found(Weighted("rat", 8), Weighted("fever", 5), Weighted("zebra", 9)) == ["E906", "R50"]
    assert await found(Weighted("fever", 5), narrowed=Narrowed(systems=("icd9cm",))) == ["E906"]
    assert await found(Weighted("rat", 5), Weighted("fever", 5), Weighted("cough", 10), limit=2) == ["R05", "E906"], (
        "of equal ones the first by number stay when there are more than asked for"
    )
    assert await found(Weighted("symptom", 10), Weighted("cough", 4)) == ["R", "R05", "R50"], "what stands above counts"
    assert await found(Weighted("symptom", 10, own=True)) == ["R"], "unless it is asked for their own"
    assert await found(Weighted("cough", 5), Weighted("symptom", 9, telling=False)) == ["R05"], (
        "nothing is found by what does not tell"
    )
    assert await found() == []


@pytest.mark.parametrize("seed", range(3))
async def test_whoever_weighs_finds_the_same_as_one_who_looks_at_every_entry(engine: EnginePart, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - a draw that is the same each time
    made = random_table(chance)
    weighs = await weighing(engine, made.table)
    for _ in range(30):
        asked = random_terms(chance), random_filter(chance, made)._replace(day=None), chance.choice([1, 3, 100])
        assert [made.table.row(name) for name in await weighs.some_of(*asked)] == made.heaviest(*asked)


async def test_a_generation_is_built_beside_the_one_that_answers_and_takes_its_place_at_once(
    engine: EnginePart, engine_url: str
) -> None:
    await held(engine)
    await engine.build("2", [document(1, COUGH, "dry cough")])
    assert (await engine.generation(), await found(engine, "fever")) == ("1", [FEVER, BITE])
    await engine.swap("2")
    assert (await engine.generation(), await found(engine, "fever"), await found(engine, "dry")) == ("2", [], [COUGH])
    later = open_engine(engine_url)
    await later.start()
    assert (await later.generation(), await found(later, "dry")) == ("2", [COUGH])
    await later.drain(1)


async def test_an_interrupted_build_leaves_the_old_generation_answering(engine: EnginePart, engine_url: str) -> None:
    def broken() -> Iterator[Document]:
        yield document(0, FEVER, "other")
        raise RuntimeError("the source went away")

    await held(engine)
    with pytest.raises(RuntimeError):
        await engine.build("2", broken())
    assert (await engine.generation(), await found(engine, "fever")) == ("1", [FEVER, BITE])
    await engine.build("2", DOCUMENTS[:1])
    await engine.build("3", DOCUMENTS[:1])
    assert generations(engine_url) == {"1", "3"}, "what it left is removed before it fills the disk"
    await engine.swap("3")
    assert (await engine.generation(), await found(engine, "fever")) == ("3", [FEVER])
    assert generations(engine_url) == {"3"}


def generations(engine_url: str) -> set[str]:
    """The generations that take up room."""
    if engine_url.startswith("tantivy"):
        return {folder.name for folder in Path(engine_url.removeprefix("tantivy://")).iterdir() if folder.is_dir()}
    return {name.rpartition(".")[2] for name in httpx.get(f"{engine_url}.*/_alias").json()}


async def test_an_index_is_taken_over_by_other_processes_only_while_it_holds_what_was_put_into_it(
    engine: EnginePart, engine_url: str
) -> None:
    assert await engine.shared("releases of May") == ""
    await engine.build("1", DOCUMENTS, "releases of May")
    await engine.swap("1")
    assert await engine.shared("releases of June") == ""
    assert await engine.shared("releases of May") == ("" if engine_url.startswith("tantivy") else "1")
    await engine.update([document(1, COUGH, "whooping cough")], [])
    assert await engine.shared("releases of May") == ""


async def test_what_changed_or_is_gone_is_so_when_the_update_returns(engine: EnginePart) -> None:
    await held(engine)
    assert (await found(engine, "whooping"), await found(engine, "fever")) == ([], [FEVER, BITE])
    await engine.update([document(1, COUGH, "whooping cough")], [BITE, ("icd10cm", "NEVER")])
    assert (await found(engine, "whooping"), await found(engine, "fever")) == ([COUGH], [FEVER])
    assert len(await found(engine, "cough")) == 1
