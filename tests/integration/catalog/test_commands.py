"""The operator's commands, run as an operator runs them."""

import io
import os
import subprocess
import sys
import zipfile
from pathlib import Path

from tests.unit.catalog.publisher import Offer, Publisher, publishing
from tests.unit.catalog.small_tabular import SMALL, written

ROOT = Path(__file__).parents[3]


def run(url: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a command of the catalog on a database."""
    environment = os.environ | {"DATABASE_URL": url, "PYTHONPATH": f"{ROOT}:{ROOT / 'protos'}", "COLUMNS": "240"}
    return subprocess.run(
        [sys.executable, "-m", "services.catalog", *map(str, arguments)],
        env=environment, capture_output=True, text=True, timeout=120, check=False, cwd=ROOT,
    )  # fmt: skip


def test_an_operator_migrates_imports_lists_and_reverts(database_url: str, tmp_path: Path) -> None:
    assert run(database_url, "migrate").returncode == 0
    for text in (SMALL, SMALL.replace("spoon", "fork")):
        done = run(database_url, "import", "icd10cm-tabular", written(tmp_path, text), "--by", "olive")
        assert done.returncode == 0, done.stderr
        assert "In force: ICD-10-CM Tabular List, FY 2026, April 1, 2026" in done.stderr
    listed = run(database_url, "releases", "list").stdout
    assert listed.count("icd10cm-tabular-") == 2
    assert listed.count("olive") == 2
    assert "2026-04-01 to 2026-09-30" in listed
    reverted = run(database_url, "releases", "revert", "icd10cm-tabular")
    assert "2 codes changed" in reverted.stderr
    assert run(database_url, "releases", "revert", "icd10cm-tabular").returncode == 1


def test_a_refused_import_lists_its_defects_and_ends_with_status_1(catalog_url: str, tmp_path: Path) -> None:
    path = written(tmp_path, SMALL.replace("Invented spoon", " ").replace("<name>19</name>", "<name>XIX</name>"))
    refused = run(catalog_url, "import", "icd10cm-tabular", path)
    assert refused.returncode == 1
    assert f"{path.name}, line 61, column" in refused.stderr
    assert f"{path.name}, line 7, column 3" in refused.stderr
    assert "Nothing was imported: 2 defects" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert "icd10cm-tabular-" not in run(catalog_url, "releases", "list").stdout


def test_a_licence_must_be_accepted_by_somebody(catalog_url: str, tmp_path: Path) -> None:
    path = written(tmp_path, "10001\tInvented act\n", "LONGULT.txt")
    refused = run(catalog_url, "import", "cpt", path, "--edition", "2027")
    assert refused.returncode == 1
    assert "--accept-licence-by NAME" in refused.stderr
    accepted = run(catalog_url, "import", "cpt", path, "--edition", "2027", "--accept-licence-by", "A. Tester")
    assert accepted.returncode == 0, accepted.stderr


def test_comparing_texts_fails_on_six_words_in_common_with_a_file_or_the_loaded_release(
    catalog_url: str, tmp_path: Path
) -> None:
    assert "No licensed CPT file is loaded" in run(catalog_url, "compare-texts").stderr
    ours = "16 minutes or more, for example an antibiotic"
    harmless = written(tmp_path, "10001\tInvented wording that nobody else would ever use\n", "harmless.txt")
    assert run(catalog_url, "compare-texts", "--file", harmless).returncode == 0
    copied = written(tmp_path, f"10001\tInvented {ours}\n", "LONGULT.txt")
    found = run(catalog_url, "compare-texts", "--file", copied)
    assert found.returncode == 1
    assert "shares '16 minutes or more for example an antibiotic'" in found.stderr
    run(catalog_url, "import", "cpt", copied, "--edition", "2027", "--accept-licence-by", "A. Tester")
    assert run(catalog_url, "compare-texts").returncode == 1


def test_a_command_without_a_database_says_what_to_do() -> None:
    told = run("", "releases", "list")
    assert told.returncode == 2
    assert "DATABASE_URL is not set" in told.stderr


def test_a_folder_is_loaded_whole_by_one_command_and_a_second_time_changes_nothing(
    catalog_url: str, tmp_path: Path
) -> None:
    written(tmp_path, SMALL)
    written(tmp_path, "10001\tInvented act\n", "LONGULT.txt")
    (tmp_path / "notes.pdf").write_bytes(b"")
    first = run(catalog_url, "load", tmp_path, "--by", "olive")
    assert first.returncode == 1
    assert "cpt: CPT is licensed by the American Medical Association" in first.stderr
    assert "Not recognised: notes.pdf" in first.stderr
    assert "1 of 2 imports are loaded." in first.stderr
    licence = ("--edition", "2027", "--accept-licence-by", "A. Tester")
    second = run(catalog_url, "load", tmp_path, "--by", "olive", *licence)
    assert second.returncode == 0, second.stderr
    listed = run(catalog_url, "releases", "list").stdout
    assert (listed.count("icd10cm-tabular-2"), listed.count("cpt-2")) == (1, 1)
    empty = run(catalog_url, "load", tmp_path / "missing")
    assert empty.returncode == 1
    assert "there is no such folder or file" in empty.stderr


def test_current_files_are_fetched_and_imported_and_a_second_time_nothing_happens(
    catalog_url: str, tmp_path: Path
) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("icd10cm-tabular-April-1-2026.xml", SMALL)
    page = Offer(b'<a href="/2026/table-and-index.zip">zip</a>', "text/html")
    offers = {"/files": page, "/2026/table-and-index.zip": Offer(target.getvalue())}
    with publishing(Publisher(offers)) as publisher:
        sources = tmp_path / "sources.yaml"
        sources.write_text(
            f"- {{name: tabular, kinds: [icd10cm-tabular], page: '{publisher.url}/files', links: ['.*\\.zip']}}\n"
            f"- {{name: gone, kinds: [hcpcs], addresses: ['{publisher.url}/hcpcs.zip']}}\n"
        )
        fetch = ("fetch", "--to", tmp_path / "to", "--sources", sources, "--import", "--by", "olive")
        first = run(catalog_url, *fetch)
        assert first.returncode == 1
        assert "Fetched: tabular, table-and-index.zip." in first.stderr
        assert "Loaded: ICD-10-CM Tabular List, FY 2026, April 1, 2026" in first.stderr
        assert "There is nothing at" in first.stderr
        assert "1 of 2 data sets are in" in first.stderr
        again = run(catalog_url, *fetch, "tabular")
    assert again.returncode == 0, again.stderr
    assert "Fetched (current already): tabular" in again.stderr
    assert run(catalog_url, "releases", "list").stdout.count("icd10cm-tabular-") == 1
