"""What a migration makes of rows that were there before it."""

import shutil
from pathlib import Path

import psycopg

from services.catalog import migrations
from shared.database import migrate

RELEASE = """
    INSERT INTO release (id, kind, setting, title, publisher, edition, systems, checksum, entries, imported_by,
                         imported_at, published_at, in_force, answering)
    VALUES (%s, 'hcpcs', '', 't', 'p', 'e', '{hcpcs,modifier}', '', 1, 'x', now(), now(), false, true)
"""
CODE = """
    INSERT INTO code (release_id, system, code, display, kind, level, ordinal, last_ordinal, ancestors, heading,
                      official, reportable, has_page, children, reportable_below, body, content_hash)
    VALUES (%s, %s, 'X', 'X', 'code', 0, 0, 0, '{}', 'h', true, true, true, 0, 0, '{}', '')
"""


def test_a_release_of_hcpcs_names_the_systems_of_which_it_has_codes(database_url: str, tmp_path: Path) -> None:
    whole = Path(migrations.__path__[0])
    shutil.copytree(whole, tmp_path / "before", ignore=shutil.ignore_patterns("__pycache__", "0012_*", "001[3-9]_*"))
    migrate(database_url, tmp_path / "before")
    with psycopg.connect(database_url, autocommit=True) as conn:
        for release in ("both", "codes"):
            conn.execute(RELEASE, (release,))
            conn.execute(CODE, (release, "hcpcs"))
        conn.execute(CODE, ("both", "modifier"))
        migrate(database_url, whole)
        found: dict[str, list[str]] = dict(conn.execute("SELECT id, systems FROM release").fetchall())
    assert found == {"both": ["hcpcs", "modifier"], "codes": ["hcpcs"]}
