"""Starts the servers of this machine again when they end unasked, as ``--split`` does for services."""

import asyncio
import sys

import psycopg

from deploy.local.problems import Problem
from deploy.local.servers import Servers

LOOK_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0


async def keep_started(servers: Servers) -> None:
    """Look at the servers until cancelled; one that cannot be started is tried again, ever less often."""
    pause = LOOK_SECONDS
    while True:
        await asyncio.sleep(pause)
        if await asyncio.to_thread(servers.runs):
            pause = LOOK_SECONDS
            continue
        print("PostgreSQL ended by itself; it is started again.", file=sys.stderr, flush=True)
        try:
            await asyncio.to_thread(servers.start)
            pause = LOOK_SECONDS
        except (Problem, OSError, psycopg.Error) as error:
            print(error, file=sys.stderr, flush=True)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
