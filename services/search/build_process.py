"""Builds one generation and ends: `python -m services.search.build_process`, started by the service.

The job is a line of JSON on standard input; when the input ends, the service is gone and so is this process. What
went wrong is said in a sentence on standard output.
"""

import asyncio
import json
import os
import sys
import threading

from services.search.wiring import build_generation
from shared.errors import DomainError

NICENESS = 5
"""Who builds gives way to who answers."""


def main() -> int:
    """Build."""
    os.nice(NICENESS)
    job = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with_the_service, daemon=True).start()
    try:
        asyncio.run(build_generation(**job))
    except DomainError as error:
        sys.stdout.write(error.message)
        return 1
    return 0


def _end_with_the_service() -> None:
    sys.stdin.read()
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main())
