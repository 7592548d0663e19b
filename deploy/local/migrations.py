"""Brings every database of this machine to the newest schema."""

import asyncio
from importlib import resources
from pathlib import Path

from deploy.local.servers import Servers
from shared.database import migrate

PACKAGES = {
    "catalog": "services.catalog",
    "metering": "services.metering",
    "search": "services.search",
    "gateway": "gateway",
    "identity": "deploy.local.issuer",
}


async def migrate_all(servers: Servers) -> None:
    """Migrate the databases one after the other; each may be newer already."""
    for database, package in PACKAGES.items():
        folder = Path(str(resources.files(package) / "migrations"))
        await asyncio.to_thread(migrate, servers.url(database), folder)
