"""What is drawn where: the five graphs as a table of curves, and their points."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from arangolab import stats
from arangolab.figures.palette import STYLES, Style, step_style
from arangolab.metrics.register import STAND_INS

if TYPE_CHECKING:
    import pandas as pd

POINTS_MAX: Final = 1000
"""Points of a curve that are drawn at most; the run file keeps them all."""
GAP_FACTOR: Final = 3.5
"""A hole longer than this many usual intervals breaks the curve."""
LIMIT_SHOWN: Final = 4.0
"""A limit above this many times the use is not drawn: it would flatten the curve."""

ZERO: Final = 0.001
"""The lowest that is told: a histogram counts nothing below a microsecond, in milliseconds."""

Key = tuple[str, str]
"""(source, name) of a sample."""
SeriesMap = Mapping[Key, tuple[stats.Array, stats.Array]]
"""(times_s, values) by key, ascending in time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """One of the graphs stacked on the time axis."""

    title: str
    left: str
    """Title of the left axis, with its unit."""
    right: str
    """Title of the right axis, with its unit."""
    height: float
    """Share of the figure's height, relative to the others."""
    left_log: bool = False
    optional: bool = False
    """Left out, without a word, when nothing of it was sampled."""


GRAPHS: Final = (
    Graph(
        title="Timings and errors",
        left="time (ms, log scale)",
        right="errors (1/s)",
        height=1.45,
        left_log=True,
    ),
    Graph(title="Clients", left="in flight (scenarios)", right="rate (1/s), processes", height=1),
    Graph(title="Memory", left="memory maps (count)", right="resident memory (MB)", height=0.85),
    Graph(title="CPU of the server", left="CPU (cores)", right="", height=0.85),
    Graph(title="Threads and files", left="threads (count)", right="descriptors (count)", height=1),
    Graph(
        title="V8 contexts",
        left="contexts (count)",
        right="given up (1/s)",
        height=0.75,
        optional=True,
    ),
    Graph(
        title="Scheduler queue",
        left="requests queued",
        right="time in queue (ms)",
        height=0.75,
        optional=True,
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """One thing in one of the graphs."""

    uid: str
    """Stays the same while a run is watched; plotly.js makes a CSS class of it."""
    graph: int
    """Index into GRAPHS."""
    key: Key
    label: str
    style: Style
    unit: str = ""
    """As it follows a figure: `` ms``, ``/s``."""
    right: bool = False
    scale: float = 1.0
    shape: Literal["linear", "hv", "vh"] = "linear"
    """hv: a level that holds from its sample on; vh: a figure of the interval before it."""
    bars: bool = False
    hide_zero: bool = False
    """Not drawn while all its values are zero."""


def _curve(graph: int, thing: str, key: str, label: str, **more: Any) -> Curve:
    source, _, name = key.partition(":")
    style = STYLES[thing]
    return Curve(uid=thing, graph=graph, key=(source, name), label=label, style=style, **more)


CURVES: Final = (
    _curve(0, "errors", "injector:failed_per_s", "errors", unit="/s", right=True, bars=True),
    _curve(
        0, "shed", "injector:shed_per_s", "shed", unit="/s", right=True, shape="vh", hide_zero=True
    ),
    _curve(0, "response_p99", "injector:response_p99_ms", "response p99", unit=" ms"),
    _curve(0, "response_p95", "injector:response_p95_ms", "response p95", unit=" ms"),
    _curve(0, "response_p50", "injector:response_p50_ms", "response p50", unit=" ms"),
    _curve(0, "service_p50", "injector:service_p50_ms", "service p50", unit=" ms"),
    _curve(1, "in_flight", "injector:in_flight", "clients in flight"),
    _curve(1, "rate", "injector:rate_per_s", "rate asked for", unit="/s", right=True, shape="hv"),
    _curve(1, "processes", "injector:processes", "processes", right=True, shape="hv"),
    _curve(2, "memory_maps", "proc:memory_maps", "memory maps"),
    _curve(2, "rss", "proc:rss_bytes", "resident", unit=" MB", right=True, scale=1e-6),
    _curve(3, "cpu_user", "proc:cpu_user_cores", "CPU user", unit=" cores"),
    _curve(3, "cpu_system", "proc:cpu_system_cores", "CPU system", unit=" cores"),
    _curve(4, "threads", "proc:threads", "threads"),
    _curve(4, "open_fds", "proc:open_fds", "descriptors", right=True),
    _curve(5, "v8_busy", "arango:v8_contexts_busy", "contexts busy", shape="hv"),
    _curve(5, "limit", "arango:v8_contexts_max", "contexts at most", shape="hv"),
    _curve(
        5,
        "v8_failures",
        "arango:v8_enter_failures_per_s",
        "waits given up",
        unit="/s",
        right=True,
        bars=True,
    ),
    _curve(6, "queue", "arango:scheduler_queue_length", "queued", shape="hv"),
    _curve(
        6,
        "queue_time",
        "injector:server_queue_p95_ms",
        "time in queue p95",
        unit=" ms",
        right=True,
        hide_zero=True,
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """A curve with its points, ready to be drawn."""

    curve: Curve
    x: stats.Array
    """Seconds since the run's start."""
    y: stats.Array
    """nan where there is a gap."""


def series_of(samples: pd.DataFrame) -> dict[Key, tuple[stats.Array, stats.Array]]:
    """The sample table (time_s, source, name, value), taken apart by source and name."""
    if not len(samples):
        return {}
    ordered = samples.sort_values("time_s", kind="stable")
    return {
        (str(source), str(name)): (
            group["time_s"].to_numpy(dtype=float),
            group["value"].to_numpy(dtype=float),
        )
        for (source, name), group in ordered.groupby(["source", "name"], sort=False)
    }


def traces_for(
    series: SeriesMap,
    limits: Mapping[str, Any] | None = None,
    most: int = POINTS_MAX,
    *,
    gapped: bool = False,
) -> list[Trace]:
    """Every curve that has points, thinned for display; pure.

    ``limits``: the server's limits; ``cores`` makes the reference line of the CPU graph.
    ``gapped``: holes already hold a nan.
    """
    with_holes = series if gapped else {key: with_gaps(*points) for key, points in series.items()}
    curves = (*CURVES, *step_curves(series))
    made = [_trace(curve, with_holes, most) for curve in curves]
    found = _anchored([trace for trace in made if trace is not None])
    cores = _cores_line(found, limits or {})
    return [*found, cores] if cores else found


def _anchored(traces: list[Trace]) -> list[Trace]:
    """Without those of an optional graph whose left axis, on which all hangs, has no curve."""
    left = {trace.curve.graph for trace in traces if not trace.curve.right}
    return [t for t in traces if t.curve.graph in left or not GRAPHS[t.curve.graph].optional]


def step_curves(names: Iterable[Key]) -> tuple[Curve, ...]:
    """A curve for the mean time of each of the scenario's steps (statsd ``SCENARIO.STEP``)."""
    steps = sorted(name for source, name in names if source == "statsd" and _is_step_mean(name))
    return tuple(
        Curve(
            uid=_safe(f"step_{name}"),
            graph=0,
            key=("statsd", name),
            label=f"{name.removesuffix('.mean_ms').partition('.')[2]} mean",
            style=step_style(number),
            unit=" ms",
        )
        for number, name in enumerate(steps)
    )


def _safe(name: str) -> str:
    return "".join(c if c.isascii() and c.isalnum() else "_" for c in name)


def _is_step_mean(name: str) -> bool:
    return name.endswith(".mean_ms") and "." in name.removesuffix(".mean_ms")


def _points(curve: Curve, series: SeriesMap) -> tuple[stats.Array, stats.Array]:
    source, name = curve.key
    for one in (source, *STAND_INS.get(source, ())):
        if (one, name) in series:
            return series[one, name]
    return np.empty(0), np.empty(0)


def _trace(curve: Curve, series: SeriesMap, most: int) -> Trace | None:
    times_s, values = _points(curve, series)
    if not len(times_s) or (curve.hide_zero and not np.any(values > ZERO)):
        return None
    x, y = stats.thin(times_s, values * curve.scale, most)
    return Trace(curve=curve, x=x, y=y)


def with_gaps(times_s: stats.Array, values: stats.Array) -> tuple[stats.Array, stats.Array]:
    """The curve, with a nan put into every hole that is much longer than usual."""
    if len(times_s) < 3:
        return times_s, values
    steps = np.diff(times_s)
    usual = float(np.median(steps))
    holes = np.flatnonzero(steps > GAP_FACTOR * usual)
    x = np.insert(times_s, holes + 1, times_s[holes] + usual)
    return x, np.insert(values, holes + 1, np.nan)


def _cores_line(traces: Iterable[Trace], limits: Mapping[str, Any]) -> Trace | None:
    """The cores that the server may use, as long as that leaves the curves readable."""
    cpu = [trace for trace in traces if trace.curve.graph == 3]
    cores = limits.get("cores")
    if not cpu or not isinstance(cores, int | float) or cores <= 0:
        return None
    peak = max(float(np.nanmax(trace.y, initial=0.0)) for trace in cpu)
    if cores > max(2.0, LIMIT_SHOWN * peak):
        return None
    curve = Curve(
        uid="cores",
        graph=3,
        key=("limit", "cores"),
        label="cores available",
        style=STYLES["limit"],
        unit=" cores",
    )
    x = cpu[0].x[[0, -1]]
    return Trace(curve=curve, x=x, y=np.array([cores, cores], dtype=float))
