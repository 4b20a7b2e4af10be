"""Curves and events as plotly's traces, in plain dictionaries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from arangolab import stats
from arangolab.figures import palette
from arangolab.figures.curves import CURVES, GRAPHS, Curve, Trace
from arangolab.figures.layout import EVENTS_AXIS, axis_of, legend_of
from arangolab.figures.marks import SHOWN_EVENTS, TimeUnit
from arangolab.figures.room import legend_name
from arangolab.figures.view import EventMark

SYMBOLS: Final = {
    "command": "diamond",
    "note": "circle",
    "warning": "triangle-up",
    "error": "x",
    "drain": "square",
}
LINES_MAX: Final = 2
"""Of a name in a legend, which must not reach into the next; pointing at the curve tells all."""
LOG_FLOOR: Final = 0.1
"""A logarithmic axis has no zero: what is below is drawn here and told as it is."""
BAR_OPACITY: Final = 0.6
"""The lines over the bars stay readable."""
EVENTS_UID: Final = "events"
LEGEND_RANKS: Final = {c.uid: 100 * c.graph + rank for rank, c in enumerate(CURVES, start=1)}
"""A legend, and what is told on hovering, keep their order when curves come later than others."""

Json = dict[str, Any]


def drawn(trace: Trace, unit: TimeUnit) -> Json:
    """A curve as a plotly trace."""
    made = {**_frame(trace.curve), **points_of(trace, unit)}
    style = trace.curve.style
    if trace.curve.bars:
        marker = {"color": style.colour, "opacity": BAR_OPACITY, "line": {"width": 0}}
        return {**made, "type": "bar", "marker": marker}
    return {
        **made,
        "type": "scatter",
        "line": {
            "color": style.colour,
            "dash": style.dash,
            "width": style.width,
            "shape": trace.curve.shape,
        },
        "marker": {**made["marker"], "color": style.colour, "size": 5},
        "connectgaps": False,
    }


def points_of(trace: Trace, unit: TimeUnit) -> Json:
    """The part of a trace that changes while a run is watched."""
    x = trace.x / unit.seconds
    if trace.curve.bars:
        return {"x": x, "y": trace.y, **_bars(x, trace.y)}
    alone = _alone(trace.y)
    some = bool(alone.any())
    made = {
        "x": x,
        "y": trace.y,
        "mode": "lines+markers" if some else "lines",
        "marker": {"opacity": np.where(alone, 1.0, 0.0) if some else 0.0},
    }
    if _is_logarithmic(trace.curve) and np.any(trace.y < LOG_FLOOR):
        told = _told(trace.curve, "customdata")
        made |= {"y": np.maximum(trace.y, LOG_FLOOR), "customdata": trace.y, "hovertemplate": told}
    return made


def points_sent(trace: Trace, unit: TimeUnit) -> Json:
    """:func:`points_of` for a browser that is told of them again and again.

    By flat names, and in single precision: a pixel is no smaller than a ten-millionth.
    """
    made = {"hovertemplate": _told(trace.curve, "y"), **points_of(trace, unit)}
    marker = made.pop("marker", {})
    made |= {f"marker.{name}": value for name, value in marker.items()}
    return {name: _single(value) for name, value in made.items()}


def _single(value: Any) -> Any:
    floating = isinstance(value, np.ndarray) and value.dtype == np.float64
    return value.astype(np.float32) if floating else value


def _bars(x: stats.Array, y: stats.Array) -> Json:
    """How wide bars are that end at x, and do not overlap; one width where none is seen."""
    gaps = np.diff(x)
    usual = float(np.median(gaps)) if len(gaps) else 1.0
    if not np.any(y > 0):
        return {"width": usual, "offset": -usual}
    narrowed = np.where(gaps > 0, np.minimum(usual, gaps), usual)
    widths = np.concatenate(([usual], narrowed))
    return {"width": widths, "offset": -widths}


def _alone(y: stats.Array) -> npt.NDArray[np.bool_]:
    """Which points have no neighbour to draw a line to."""
    gap = np.concatenate(([True], ~np.isfinite(y), [True]))
    return ~gap[1:-1] & gap[:-2] & gap[2:]


def drawn_events(events: Iterable[EventMark], unit: TimeUnit) -> Json:
    """The events as markers above the graphs, each with its words."""
    shown = [event for event in events if event.kind in SHOWN_EVENTS]
    return {
        "type": "scatter",
        "uid": EVENTS_UID,
        "name": "events",
        "mode": "markers",
        "xaxis": "x",
        "yaxis": EVENTS_AXIS,
        "showlegend": False,
        "x": [event.time_s / unit.seconds for event in shown],
        "y": [0.2] * len(shown),
        "text": [event.text for event in shown],
        "hovertemplate": "%{text}<extra></extra>",
        "marker": {
            "size": 8,
            "symbol": [SYMBOLS[event.kind] for event in shown],
            "color": [
                palette.TROUBLE if event.kind in ("error", "warning") else palette.GREY
                for event in shown
            ],
        },
    }


def nothing_drawn(graphs: Iterable[int]) -> list[Json]:
    """A trace without points for each graph: plotly.js draws no axis that has no trace."""
    return [
        {
            "type": "scatter",
            "uid": f"nothing_{graph}",
            "name": f"nothing of {GRAPHS[graph].title}",
            "xaxis": "x",
            "yaxis": axis_of(graph, False),
            "x": [None],
            "y": [None],
            "showlegend": False,
            "hoverinfo": "skip",
        }
        for graph in graphs
    ]


def in_order(traces: Sequence[Trace]) -> list[Trace]:
    """As they are told in the legends: graph by graph."""
    return sorted(traces, key=lambda t: t.curve.graph)


def _is_logarithmic(curve: Curve) -> bool:
    return GRAPHS[curve.graph].left_log and not curve.right


def _told(curve: Curve, value: str) -> str:
    """What is told on pointing at it."""
    return f"{curve.label} %{{{value}:,.4~r}}{curve.unit}<extra></extra>"


def _frame(curve: Curve) -> Json:
    return {
        "uid": curve.uid,
        "name": legend_name(curve.label, LINES_MAX),
        "xaxis": "x",
        "yaxis": axis_of(curve.graph, curve.right),
        "legend": legend_of(curve.graph),
        "showlegend": True,
        "legendrank": LEGEND_RANKS.get(curve.uid, 100 * curve.graph + 99),
        "hovertemplate": _told(curve, "y"),
    }
