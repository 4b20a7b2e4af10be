"""The five graphs of a run, stacked on one time axis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from arangolab.figures.curves import GRAPHS, POINTS_MAX, Trace, series_of, traces_for
from arangolab.figures.drawing import drawn, drawn_events, in_order, nothing_drawn
from arangolab.figures.latency import Latency, usable
from arangolab.figures.layout import layout_of
from arangolab.figures.marks import TimeUnit
from arangolab.figures.parts import Part
from arangolab.figures.view import RunLike, View, view_of

if TYPE_CHECKING:
    import plotly.graph_objects as go

PROC_GRAPHS: Final = (2, 3, 4)
SPAN_S_MIN: Final = 5.0


def five_graphs(run: RunLike, *, points: int = POINTS_MAX) -> go.Figure:
    """The run on one time axis: timings and errors, clients, memory, CPU, threads and files.

    V8 contexts and the scheduler's queue are added below where the server told of them, and how
    long scenarios took, as a distribution.  ``points``: of a curve, at most; the lowest and
    highest of each stretch are kept.  What was not observed is said in words.
    """
    import plotly.graph_objects as go

    view = view_of(run)
    series = series_of(run.samples())
    traces = traces_for(series, view.limits, points)
    unit = TimeUnit.of(span_of(traces, view))
    data = [drawn(trace, unit) for trace in in_order(traces)]
    data += [drawn_events(view.events, unit), *nothing_drawn(absent_words(traces, view))]
    parts = _latency_of(run)
    data += [trace for part in parts for trace in part.data()]
    return go.Figure({"data": data, "layout": sheet(view, traces, unit, parts)})


def _latency_of(run: Any) -> tuple[Part, ...]:
    """How long scenarios took, where that is known."""
    if not hasattr(run, "histogram"):
        return ()
    found = {name: run.histogram(name) for name in ("service", "response")}
    return (Latency(found),) if usable(found) else ()


def sheet(
    view: View, traces: Sequence[Trace], unit: TimeUnit, parts: Sequence[Part] = ()
) -> dict[str, Any]:
    """The layout for those traces, and for the parts below the time axis."""
    words = absent_words(traces, view)
    span_s = span_of(traces, view)
    return layout_of(view, graphs_of(traces), righted_of(traces), unit, span_s, words, parts)


def graphs_of(traces: Sequence[Trace]) -> tuple[int, ...]:
    """The graphs to show: all but the optional ones that nothing was sampled for."""
    present = {trace.curve.graph for trace in traces}
    return tuple(g for g, graph in enumerate(GRAPHS) if not graph.optional or g in present)


def everything() -> tuple[int, ...]:
    """The graphs that are always there."""
    return tuple(g for g, graph in enumerate(GRAPHS) if not graph.optional)


def righted_of(traces: Sequence[Trace]) -> frozenset[int]:
    """The graphs that have a curve on their right axis."""
    return frozenset(trace.curve.graph for trace in traces if trace.curve.right)


def span_of(traces: Sequence[Trace], view: View) -> float:
    """Length of the time axis in seconds."""
    ends: list[float] = [float(trace.x[-1]) for trace in traces]
    ends += [step.to_s for step in view.steps if step.to_s is not None]
    ends += [step.from_s for step in view.steps]
    return max(SPAN_S_MIN, *ends) if ends else SPAN_S_MIN


def absent_words(traces: Sequence[Trace], view: View) -> dict[int, str]:
    """For each graph without a curve, why."""
    present = {trace.curve.graph for trace in traces}
    missing = [g for g in everything() if g not in present]
    return {g: f"{GRAPHS[g].title} {_why(g, bool(present), view.server)}" for g in missing}


def _why(graph: int, sampled: bool, server: Any) -> str:
    if not sampled:
        return "– no samples yet"
    if graph not in PROC_GRAPHS:
        return "– nothing was sampled"
    if server.get("local") is False:
        return "not observed: no /proc of a remote server"
    return "not observed: no /proc of the server's process"
