"""What stands below the time axis of a run that is being watched."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from arangolab.capacity import summarize_ramp
from arangolab.figures.knee import Knee
from arangolab.figures.latency import Latency, usable
from arangolab.figures.overview import Overview, judged
from arangolab.figures.parts import Part
from arangolab.figures.view import View
from arangolab.histogram import Histogram

CHANGING: Final = ("x", "y", "text", "marker", "name", "showlegend")
"""Of a trace, what is sent again."""
RATES_MIN: Final = 2
"""Judged rates that make an overview."""

Shares = Mapping[float, Mapping[str, float]]
"""By a step's begin (from_s): its indicators' use / limit."""


class Below:
    """The latencies so far, and the steps that were judged."""

    def __init__(self) -> None:
        self._latency: dict[str, Histogram] = {}
        self._shares: dict[float, Mapping[str, float]] = {}
        self._told: dict[str, object] = {}
        self._knee: Knee | None = None

    def add(
        self, latency: Mapping[str, Histogram], shares: Shares, knee: Knee | None = None
    ) -> None:
        """``latency``: ``service`` and ``response``, what is new; it is added up."""
        self._knee = knee or self._knee
        for name, histogram in latency.items():
            self._latency.setdefault(name, Histogram()).add(histogram)
        self._shares |= shares

    def parts(self, view: View) -> tuple[Part, ...]:
        """From the top."""
        found: list[Part] = [Latency(self._latency)] if usable(self._latency) else []
        steps = judged(view.steps)
        if len({step.rate_per_s for step in steps}) >= RATES_MIN:
            rows = [{"rate_per_s": s.rate_per_s, "judgement": s.judgement} for s in view.steps]
            result = summarize_ramp(rows)
            overview = Overview(
                steps=steps,
                shares=tuple(self._shares.get(step.from_s, {}) for step in steps),
                knee=self._knee or Knee(result.sustained_per_s, result.failed_per_s),
            )
            found.append(overview)
        return tuple(found)

    def changed(self, part: Part) -> bool:
        """Whether it has something new to show since it was asked last."""
        counted = [h.count for h in self._latency.values()]
        now = counted if isinstance(part, Latency) else (part.key, len(self._shares))
        kind = type(part).__name__
        if self._told.get(kind) == now:
            return False
        self._told[kind] = now
        return True


def changing(trace: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a trace that is sent again, by flat names."""
    made = {name: trace[name] for name in CHANGING if name in trace}
    marker = made.pop("marker", {})
    return {**made, **{f"marker.{name}": value for name, value in marker.items()}}
