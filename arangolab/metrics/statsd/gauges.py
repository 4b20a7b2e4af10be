"""Gauges of workers, which are told one by one and as their sum."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

_WORKER: Final = re.compile(r"(.+)\.w\d+")


def with_sums(gauges: Mapping[str, float]) -> dict[str, float]:
    """The levels, and for ``clients.w0``, ``clients.w1``, ... their sum ``clients``."""
    sums: dict[str, float] = {}
    for key, level in gauges.items():
        worker = _WORKER.fullmatch(key)
        if worker and worker[1] not in gauges:
            sums[worker[1]] = sums.get(worker[1], 0.0) + level
    return dict(gauges) | sums
