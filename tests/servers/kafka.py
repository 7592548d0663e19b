"""Apache Kafka 4.1, one node as broker and controller, launched from its Maven artefacts.

The jars are kept outside the tree and shared by every run; a folder is put together beside its place and renamed, so
that several runs may begin at once. The port stays the same when the server is stopped and started again.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from base64 import urlsafe_b64encode
from pathlib import Path

from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError

from tests.servers import processes
from tests.servers.ports import free_port, listens
from tests.servers.source import Image, NotAvailableError

VERSION = "4.1.0"
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "codingahead" / f"kafka-{VERSION}"
START_SECONDS = 120
HEAP = "-Xmx384m"

_POM = f"""\
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>local</groupId><artifactId>kafka-server</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId>
      <version>{VERSION}</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
"""
_SETTINGS = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.listener.names": "CONTROLLER",
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "auto.create.topics.enable": "false",
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "4",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "group.initial.rebalance.delay.ms": "0",
    "group.min.session.timeout.ms": "1000",
    "log.retention.check.interval.ms": "60000",
    # A broker that was killed comes back once its old session has ended.
    "broker.session.timeout.ms": "3000",
    "broker.heartbeat.interval.ms": "500",
}


class Kafka:
    """One broker in one folder. Another process may take the same folder up and stop the broker."""

    def __init__(self, folder: Path, *, port: int | None = None) -> None:
        """Name the folder; the port is chosen at the first start unless it is given."""
        self._folder = folder
        self._port = port

    @property
    def url(self) -> str:
        """The address, once started."""
        return f"kafka://127.0.0.1:{(self._folder / 'port').read_text()}"

    def start(self) -> None:
        """Start, the first time with an empty log, and return when the broker answers."""
        libraries = jars()
        settings = self._folder / "server.properties"
        if not settings.exists():
            self._prepare(settings)
            subprocess.run(
                [_java(), "-cp", f"{libraries}/*", "kafka.tools.StorageTool", "format", "-t", _cluster_id(),
                 "-c", settings],
                check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                stderr=(self._folder / "format.log").open("wb"),
            )  # fmt: skip
        with (self._folder / "server.log").open("ab") as output:
            server = subprocess.Popen(
                [_java(), HEAP, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
                 "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                 "-cp", f"{libraries}/*", "kafka.Kafka", settings],
                stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
            )  # fmt: skip
        processes.remember(self._folder, server)
        try:
            wait_ready(self.url, server)
        except NotAvailableError:
            server.kill()
            server.wait()
            raise

    def stop(self) -> None:
        """Stop in order."""
        processes.end(self._folder, signal.SIGTERM)

    def kill(self) -> None:
        """Kill -9 the broker."""
        processes.end(self._folder, signal.SIGKILL)

    def remove(self) -> None:
        """Kill the broker and remove its folder."""
        self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _prepare(self, settings: Path) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        port, controller = self._port or free_port(), free_port()
        (self._folder / "port").write_text(str(port))
        lines = {
            **_SETTINGS,
            "listeners": f"PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}",
            "advertised.listeners": f"PLAINTEXT://127.0.0.1:{port}",
            "controller.quorum.voters": f"1@127.0.0.1:{controller}",
            "log.dirs": str(self._folder / "log"),
        }
        settings.write_text("".join(f"{name}={value}\n" for name, value in lines.items()))


class KafkaRecipe:
    """Kafka as the tests ask for it."""

    name = "kafka"
    variable = "KAFKA_URL"

    port = 9092

    def launch(self, folder: Path, port: int | None = None) -> str:
        """Start the broker from its artefacts."""
        server = Kafka(folder, port=port)
        try:
            server.start()
        except (OSError, subprocess.SubprocessError) as error:
            raise NotAvailableError(f"Kafka did not start: {error}") from error
        return server.url

    def stop(self, folder: Path) -> None:
        """Stop the broker and remove its folder."""
        Kafka(folder).remove()

    def image(self, port: int) -> Image:
        """The official image, told the address under which its clients see it."""
        names = {name.upper().replace(".", "_"): value for name, value in _SETTINGS.items()}
        return Image(
            f"apache/kafka:{VERSION}",
            9092,
            {
                **{f"KAFKA_{name}": value for name, value in names.items()},
                "KAFKA_LISTENERS": "PLAINTEXT://0.0.0.0:9092,CONTROLLER://127.0.0.1:9093",
                "KAFKA_ADVERTISED_LISTENERS": f"PLAINTEXT://127.0.0.1:{port}",
                "KAFKA_CONTROLLER_QUORUM_VOTERS": "1@127.0.0.1:9093",
            },
        )

    def container_address(self, port: int) -> str:
        """The address of the container."""
        return f"kafka://127.0.0.1:{port}"

    def wait_ready(self, address: str) -> None:
        """Return once the broker answers."""
        wait_ready(address)


def wait_ready(url: str, server: subprocess.Popen[bytes] | None = None) -> None:
    """Return once a broker at `url` answers; raises NotAvailableError when it does not, or when `server` has ended."""
    deadline = time.monotonic() + START_SECONDS
    port = int(url.rpartition(":")[2]) if "127.0.0.1" in url else 0
    while True:
        try:
            # The client gives up slowly on an address where nobody listens yet.
            if port and not listens(port):
                raise ConnectionRefusedError("nobody listens")
            client = KafkaAdminClient(bootstrap_servers=url.removeprefix("kafka://"), request_timeout_ms=5000)
            try:
                client.list_topics()
            finally:
                client.close()
        except (KafkaError, OSError) as error:
            if server and server.poll() is not None:
                raise NotAvailableError(f"Kafka ended with status {server.returncode} while it started") from error
            if time.monotonic() > deadline:
                raise NotAvailableError(f"Kafka does not answer at {url}: {error}") from error
            time.sleep(0.2)
        else:
            return


def jars() -> Path:
    """The folder of Kafka's jars, fetched by Maven the first time.

    Raises:
        NotAvailableError: there is no Java or Maven, or the artefacts cannot be had.

    """
    _java()
    if (CACHE / "libs").is_dir():
        return CACHE / "libs"
    maven = shutil.which("mvn")
    if not maven:
        raise NotAvailableError("there is no mvn to fetch Kafka's artefacts with; `apt-get install maven` gives it")
    CACHE.parent.mkdir(parents=True, exist_ok=True)
    with (CACHE.parent / f"{CACHE.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (CACHE / "libs").is_dir():
            return CACHE / "libs"
        work = Path(tempfile.mkdtemp(dir=CACHE.parent, prefix=f"{CACHE.name}-"))
        try:
            (work / "pom.xml").write_text(_POM)
            subprocess.run(
                [maven, "-q", "-B", "dependency:copy-dependencies", "-DincludeScope=runtime", "-DoutputDirectory=libs"],
                cwd=work, check=True, stdin=subprocess.DEVNULL, capture_output=True, timeout=600,
            )  # fmt: skip
            shutil.rmtree(CACHE, ignore_errors=True)
            work.rename(CACHE)
        except subprocess.SubprocessError as error:
            said = getattr(error, "stdout", b"") or b""
            last = said.decode(errors="replace").strip().splitlines()[-1:] or [str(error)]
            raise NotAvailableError(f"Maven could not fetch Kafka {VERSION}: {last[0]}") from error
        finally:
            shutil.rmtree(work, ignore_errors=True)
    return CACHE / "libs"


def _java() -> str:
    java = shutil.which("java")
    if not java:
        raise NotAvailableError("there is no java (17 or newer) to run Kafka with")
    return java


def _cluster_id() -> str:
    """A random id that the tool cannot take for an option: Kafka's own ids never begin with a hyphen either."""
    while (name := urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")).startswith("-"):
        pass
    return name
