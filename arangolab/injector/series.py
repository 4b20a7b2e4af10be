"""Durations of an interval."""

from __future__ import annotations

from arangolab.histogram import Histogram


class Series:
    """Durations of one interval: kept as they come, counted into a histogram at its end."""

    __slots__ = ("_histogram", "add", "values_s")

    def __init__(self) -> None:
        self._histogram = Histogram()
        self.values_s: list[float] = []
        self.add = self.values_s.append

    def fold(self, at_least: int = 1) -> None:
        """Move the values into the histogram, if there are that many."""
        if len(self.values_s) < at_least:
            return
        self._histogram.record_all(self.values_s)
        self.values_s.clear()

    def take(self) -> str | None:
        """The interval's histogram as text, None when empty; begin the next."""
        self.fold()
        if not self._histogram.count:
            return None
        text = self._histogram.encode()
        self._histogram.reset()
        return text
