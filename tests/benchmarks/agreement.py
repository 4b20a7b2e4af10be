"""One run with all sources on: what each tells of the same, side by side.

    python -m tests.benchmarks.agreement [--seconds 30] [--quick]

Logins against a sandbox, first below and then above what it takes, so that some fail; collectd
started for the run.  CPU seconds and counts are totals, the rest means over the run's middle.
Percentiles are of each interval's values.  The three cut their intervals at moments of their own,
and of n values collectd takes the one of rank ceil(0.95 n), the reference statsd that of rank
round(0.95 n): with some fifty values an interval, a p95 may be one value of the tail or the next.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from arangolab import dataset
from arangolab.measuring import Measuring
from arangolab.plan import Plan, Step
from arangolab.runfile.reader import Run
from arangolab.runner import handle
from arangolab.sandbox import launcher
from arangolab.target import Target
from tests.benchmarks.common import options, say

STATSD = ("statsd", "collectd")
CPU = ("cpu_user_cores", "cpu_system_cores")


def main() -> None:
    """Two tables, then what each source says of itself."""
    asked = options(__doc__ or "", seconds=30.0)
    seconds = min(120.0, asked.seconds / (3 if asked.quick else 1))
    with (
        tempfile.TemporaryDirectory() as folder,
        launcher.start(v8_contexts=2, v8_wait_s=1.0, transaction_delay_s=0.03) as server,
    ):
        target = Target(urls=(server.url,), user=server.user)
        dataset.load(target, users=1_000)
        run = run_of(target, Path(folder) / "run.sqlite", seconds)
        shown = {"float_format": lambda value: f"{value:,.3f}", "na_rep": "not told"}
        say(f"The server's process\n{of_the_process(run).to_string(**shown)}\n")
        say(f"The load\n{of_the_load(run).to_string(**shown)}\n")
        for name, text in run.small_print().items():
            say(f"{name}: {text}")
        for text in run.events().query("kind in ('warning', 'error')")["text"]:
            say(f"said: {text}")


def run_of(target: Target, path: Path, seconds: float) -> Run:
    """Half of the time 40 logins a second, half of it 75."""
    plan = Plan(
        scenario="login",
        steps=tuple(Step(rate_per_s=rate, hold_s=seconds / 2) for rate in (40, 75)),
        last_user=1_000,
        drain_s=15.0,
        measuring=Measuring(collectd=True),
    )
    return handle.start(plan, target, path).wait()


def of_the_process(run: Run) -> pd.DataFrame:
    """/proc, collectd, the server's page; how far the latter two are from the first."""
    rows = {"CPU, seconds": [cpu_s(run, source) for source in ("proc", "collectd", "arango")]}
    for name in ("threads", "open_fds", "memory_maps", "rss_bytes"):
        rows[f"{name}, mean"] = [
            middle(run, source, name).mean() for source in ("proc", "collectd", "arango")
        ]
    return compared(rows, ["proc", "collectd", "arango"])


def of_the_load(run: Run) -> pd.DataFrame:
    """The injector's pipe, the embedded receiver, collectd's statsd."""
    summary = run.summary()
    rows = {
        "clients, mean": [
            middle(run, "injector", "in_flight").mean(),
            middle(run, "statsd", "clients").mean(),
            middle(run, "collectd", "clients").mean(),
        ],
        "errors": [summary["failed"], *(total(run, s, "errors.count") for s in STATSD)],
        "logins": [summary["finished"], *(total(run, s, "login.count") for s in STATSD)],
        "reads of the user": [
            run.histogram("step:read_user").count,
            *(total(run, s, "login.read_user.count") for s in STATSD),
        ],
    }
    for name, step in (("login", "service"), ("login.read_user", "step:read_user")):
        exact = run.histogram(step)
        rows[f"{name} mean, ms"] = [
            exact.mean_s() * 1e3,
            *(weighted(run, s, f"{name}.mean_ms", f"{name}.count") for s in STATSD),
        ]
        for percent in (50, 95):
            rows[f"{name} p{percent}, ms, mean of intervals"] = [
                by_interval(run, step, percent),
                *(weighted(run, s, f"{name}.p{percent}_ms", f"{name}.count") for s in STATSD),
            ]
    return compared(rows, ["injector", "statsd", "collectd"])


def compared(rows: dict[str, list[float]], columns: list[str]) -> pd.DataFrame:
    """With the largest relative difference from the first column."""
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
    first = frame[columns[0]]
    gaps = frame[columns[1:]].sub(first, axis=0).abs().max(axis=1)
    frame["differs by"] = [
        "equal" if gap == 0 else f"{gap / value:.2%}" if value else f"{gap:g}"
        for gap, value in zip(gaps, first, strict=True)
    ]
    return frame


def series(run: Run, source: str, name: str) -> pd.Series:
    """Values by time."""
    frame = run.samples()
    rows = frame[(frame["source"] == source) & (frame["name"] == name)]
    return rows.set_index("time_s")["value"].astype(float)


def middle(run: Run, source: str, name: str) -> pd.Series:
    """Without the first and the last two seconds."""
    found = series(run, source, name)
    return found[(found.index > 2) & (found.index < run.plan.duration_s - 2)]


def total(run: Run, source: str, name: str) -> float:
    """The sum over the run."""
    return float(series(run, source, name).sum())


def cpu_s(run: Run, source: str) -> float:
    """CPU seconds between second 1 and the end of the load: the rates' integral."""
    from_s, to_s = 1.0, run.plan.duration_s
    seconds = 0.0
    for name in CPU:
        found = series(run, source, name)
        begins = np.concatenate([[0.0], found.index.to_numpy()[:-1]])
        ends = found.index.to_numpy()
        inside = np.clip(np.minimum(ends, to_s) - np.maximum(begins, from_s), 0.0, None)
        seconds += float((inside * found.to_numpy()).sum())
    return seconds


def weighted(run: Run, source: str, name: str, count: str) -> float:
    """The mean of the intervals' values, each as often as it stands for values."""
    values, counts = series(run, source, name), series(run, source, count)
    values.index, counts.index = values.index.round(2), counts.index.round(2)
    both = pd.concat([values, counts], axis=1).dropna()
    return float(np.average(both.iloc[:, 0], weights=both.iloc[:, 1]))


def by_interval(run: Run, name: str, percent: float) -> float:
    """The same of the pipe's histograms."""
    ends = sorted(set(run.intervals()["t_s"]))
    found = [run.histogram(name, a, b) for a, b in zip([0.0, *ends], ends, strict=False)]
    kept = [(one.percentile_s(percent) * 1e3, one.count) for one in found if one.count]
    return float(np.average([value for value, _ in kept], weights=[n for _, n in kept]))


if __name__ == "__main__":
    main()
