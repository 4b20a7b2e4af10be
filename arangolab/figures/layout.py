"""The sheet that the graphs are stacked on: axes, legends, marks of steps and events, words."""

from __future__ import annotations

import html
import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from arangolab import units
from arangolab.figures import palette
from arangolab.figures.curves import GRAPHS
from arangolab.figures.view import EventMark, StepMark, View

HEIGHT_PX: Final = 1100
OPTIONAL_HEIGHT_PX: Final = 150
STRIP: Final = 0.028
"""Share of the height above the graphs for the steps' labels and the events' markers."""
GAP: Final = 0.03
LABEL_SHARE_MIN: Final = 0.045
"""A step narrower than this share of the time axis gets no label: they would run together."""
EVENTS_AXIS: Final = "y99"
LINED_EVENTS: Final = frozenset({"error", "drain"})
SHOWN_EVENTS: Final = frozenset({"command", "note", "warning", "error", "drain"})

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class TimeUnit:
    """The unit of the time axis."""

    seconds: float
    name: str

    @classmethod
    def of(cls, span_s: float) -> TimeUnit:
        """Seconds up to 10 minutes, minutes up to 3 hours, hours from there on."""
        if span_s <= 600 or not math.isfinite(span_s):
            return cls(1.0, "s")
        return cls(60.0, "min") if span_s <= 3 * 3600 else cls(3600.0, "h")


SECONDS: Final = TimeUnit(1.0, "s")


def axis_of(graph: int, right: bool) -> str:
    """Name of a graph's left or right axis, as traces refer to it: ``y``, ``y2``, ..."""
    number = 2 * graph + (2 if right else 1)
    return "y" if number == 1 else f"y{number}"


def height_px(graphs: Sequence[int]) -> int:
    """The figure's height."""
    return HEIGHT_PX + OPTIONAL_HEIGHT_PX * sum(GRAPHS[g].optional for g in graphs)


def layout_of(
    view: View, graphs: Sequence[int], unit: TimeUnit, span_s: float, absent: dict[int, str]
) -> Json:
    """The whole layout, as plotly takes it.

    ``graphs``: indices into GRAPHS, from the top.  ``span_s``: length of the time axis.
    ``absent``: what to say in a graph that has no curve.
    """
    domains = _domains(graphs)
    marks = marks_of(view.steps, view.events, unit, span_s)
    words = [_word(domains[g], text) for g, text in absent.items() if g in domains]
    return {
        **_page(view, height_px(graphs)),
        **_y_axes(domains),
        **_legends(domains),
        "xaxis": _x_axis(axis_of(graphs[-1], False), unit),
        "shapes": marks["shapes"],
        "annotations": [*marks["annotations"], *words],
    }


def marks_of(
    steps: Sequence[StepMark], events: Sequence[EventMark], unit: TimeUnit, span_s: float
) -> dict[str, list[Json]]:
    """``shapes`` and ``annotations`` of the steps and of the events that deserve a line."""
    shapes: list[Json] = []
    labels: list[Json] = []
    for step in steps:
        to_s = span_s if step.to_s is None else step.to_s
        shapes += _step_shapes(step, to_s, unit)
        if to_s - step.from_s >= LABEL_SHARE_MIN * span_s:
            labels.append(_step_label(step, (step.from_s + to_s) / 2 / unit.seconds))
    for event in events:
        if event.kind in LINED_EVENTS:
            colour = palette.TROUBLE if event.kind == "error" else palette.STEP_LINE
            shapes.append(_line(event.time_s / unit.seconds, colour, "dash"))
    return {"shapes": shapes, "annotations": labels}


def title_of(view: View) -> Json:
    """Title, with the verdict's sentence below it."""
    wrapped = textwrap.wrap(view.subtitle, 125)
    return {
        "text": f"<b>{html.escape(view.title)}</b>",
        "x": 0,
        "xref": "paper",
        "xanchor": "left",
        "y": 1,
        "yref": "container",
        "yanchor": "top",
        "pad": {"t": 14},
        "font": {"size": 17},
        "subtitle": {
            "text": "<br>".join(html.escape(line) for line in wrapped),
            "font": {"size": 13, "color": palette.TEXT},
        },
    }


def _page(view: View, height: int) -> Json:
    return {
        "template": "none",
        "title": title_of(view),
        "height": height,
        "autosize": True,
        "margin": {"l": 76, "r": 212, "t": 92, "b": 52},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": palette.TEXT, "size": 12, "family": "sans-serif"},
        "hovermode": "x unified",
        "hoversubplots": "axis",
        "hoverlabel": {"bgcolor": "rgba(252,252,252,0.96)", "font": {"color": "#222", "size": 12}},
        "uirevision": "kept",
        "bargap": 0,
        "separators": ".,",
    }


def _domains(graphs: Sequence[int]) -> dict[int, tuple[float, float]]:
    """(bottom, top) of each graph, as shares of the height."""
    usable = 1.0 - STRIP - GAP * (len(graphs) - 1)
    whole = sum(GRAPHS[g].height for g in graphs)
    top = 1.0 - STRIP
    found = {}
    for g in graphs:
        bottom = top - usable * GRAPHS[g].height / whole
        found[g] = (max(0.0, bottom), top)
        top = bottom - GAP
    return found


def _x_axis(anchor: str, unit: TimeUnit) -> Json:
    return {
        "anchor": anchor,
        "title": {"text": f"time since the start ({unit.name})"},
        "showgrid": False,
        "zeroline": False,
        "showline": True,
        "linecolor": palette.STEP_LINE,
        "ticks": "outside",
        "tickcolor": palette.STEP_LINE,
        "showspikes": True,
        "spikemode": "across",
        "spikesnap": "cursor",
        "spikethickness": 1,
        "spikedash": "dot",
        "spikecolor": palette.GREY,
        "hoverformat": ".1f" if unit.seconds == 1 else ".2f",
        "ticksuffix": "",
        "rangemode": "nonnegative",
    }


def _y_axes(domains: dict[int, tuple[float, float]]) -> Json:
    made: Json = {}
    for g, domain in domains.items():
        graph = GRAPHS[g]
        left: Json = {
            "title": {"text": graph.left, "standoff": 8},
            "domain": list(domain),
            "anchor": "x",
            "showgrid": True,
            "gridcolor": palette.GRID,
            "zeroline": False,
            "showline": True,
            "linecolor": palette.STEP_LINE,
            "separatethousands": True,
            "nticks": 6,
        }
        left |= (
            {"type": "log", "dtick": 1, "minor": {"dtick": "D1", "ticks": "outside"}}
            if graph.left_log
            else {"rangemode": "tozero"}
        )
        made[_layout_name(axis_of(g, False))] = left
        made[_layout_name(axis_of(g, True))] = {
            "title": {"text": graph.right, "standoff": 8},
            "overlaying": axis_of(g, False),
            "side": "right",
            "anchor": "x",
            "showgrid": False,
            "zeroline": False,
            "rangemode": "tozero",
            "separatethousands": True,
            "nticks": 6,
            "visible": bool(graph.right),
        }
    made[_layout_name(EVENTS_AXIS)] = {
        "domain": [1.0 - STRIP, 1.0],
        "anchor": "x",
        "range": [0, 1],
        "visible": False,
        "fixedrange": True,
    }
    return made


def _layout_name(axis: str) -> str:
    return f"yaxis{axis[1:]}"


def legend_of(graph: int) -> str:
    """Name of a graph's legend, as traces refer to it."""
    return "legend" if graph == 0 else f"legend{graph + 1}"


def _legends(domains: dict[int, tuple[float, float]]) -> Json:
    return {
        legend_of(g): {
            "title": {"text": f"<b>{GRAPHS[g].title}</b>", "font": {"size": 12}},
            "xref": "container",
            "x": 0.995,
            "xanchor": "right",
            "yref": "paper",
            "y": top,
            "yanchor": "top",
            "entrywidth": 104,
            "bgcolor": "rgba(0,0,0,0)",
            "tracegroupgap": 0,
            "font": {"size": 12},
        }
        for g, (_, top) in domains.items()
    }


def _step_shapes(step: StepMark, to_s: float, unit: TimeUnit) -> list[Json]:
    made = [_line(step.from_s / unit.seconds, palette.STEP_LINE, "solid")]
    if step.failed or step.not_valid:
        made.append(
            {
                "type": "rect",
                "layer": "below",
                "xref": "x",
                "yref": "paper",
                "x0": step.from_s / unit.seconds,
                "x1": to_s / unit.seconds,
                "y0": 0,
                "y1": 1,
                "line": {"width": 0},
                "fillcolor": palette.SHADE if step.failed else palette.GRID,
            }
        )
    return made


def _line(x: float, colour: str, dash: str) -> Json:
    return {
        "type": "line",
        "layer": "below",
        "xref": "x",
        "yref": "paper",
        "x0": x,
        "x1": x,
        "y0": 0,
        "y1": 1,
        "line": {"color": colour, "width": 1, "dash": dash},
    }


def _step_label(step: StepMark, middle: float) -> Json:
    reasons = "; ".join((step.judgement or {}).get("reasons", ()))
    sign = " ✗" if step.failed else " (not valid)" if step.not_valid else ""
    return {
        "xref": "x",
        "yref": "paper",
        "x": middle,
        "y": 1,
        "yanchor": "bottom",
        "showarrow": False,
        "text": f"<b>{units.number(step.rate_per_s)}/s{sign}</b>",
        "hovertext": html.escape(reasons),
        "font": {"size": 13, "color": palette.TROUBLE if step.failed else palette.TEXT},
    }


def _word(domain: tuple[float, float], text: str) -> Json:
    return {
        "xref": "paper",
        "yref": "paper",
        "x": 0.5,
        "y": (domain[0] + domain[1]) / 2,
        "showarrow": False,
        "text": f"<i>{html.escape(text)}</i>",
        "font": {"size": 14, "color": palette.TEXT},
    }
