"""Builds one generation and ends: `python -m services.search.build_process`, started by the service.

The job is a line of JSON. How far it is is told by lines on standard output; what went wrong is the last line of
standard error, in a sentence.
"""

import asyncio
import json

from services.search.building import build_generation
from shared.child_process import begin
from shared.process import told_in_a_sentence

if __name__ == "__main__":
    job = json.loads(begin())
    with told_in_a_sentence():
        asyncio.run(build_generation(**job, tell=lambda progress: print(progress.line(), flush=True)))  # noqa: T201
