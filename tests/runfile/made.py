"""Run files written by hand, without a run."""

from __future__ import annotations

import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from arangolab.histogram import Histogram
from arangolab.injector.protocol import FirstError, Interval
from arangolab.metrics.sample import Sample
from arangolab.plan import Plan, Step
from arangolab.runfile.writer import RunWriter
from arangolab.runner.facts import runner_facts

PLAN = Plan(steps=(Step(rate_per_s=10, hold_s=4),), title="by hand")


def encoded(*durations_s: float) -> str:
    """A histogram of these durations."""
    histogram = Histogram()
    for duration_s in durations_s:
        histogram.record(duration_s)
    return histogram.encode()


def interval(t_s: float, **values: Any) -> Interval:
    """An interval in which ten scenarios were started and ended."""
    times = encoded(*(0.01 * n for n in range(1, 11)))
    full: dict[str, Any] = {
        "intended": 10, "started": 10, "finished": 10, "statsd_lines": 40, "cpu_s": 0.1,
        "histograms": {"service": times, "response": times, "lateness": times},
    }  # fmt: skip
    return Interval(t_s=t_s, **{**full, **values})


def begun(path: Path, **runner: Any) -> RunWriter:
    """A run file whose run began a second ago, of this process unless told otherwise."""
    writer = RunWriter(path)
    for name, value in {
        "run_id": "1", "title": "by hand", "plan": asdict(PLAN),
        "server": {"sandbox": True, "version": "3.12.10", "limits": {}},
        "host": {"cores": 2}, "versions": {"python": "3.11"},
        "runner": {**runner_facts(), **runner},
        "started_unix_s": time.time() - 1,
    }.items():  # fmt: skip
        writer.meta(name, value)
    writer.event(0.0, "start", "The run begins.")
    writer.step_begin(0, 10.0, 1, 0.0)
    writer.commit()
    return writer


def fill(writer: RunWriter, seconds: int = 4) -> None:
    """Four seconds of a run of ten a second, with an error now and then."""
    for second in range(1, seconds + 1):
        writer.interval(0, interval(float(second), failed=1, errors={"500/4 transaction": 1}))
        writer.samples(
            [
                Sample(float(second), "proc", "threads", 10.0 + second, "threads"),
                Sample(float(second), "statsd", "receiver.lines", 40.0, "lines"),
            ]
        )
    writer.first_error(
        FirstError(
            t_s=0.5, kind="500/4 transaction", step="transaction", status=500, error_num=4,
            message="could not acquire v8 context",
        )
    )  # fmt: skip
    writer.step_end(0, float(seconds))
    writer.commit()


def ended(path: Path) -> Path:
    """A complete run file."""
    writer = begun(path)
    fill(writer)
    writer.event(4.0, "end", "All that was planned was held.")
    writer.meta("ended", {"status": "completed", "sentence": "It is over.", "t_s": 4.0})
    writer.close()
    return path
