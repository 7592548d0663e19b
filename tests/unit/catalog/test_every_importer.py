"""Every kind of file, however it is spoilt or packed: it is read, or refused with places, in bounded time."""

import io
import re
import tempfile
import time
import warnings
import zipfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.catalog.imports.defects import MOST_KEPT, Defects
from services.catalog.imports.importer import Choices, silent
from services.catalog.imports.registry import IMPORTERS, importer_of
from services.catalog.rows import Blocks
from shared.errors import DomainError, InvalidInput
from tests.unit.catalog.code_set_files import CHOICES, RIGHT, WORKBOOKS, workbook
from tests.unit.catalog.small_payment import AOC_TEXT, mue_text, pfs_text
from tests.unit.catalog.small_ptp import ptp_text
from tests.unit.catalog.small_tabular import SMALL as TABULAR
from tests.unit.catalog.test_coverage_importer import ANSWERS, answer
from tests.unit.catalog.test_guidelines import SMALL as GUIDELINES

OF_FOLDERS = {"house"}
"""Our own texts come as a folder of this repository."""
LICENSED = Choices(edition="2027", licence_accepted_by="A. Tester")
CONVERSION, CONVERSION_ROWS = WORKBOOKS["icd10cm-conversion"]
FILES: dict[str, dict[str, bytes]] = {
    **RIGHT,
    "icd10cm-tabular": {"icd10cm-tabular-April-1-2026.xml": TABULAR.encode()},
    "icd10cm-guidelines": {"icd10cm-guidelines-2026.md": GUIDELINES.encode()},
    "icd10cm-conversion": {CONVERSION: workbook(CONVERSION_ROWS)},
    "hcc": {
        "ra_dx_to_cc_2026.csv": b"diagnosis_code,cc,model_name\nS060XXA,37,CMS-HCC Model V28\n",
        "ra_labels_2026.csv": b"cc,label,model_domain,model_version,model_fullname\n"
        b"HCC37,Invented category,CMS-HCC,V28,V28115L3\n",
    },
    "cpt": {"LONGULT.txt": b"10001\tInvented act\n10002\tInvented deed\n"},
    "ncci-ptp": {"ccipra-v302r0-f1.txt": ptp_text().encode("latin-1")},
    "ncci-mue": {"MCR_MUE_PractitionerServices_Eff_07-01-2024.csv": mue_text().encode("latin-1")},
    "ncci-aoc": {"AOC_V2024Q3-MCR.txt": AOC_TEXT.encode("latin-1")},
    "pfs-rvu": {"PPRRVU24_JUL.csv": pfs_text().encode("latin-1")},
    "coverage": {f"{name.replace('/', '-')}.json": answer(entries).encode() for name, entries in ANSWERS.items()},
}
KINDS = sorted(FILES)
LONGEST_SECONDS = 5.0
"""Of the processor, for a file of a few kB."""


def outcome(kind: str, files: Mapping[str, bytes]) -> tuple[int, Defects]:
    """How many rows an import reads, and its defects; InvalidInput when it is refused whole."""
    begun = time.process_time()
    defects, count = Defects(), 0
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            (Path(folder) / name).write_bytes(content)
        try:
            paths = [Path(folder) / name for name in files]
            choices = LICENSED if kind == "cpt" else CHOICES.get(kind, Choices())
            reading = importer_of(kind).read(paths, choices, defects, silent)
            for _, rows in reading.rows:
                count += sum(b.rows for b in rows.blocks) if isinstance(rows, Blocks) else sum(1 for _ in rows)
            reading.edition()
        finally:
            assert time.process_time() - begun < LONGEST_SECONDS
    for defect in defects.kept:
        assert defect.file
        assert defect.line >= 1
        assert defect.column >= 1
        assert len(defect.what) > 10
    assert len(defects.kept) <= MOST_KEPT
    return count, defects


def archived(files: Mapping[str, bytes], rename: Callable[[str], str] = lambda name: f"a folder/{name}") -> bytes:
    """Files in an archive."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of names that stand twice
        for name, content in files.items():
            packed.writestr(rename(name), content)
    return target.getvalue()


def test_every_kind_is_here() -> None:
    assert set(FILES) == set(IMPORTERS) - OF_FOLDERS


@pytest.mark.parametrize("kind", KINDS)
def test_a_right_import_is_read_plain_and_packed_alike(kind: str) -> None:
    plain, defects = outcome(kind, FILES[kind])
    assert (plain > 0, defects.kept) == (True, [])
    packed, defects = outcome(kind, {"as published.zip": archived(FILES[kind])})
    assert (packed, defects.kept) == (plain, [])


@pytest.mark.parametrize("kind", KINDS)
def test_an_archive_that_leads_out_bursts_or_is_cut_is_refused(kind: str) -> None:
    name, content = next(iter(FILES[kind].items()))
    with pytest.raises(InvalidInput, match="leads out of the archive"):
        outcome(kind, {"a.zip": archived(FILES[kind], lambda each: f"../../{each}")})
    with pytest.raises(InvalidInput, match="would grow to"):
        outcome(kind, {"a.zip": archived({name: content + b"0" * 40_000_000})})
    whole = archived(FILES[kind])
    with pytest.raises(InvalidInput, match="no whole zip archive"):
        outcome(kind, {"a.zip": whole[: len(whole) - 30]})


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=25)
@given(data=st.data())
def test_whatever_is_done_to_a_file_it_is_read_or_refused_with_places(kind: str, data: st.DataObject) -> None:
    name, content = data.draw(st.sampled_from(sorted(FILES[kind].items())))
    match data.draw(st.sampled_from(["bytes", "cells", "double", "encoding", "ends", "mark"])):
        case "bytes":
            at = data.draw(st.integers(0, len(content)))
            rest = data.draw(st.one_of(st.just(len(content)), st.integers(at, len(content))))
            spoilt = content[:at] + data.draw(st.binary(max_size=60)) + content[rest:]
        case "cells":
            cells = re.split(rb"([\t,|<>\" ]+)", content)
            first, second = (data.draw(st.integers(0, len(cells) - 1)) for _ in range(2))
            cells[first], cells[second] = cells[second], cells[first]
            spoilt = b"".join(cells)
        case "double":
            lines = content.splitlines(keepends=True)
            place = data.draw(st.integers(0, len(lines) - 1))
            spoilt = b"".join([*lines[: place + 1], *lines[place:]])
        case "encoding":
            spoilt = content.decode("latin-1").encode(data.draw(st.sampled_from(["utf-16", "utf-32", "cp037"])))
        case "ends":
            spoilt = content.replace(b"\r\n", b"\n").replace(
                b"\n", data.draw(st.sampled_from([b"\r\n", b"\r", b"\n\n"]))
            )
        case _:
            spoilt = b"\xef\xbb\xbf" + content
    files = {**FILES[kind], name: spoilt}
    if data.draw(st.booleans()):
        files = {"as published.zip": archived(files)}
    with suppress(DomainError):  # refused whole, in a sentence
        count, defects = outcome(kind, files)
        assert count or defects.count
