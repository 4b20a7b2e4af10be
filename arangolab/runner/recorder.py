"""What was measured, written into the run file interval by interval."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from arangolab.metrics.limits import lower
from arangolab.metrics.note import Note
from arangolab.metrics.sample import Sample
from arangolab.runfile.writer import RunWriter
from arangolab.runner.holds import SETTLE_S
from arangolab.runner.ledger import Ledger
from arangolab.runner.sources import Sources


class Recorder:
    """Samples of all sources, and what they say of themselves."""

    def __init__(
        self, writer: RunWriter, sources: Sources, ledger: Ledger, server: dict[str, Any],
        interval_s: float,
    ) -> None:  # fmt: skip
        """``server``: its facts; the limits in it follow what is seen and told."""
        self._writer = writer
        self._sources = sources
        self._ledger = ledger
        self._server = server
        self._limits_seen: Mapping[str, float] = dict(server["limits"])
        self._interval_s = interval_s
        self._tick = 1

    def is_due(self, now_s: float) -> bool:
        """Whether the accounting of another interval is complete; it is so once."""
        if now_s < self._tick * self._interval_s + SETTLE_S:
            return False
        self._tick = int((now_s - SETTLE_S) / self._interval_s) + 1
        return True

    def record(self, now_s: float, rate_per_s: float, workers: set[int]) -> None:
        """Write what was measured since the last time, and make it visible.

        ``rate_per_s``: asked for now; ``workers``: those whose accounting is awaited.
        """
        samples, notes = self._sources.sample(now_s)
        samples += self._ledger.take(now_s, workers & set(self._ledger.latest), rate_per_s)
        self._keep(samples, [*notes, *self._ledger.notes()], now_s)
        limits = lower(self._sources.limits(), self._limits_seen)
        if limits != self._server["limits"]:
            self._server["limits"] = limits
            self._writer.meta("server", self._server)
        told = [self._ledger.quality(), *self._sources.quality()]
        self._writer.meta("sources", [asdict(one) for one in told])
        self._writer.commit()

    def finish(self, now_s: float) -> None:
        """Write what sources tell only at a run's end."""
        self._keep(*self._sources.finish(), now_s)

    def _keep(self, samples: list[Sample], notes: list[Note], now_s: float) -> None:
        self._writer.samples(samples)
        for kind, text in notes:
            self._writer.event(now_s, kind, text)
