"""Processor time of families of processes: what work costs, however busy the machine is with the work of others."""

from collections.abc import Iterable
from contextlib import suppress

import psutil


class ProcessorTime:
    """Seconds of processor time that processes and all their children have used."""

    def __init__(self, roots: Iterable[int]) -> None:
        """Take the ids of the families' eldest."""
        self._roots = [psutil.Process(root) for root in roots]

    def seconds(self) -> float:
        """Give what the families have used until now; what a child that has ended used is left out."""
        family = {member for root in self._roots for member in (root, *root.children(recursive=True))}
        total = 0.0
        for member in family:
            with suppress(psutil.NoSuchProcess):
                times = member.cpu_times()
                total += times.user + times.system
        return total
