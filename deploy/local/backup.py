"""All state of one machine in one file, and back again.

The file holds a dump of each database, the keys and a list of checksums. The event log is dumped last: an event that
a service has not marked as published by then is published again after a restore, and consumers know it by its id.
"""

import hashlib
import json
import subprocess
import tarfile
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from deploy.local.postgres import DATABASES, EmbeddedPostgres
from deploy.local.problems import Problem
from deploy.local.state import State

FORMAT = 1
MANIFEST = "manifest.json"


def write_backup(state: State, postgres: EmbeddedPostgres, target: Path) -> int:
    """Dump everything into target (.tar.gz), which must not exist; the size in bytes. The platform may be running."""
    if target.exists():
        raise Problem(f"{target} exists already: name another file.")
    with tempfile.TemporaryDirectory(dir=state.folder, prefix="backup-") as scratch:
        folder = Path(scratch)
        for database in DATABASES:  # the event log is the last of them
            _dump(postgres, database, folder / f"{database}.dump")
        for key in sorted(state.keys.iterdir()):
            (folder / f"key-{key.name}").write_bytes(key.read_bytes())
        files = {file.name: _checksum(file) for file in sorted(folder.iterdir())}
        manifest = {"format": FORMAT, "written_at": datetime.now(UTC).isoformat(timespec="seconds"), "sha256": files}
        (folder / MANIFEST).write_text(json.dumps(manifest, indent=2))
        _pack(folder, target)
    return target.stat().st_size


def _pack(folder: Path, target: Path) -> None:
    """Write beside the target and rename, so that a cut-off backup never looks like a whole one."""
    partial = target.with_name(target.name + ".partial")
    try:
        with tarfile.open(partial, "w:gz", compresslevel=1) as archive:
            for file in sorted(folder.iterdir()):
                archive.add(file, arcname=file.name)
        partial.chmod(0o600)  # it holds keys
        partial.rename(target)
    finally:
        partial.unlink(missing_ok=True)


def unpack_backup(source: Path, folder: Path) -> None:
    """Unpack and check a backup into an empty folder; Problem names what is wrong with it."""
    if not source.is_file():
        raise Problem(f"There is no file {source}: name a backup with FILE=backup-....tar.gz.")
    try:
        with tarfile.open(source, "r:gz") as archive:
            archive.extractall(folder, filter="data")
        manifest = json.loads((folder / MANIFEST).read_text())
        checksums: dict[str, str] = manifest["sha256"]
        version = manifest["format"]
    except (tarfile.TarError, OSError, EOFError, ValueError, KeyError) as error:
        raise Problem(f"{source} is not a whole backup of this platform ({error}).") from error
    if version != FORMAT:
        raise Problem(f"{source} has format {version}, and this version of the platform reads format {FORMAT}.")
    for name, expected in checksums.items():
        if not (folder / name).is_file() or _checksum(folder / name) != expected:
            raise Problem(f"{source} is damaged: its file {name} does not match its checksum.")


def load_backup(folder: Path, state: State, postgres: EmbeddedPostgres) -> None:
    """Load an unpacked backup into a new state folder whose PostgreSQL runs."""
    for file in folder.glob("key-*"):
        key = state.keys / file.name.removeprefix("key-")
        key.write_bytes(file.read_bytes())
        key.chmod(0o600)
    for database in DATABASES:
        if not (folder / f"{database}.dump").exists():  # a backup of a version before this database
            continue
        _run(
            postgres.program("pg_restore"),
            "--exit-on-error",
            "--no-owner",
            "--dbname",
            postgres.url(database),
            str(folder / f"{database}.dump"),
        )


def _dump(postgres: EmbeddedPostgres, database: str, target: Path) -> None:
    _run(
        postgres.program("pg_dump"),
        "--format=custom",
        "--compress=1",
        "--file",
        str(target),
        "--dbname",
        postgres.url(database),
    )


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Problem(f"{Path(command[0]).name} failed: {done.stderr.strip()}")


def _checksum(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
