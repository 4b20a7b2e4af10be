"""Servers that are only reckoned: a queue with places, noise, collapse, fatigue; judged as real."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from arangolab.capacity import Judgement, judge, observe, unseen_ratio
from arangolab.plan import Objective, Search
from arangolab.search import Probe, Result, Trial, advise


@dataclass
class Server:
    """``places`` scenarios at once, each for ``mean_s`` seconds; keeps its state between holds."""

    places: int = 4
    mean_s: float = 0.2
    cv: float = 1.0
    """Coefficient of variation of the work (lognormal); 0: always the same."""
    poisson: bool = False
    """Arrivals at random instead of evenly spaced."""
    collapse_at: float = np.inf
    """From so many in flight on everything takes longer (metastable) ..."""
    collapse_factor: float = 2.0
    """... by this factor, until the queue is gone."""
    recovers: bool = True
    """False: once collapsed, for good."""
    slower_per_s: float = 0.0
    """The work's mean grows by this part of itself in each second of load."""
    seed: int = 1
    now_s: float = 0.0
    """Seconds of load so far."""
    _random: np.random.Generator = field(init=False)
    _backlog_s: list[float] = field(default_factory=list)
    _collapsed: bool = False

    def __post_init__(self) -> None:
        self._random = np.random.default_rng(self.seed)

    @property
    def capacity_per_s(self) -> float:
        """What it sustains in the long run, as it is now."""
        slow = self.collapse_factor if self._collapsed and not self.recovers else 1.0
        return self.places / (self.mean_s * (1 + self.slower_per_s * self.now_s) * slow)

    def hold(self, rate_per_s: float, hold_s: float, *, drained: bool = True) -> list[Any]:
        """Rows of accounting of a rate that is held; time goes on."""
        if drained:
            self._backlog_s = []
            self._collapsed = self._collapsed and not self.recovers
        due = self._due(rate_per_s, hold_s)
        ends = self._work(due, hold_s)
        self.now_s += hold_s
        self._backlog_s = [end - hold_s for end in ends if end > hold_s]
        return rows_of(due, np.asarray(ends), hold_s)

    def _due(self, rate_per_s: float, hold_s: float) -> np.ndarray[Any, Any]:
        count = int(rate_per_s * hold_s)
        if self.poisson:
            return np.sort(self._random.uniform(0, hold_s, self._random.poisson(count)))
        return (np.arange(count) + 0.5) / rate_per_s

    def _draw(self, count: int) -> np.ndarray[Any, Any]:
        if not self.cv:
            return np.ones(count)
        sigma = np.sqrt(np.log(1 + self.cv**2))
        return self._random.lognormal(-(sigma**2) / 2, sigma, count)

    def _work(self, due: np.ndarray[Any, Any], hold_s: float) -> list[float]:
        """When each ends, those left over from before included."""
        alive = sorted(self._backlog_s)
        free = ([0.0] * self.places + alive)[-self.places :]
        heapq.heapify(free)
        ends = list(alive)
        draws = self._draw(len(due))
        pace = self.mean_s * (1 + self.slower_per_s * (self.now_s + hold_s / 2))
        for at, draw in zip(due.tolist(), draws.tolist(), strict=True):
            while alive and alive[0] <= at:
                heapq.heappop(alive)
            self._note(len(alive))
            slow = self.collapse_factor if self._collapsed else 1.0
            end = max(at, heapq.heappop(free)) + draw * pace * slow
            heapq.heappush(free, end)
            heapq.heappush(alive, end)
            ends.append(end)
        return ends

    def _note(self, in_flight: int) -> None:
        if in_flight >= self.collapse_at:
            self._collapsed = True
        elif in_flight <= self.places and self.recovers:
            self._collapsed = False


def rows_of(due: np.ndarray[Any, Any], ends: np.ndarray[Any, Any], hold_s: float) -> list[Any]:
    """The injector's accounting, one row a second."""
    edges = np.arange(0, int(hold_s) + 1)
    started = np.histogram(due, edges)[0]
    finished = np.histogram(ends, edges)[0]
    before = len(ends) - len(due)
    in_flight = before + np.cumsum(started) - np.cumsum(finished)
    names = ("intended", "started", "finished", "in_flight")
    return [
        {
            **dict(zip(names, map(int, row), strict=True)),
            "worker": 0, "t_s": float(second + 1), "shed": 0, "failed": 0, "reused": 0,
        }
        for second, row in enumerate(zip(started, started, finished, in_flight, strict=True))
    ]  # fmt: skip


def judged(server: Server, rate: float, hold_s: float, *, drained: bool = True) -> Judgement:
    """The judgement of a rate held on the server."""
    rows = server.hold(rate, hold_s, drained=drained)
    return judge(observe(rows, 0, hold_s), Objective())


def trial(server: Server, probe: Probe) -> Trial:
    """Hold what the search wants to know."""
    usual = probe.rate_per_s * server.mean_s
    rows = server.hold(probe.rate_per_s, probe.hold_s, drained=probe.drain_first)
    from_s = probe.hold_s / 2 if probe.kind == "recovery" else 0.0
    judgement = judge(observe(rows, from_s, probe.hold_s), Objective())
    calm = [row["t_s"] for row in rows if row["in_flight"] <= 1.5 * usual + 3]
    return Trial(
        rate_per_s=probe.rate_per_s,
        kind=probe.kind,
        held_s=probe.hold_s,
        sustained=judgement.sustained,
        valid=judgement.valid,
        scenarios=judgement.observation.intended,
        band_ratio=unseen_ratio(judgement.observation, Objective()),
        dispersion=judgement.observation.dispersion,
        recovery_s=min(calm, default=None) if probe.kind == "recovery" else None,
    )


Advisor = Callable[[Sequence[Trial], Search], Probe | Result]


def find(server: Server, how: Search, advisor: Advisor = advise) -> tuple[Result, list[Trial]]:
    """Search on the simulated server; the result and the trials."""
    history: list[Trial] = []
    while isinstance(step := advisor(history, how), Probe):
        history.append(trial(server, step))
    return step, history
