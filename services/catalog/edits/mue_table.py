"""The medically unlikely edits of one release in memory."""

from collections.abc import Mapping
from typing import NamedTuple


class MueEdit(NamedTuple):
    """The most units of a code on a day, and how they are counted (MUE adjudication indicator)."""

    units: int
    mai: int
    rationale: str


MueTable = Mapping[str, MueEdit]
"""By code."""
