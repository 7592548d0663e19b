"""Each program that an operator starts ends with a sentence, and without a trace, when it cannot do its work."""

import base64
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.internal_keys import new_key_files

ROOT = Path(__file__).parents[3]
PROGRAMS = ("services.catalog", "services.metering", "gateway")


@pytest.fixture
def environment(folder: Path) -> dict[str, str]:
    """Settings that are all right, but for the database, which nobody serves."""
    new_key_files(folder / "private", folder / "public")
    (folder / "guest").write_text(json.dumps({"1": base64.b64encode(b"g" * 32).decode()}))
    (folder / "network").write_text(base64.b64encode(b"n" * 32).decode())
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT / "protos"),
        "DATABASE_URL": f"postgresql://user@/name?host={folder}/nobody",
        "EVENTS_URL": f"postgresql://user@/events?host={folder}/nobody",
        "LISTEN": f"unix:{folder}/s.sock",
        "LOG_LEVEL": "error",
        "INTERNAL_TOKEN_JWKS_FILE": str(folder / "public"),
        "INTERNAL_TOKEN_KEY_FILE": str(folder / "private"),
        "PUBLIC_URL": "http://localhost:8080",
        "CATALOG_TARGET": f"unix:{folder}/catalog.sock",
        "METERING_TARGET": f"unix:{folder}/metering.sock",
        "GUEST_COOKIE_KEYS_FILE": str(folder / "guest"),
        "NETWORK_KEY_FILE": str(folder / "network"),
        "OIDC_ISSUER": "http://localhost/issuer",
        "OIDC_JWKS_FILE": str(folder / "public"),
    }


def ended(environment: Mapping[str, str], *words: str) -> tuple[int, str]:
    """Run a program to its end; gives its status and what it told the operator."""
    done = subprocess.run(
        [sys.executable, "-m", *words],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stderr


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_missing_setting_is_named(environment: dict[str, str], program: str) -> None:
    del environment["EVENTS_URL"]
    status, told = ended(environment, program)
    assert status == 1
    assert "The setting EVENTS_URL is not set" in told


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_log_of_no_known_kind_is_named(environment: dict[str, str], program: str) -> None:
    status, told = ended(environment | {"EVENTS_URL": "carrier-pigeon://loft"}, program)
    assert status == 1
    assert "EVENTS_URL begins with 'carrier-pigeon'" in told


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_command_that_there_is_not_is_refused(environment: dict[str, str], program: str) -> None:
    status, told = ended(environment, program, "fly")
    assert status in {1, 2}
    assert "fly" in told


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_migration_without_its_database_says_so(environment: dict[str, str], program: str) -> None:
    status, told = ended(environment, program, "migrate")
    assert status == 1
    assert told.startswith("The database of DATABASE_URL does not answer")


@pytest.mark.parametrize(
    "words", [("services.catalog", "releases", "list"), ("services.metering", "reconcile"), ("gateway",)]
)
def test_what_needs_its_database_says_where_it_looked(environment: dict[str, str], words: tuple[str, ...]) -> None:
    status, told = ended(environment, *words)
    assert status == 1
    assert "database name, did not answer within" in told.splitlines()[-1]


@pytest.mark.parametrize(
    ("setting", "content"),
    [
        ("GUEST_COOKIE_KEYS_FILE", None),
        ("GUEST_COOKIE_KEYS_FILE", b"not a key"),
        ("NETWORK_KEY_FILE", b""),
        ("NETWORK_KEY_FILE", b"\xff\xfe"),
    ],
)
def test_a_key_file_that_is_wrong_is_named_and_not_quoted(
    environment: dict[str, str], folder: Path, setting: str, content: bytes | None
) -> None:
    file = folder / "wrong"
    if content is not None:
        file.write_bytes(content)
    status, told = ended(environment | {setting: str(file)}, "gateway")
    assert status == 1
    assert str(file) in told
    assert "not a key" not in told


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_taken_address_for_metrics_is_named(environment: dict[str, str], program: str, taken: int) -> None:
    status, told = ended(environment | {"METRICS_LISTEN": f"127.0.0.1:{taken}"}, program)
    assert status == 1
    assert f"Another process listens on 127.0.0.1:{taken} already" in told
