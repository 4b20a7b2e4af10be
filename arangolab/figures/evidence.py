"""A verdict's evidence, a graph for each line of it that tells of something at its limit."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from arangolab import indicators, stats
from arangolab.figures import palette
from arangolab.figures.room import LEFT_PX, axis_title
from arangolab.figures.view import RunLike, View, view_of
from arangolab.resources import INDICATORS

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

PANEL_PX: Final = 170
GAP_PX: Final = 74
TOP_PX: Final = 60
TITLE_WIDTH: Final = 104
UNIT_WIDTH: Final = 28
UNIT_LINE_PX: Final = 15
"""Of its second line."""
GRAPHS_MAX: Final = 6
POINTS_MAX: Final = 600
LIMIT_SHOWN: Final = 4.0
"""A limit above this many times the use is not drawn: it would flatten the curve."""
Json = dict[str, Any]


class Panel(NamedTuple):
    """One graph."""

    title: str
    unit: str
    """What stands along its axis."""
    times_s: stats.Array
    values: stats.Array
    limit: float | None


def evidence_graphs(run: RunLike) -> go.Figure:
    """What the verdict rests on: each resource at its limit, and each that rose, over the time.

    Above each stands its line of evidence.  A dashed line is the limit, a dotted one the moment
    from which on the objective was missed; the step that was not sustained is shaded.  Bars, below,
    tell where a scenario's time went.  A figure without graphs says that there is no evidence.
    """
    import plotly.graph_objects as go

    verdict: Mapping[str, Any] = run.verdict or {}
    view = view_of(run)
    panels = list(_panels(verdict, run.samples()))[:GRAPHS_MAX]
    spent = verdict.get("time_spent") or []
    count = len(panels) + bool(spent)
    domains = _domains(count)
    data: list[Json] = []
    layout = _page(view, count)
    end_s = max((float(p.times_s[-1]) for p in panels), default=1.0)
    for number, (panel, domain) in enumerate(zip(panels, domains, strict=False), 1):
        data += _curves(panel, number)
        layout |= _axes(number, domain, panel.unit, end_s)
        layout["annotations"].append(_title(panel.title, domain))
        layout["shapes"] += _marks(view, verdict, number, end_s)
    if spent:
        data += _bars(spent, count)
        layout |= _bar_axes(count, domains[-1])
        layout["annotations"].append(_title(_line_about("time_spent", verdict), domains[-1]))
    if not count:
        layout["annotations"].append(_title("The verdict rests on no graph.", (0.0, 0.5)))
    return go.Figure({"data": data, "layout": layout})


def _panels(verdict: Mapping[str, Any], samples: pd.DataFrame) -> Iterator[Panel]:
    """One for each line about errors, or an indicator at its limit or above its usual level."""
    readings = {one["name"]: one for one in verdict.get("indicators", ())}
    specs = {spec.name: spec for spec in INDICATORS}
    shown = set()
    for text, about in zip(
        verdict.get("evidence", ()), verdict.get("evidence_about", ()), strict=False
    ):
        reading = readings.get(about)
        if about in shown:
            continue
        if about == "errors":
            times_s, values = indicators.series(samples, "injector", "failed_per_s")
            unit, limit = "failed (1/s)", None
        elif reading and (reading["first_saturated_s"] is not None or reading["rose"]):
            times_s, values = indicators.level(specs[about], samples)
            unit, limit = f"{reading['label']} ({reading['unit']})", reading["limit"]
        else:
            continue
        if len(times_s):
            shown.add(about)
            yield Panel(text, unit, *stats.thin(times_s, values, POINTS_MAX), limit)


def _curves(panel: Panel, number: int) -> list[Json]:
    axes = {
        "xaxis": _axis("x", number),
        "yaxis": _axis("y", number),
        "type": "scatter",
        "mode": "lines",
    }
    curve = {
        **axes, "x": panel.times_s, "y": panel.values, "name": panel.unit, "showlegend": False,
        "line": {"color": palette.BLUE, "width": 2, "shape": "vh"},
    }  # fmt: skip
    peak = float(panel.values.max(initial=0.0))
    if panel.limit is None or panel.limit > LIMIT_SHOWN * peak:
        return [curve]
    ends = panel.times_s[[0, -1]]
    line = {"color": palette.TEXT, "width": 1.4, "dash": "dash"}
    limit = {**axes, "x": ends, "y": [panel.limit] * 2, "name": "limit", "line": line,
             "showlegend": False}  # fmt: skip
    return [curve, limit]


def _marks(view: View, verdict: Mapping[str, Any], number: int, end_s: float) -> list[Json]:
    """The failing step, and when it went wrong."""
    base = {"xref": _axis("x", number), "yref": f"{_axis('y', number)} domain", "y0": 0, "y1": 1}
    found = []
    failed = next((step for step in view.steps if step.failed), None)
    if failed is not None:
        to_s = end_s if failed.to_s is None else failed.to_s
        found.append(
            {**base, "type": "rect", "x0": failed.from_s, "x1": to_s, "layer": "below",
             "fillcolor": palette.SHADE, "line": {"width": 0}}
        )  # fmt: skip
    if verdict.get("breach_s") is not None:
        line = {"color": palette.TROUBLE, "width": 1.4, "dash": "dot"}
        at = verdict["breach_s"]
        found.append({**base, "type": "line", "x0": at, "x1": at, "line": line})
    return found


def _bars(spent: Sequence[Mapping[str, Any]], number: int) -> list[Json]:
    """Two bars, before and then, made of the parts."""
    rows = [("then", "burn_ms")]
    if any(one["calm_ms"] is not None for one in spent):
        rows.append(("before", "calm_ms"))
    axes = {"xaxis": _axis("x", number), "yaxis": _axis("y", number)}
    return [
        {
            **axes,
            "type": "bar",
            "orientation": "h",
            "y": [name for name, _ in rows],
            "x": [one[key] or 0.0 for _, key in rows],
            "name": one["label"],
            "marker": {"color": palette.step_style(place).colour},
        }
        for place, one in enumerate(spent)
    ]


def _page(view: View, count: int) -> Json:
    return {
        "template": "none",
        "title": {"text": f"<b>{view.title}: the verdict's evidence</b>", "x": 0, "xref": "paper",
                  "font": {"size": 16}, "y": 1, "yref": "container", "yanchor": "top",
                  "pad": {"t": 14}},
        "height": TOP_PX + 60 + max(1, count) * (PANEL_PX + GAP_PX),
        "margin": {"l": LEFT_PX + UNIT_LINE_PX, "r": 30, "t": TOP_PX, "b": 60},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": palette.TEXT, "size": 12, "family": "sans-serif"},
        "barmode": "stack",
        "legend": {"orientation": "h", "y": 0, "yanchor": "top", "yref": "paper", "x": 0,
                   "traceorder": "normal"},
        "annotations": [],
        "shapes": [],
    }  # fmt: skip


def _domains(count: int) -> list[tuple[float, float]]:
    """(bottom, top) of each panel, from the top, its title above it."""
    whole = PANEL_PX + GAP_PX
    tall = max(1, count) * whole
    tops = [1.0 - (number * whole + GAP_PX * 0.6) / tall for number in range(count)]
    return [(top - PANEL_PX / tall, top) for top in tops]


def _axes(number: int, domain: tuple[float, float], unit: str, end_s: float) -> Json:
    line = {"showline": True, "linecolor": palette.STEP_LINE, "gridcolor": palette.GRID}
    text = "<br>".join(textwrap.wrap(unit, UNIT_WIDTH, max_lines=2, placeholder=" …"))
    time = {"anchor": _axis("y", number), "range": [0, end_s], "ticksuffix": " s"}
    use = {"anchor": _axis("x", number), "domain": domain, "rangemode": "tozero"}
    title = {"title": {**axis_title(text), "font": {"size": 11}}}
    return {
        _axis("xaxis", number): {**line, **time},
        _axis("yaxis", number): {**line, **use, **title},
    }


def _bar_axes(number: int, domain: tuple[float, float]) -> Json:
    low, high = domain
    return {
        _axis("xaxis", number): {
            "anchor": _axis("y", number),
            "ticksuffix": " ms",
            "gridcolor": palette.GRID,
        },
        _axis("yaxis", number): {
            "domain": [low + (high - low) * 0.25, high],
            "anchor": _axis("x", number),
        },
    }


def _axis(name: str, number: int) -> str:
    """The first axis of a figure bears no number."""
    return name if number == 1 else f"{name}{number}"


def _title(text: str, domain: tuple[float, float]) -> Json:
    """A line of evidence over its graph."""
    from arangolab.figures.marks import escaped

    words = "<br>".join(escaped(line) for line in textwrap.wrap(text, TITLE_WIDTH)[:3])
    return {"text": words, "x": 0, "xref": "paper", "xanchor": "left", "align": "left",
            "y": domain[1], "yref": "paper", "yanchor": "bottom", "showarrow": False,
            "font": {"size": 12.5}}  # fmt: skip


def _line_about(about: str, verdict: Mapping[str, Any]) -> str:
    lines = zip(verdict.get("evidence", ()), verdict.get("evidence_about", ()), strict=False)
    return next((text for text, what in lines if what == about), "")
