"""What every test may ask for: real servers, fresh databases, the folder of real data.

A server that cannot be had skips the test with its reason, and the reasons are counted at the end of the run.
`REQUIRE_SERVERS=elasticsearch,kafka,keycloak,postgres,chromium` and `REQUIRE_DATA=1` turn such a skip into a failure.
"""

from __future__ import annotations

import collections
import os
import uuid
from collections.abc import Callable, Iterator
from importlib import resources
from pathlib import Path

import certifi
import hypothesis
import pytest

from deploy.local.migrations import PACKAGES
from shared.database import migrate
from tests.servers.chromium import find_chromium
from tests.servers.keycloak import Address
from tests.servers.postgres import create_database, drop_database
from tests.servers.run import VARIABLE, Run
from tests.servers.source import NotAvailableError

hypothesis.settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("any machine")  # a busy machine makes no text wrong

NEEDS = "needs "
NewDatabase = Callable[[str], str]


def pytest_configure(config: pytest.Config) -> None:
    """Begin the run's servers in the process that owns the workers."""
    if not hasattr(config, "workerinput"):
        run = config.stash[_RUN] = Run.begin()
        os.environ.setdefault("SSL_CERT_FILE", str(_one_authority(run.folder)))


def _one_authority(folder: Path) -> Path:
    """A file with one of the world's certificate authorities, for clients that speak to this machine alone.

    To read all of them costs 40 ms of every client that a test makes.
    """
    file = folder / "authority.pem"
    first, end, _ = certifi.contents().partition("-----END CERTIFICATE-----")
    file.write_text(f"{first}{end}\n")
    return file


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop them when it ends."""
    run = config.stash.get(_RUN, None)
    if run:
        run.end()
        os.environ.pop(VARIABLE, None)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Count the tests that were skipped for want of a server or of data, by reason."""
    reasons = collections.Counter(
        report.longrepr[2].removeprefix("Skipped: ")
        for report in terminalreporter.stats.get("skipped", [])
        if isinstance(report.longrepr, tuple)
    )
    missing = {reason: count for reason, count in reasons.items() if reason.startswith(NEEDS)}
    if missing:
        terminalreporter.section("skipped for want of a server or of data")
        for reason, count in sorted(missing.items()):
            terminalreporter.write_line(f"{count:4} x {reason}")


def missing(name: str, reason: object, *, required: bool) -> None:
    """Skip the test that needs `name`, or fail it where the environment requires `name`."""
    text = f"{NEEDS}{name}: {reason}"
    if required:
        pytest.fail(text, pytrace=False)
    pytest.skip(text)


def required_servers() -> set[str]:
    """Names in REQUIRE_SERVERS."""
    return {name.strip() for name in os.environ.get("REQUIRE_SERVERS", "").split(",") if name.strip()}


def server_address(name: str) -> str:
    """The address of the run's server `name`; skips or fails the test where there is none."""
    try:
        return Run.current().get(name).address
    except NotAvailableError as reason:
        missing(name, reason, required=name in required_servers())
        raise


@pytest.fixture(scope="session")
def postgres_url() -> str:
    """A PostgreSQL for the whole run, shared by all workers: the address of its maintenance database."""
    return server_address("postgres")


@pytest.fixture(scope="session")
def templates(postgres_url: str) -> Iterator[Callable[[str], str]]:
    """Give the name of a database that holds a service's tables and is copied: migrated once in each worker."""
    names: dict[str, str] = {}

    def template(service: str) -> str:
        if service not in names:
            names[service] = f"{service}_{uuid.uuid4().hex[:12]}_template"
            package = resources.files(PACKAGES[service])
            migrate(create_database(postgres_url, names[service]), Path(str(package / "migrations")))
        return names[service]

    yield template
    for name in names.values():
        drop_database(postgres_url, name)


@pytest.fixture
def new_database(postgres_url: str, templates: Callable[[str], str]) -> Iterator[NewDatabase]:
    """Give fresh databases: `new_database("test")` returns the address of one; all go with the test.

    One that is named after a service has its tables and no row; any other is empty.
    """
    names: list[str] = []

    def create(purpose: str = "test") -> str:
        name = f"{purpose}_{uuid.uuid4().hex[:12]}"
        names.append(name)
        if purpose in PACKAGES:
            return create_database(postgres_url, name, templates(purpose))
        return create_database(postgres_url, name)

    yield create
    for name in names:
        drop_database(postgres_url, name)


@pytest.fixture
def database_url(new_database: NewDatabase) -> str:
    """A fresh empty database for this test."""
    return new_database("test")


@pytest.fixture
def events_url(new_database: NewDatabase) -> str:
    """A fresh event log in PostgreSQL for this test."""
    return new_database("events").replace("postgresql://", "postgres://", 1)


@pytest.fixture(scope="session")
def kafka_url() -> str:
    """An Apache Kafka for the whole run, shared by all workers; use topic names of your own."""
    return server_address("kafka")


@pytest.fixture(scope="session")
def elasticsearch_url() -> str:
    """An Elasticsearch for the whole run, shared by all workers; use aliases of your own."""
    return server_address("elasticsearch")


@pytest.fixture(scope="session")
def keycloak() -> Address:
    """A Keycloak for the whole run, shared by all workers; use realms of your own."""
    return Address.read(server_address("keycloak"))


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of real data that DATA names."""
    required = os.environ.get("REQUIRE_DATA") == "1"
    folder = os.environ.get("DATA")
    if not folder:
        missing("data", "DATA names no folder of real data", required=required)
    path = Path(str(folder))
    if not path.is_dir():
        missing("data", f"DATA names {folder}, which is not a folder", required=required)
    return path


@pytest.fixture(scope="session")
def chromium_path() -> Path:
    """The browser of the end-to-end tests."""
    try:
        return find_chromium()
    except NotAvailableError as reason:
        missing("chromium", reason, required="chromium" in required_servers())
        raise


_RUN = pytest.StashKey[Run]()
