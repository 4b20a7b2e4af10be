"""What a live figure costs the kernel, with 1 minute, 1 hour and 10 hours recorded.

    python -m tests.benchmarks.live_cost [--quick] [--updates N]

CPU and bytes to the browser of one update (once a second), out of a run file that is written on
meanwhile: the panel's figure, which is thinned for display, against a plain FigureWidget with the
same curves that keeps all points.  Taking the run up is what a panel costs once that is made while
the run already goes on.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import comm
import numpy as np
import plotly.graph_objects as go

from arangolab.panel.following import Following
from arangolab.runfile.reader import open_run
from tests.benchmarks.common import options, say
from tests.benchmarks.long_run import LongRun

LENGTHS_S = {"1 minute": 60, "1 hour": 3600, "10 hours": 36_000}


class Counted:
    """Bytes that widgets send, as they would go over the websocket."""

    def __init__(self) -> None:
        self.bytes = 0
        comm.DummyComm.publish_msg = self._publish

    def _publish(self, _type: str, data: Any = None, **more: Any) -> None:
        self.bytes += len(json.dumps(data, default=str))
        self.bytes += sum(memoryview(part).nbytes for part in more.get("buffers") or ())


class Naive:
    """One FigureWidget, a trace for each curve of the other figure, every point kept."""

    def __init__(self, following: Following) -> None:
        store = following.figure._store
        shown = [k for k in store.series() if k[0] != "statsd" or k[1].endswith("mean_ms")]
        self._points: dict[tuple[str, str], tuple[list[float], list[float]]] = {
            key: ([], []) for key in shown
        }
        self.widget = go.FigureWidget([go.Scatter(x=[], y=[]) for _ in shown])

    def take(self, rows: list[tuple[float, str, str, float]]) -> None:
        """Keep the samples."""
        for t_s, source, name, value in rows:
            if (source, name) in self._points:
                times_s, values = self._points[source, name]
                times_s.append(t_s)
                values.append(value)

    def draw(self) -> None:
        """Send all of it."""
        with self.widget.batch_update():
            for trace, (x, y) in zip(self.widget.data, self._points.values(), strict=True):
                trace.x, trace.y = np.array(x), np.array(y)


def main() -> None:
    """The table."""
    asked = options(__doc__ or "", updates=15)
    counted = Counted()
    say("recorded   | taken up, CPU s | update CPU ms: ours, naive | update kB: ours, naive")
    for name, seconds in LENGTHS_S.items():
        with tempfile.TemporaryDirectory() as folder:
            made = LongRun(Path(folder) / "long.sqlite", seconds // (10 if asked.quick else 1))
            say(row(name, made, counted, int(asked.updates)))
            made.writer.close()


def row(name: str, made: LongRun, counted: Counted, updates: int) -> str:
    """One length: both figures fed with the same new intervals in turn."""
    following = Following(open_run(made.path))
    drawn_by_a_page(following)
    from_s = time.process_time()
    following.read()
    while following.more:
        following.read()
    up_s = time.process_time() - from_s
    naive = Naive(following)
    run = open_run(made.path)
    rows, cursor = run.new_samples()
    naive.take(rows)
    cost: dict[str, list[tuple[float, int]]] = {"ours": [], "naive": []}
    for _ in range(updates):
        made.add()
        made.writer.commit()
        cost["ours"].append(measured(following.read, counted))

        def naively() -> None:
            nonlocal cursor
            new, cursor = run.new_samples(cursor)
            naive.take(new)
            naive.draw()

        cost["naive"].append(measured(naively, counted))
    ms = {who: median(cpu_s for cpu_s, _ in seen) * 1e3 for who, seen in cost.items()}
    kb = {who: median(size for _, size in seen) / 1e3 for who, seen in cost.items()}
    return (
        f"{name:10} | {up_s:15.1f} | {ms['ours']:8.1f}, {ms['naive']:8.1f} ({ratio(ms)}) "
        f"| {kb['ours']:8.0f}, {kb['naive']:8.0f} ({ratio(kb)})"
    )


def drawn_by_a_page(following: Following) -> None:
    """A page says that it drew the figure: from now on it is told what is new."""
    widget = following.figure.widget
    uids = [{"uid": trace.uid} for trace in widget.data]
    widget._js2py_traceDeltas = {"trace_deltas": uids, "trace_edit_id": 0}


def measured(work: Callable[[], None], counted: Counted) -> tuple[float, int]:
    """(CPU seconds, bytes sent)."""
    from_bytes, from_s = counted.bytes, time.process_time()
    work()
    return time.process_time() - from_s, counted.bytes - from_bytes


def ratio(of: dict[str, float]) -> str:
    """How many times the naive one costs."""
    return f"naive/ours {of['naive'] / of['ours']:.2f}"


if __name__ == "__main__":
    main()
