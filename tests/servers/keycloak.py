"""Keycloak 26.4 in development mode with its database in memory, launched from its Maven artefact.

The distribution is kept outside the tree, built there once, and shared by every run: a run's folder links to it and
holds only what the server writes. The address carries the administrator's name and password; realms are the tests' own.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import tempfile
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from tests.servers import processes
from tests.servers.ports import free_port
from tests.servers.source import Image, NotAvailableError

VERSION = "26.4.0"
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "codingahead" / f"keycloak-{VERSION}"
THEMES = Path(__file__).parents[2] / "deploy" / "keycloak" / "themes"
START_SECONDS = 180
USER = "admin"
PASSWORD = "only-for-tests"  # the server listens on the loopback address and forgets everything
MEMORY = "-Xms64m -Xmx512m -XX:TieredStopAtLevel=1"
OPTIONS = Path(__file__).parents[2] / "deploy" / "keycloak" / "server.env"
_ARTEFACT = f"org.keycloak:keycloak-quarkus-dist:{VERSION}:zip"


@dataclass(frozen=True, slots=True)
class Address:
    """A server's address, taken apart."""

    url: str
    user: str
    password: str

    @classmethod
    def read(cls, address: str) -> Address:
        """Take `http://user:password@host:port` apart."""
        parts = urlsplit(address)
        url = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
        return cls(url, parts.username or USER, parts.password or PASSWORD)


class Keycloak:
    """One server in one folder. Another process may take the same folder up and stop the server."""

    def __init__(self, folder: Path, *, port: int | None = None) -> None:
        """Name the folder; a free port is chosen unless one is given."""
        self._folder = folder
        self._port = port or free_port()

    @property
    def address(self) -> str:
        """The address with the administrator's name and password."""
        return f"http://{USER}:{PASSWORD}@127.0.0.1:{self._port}"

    def start(self) -> None:
        """Start with no realm but master, and return when it answers."""
        home = self._home(distribution())
        with (self._folder / "server.log").open("ab") as output, _building():
            server = subprocess.Popen(
                [home / "bin" / "kc.sh", "start-dev", "--db", "dev-mem", "--cache", "local", "--http-host", "127.0.0.1",
                 "--http-port", str(self._port), "--log-level", "warn"],
                env={**os.environ, **server_options(), "KC_BOOTSTRAP_ADMIN_USERNAME": USER,
                     "KC_BOOTSTRAP_ADMIN_PASSWORD": PASSWORD, "JAVA_OPTS_KC_HEAP": MEMORY},
                cwd=self._folder, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
            )  # fmt: skip
            processes.remember(self._folder, server)
            try:
                wait_ready(self.address, server)
            except NotAvailableError:
                self.remove()
                raise

    def remove(self) -> None:
        """Kill the server with its children and remove its folder."""
        processes.end(self._folder, signal.SIGKILL)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _home(self, built: Path) -> Path:
        """A home that links to the distribution, with data and our themes of its own."""
        home = self._folder / "home"
        home.mkdir(parents=True, exist_ok=True)
        for name in ("bin", "conf"):  # the start script finds its home by its own place
            shutil.copytree(built / name, home / name, dirs_exist_ok=True)
        for name, place in (("lib", built / "lib"), ("providers", built / "providers"), ("themes", THEMES)):
            if not (home / name).exists():
                (home / name).symlink_to(place, target_is_directory=True)
        return home


class KeycloakRecipe:
    """Keycloak as the tests ask for it."""

    name = "keycloak"
    variable = "KEYCLOAK_URL"

    port = 8180

    def launch(self, folder: Path, port: int | None = None) -> str:
        """Start the server from its artefact."""
        server = Keycloak(folder, port=port)
        try:
            server.start()
        except (OSError, subprocess.SubprocessError) as error:
            raise NotAvailableError(f"Keycloak did not start: {error}") from error
        return server.address

    def stop(self, folder: Path) -> None:
        """Stop the server and remove its folder."""
        Keycloak(folder).remove()

    def image(self, port: int) -> Image:
        """The official image with our themes; it tells sites on the loopback address of sign-outs."""
        return Image(
            f"quay.io/keycloak/keycloak:{VERSION}",
            port,
            {**server_options(), "KC_BOOTSTRAP_ADMIN_USERNAME": USER, "KC_BOOTSTRAP_ADMIN_PASSWORD": PASSWORD},
            ("start-dev", "--db", "dev-mem", "--http-host", "127.0.0.1", "--http-port", str(port)),
            folders={THEMES / "coding-ahead": "/opt/keycloak/themes/coding-ahead"},
            on_our_network=True,
        )

    def container_address(self, port: int) -> str:
        """The address of the container."""
        return f"http://{USER}:{PASSWORD}@127.0.0.1:{port}"

    def wait_ready(self, address: str) -> None:
        """Return once the server answers."""
        wait_ready(address)


def server_options() -> dict[str, str]:
    """What an operator sets for the server beside the realm."""
    lines = [line for line in OPTIONS.read_text().splitlines() if line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)


def wait_ready(address: str, server: subprocess.Popen[bytes] | None = None) -> None:
    """Return once a Keycloak at `address` answers; NotAvailableError when it does not, or when `server` has ended."""
    url = Address.read(address).url
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            httpx.get(f"{url}/realms/master/.well-known/openid-configuration", timeout=5).raise_for_status()
        except httpx.HTTPError as error:
            if server and server.poll() is not None:
                raise NotAvailableError(f"Keycloak ended with status {server.returncode} while it started") from error
            if time.monotonic() > deadline:
                raise NotAvailableError(f"Keycloak does not answer at {url}: {error}") from error
            time.sleep(0.2)
        else:
            return


def distribution() -> Path:
    """The folder of the unpacked distribution, fetched by Maven the first time.

    Raises:
        NotAvailableError: there is no Java or Maven, or the artefact cannot be had.

    """
    if not shutil.which("java"):
        raise NotAvailableError("there is no java (17 or newer) to run Keycloak with")
    with _locked("fetch"):
        if not CACHE.is_dir():
            _fetch()
    return CACHE


def _fetch() -> None:
    maven = shutil.which("mvn")
    if not maven:
        raise NotAvailableError("there is no mvn to fetch Keycloak with; `apt-get install maven` gives it")
    work = Path(tempfile.mkdtemp(dir=CACHE.parent, prefix=f"{CACHE.name}-"))
    try:
        subprocess.run(
            [maven, "-q", "-B", "dependency:copy", f"-Dartifact={_ARTEFACT}", f"-DoutputDirectory={work}"],
            cwd=work, check=True, stdin=subprocess.DEVNULL, capture_output=True, timeout=600,
        )  # fmt: skip
        with zipfile.ZipFile(next(work.glob("*.zip"))) as archive:
            archive.extractall(work)
        unpacked = work / f"keycloak-{VERSION}"
        (unpacked / "bin" / "kc.sh").chmod(0o755)
        unpacked.rename(CACHE)
    except subprocess.SubprocessError as error:
        said = getattr(error, "stdout", b"") or b""
        last = said.decode(errors="replace").strip().splitlines()[-1:] or [str(error)]
        raise NotAvailableError(f"Maven could not fetch Keycloak {VERSION}: {last[0]}") from error
    finally:
        shutil.rmtree(work, ignore_errors=True)


@contextlib.contextmanager
def _locked(purpose: str) -> Iterator[None]:
    CACHE.parent.mkdir(parents=True, exist_ok=True)
    with (CACHE.parent / f"{CACHE.name}.{purpose}.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _building() -> contextlib.AbstractContextManager[None]:
    """Held while a server starts: the first start builds the shared distribution, which two must not do at once."""
    return _locked("build")
