"""Runs that no process made: a queue with c places simulated, sampled as a run would be."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from arangolab.capacity import Judgement, judge, observe
from arangolab.diagnosis import diagnose
from arangolab.histogram import Histogram
from arangolab.plan import Objective

V8_MESSAGE = "could not acquire v8 context"
LIMITS = {"cores": 2, "open_fds": 1024, "memory_maps": 65530, "memory_bytes": 4_000_000_000}


@dataclass(frozen=True)
class Job:
    """One scenario of the simulation; times in seconds."""

    due_s: float
    begin_s: float
    end_s: float
    failed: bool


@dataclass(frozen=True)
class StepRow:
    """As runfile.reader.StepRow."""

    number: int
    rate_per_s: float
    processes: int
    from_s: float
    to_s: float | None
    judgement: dict[str, Any] | None


@dataclass
class FakeRun:
    """What figures read of a run."""

    title: str = "login, ramp on the sandbox"
    frame: pd.DataFrame = field(default_factory=lambda: table([]))
    step_rows: list[StepRow] = field(default_factory=list)
    event_rows: list[dict[str, Any]] = field(default_factory=list)
    error_rows: list[dict[str, Any]] = field(default_factory=list)
    server: dict[str, Any] = field(default_factory=lambda: {"sandbox": True, "limits": LIMITS})
    host: dict[str, Any] = field(default_factory=dict)
    verdict: dict[str, Any] | None = None
    path: Path = Path("run.sqlite")

    def samples(self, from_s: float = -np.inf, to_s: float = np.inf) -> pd.DataFrame:
        """The tidy table, of a time span."""
        return self.frame[self.frame["time_s"].between(from_s, to_s)]

    def steps(self) -> list[StepRow]:
        """The rates held."""
        return self.step_rows

    def events(self) -> pd.DataFrame:
        """What happened."""
        return pd.DataFrame(self.event_rows, columns=["time_s", "kind", "text"])

    def errors(self) -> pd.DataFrame:
        """Errors by kind."""
        return pd.DataFrame(self.error_rows)


def table(rows: Sequence[tuple[float, str, str, float, str]]) -> pd.DataFrame:
    """Rows (time_s, source, name, value, unit) as the table ``Run.samples()`` gives."""
    return pd.DataFrame(list(rows), columns=["time_s", "source", "name", "value", "unit"])


def arrivals(rates: Sequence[float], hold_s: float) -> list[float]:
    """Evenly spaced due times of rates held one after the other."""
    times: list[float] = []
    for number, rate in enumerate(rates):
        times += [number * hold_s + (k + 0.5) / rate for k in range(int(rate * hold_s))]
    return times


def simulate(
    due_s: Sequence[float], c: int, mean_s: float, wait_s: float = 60.0, seed: int = 1
) -> list[Job]:
    """A queue with ``c`` places and exponential work; who waits longer than ``wait_s`` fails."""
    random = np.random.default_rng(seed)
    free = [0.0] * c
    heapq.heapify(free)
    jobs = []
    for due in due_s:
        at = max(due, free[0])
        if at - due > wait_s:
            jobs.append(Job(due, due + wait_s, due + wait_s, True))
            continue
        heapq.heappop(free)
        end = at + float(random.exponential(mean_s))
        heapq.heappush(free, end)
        jobs.append(Job(due, at, end, False))
    return jobs


def intervals(jobs: Sequence[Job], to_s: float, workers: int = 1) -> list[dict[str, Any]]:
    """The accounting of ``workers`` injectors that shared the jobs in turn, one row a second."""
    rows = []
    for worker in range(workers):
        mine = jobs[worker::workers]
        for second in range(int(to_s)):
            a, b = float(second), second + 1.0
            ended = [j for j in mine if a < j.end_s <= b]
            taken, late = Histogram(), Histogram()
            for job in ended:
                taken.record(job.end_s - job.due_s)
            begun = sum(a < j.due_s <= b for j in mine)
            for _ in range(begun):
                late.record(0.001)
            rows.append(
                {
                    "worker": worker,
                    "t_s": b + 0.01 * worker,
                    "intended": begun,
                    "started": begun,
                    "shed": 0,
                    "finished": len(ended),
                    "failed": sum(j.failed for j in ended),
                    "reused": 0,
                    "in_flight": sum(j.due_s <= b < j.end_s for j in mine),
                    "cpu_s": 0.002 * (begun + len(ended)),
                    "loop_lag_s": 0.002,
                    "statsd_lines": 4 * len(ended),
                    "histograms": {
                        "response": taken.encode(),
                        "service": taken.encode(),
                        "lateness": late.encode(),
                    },
                }
            )
    return rows


def ramp(
    rates: Sequence[float] = (2, 4, 6, 8),
    hold_s: float = 20.0,
    c: int = 4,
    mean_s: float = 0.6,
    wait_s: float = 2.0,
    seed: int = 1,
    sandbox: bool = True,
) -> FakeRun:
    """A ramp against ``c`` V8 contexts (capacity c / mean_s per second), judged to the end."""
    return deepcopy(_ramp(tuple(rates), hold_s, c, mean_s, wait_s, seed, sandbox))


@cache  # many tests look at the same one
def _ramp(
    rates: tuple[float, ...],
    hold_s: float,
    c: int,
    mean_s: float,
    wait_s: float,
    seed: int,
    sandbox: bool,
) -> FakeRun:
    end_s = hold_s * len(rates)
    jobs = simulate(arrivals(rates, hold_s), c, mean_s, wait_s, seed)
    accounting = intervals(jobs, end_s)
    steps = []
    for number, rate in enumerate(rates):
        from_s, to_s = number * hold_s, (number + 1) * hold_s
        judgement = judge(observe(accounting, from_s, to_s), Objective())
        steps.append(StepRow(number, rate, 1, from_s, to_s, asdict(judgement)))
    frame = table(_samples(jobs, rates, hold_s, c, seed))
    failed = [job for job in jobs if job.failed and job.end_s <= end_s]
    errors = []
    if failed:
        errors.append(
            {
                "kind": "500/4 transaction",
                "count": len(failed),
                "step": "transaction",
                "status": 500,
                "error_num": 4,
                "first_s": failed[0].end_s,
                "last_s": failed[-1].end_s,
                "first_message": V8_MESSAGE,
                "self_inflicted": 0,
            }
        )
    server = {"sandbox": sandbox, "limits": LIMITS}
    verdict = diagnose(frame, [asdict(s) for s in steps], errors, server, scenario="login")
    return FakeRun(
        title=f"login, ramp on {'the sandbox' if sandbox else 'ArangoDB 3.12.5'}",
        frame=frame,
        step_rows=steps,
        event_rows=[{"time_s": end_s, "kind": "end", "text": "the plan is done"}],
        error_rows=errors,
        server=server,
        verdict=asdict(verdict),
    )


def judged(jobs: Sequence[Job], from_s: float, to_s: float) -> Judgement:
    """The judgement of one hold of simulated jobs."""
    return judge(observe(intervals(jobs, to_s), from_s, to_s), Objective())


def _samples(
    jobs: Sequence[Job], rates: Sequence[float], hold_s: float, c: int, seed: int
) -> list[tuple[float, str, str, float, str]]:
    random = np.random.default_rng(seed + 1)
    rows: list[tuple[float, str, str, float, str]] = []
    for second in range(int(hold_s * len(rates))):
        a, b = float(second), second + 1.0
        ended = [j for j in jobs if a < j.end_s <= b]
        taken = sorted((j.end_s - j.due_s) * 1e3 for j in ended if not j.failed)
        alive = sum(j.due_s <= b < j.end_s for j in jobs)
        busy = min(c, sum(j.begin_s <= b < j.end_s and not j.failed for j in jobs))
        rate = rates[min(int(b / hold_s), len(rates) - 1)]

        def put(source: str, name: str, value: float, unit: str, t: float = b) -> None:
            rows.append((t, source, name, float(value), unit))

        put("injector", "rate_per_s", rate, "1/s")
        put("injector", "in_flight", alive, "scenarios")
        put("injector", "processes", 1, "processes")
        put("injector", "shed_per_s", 0, "1/s")
        put("injector", "failed_per_s", sum(j.failed for j in ended), "1/s")
        if taken:
            for kind in ("service", "response"):
                put("injector", f"{kind}_p50_ms", float(np.percentile(taken, 50)), "ms")
                put("injector", f"{kind}_p95_ms", float(np.percentile(taken, 95)), "ms")
            put("statsd", "login.aql.mean_ms", 4 + random.exponential(2), "ms")
            put("statsd", "login.transaction.mean_ms", float(np.mean(taken)), "ms")
            put("statsd", "login.transaction.p95_ms", float(np.percentile(taken, 95)), "ms")
        put("statsd", "clients", alive, "")
        work = busy / c
        put("proc", "cpu_user_cores", 0.08 + 0.9 * work + random.normal(0, 0.03), "cores")
        put("proc", "cpu_system_cores", 0.03 + 0.2 * work + 0.01 * alive, "cores")
        put("proc", "threads", 12 + alive, "threads")
        put("proc", "open_fds", 24 + alive, "descriptors")
        put("proc", "memory_maps", 320 + 4 * alive + rate, "maps")
        put("proc", "rss_bytes", 90e6 + 0.4e6 * alive + 5e5 * second, "bytes")
        put("arango", "v8_contexts_max", c, "contexts")
        put("arango", "v8_contexts_busy", busy, "contexts")
    return rows
