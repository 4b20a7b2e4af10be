"""The sheet that the graphs are stacked on: axes, legends, marks of steps and events, words."""

from __future__ import annotations

import textwrap
from collections.abc import Container, Sequence, Set
from typing import Any, Final

from arangolab.figures import palette
from arangolab.figures.curves import GRAPHS, Graph
from arangolab.figures.marks import TimeUnit, escaped, marks_of
from arangolab.figures.parts import Part, added_px, legend, spans_of
from arangolab.figures.room import LEFT_PX, RIGHT_PX, axis_title, log_axis
from arangolab.figures.view import View

HEIGHT_PX: Final = 1020
OPTIONAL_HEIGHT_PX: Final = 150
STRIP: Final = 0.028
"""Share of the height above the graphs for the steps' labels and the events' markers."""
GAP: Final = 0.03
ABSENT_HEIGHT: Final = 0.3
"""A graph that was not observed leaves its place to the others."""
TITLE_PX: Final = 60
TITLE_LINE_PX: Final = 23
TITLE_WIDTH: Final = 46
SUBTITLE_LINE_PX: Final = 17
SUBTITLE_WIDTH: Final = 72
"""Characters that fit on a narrow page."""
BOTTOM_PX: Final = 64
EVENTS_AXIS: Final = "y99"

Json = dict[str, Any]


def axis_of(graph: int, right: bool) -> str:
    """Name of a graph's left or right axis, as traces refer to it: ``y``, ``y2``, ..."""
    number = 2 * graph + (2 if right else 1)
    return "y" if number == 1 else f"y{number}"


def height_px(graphs: Sequence[int], parts: Sequence[Part] = ()) -> int:
    """Height of the graphs and the parts below them, without the words over them."""
    optional = sum(GRAPHS[g].optional for g in graphs)
    return HEIGHT_PX + OPTIONAL_HEIGHT_PX * optional + added_px(parts)


def layout_of(
    view: View,
    graphs: Sequence[int],
    righted: Set[int],
    unit: TimeUnit,
    span_s: float,
    absent: dict[int, str],
    parts: Sequence[Part] = (),
) -> Json:
    """The whole layout, as plotly takes it.

    ``graphs``: indices into GRAPHS, from the top; ``righted``: those with a curve on the right
    axis (plotly.js drops an axis without one, and whatever lies over it).
    ``span_s``: length of the time axis.  ``absent``: what to say in a graph without a curve.
    ``parts``: what stands below the time axis, from the top.
    """
    heights = {g: _height(g, len(absent) < len(graphs) and g in absent) for g in graphs}
    # the plotted area is as high as the graphs and parts, but for the margin at the bottom
    whole_px = height_px(graphs, parts) - BOTTOM_PX
    floor = added_px(parts) / whole_px
    domains = _domains(heights, floor)
    marks = marks_of(view.steps, view.events, unit, span_s, floor)
    words = [_word(domains[g], text) for g, text in absent.items() if g in domains]
    below = [part.layout(span) for part, span in zip(parts, spans_of(parts, whole_px), strict=True)]
    made: Json = {
        **page(),
        **head_of(view, graphs, parts),
        **_y_axes(domains, righted, absent, floor),
        **_legends(domains),
        "xaxis": _x_axis(axis_of(graphs[-1], False), unit),
    }
    for layout in below:
        made |= layout
    for name in ("shapes", "annotations"):
        made[name] = [*marks[name], *(one for layout in below for one in layout.get(name, ()))]
    made["annotations"] += words
    return made


def title_of(view: View) -> Json:
    """Title, with the verdict's sentence below it."""
    return {
        "text": "<br>".join(f"<b>{escaped(line)}</b>" for line in _title_lines(view)),
        "x": 0,
        "xref": "paper",
        "xanchor": "left",
        "y": 1,
        "yref": "container",
        "yanchor": "top",
        "pad": {"t": 14},
        "font": {"size": 17},
        "subtitle": {
            "text": "<br>".join(escaped(line) for line in _subtitle_lines(view)),
            "font": {"size": 13, "color": palette.TEXT},
        },
    }


def head_of(view: View, graphs: Sequence[int], parts: Sequence[Part] = ()) -> Json:
    """What in the layout the words over the graphs decide: title, margins, height."""
    top_px = top_px_of(view)
    return {
        "title": title_of(view),
        "margin": {"l": LEFT_PX, "r": RIGHT_PX, "t": top_px, "b": BOTTOM_PX},
        "height": height_px(graphs, parts) + top_px,
    }


def top_px_of(view: View) -> int:
    """What title and subtitle need above the graphs."""
    more = len(_title_lines(view)) - 1
    return TITLE_PX + TITLE_LINE_PX * more + SUBTITLE_LINE_PX * len(_subtitle_lines(view))


def _title_lines(view: View) -> list[str]:
    return textwrap.wrap(view.title, TITLE_WIDTH) or [""]


def _subtitle_lines(view: View) -> list[str]:
    return textwrap.wrap(view.subtitle, SUBTITLE_WIDTH)


def page() -> Json:
    """What all figures have in common."""
    return {
        "template": "none",
        "autosize": True,
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


def _height(graph: int, low: bool) -> float:
    return GRAPHS[graph].height * (ABSENT_HEIGHT if low else 1.0)


def _domains(heights: dict[int, float], floor: float) -> dict[int, tuple[float, float]]:
    """(bottom, top) of each graph, as shares of the figure's height; all above the floor."""
    scale = 1.0 - floor
    usable = 1.0 - STRIP - GAP * (len(heights) - 1)
    whole = sum(heights.values())
    top = 1.0 - STRIP
    found = {}
    for g, height in heights.items():
        bottom = top - usable * height / whole
        found[g] = (floor + scale * max(0.0, bottom), floor + scale * top)
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
        "spikethickness": -2,  # below 0: without the white edge plotly.js gives it
        "spikedash": "dot",
        "spikecolor": palette.GREY,
        "unifiedhovertitle": {"text": f"%{{x:.{1 if unit.seconds == 1 else 2}f}} {unit.name}"},
        "rangemode": "nonnegative",
    }


def _y_axes(
    domains: dict[int, tuple[float, float]],
    righted: Set[int],
    absent: Container[int],
    floor: float,
) -> Json:
    made: Json = {}
    for g, domain in domains.items():
        left, right = _left_axis(GRAPHS[g]), _right_axis(GRAPHS[g])
        if g in righted:
            right["domain"] = list(domain)
            left |= {"overlaying": axis_of(g, True), "domain": None}
            made[_layout_name(axis_of(g, True))] = right
        else:
            left |= {"domain": list(domain), "overlaying": None}
        if g in absent:
            left |= {"showticklabels": False, "showgrid": False, "title": {"text": ""}}
        made[_layout_name(axis_of(g, False))] = left
    made[_layout_name(EVENTS_AXIS)] = {
        "domain": [1.0 - STRIP * (1.0 - floor), 1.0],
        "anchor": "x",
        "range": [0, 1],
        "visible": False,
        "fixedrange": True,
    }
    return made


def _left_axis(graph: Graph) -> Json:
    made = {
        "title": axis_title(graph.left),
        "anchor": "x",
        "tickmode": "auto",
        "showgrid": True,
        "showticklabels": True,
        "gridcolor": palette.GRID,
        "zeroline": False,
        "showline": True,
        "linecolor": palette.STEP_LINE,
        "separatethousands": True,
        "nticks": 6,
    }
    if graph.left_log:
        return {**made, **log_axis()}
    return {**made, "rangemode": "tozero"}


def _right_axis(graph: Graph) -> Json:
    """Drawn below the left one, so that what is on it covers no line."""
    return {
        "title": axis_title(graph.right),
        "side": "right",
        "anchor": "x",
        "tickmode": "auto",
        "showgrid": False,
        "zeroline": False,
        "rangemode": "tozero",
        "separatethousands": True,
        "nticks": 6,
    }


def _layout_name(axis: str) -> str:
    return f"yaxis{axis[1:]}"


def legend_of(graph: int) -> str:
    """Name of a graph's legend, as traces refer to it."""
    return "legend" if graph == 0 else f"legend{graph + 1}"


def _legends(domains: dict[int, tuple[float, float]]) -> Json:
    return {legend_of(g): legend(GRAPHS[g].title, top) for g, (_, top) in domains.items()}


def _word(domain: tuple[float, float], text: str) -> Json:
    return {
        "xref": "paper",
        "yref": "paper",
        "x": 0.5,
        "y": (domain[0] + domain[1]) / 2,
        "showarrow": False,
        "text": f"<i>{escaped(text)}</i>",
        "font": {"size": 14, "color": palette.TEXT},
    }
