"""Where a test's server comes from: an address in the environment, a container, or a launch of published artefacts.

Each kind of server is a `Recipe`; this module only holds the order in which the sources are tried, and how a server
that some worker has started is stopped later by another process. It knows no server by name.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from tests.servers.ports import free_port


class NotAvailableError(Exception):
    """No source gave the server; the text says what was tried and what would help."""


@dataclass(frozen=True)
class Image:
    """A container that gives the server."""

    name: str
    inner_port: int
    environment: Mapping[str, str] = field(default_factory=dict)
    command: tuple[str, ...] = ()
    folders: Mapping[Path, str] = field(default_factory=dict)
    """Folders of this machine by where the container reads them."""
    on_our_network: bool = False
    """Whether it shares this machine's network: it must reach what a test starts on the loopback address."""


@dataclass(frozen=True)
class Started:
    """A running server, in words another process can stop it by."""

    name: str
    address: str
    source: Literal["environment", "container", "artefact"]
    handle: str = ""
    """The container's id or the launched server's folder."""


class Recipe(Protocol):
    """One kind of server."""

    name: str
    variable: str
    """The environment variable that may hold an address."""

    port: int
    """The port that a developer expects it on."""

    def launch(self, folder: Path, port: int | None = None) -> str:
        """Start from published artefacts inside `folder` and give the address; raises NotAvailableError.

        It listens on 127.0.0.1:port where one is given, and wherever it likes otherwise.
        """

    def stop(self, folder: Path) -> None:
        """Stop what `launch` started in `folder`."""

    def image(self, port: int) -> Image | None:
        """The container that gives this server, reachable on host port `port`; None where there is none."""

    def container_address(self, port: int) -> str:
        """The address of the container on host port `port`."""

    def wait_ready(self, address: str) -> None:
        """Return once the server at `address` answers; raises NotAvailableError after the deadline."""


def obtain(recipe: Recipe, folder: Path, port: int | None = None) -> Started:
    """Start the server from the first source that works, on a port of 127.0.0.1 where one is given.

    Raises:
        NotAvailableError: with the reason of every source that was tried.

    """
    address = os.environ.get(recipe.variable)
    if address:
        recipe.wait_ready(address)
        return Started(recipe.name, address, "environment")
    engine = engine_reason()
    if not engine:
        return _start_container(recipe, port or free_port())
    folder.mkdir(parents=True, exist_ok=True)
    try:
        return Started(recipe.name, recipe.launch(folder, port), "artefact", str(folder))
    except NotAvailableError as reason:
        raise NotAvailableError(f"{recipe.variable} is not set; {engine}; {reason}") from reason


def stop(recipe: Recipe, started: Started) -> None:
    """Stop what `obtain` started; a server from the environment is left alone."""
    if started.source == "artefact":
        recipe.stop(Path(started.handle))
    elif started.source == "container":
        _remove_container(started.handle)


@functools.cache
def engine_reason() -> str:
    """Why no Docker engine can be used; empty when one answers."""
    try:
        import docker

        docker.from_env(timeout=5).ping()
    except Exception as error:  # noqa: BLE001 - whatever the client meets, the engine is not usable
        return f"no Docker engine answers ({type(error).__name__})"
    return ""


def _start_container(recipe: Recipe, port: int) -> Started:
    from testcontainers.core.config import testcontainers_config
    from testcontainers.core.container import DockerContainer

    image = recipe.image(port)
    if image is None:
        raise NotAvailableError(f"there is no container image for {recipe.name}")
    # The reaper would end the container with the worker that started it, while others still use it;
    # the run that owns the workers removes it instead.
    testcontainers_config.ryuk_disabled = True
    container: Any = DockerContainer(image.name)
    if image.on_our_network:
        container = container.with_kwargs(network_mode="host")
    else:
        container = container.with_bind_ports(image.inner_port, port)
    for folder, place in image.folders.items():
        container = container.with_volume_mapping(str(folder), place, "ro")
    for name, value in image.environment.items():
        container = container.with_env(name, value)
    if image.command:
        container = container.with_command(list(image.command))
    container.start()
    handle = container.get_wrapped_container().id
    address = recipe.container_address(port)
    try:
        recipe.wait_ready(address)
    except NotAvailableError:
        _remove_container(handle)
        raise
    return Started(recipe.name, address, "container", handle)


def _remove_container(handle: str) -> None:
    import docker
    import docker.errors

    try:
        docker.from_env().containers.get(handle).remove(force=True, v=True)
    except docker.errors.NotFound:
        return
