"""What is said of an injector process while it runs, before it spoils a step: busy, or late."""

from __future__ import annotations

import itertools
from collections import deque
from typing import Final

from arangolab import units
from arangolab.checks.injector import CPU_RATIO_MAX, LATENESS_MS_MAX, LATENESS_MS_NOTED
from arangolab.histogram import Histogram
from arangolab.injector.protocol import Interval

INTERVALS: Final = 3
"""So many in a row make a warning: one may be chance."""
CALM_CPU_RATIO: Final = 0.7
"""Below it a process that was too busy is calm again."""
_TRY: Final = "Try: one process more, a lower rate, or a cheaper scenario."


class Health:
    """One injector process; pure but for what it was told."""

    def __init__(self, worker: int) -> None:
        self._worker = worker
        self._to_s = 0.0
        self._seen = False
        self._cpu: deque[tuple[float, float]] = deque(maxlen=INTERVALS)
        """(CPU seconds, seconds) of the last intervals."""
        self._late_ms: deque[float] = deque(maxlen=INTERVALS)
        """99th percentiles of the lateness of the last intervals with starts."""
        self._is_busy = self._is_late = False

    def hear(self, interval: Interval) -> list[str]:
        """What is to be said once this interval is known; each trouble once until it is over."""
        said = []
        if busy := self._busy(interval):
            said.append(busy)
        if late := self._late(interval):
            said.append(late)
        self._to_s, self._seen = interval.t_s, True
        return said

    def _busy(self, interval: Interval) -> str | None:
        if not self._seen:
            return None  # how long its first interval was is not known
        self._cpu.append((interval.cpu_s, interval.t_s - self._to_s))
        seconds = sum(length for _, length in self._cpu)
        if len(self._cpu) < INTERVALS or seconds <= 0:
            return None
        ratio = sum(cpu for cpu, _ in self._cpu) / seconds
        before, self._is_busy = (
            self._is_busy,
            ratio > (CALM_CPU_RATIO if self._is_busy else CPU_RATIO_MAX),
        )
        if before or not self._is_busy:
            return None
        return (
            f"Injector {self._worker} uses {units.percent(ratio)} of a core; above "
            f"{units.percent(CPU_RATIO_MAX)} it does not keep its pattern. {_TRY}"
        )

    def _late(self, interval: Interval) -> str | None:
        text = interval.histograms.get("lateness")
        if text is None:
            return None
        late_ms = Histogram.decode(text).percentile_s(99) * 1e3
        self._late_ms.append(late_ms)
        if late_ms <= LATENESS_MS_NOTED:
            self._is_late = False
            return None
        grows = self._grows()
        if self._is_late or not (grows or late_ms > LATENESS_MS_MAX):
            return None
        self._is_late = True
        how = "later and later, up to" if grows else "late, up to"
        return (
            f"Injector {self._worker} starts scenarios {how} {units.seconds(late_ms / 1e3)} "
            f"(99th percentile). {_TRY}"
        )

    def _grows(self) -> bool:
        values = list(self._late_ms)
        steady = all(later > sooner for sooner, later in itertools.pairwise(values))
        return len(values) == INTERVALS and values[0] > LATENESS_MS_NOTED and steady
