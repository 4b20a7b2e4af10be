"""What was recorded since it was last asked for, as the live figure takes it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from arangolab import indicators
from arangolab.histogram import Histogram, merge
from arangolab.runfile.reader import Run, StepRow

PAGE_ROWS: Final = 100_000
"""Of a run that went on for long, so much is read at once."""
PAGE_HISTOGRAMS: Final = 1_000

SampleRow = tuple[float, str, str, float]


class News:
    """Reads on where it stopped."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._samples = self._histograms = 0
        self._known: set[float] = set()
        self._full = False

    @property
    def more(self) -> bool:
        """Whether the last pages were full: there is more at once."""
        return self._full

    def samples(self) -> list[SampleRow]:
        """A page of new samples."""
        rows, self._samples = self._run.new_samples(self._samples, PAGE_ROWS)
        self._full = len(rows) == PAGE_ROWS
        return rows

    def latency(self) -> dict[str, Histogram]:
        """Service and response times."""
        rows, self._histograms = self._run.new_histograms(self._histograms, PAGE_HISTOGRAMS)
        self._full = self._full or len(rows) == PAGE_HISTOGRAMS
        names = {name for name, _ in rows}
        return {name: merge(text for of, text in rows if of == name) for name in names}

    def shares(self, steps: Iterable[StepRow]) -> dict[float, dict[str, float]]:
        """Of the steps that were judged since, by from_s: each indicator's use / limit."""
        new = [step for step in steps if step.judgement and step.from_s not in self._known]
        limits = self._run.server.get("limits") or {} if new else {}
        found = {}
        for step in new:
            self._known.add(step.from_s)
            seen = (step.judgement or {})["observation"]
            span = (seen["from_s"], seen["from_s"] + seen["duration_s"])
            found[step.from_s] = indicators.shares(self._run.samples(*span), limits, span)
        return found
