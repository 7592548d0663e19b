"""Compiles loops over arrays, by numba.

What is compiled for a signature is compiled at import and kept in NUMBA_CACHE_DIR, beside the code where it is not set.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

Loop = TypeVar("Loop", bound=Callable[..., Any])


def compiled(signature: str = "", *, aside: bool = False) -> Callable[[Loop], Loop]:
    """Compile at once for a signature; without one, within what calls it. What runs `aside` lets other threads go on:
    it takes long, and is handed what nobody else changes.
    """

    def compiling(loop: Loop) -> Loop:
        if not signature:
            return cast("Loop", numba.njit(loop))
        try:
            return cast("Loop", numba.njit(signature, cache=True, nogil=aside)(loop))
        except RuntimeError:  # there is no folder in which it can be kept
            return cast("Loop", numba.njit(signature, nogil=aside)(loop))

    return compiling
