"""A ramp's steps: rate against response times, errors and clients in flight."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from arangolab import units
from arangolab.figures import palette
from arangolab.figures.layout import log_axis, title_of, top_px_of
from arangolab.figures.palette import STYLES
from arangolab.figures.view import RunLike, StepMark, View, view_of

if TYPE_CHECKING:
    import plotly.graph_objects as go

HEIGHT_PX: Final = 630
ROWS: Final = (
    # (domain, title of the axis, log)
    ((0.58, 0.96), "time (ms, log scale)", True),
    ((0.3, 0.54), "scenarios (1/s)", False),
    ((0.0, 0.26), "in flight (scenarios)", False),
)
CURVES: Final = (
    # (row, figure of the observation, thing, label)
    (0, "response_p95_ms", "response_p95", "response p95"),
    (0, "response_p50_ms", "response_p50", "response p50"),
    (0, "service_p50_ms", "service_p50", "service p50"),
    (1, "intended_per_s", "rate", "rate asked for"),
    (1, "good_per_s", "finished", "ended well"),
    (1, "failed_per_s", "errors", "errors"),
    (2, "in_flight_mean", "in_flight", "clients in flight, mean"),
    (2, "in_flight_end", "in_flight_end", "at the step's end"),
)
LEGEND_TITLES: Final = ("Response time", "Throughput", "Clients")

Json = dict[str, Any]


def step_overview(run: RunLike) -> go.Figure:
    """The judged steps over their rates; the sustained rate is marked, the failing ones are shaded.

    A cross is a step that was not sustained, an open circle one that is not valid.
    """
    import plotly.graph_objects as go

    view = view_of(run)
    verdict = run.verdict or {}
    steps = sorted((s for s in view.steps if _seen(s)), key=lambda s: s.rate_per_s)
    data = [_drawn(steps, *curve) for curve in CURVES] if steps else []
    end = 1.1 * max((step.rate_per_s for step in steps), default=1.0)
    marks = _marks(verdict.get("sustained_per_s"), verdict.get("failed_per_s"), end)
    layout = {**_layout(view, end), **marks}
    if not steps:
        layout["annotations"] = [_words("no step was judged yet")]
    return go.Figure({"data": data, "layout": layout})


def _seen(step: StepMark) -> Json:
    return dict((step.judgement or {}).get("observation") or {})


def figures_of(step: StepMark) -> Json:
    """The observation's figures, with rates per second."""
    seen = _seen(step)
    duration_s = seen["duration_s"] or float("nan")
    good = seen["finished"] - seen["failed"]
    return {
        **seen,
        "intended_per_s": seen["intended"] / duration_s,
        "good_per_s": good / duration_s,
        "failed_per_s": seen["failed"] / duration_s,
    }


def _drawn(steps: Sequence[StepMark], row: int, figure: str, thing: str, label: str) -> Json:
    style = STYLES[thing]
    symbols = ["x" if s.failed else "circle-open" if s.not_valid else "circle" for s in steps]
    return {
        "type": "scatter",
        "uid": f"step_{figure}",
        "name": label,
        "mode": "lines+markers",
        "x": [step.rate_per_s for step in steps],
        "y": [figures_of(step).get(figure) for step in steps],
        "xaxis": "x",
        "yaxis": _axis(row),
        "legend": f"legend{row + 1}" if row else "legend",
        "line": {"color": style.colour, "dash": style.dash, "width": style.width},
        "marker": {"symbol": symbols, "size": 8, "color": style.colour},
        "cliponaxis": False,
        "hovertemplate": f"{label} %{{y:,.4~r}}<extra></extra>",
    }


def _axis(row: int) -> str:
    return "y" if row == 0 else f"y{row + 1}"


def _layout(view: View, end: float) -> Json:
    made: Json = {
        "template": "none",
        "title": title_of(view),
        "height": HEIGHT_PX + top_px_of(view),
        "margin": {"l": 76, "r": 190, "t": top_px_of(view), "b": 52},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": palette.TEXT, "size": 12, "family": "sans-serif"},
        "hovermode": "x unified",
        "hoversubplots": "axis",
        "hoverlabel": {"bgcolor": "rgba(252,252,252,0.96)", "font": {"color": "#222"}},
        "xaxis": {
            "title": {"text": "rate asked for (scenarios/s)"},
            "anchor": _axis(len(ROWS) - 1),
            "showgrid": False,
            "zeroline": False,
            "showline": True,
            "linecolor": palette.STEP_LINE,
            "range": [0, end],
            "ticks": "outside",
        },
    }
    for row, (domain, title, log) in enumerate(ROWS):
        made["yaxis" + (str(row + 1) if row else "")] = {
            "title": {"text": title, "standoff": 8},
            "domain": list(domain),
            "anchor": "x",
            "gridcolor": palette.GRID,
            "zeroline": False,
            "showline": True,
            "linecolor": palette.STEP_LINE,
            "separatethousands": True,
            **(log_axis((1, 2, 5)) if log else {"rangemode": "tozero", "nticks": 6}),
        }
        made["legend" + (str(row + 1) if row else "")] = {
            "title": {"text": f"<b>{LEGEND_TITLES[row]}</b>", "font": {"size": 12}},
            "x": 1.02,
            "xanchor": "left",
            "y": domain[1],
            "yanchor": "top",
            "bgcolor": "rgba(0,0,0,0)",
        }
    return made


def _marks(sustained: float | None, failed: float | None, end: float) -> Json:
    """The sustained rate as a line with its figure; from the failing rate on, shade."""
    shapes: list[Json] = []
    labels: list[Json] = []
    span = {"xref": "x", "yref": "paper", "y0": 0, "y1": 0.96}
    if sustained is not None:
        line = {"color": palette.GREEN, "width": 2}
        shapes.append({"type": "line", "x0": sustained, "x1": sustained, "line": line, **span})
        text = f"sustained: {units.number(sustained)}/s "
        labels.append({**_label(sustained, text, palette.GREEN), "xanchor": "right"})
    if failed is not None:
        band = {"fillcolor": palette.SHADE, "line": {"width": 0}, "layer": "below"}
        shapes.append({"type": "rect", "x0": failed, "x1": end, **band, **span})
        text = f" not sustained: {units.number(failed)}/s ✗"
        labels.append({**_label(failed, text, palette.TROUBLE), "xanchor": "left"})
    return {"shapes": shapes, "annotations": labels}


def _label(x: float, text: str, colour: str) -> Json:
    return {
        "xref": "x",
        "yref": "paper",
        "x": x,
        "y": 0.965,
        "yanchor": "bottom",
        "showarrow": False,
        "text": f"<b>{text}</b>",
        "font": {"color": colour, "size": 13},
    }


def _words(text: str) -> Json:
    return {
        "xref": "paper",
        "yref": "paper",
        "x": 0.5,
        "y": 0.5,
        "showarrow": False,
        "text": f"<i>{text}</i>",
        "font": {"size": 14, "color": palette.TEXT},
    }
