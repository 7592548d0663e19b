"""Official files are fetched from a publisher whole and right, or told in a sentence; nothing half is left in place."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.catalog.fetching.download import ATTEMPTS, Downloader
from services.catalog.fetching.fetching import Fetching, Outcome
from services.catalog.fetching.finding import find
from services.catalog.fetching.sources import Source, chosen, load_sources
from shared.clock import SystemClock
from shared.errors import FailedPrecondition, InvalidInput, NotFound, Unavailable
from tests.unit.catalog.publisher import Offer, Publisher, publishing

PATH = "/files/zip/2026-code-descriptions-tabular-order.zip"
PAGE = b"""<html><body><a href="/files/zip/2025-code-descriptions-tabular-order.zip">2025</a>
<a href="/files/zip/2026-code-descriptions-tabular-order.zip">2026</a><a name="x">none</a>
<a href="https://elsewhere.example/files/zip/2027-code-descriptions-tabular-order.zip">not ours</a></body></html>"""


def archive(size: int = 400_000) -> bytes:
    """A zip archive that does not shrink."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as written:
        content = b"".join(hashlib.sha256(bytes([n % 256, n // 256])).digest() for n in range(size // 32))
        written.writestr(zipfile.ZipInfo("icd10cm_order_2026.txt"), content)
    return target.getvalue()


class Stand:
    """A publisher, a folder, and the time that waiting took."""

    def __init__(self, publisher: Publisher, folder: Path) -> None:
        self.publisher = publisher
        self.folder = folder
        self.waited: list[float] = []
        self.told: list[str] = []

    def source(self, **changed: object) -> Source:
        pattern = r".*/(?P<year>20\d\d)-code-descriptions-tabular-order.*\.zip"
        given: dict[str, object] = {
            "name": "icd10cm-order", "kinds": ["icd10cm-order"],
            "page": f"{self.publisher.url}/page", "links": [pattern]
        }  # fmt: skip
        return Source.model_validate(given | changed)

    def fetch(self, source: Source | None = None, accepted_by: str = "") -> Outcome:
        downloader = Downloader(lambda *_: None, self.waited.append)
        try:
            fetching = Fetching(self.folder, downloader, SystemClock(), self.told.append)
            return fetching.fetch(source or self.source(), accepted_by)
        finally:
            downloader.close()

    def left(self) -> list[str]:
        return sorted(path.name for path in (self.folder / "icd10cm-order").iterdir())


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    """A publisher whose page links to a file."""
    offers = {"/page": Offer(PAGE, "text/html; charset=utf-8"), PATH: Offer(archive())}
    with publishing(Publisher(offers)) as publisher:
        yield Stand(publisher, tmp_path)


def test_the_newest_file_is_fetched_recorded_and_left_alone_while_it_is_current(stand: Stand) -> None:
    outcome = stand.fetch()
    (path,) = outcome.paths
    assert (path.name, path.read_bytes(), outcome.new) == (PATH.rpartition("/")[2], archive(), 1)
    (entry,) = json.loads((stand.folder / "icd10cm-order" / "fetched.json").read_text())
    assert entry["sha256"] == hashlib.sha256(archive()).hexdigest()
    assert (entry["size"], entry["address"]) == (len(archive()), stand.publisher.url + PATH)
    assert stand.fetch().new == 0
    assert stand.publisher.statuses()[-1] == 304
    assert stand.left() == [path.name, "fetched.json"]
    path.write_bytes(b"spoilt")
    assert stand.fetch().new == 1
    assert "SHA-256 differs" in stand.told[0]
    assert path.read_bytes() == archive()
    stand.publisher.offers[PATH] = Offer(archive(5000))
    assert stand.fetch().new == 1
    assert path.read_bytes() == archive(5000)


def test_a_download_that_is_cut_off_goes_on_where_it_was(stand: Stand) -> None:
    stand.publisher.offers[PATH].cuts = [100_000, 150_000]
    (path,) = stand.fetch().paths
    assert path.read_bytes() == archive()
    ranges = [wanted for _, wanted, status in stand.publisher.asked if status == 206]
    assert len(ranges) == 2
    assert stand.waited[1] > stand.waited[0] > 0


def test_what_was_begun_goes_on_in_the_next_call_unless_the_file_is_another_by_now(stand: Stand) -> None:
    stand.publisher.offers[PATH].cuts = [50_000] + [0] * (ATTEMPTS - 1)
    with pytest.raises(Unavailable, match=f"did not come whole in {ATTEMPTS} tries"):
        stand.fetch()
    assert [name for name in stand.left() if not name.endswith((".part", ".part.json"))] == []
    stand.publisher.offers[PATH] = Offer(archive(300_000))
    (path,) = stand.fetch().paths
    assert path.read_bytes() == archive(300_000)
    assert stand.publisher.statuses()[-1] == 200


@pytest.mark.parametrize(("ranges", "statuses"), [("ignored", [200, 200]), ("moved", [200, 206, 200])])
def test_a_publisher_that_answers_with_another_part_spoils_no_file(
    stand: Stand, ranges: str, statuses: list[int]
) -> None:
    stand.publisher.offers[PATH].ranges, stand.publisher.offers[PATH].cuts = ranges, [100_000]
    (path,) = stand.fetch().paths
    assert path.read_bytes() == archive()
    assert stand.publisher.statuses()[1:] == statuses


def test_an_address_that_leads_in_a_circle_is_told_at_once(stand: Stand) -> None:
    stand.publisher.offers[PATH].leads_to = PATH
    with pytest.raises(FailedPrecondition, match="leads from one address to the next without end"):
        stand.fetch()
    assert stand.waited == []


def test_a_publisher_that_is_away_for_a_moment_is_asked_again(stand: Stand) -> None:
    stand.publisher.offers[PATH].failures = [503, 429]
    stand.publisher.offers["/page"].failures = [500]
    assert stand.fetch().new == 1
    assert len(stand.waited) == 3


def test_a_changed_layout_says_which_page_to_visit(stand: Stand) -> None:
    stand.publisher.offers["/page"] = Offer(b"<html><a href='/all-new'>We moved</a></html>", "text/html")
    with pytest.raises(FailedPrecondition, match=r"icd10cm-order: http://\S+/page links to no file as it used to"):
        stand.fetch()


def test_a_file_that_is_gone_is_told(stand: Stand) -> None:
    del stand.publisher.offers[PATH]
    with pytest.raises(NotFound, match=r"There is nothing at http://\S+order.zip \(404\)"):
        stand.fetch()
    assert stand.waited == []


@pytest.mark.parametrize("with_length", [True, False])
def test_a_truncated_archive_is_not_kept(stand: Stand, *, with_length: bool) -> None:
    stand.publisher.offers[PATH] = Offer(archive()[:-100], with_length=with_length)
    with pytest.raises(InvalidInput, match="is no whole zip archive"):
        stand.fetch()
    assert stand.left() == []


@pytest.mark.parametrize("kind", ["text/html", "application/zip"])
def test_a_page_instead_of_the_file_is_told(stand: Stand, kind: str) -> None:
    stand.publisher.offers[PATH] = Offer(b"\n<!DOCTYPE html><html>Accept our terms</html>", kind)
    with pytest.raises(InvalidInput, match="answers with a page instead of the file"):
        stand.fetch()
    assert stand.left() == []


@pytest.mark.parametrize("with_length", [True, False])
def test_a_file_beyond_its_bound_is_refused(stand: Stand, *, with_length: bool) -> None:
    stand.publisher.offers[PATH] = Offer(archive(1_500_000), with_length=with_length)
    with pytest.raises(InvalidInput, match="more than 1,048,576 bytes"):
        stand.fetch(stand.source(largest_mb=1))


def test_a_wrong_checksum_is_refused(stand: Stand) -> None:
    source = stand.source(page="", links=[], addresses=[stand.publisher.url + PATH], sha256="0" * 64)
    with pytest.raises(InvalidInput, match=f"and {'0' * 64} is right"):
        stand.fetch(source)
    assert stand.left() == []
    right = stand.source(
        page="", links=[], addresses=[stand.publisher.url + PATH], sha256=hashlib.sha256(archive()).hexdigest()
    )
    assert stand.fetch(right).new == 1


def test_parts_behind_terms_are_fetched_when_somebody_accepts_them(stand: Stand) -> None:
    names = [f"medicare-ncci-2026q{q}-practitioner-ptp-edits-ccipra-v32{q}r0-f{n}.zip" for q in (1, 2) for n in (1, 2)]
    links = "".join(f'<a href="/license/ama?file=/files/zip/{name}">part</a>' for name in names)
    stand.publisher.offers["/page"] = Offer(f"<html>{links}</html>".encode(), "text/html")
    for name in names:
        stand.publisher.offers[f"/files/zip/{name}"] = Offer(archive(1000))
    real = next(source for source in load_sources() if source.name == "ncci-ptp-practitioner")
    source = real.model_copy(update={"page": f"{stand.publisher.url}/page"})
    with pytest.raises(FailedPrecondition, match="say who accepts them"):
        stand.fetch(source)
    outcome = stand.fetch(source, "A. Tester")
    assert [path.name for path in outcome.paths] == names[2:]
    assert all(asked.endswith("?agree=yes&next=Accept") for asked, _, _ in stand.publisher.asked if "/zip/" in asked)
    entries = json.loads((stand.folder / source.name / "fetched.json").read_text())
    assert {entry["licence_accepted_by"] for entry in entries} == {"A. Tester"}


PAGES = {
    "icd10cm-tabular-and-index": {
        "": '<a href="2025/">2025/</a><a href="/pub/Health_Statistics/NCHS/Publications/ICD10CM/2026/">2026/</a>',
        "2026/": '<a href="icd10cm-table%20and%20index-2026.zip">x</a><a href="icd10cm-codes-2026.zip">y</a>',
    },
    "icd10cm-conversion": {
        "": '<a href="/files/zip/2026-icd-10-pcs-conversion-table.zip">p</a>'
        '<a href="/files/zip/2026-conversion-table.zip">c</a>'
    },
    "icd10pcs-order": {
        "": '<a href="/files/zip/2025-icd-10-pcs-order-file-long-and-abbreviated-titles.zip">a</a>'
        '<a href="/files/zip/2026-icd-10-pcs-order-file-long-and-abbreviated-titles.zip">b</a>'
        '<a href="/files/zip/2026-icd-10-pcs-order-file-long-and-abbreviated-titles-updated-12/19/2025.zip">c</a>'
    },
    "hcpcs": {
        "": "".join(
            f'<a href="/files/zip/{month}-alpha-numeric-hcpcs-file.zip">x</a>'
            for month in ("october-2025", "january-2026", "july-2026", "april-2026")
        )
    },
    "pfs-rvu": {
        "": '<a href="/medicare/payment/fee-schedules/physician/pfs-relative-value-files/rvu25d">a</a>'
        '<a href="/medicare/payment/fee-schedules/physician/pfs-relative-value-files/rvu26c">b</a>'
        '<a href="/medicare/payment/fee-schedules/physician/pfs-relative-value-files/rvu26a">c</a>',
        "rvu26c": '<a href="/license/ama?file=/files/zip/rvu26c-updated-06-30-2026.zip">z</a>',
    },
}
FOUND = {
    "icd10cm-tabular-and-index": "2026/icd10cm-table%20and%20index-2026.zip",
    "icd10cm-conversion": "/2026-conversion-table.zip",
    "icd10pcs-order": "-updated-12/19/2025.zip",
    "hcpcs": "/july-2026-alpha-numeric-hcpcs-file.zip",
    "pfs-rvu": "/rvu26c-updated-06-30-2026.zip?agree=yes&next=Accept",
}


@pytest.mark.parametrize("name", FOUND)
def test_the_patterns_find_the_newest_of_links_as_publishers_write_them(name: str) -> None:
    source = next(source for source in load_sources() if source.name == name)

    def read(address: str) -> str:
        return PAGES[name][address.removeprefix(source.page).removeprefix("/")]

    (address,) = find(source, read)
    assert address.endswith(FOUND[name])
    assert address.startswith("https://")


def test_every_source_leads_somewhere_by_https_and_is_named_once() -> None:
    sources = load_sources()
    assert len({source.name for source in sources}) == len(sources)
    for source in sources:
        assert all(a.startswith("https://") for a in (source.page, source.visit, *source.addresses) if a)
    assert all(not source.visit for source in chosen(sources, []))
    with pytest.raises(InvalidInput, match="is not known; there are icd10cm-order"):
        chosen(sources, ["klingon"])


def test_a_page_to_visit_is_said(stand: Stand) -> None:
    (source,) = chosen(load_sources(), ["cpt"])
    with pytest.raises(FailedPrecondition, match=r"cpt: visit https://www\.ama-assn\.org"):
        stand.fetch(source)


def test_a_file_of_sources_that_is_wrong_is_told(tmp_path: Path) -> None:
    for text in ("- name: x", "[", "- {name: x, kinds: [hcpcs], page: a}", "- {name: x, kinds: [y], visit: a}"):
        (tmp_path / "s.yaml").write_text(text)
        with pytest.raises(InvalidInput, match=r"s\.yaml"):
            load_sources(tmp_path / "s.yaml")
    with pytest.raises(InvalidInput, match="cannot be read"):
        load_sources(tmp_path / "none.yaml")
