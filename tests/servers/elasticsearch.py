"""Elasticsearch 9.2, one node without security, launched from its Maven artefact by `local_elasticsearch/`.

The archive is fetched by Maven the first time, kept outside the tree and shared by every run; a run's folder holds the
indices, the log and the configuration. The port stays the same when the server is stopped and started again.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from tests.servers import processes
from tests.servers.ports import free_port
from tests.servers.source import Image, NotAvailableError

VERSION = "9.2.0"
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "codingahead"
LAUNCHER = Path(__file__).with_name("local_elasticsearch") / "elasticsearch.sh"
START_SECONDS = 240
"""The first start fetches a hundred megabytes."""
HEAP = "384m"


class Elasticsearch:
    """One node in one folder. Another process may take the same folder up and stop the node."""

    def __init__(self, folder: Path, *, port: int | None = None) -> None:
        """Name the folder; the port is chosen at the first start unless it is given."""
        self._folder = folder
        self._port = port

    @property
    def url(self) -> str:
        """The address, once started."""
        return f"http://127.0.0.1:{(self._folder / 'port').read_text()}"

    def start(self) -> None:
        """Start, the first time without an index, and return when the node answers."""
        if not shutil.which("mvn"):
            raise NotAvailableError("there is no mvn to fetch Elasticsearch with; `apt-get install maven` gives it")
        self._folder.mkdir(parents=True, exist_ok=True)
        if not (self._folder / "port").exists():
            (self._folder / "port").write_text(str(self._port or free_port()))
        port = (self._folder / "port").read_text()
        CACHE.mkdir(parents=True, exist_ok=True)
        # Two runs must not fetch at once.
        with (CACHE / "elasticsearch.lock").open("w") as lock, (self._folder / "server.log").open("ab") as output:
            fcntl.flock(lock, fcntl.LOCK_EX)
            server = subprocess.Popen(
                [LAUNCHER, "--data", self._folder / "node", "--port", port, "--heap", HEAP],
                env={**os.environ, "XDG_CACHE_HOME": str(CACHE)},
                stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
            )  # fmt: skip
            processes.remember(self._folder, server)
            try:
                wait_ready(self.url, server)
            except NotAvailableError as reason:
                self.kill()
                raise NotAvailableError(f"{reason}: {self._last_words()}") from reason

    def stop(self) -> None:
        """Stop in order."""
        processes.end(self._folder, signal.SIGTERM)

    def kill(self) -> None:
        """Kill -9 the node."""
        processes.end(self._folder, signal.SIGKILL)

    def stand_still(self) -> None:
        """Let the node keep its connections and answer nothing, as one that swaps or collects garbage does."""
        processes.send(self._folder, signal.SIGSTOP)

    def go_on(self) -> None:
        """Let it answer again."""
        processes.send(self._folder, signal.SIGCONT)

    def remove(self) -> None:
        """Kill the node and remove its folder."""
        self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _last_words(self) -> str:
        said = (self._folder / "server.log").read_text(errors="replace").strip().splitlines()
        return said[-1] if said else "it said nothing"


class ElasticsearchRecipe:
    """Elasticsearch as the tests ask for it."""

    name = "elasticsearch"
    variable = "ELASTICSEARCH_URL"

    port = 9200

    def launch(self, folder: Path, port: int | None = None) -> str:
        """Start the node from its artefact."""
        server = Elasticsearch(folder, port=port)
        try:
            server.start()
        except (OSError, subprocess.SubprocessError) as error:
            raise NotAvailableError(f"Elasticsearch did not start: {error}") from error
        return server.url

    def stop(self, folder: Path) -> None:
        """Stop the node and remove its folder."""
        Elasticsearch(folder).remove()

    def image(self, port: int) -> Image:  # noqa: ARG002 - it need not know under which port its clients see it
        """The official image as one node without security."""
        return Image(
            f"docker.elastic.co/elasticsearch/elasticsearch:{VERSION}",
            9200,
            {
                "discovery.type": "single-node",
                "xpack.security.enabled": "false",
                "xpack.ml.enabled": "false",
                "cluster.routing.allocation.disk.threshold_enabled": "false",
                "ES_JAVA_OPTS": f"-Xms{HEAP} -Xmx{HEAP}",
            },
        )

    def container_address(self, port: int) -> str:
        """The address of the container."""
        return f"http://127.0.0.1:{port}"

    def wait_ready(self, address: str) -> None:
        """Return once the node answers."""
        wait_ready(address)


def wait_ready(address: str, server: subprocess.Popen[bytes] | None = None) -> None:
    """Return once a node at `address` is ready; NotAvailableError when it is late, or when `server` has ended."""
    parts = urlsplit(address)
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            httpx.get(
                f"{parts.scheme}://{parts.netloc}/_cluster/health?wait_for_status=yellow&timeout=5s", timeout=10
            ).raise_for_status()
        except httpx.HTTPError as error:
            if server and server.poll() is not None:
                raise NotAvailableError(f"Elasticsearch ended with status {server.returncode}") from error
            if time.monotonic() > deadline:
                raise NotAvailableError(f"Elasticsearch does not answer at {address}: {error}") from error
            time.sleep(0.2)
        else:
            return
