"""A ramp's steps: rate against response times, errors, clients in flight and each indicator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import mean, median
from typing import TYPE_CHECKING, Any, Final

from arangolab import indicators
from arangolab.figures import palette
from arangolab.figures.knee import Knee, knee_of, marks
from arangolab.figures.layout import page, title_of, top_px_of
from arangolab.figures.palette import STYLES
from arangolab.figures.parts import Json, Span, legend, within, x_axis, y_axis
from arangolab.figures.room import LEFT_PX, RIGHT_PX, legend_name, log_axis
from arangolab.figures.view import RunLike, StepMark, View, view_of
from arangolab.resources import INDICATORS, Indicator

if TYPE_CHECKING:
    import plotly.graph_objects as go

HEIGHT_PX: Final = 800
BOTTOM_PX: Final = 56
ROWS: Final = (
    # (domain, title of the axis, of the legend)
    ((0.75, 0.96), "time (ms, log scale)", "Response time"),
    ((0.55, 0.71), "scenarios (1/s)", "Throughput"),
    ((0.35, 0.51), "in flight (scenarios)", "Clients"),
    ((0.0, 0.31), "of the limit (%)", "Indicators"),
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
INDICATOR_ROW: Final = 3
FAINT: Final = 0.05
"""Use / limit: an indicator that stays below is named and not drawn."""
NEAR: Final = 1.05
"""Rates of a search that differ by less have one point on the line, their median."""
_X: Final = "x3"


@dataclass(frozen=True, kw_only=True)
class Overview:
    """A part of a figure; see parts.Part."""

    steps: tuple[StepMark, ...]
    """Judged ones, ascending in their rate."""
    shares: tuple[Mapping[str, float], ...]
    """Of each step, by indicator: its use / its limit."""
    knee: Knee
    height_px: int = HEIGHT_PX

    @property
    def key(self) -> object:
        """Its layout changes with what was judged."""
        rates = tuple(step.rate_per_s for step in self.steps)
        return ("overview", rates, self.knee)

    def data(self) -> list[Json]:
        """A curve for each figure and each indicator."""
        made = [trace for curve in CURVES for trace in self._drawn(*curve)]
        most = {one.name: self._most(one.name) for one in INDICATORS}
        for number, spec in enumerate(INDICATORS):
            if most[spec.name] >= FAINT:
                made += self._indicator(number, spec)
        return [*made, _named([_short(one) for one in INDICATORS if 0 <= most[one.name] < FAINT])]

    def _most(self, indicator: str) -> float:
        """Its highest use / limit; -1: it was not seen."""
        return max((shares.get(indicator, -1.0) for shares in self.shares), default=-1.0)

    def layout(self, span: Span) -> Json:
        """Its rows, from the top: times, throughput, clients, indicators."""
        rates = [step.rate_per_s for step in self.steps] or [1.0]
        high = 1.1 * max(rates)
        ends = (0.0 if min(rates) < 0.3 * high else 0.9 * min(rates), high)
        made: Json = {
            "xaxis3": {
                **x_axis("rate (scenarios/s): ✕ not sustained, ○ not valid", _y(len(ROWS) - 1)),
                "rangemode": "normal" if ends[0] else "tozero",
            }
        }
        for row, (domain, title, words) in enumerate(ROWS):
            place = (within(span, domain[0]), within(span, domain[1]))
            scale = log_axis((1, 2, 5)) if row == 0 else {"rangemode": "tozero", "nticks": 6}
            made[f"yaxis{60 + row}"] = {**y_axis(title, _X, place), **scale}
            made[f"legend{30 + row}"] = legend(words, place[1])
        return {**made, **marks(self.knee, _X, ends, span)}

    def _drawn(self, row: int, figure: str, thing: str, label: str) -> list[Json]:
        values = [figures_of(step).get(figure) for step in self.steps]
        return self._curve(row, f"step_{figure}", STYLES[thing], label, values, "%{y:,.4~r}")

    def _indicator(self, number: int, spec: Indicator) -> list[Json]:
        values = [_percent(share.get(spec.name)) for share in self.shares]
        style = palette.INDICATORS.get(spec.name) or palette.step_style(number)
        uid = f"share_{spec.name}"
        return self._curve(INDICATOR_ROW, uid, style, _short(spec), values, "%{y:.3~r} %")

    def _curve(
        self, row: int, uid: str, style: palette.Style, label: str, values: Any, told: str
    ) -> list[Json]:
        """A mark for each step, and a line through the medians of rates that are near."""
        rates = [step.rate_per_s for step in self.steps]
        symbols = [
            "x" if s.failed else "circle-open" if s.not_valid else "circle" for s in self.steps
        ]
        x, y = medians(rates, values, 1.0 if self._rising() else NEAR)
        shared = {
            "type": "scatter",
            "xaxis": _X,
            "yaxis": _y(row),
            "legend": f"legend{30 + row}",
            "legendgroup": uid,
            "cliponaxis": False,
        }
        line = {
            "uid": uid,
            "name": legend_name(label),
            "mode": "lines",
            "x": x,
            "y": y,
            "showlegend": True,
            "line": {"color": style.colour, "dash": style.dash, "width": style.width},
            "hoverinfo": "skip",
        }
        each = {
            "uid": f"{uid}_each",
            "name": f"{label}: each step",
            "mode": "markers",
            "x": rates,
            "y": values,
            "showlegend": False,
            "marker": {"symbol": symbols, "size": 7, "color": style.colour},
            "hovertemplate": f"{label} {told}<extra></extra>",
        }
        return [{**shared, **line}, {**shared, **each}]

    def _rising(self) -> bool:
        """Each rate was above the one before: a ramp."""
        held = sorted(self.steps, key=lambda step: step.from_s)
        return all(one.rate_per_s < other.rate_per_s for one, other in pairwise(held))


def medians(
    rates: Sequence[float], values: Sequence[float | None], near: float
) -> tuple[list[float], list[float]]:
    """(rates, values) with one point for the rates up to ``near`` times the lowest of them.

    ``rates`` ascend; what has no value is left out.
    """
    groups: list[list[tuple[float, float]]] = []
    for rate, value in zip(rates, values, strict=True):
        if value is None:
            continue
        if groups and rate <= near * groups[-1][0][0]:
            groups[-1].append((rate, value))
        else:
            groups.append([(rate, value)])
    x = [mean(rate for rate, _ in group) for group in groups]
    return x, [median(value for _, value in group) for group in groups]


def step_overview(run: RunLike) -> go.Figure:
    """The judged steps over their rates, the knee marked, the failing ones shaded.

    Response times, throughput and errors, clients in flight, and each indicator against its
    limit.  A cross is a step that was not sustained, an open circle one that is not valid.
    """
    import plotly.graph_objects as go

    view = view_of(run)
    part = overview_of(run, view)
    top_px = top_px_of(view)
    layout = {
        **page(),
        "title": title_of(view),
        "height": part.height_px + top_px + BOTTOM_PX,
        "margin": {"l": LEFT_PX, "r": RIGHT_PX, "t": top_px, "b": BOTTOM_PX},
        **part.layout((0.0, 1.0)),
    }
    if not part.steps:
        layout["annotations"] = [_words("no step was judged yet")]
    return go.Figure({"data": part.data() if part.steps else [], "layout": layout})


def overview_of(run: RunLike, view: View) -> Overview:
    """The part out of a run."""
    steps = judged(view.steps)
    spans = map(span_of, steps)
    shares = (indicators.shares(run.samples(*span), view.limits, span) for span in spans)
    return Overview(
        steps=steps,
        shares=tuple(shares),
        knee=knee_of(run) or Knee(),
    )


def judged(steps: Sequence[StepMark]) -> tuple[StepMark, ...]:
    """Those that were, ascending in their rate."""
    return tuple(sorted((s for s in steps if _seen(s)), key=lambda step: step.rate_per_s))


def span_of(step: StepMark) -> tuple[float, float]:
    """The judged part of the hold."""
    seen = _seen(step)
    from_s = float(seen.get("from_s", step.from_s))
    return from_s, from_s + float(seen["duration_s"])


def _short(spec: Indicator) -> str:
    return spec.label.removeprefix("the ")


def _named(labels: Sequence[str]) -> Json:
    """What is not drawn, as words in the legend."""
    words = f"below {100 * FAINT:g} % throughout: {', '.join(labels)}"
    return {
        "type": "scatter",
        "uid": "share_faint",
        "name": legend_name(words),
        "mode": "markers",
        "x": [None],
        "y": [None],
        "xaxis": _X,
        "yaxis": _y(INDICATOR_ROW),
        "legend": f"legend{30 + INDICATOR_ROW}",
        "legendrank": 2000,
        "showlegend": bool(labels),
        "marker": {"color": "rgba(0,0,0,0)"},
        "hoverinfo": "skip",
    }


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share


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


def _y(row: int) -> str:
    return f"y{60 + row}"


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
