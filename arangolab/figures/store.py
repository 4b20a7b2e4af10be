"""Samples of a run that is being watched, in bounded memory."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import numpy as np

from arangolab import stats
from arangolab.figures.curves import GAP_FACTOR, Key

KEPT_MAX: Final = 8000
"""Points kept of a series; beyond it they are thinned to half as many."""
LEARNED_STEPS: Final = 20
"""So many steps tell how far apart samples usually are."""


class _Series:
    __slots__ = ("_steps", "_usual", "t", "v")

    def __init__(self) -> None:
        self.t = array("d")
        self.v = array("d")
        self._steps = array("d")
        self._usual = 0.0

    def add(self, time_s: float, value: float) -> None:
        if self.t:
            self._hole(time_s - self.t[-1])
        self.t.append(time_s)
        self.v.append(value)
        if len(self.t) > KEPT_MAX:
            t, v = stats.thin(np.array(self.t), np.array(self.v), KEPT_MAX // 2)
            self.t, self.v = array("d", t), array("d", v)

    def _hole(self, step_s: float) -> None:
        """Put a nan where samples are missing."""
        usual = self._usual or step_s
        if step_s > GAP_FACTOR * usual:
            self.t.append(self.t[-1] + usual)
            self.v.append(float("nan"))
        elif len(self._steps) < LEARNED_STEPS and step_s > 0:
            self._steps.append(step_s)
            self._usual = stats.percentile(self._steps, 50)


class SampleStore:
    """Series by (source, name), holes marked by a nan, old points thinned."""

    def __init__(self) -> None:
        self._series: dict[Key, _Series] = {}

    def add(self, rows: Any) -> int:
        """Take samples in the order of time; returns how many.

        ``rows``: a table, mappings, or tuples that begin with time_s, source, name, value.
        """
        count = 0
        for time_s, source, name, value in _points(rows):
            self._series.setdefault((source, name), _Series()).add(time_s, value)
            count += 1
        return count

    def series(self) -> dict[Key, tuple[stats.Array, stats.Array]]:
        """(times_s, values) by key."""
        return {key: (np.array(s.t), np.array(s.v)) for key, s in self._series.items()}


def _points(rows: Any) -> Iterable[tuple[float, str, str, float]]:
    if hasattr(rows, "itertuples"):
        columns = ["time_s", "source", "name", "value"]
        rows = rows[columns].itertuples(index=False, name=None)
    for row in rows:
        values: Sequence[Any]
        if isinstance(row, Mapping):
            values = (row["time_s"], row["source"], row["name"], row["value"])
        elif hasattr(row, "time_s"):
            values = (row.time_s, row.source, row.name, row.value)
        else:
            values = row
        yield float(values[0]), str(values[1]), str(values[2]), float(values[3])
