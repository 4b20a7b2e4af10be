"""A ramp's steps: rate against response times, errors, clients in flight and each indicator."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from arangolab import indicators, units
from arangolab.figures import palette
from arangolab.figures.layout import page, title_of, top_px_of
from arangolab.figures.palette import STYLES
from arangolab.figures.parts import Json, Span, legend, log_axis, within, x_axis, y_axis
from arangolab.figures.view import RunLike, StepMark, View, view_of
from arangolab.resources import INDICATORS, Indicator

if TYPE_CHECKING:
    import plotly.graph_objects as go

HEIGHT_PX: Final = 760
BOTTOM_PX: Final = 56
ROWS: Final = (
    # (domain, title of the axis, of the legend)
    ((0.73, 0.96), "time (ms, log scale)", "Response time"),
    ((0.51, 0.69), "scenarios (1/s)", "Throughput"),
    ((0.29, 0.47), "in flight (scenarios)", "Clients"),
    ((0.0, 0.25), "of the limit (%)", "Indicators"),
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
LABEL_WIDTH: Final = 24
"""Characters that a legend has room for."""
_X: Final = "x3"


@dataclass(frozen=True, slots=True)
class Knee:
    """Where the server gave way; rates are scenarios per second."""

    sustained_per_s: float | None = None
    """The highest rate that was sustained, or the capacity that a search found."""
    failed_per_s: float | None = None
    """The first rate that was not sustained."""
    interval_per_s: tuple[float, float] | None = None
    """The capacity's interval, of a search."""


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
        made = [self._drawn(*curve) for curve in CURVES]
        seen = {name for shares in self.shares for name in shares}
        return [
            *made,
            *(self._indicator(*one) for one in enumerate(INDICATORS) if one[1].name in seen),
        ]

    def layout(self, span: Span) -> Json:
        """Its rows, from the top: times, throughput, clients, indicators."""
        end = 1.1 * max((step.rate_per_s for step in self.steps), default=1.0)
        made: Json = {
            "xaxis3": {
                **x_axis("rate asked for (scenarios/s)", _y(len(ROWS) - 1)),
                "rangemode": "tozero",
            }
        }
        for row, (domain, title, words) in enumerate(ROWS):
            place = (within(span, domain[0]), within(span, domain[1]))
            scale = log_axis((1, 2, 5)) if row == 0 else {"rangemode": "tozero", "nticks": 6}
            made[f"yaxis{60 + row}"] = {**y_axis(title, _X, place), **scale}
            made[f"legend{30 + row}"] = legend(words, place[1])
        return {**made, **self._marks(end, span)}

    def _drawn(self, row: int, figure: str, thing: str, label: str) -> Json:
        values = [figures_of(step).get(figure) for step in self.steps]
        return self._curve(row, f"step_{figure}", thing, label, values, "%{y:,.4~r}")

    def _indicator(self, number: int, spec: Indicator) -> Json:
        values = [_percent(share.get(spec.name)) for share in self.shares]
        thing = palette.INDICATORS.get(spec.name) or palette.step_style(number)
        label = textwrap.shorten(spec.label.removeprefix("the "), LABEL_WIDTH, placeholder=" …")
        return self._curve(INDICATOR_ROW, f"share_{spec.name}", thing, label, values, "%{y:.3~r} %")

    def _curve(
        self, row: int, uid: str, thing: str | palette.Style, label: str, values: Any, told: str
    ) -> Json:
        style = STYLES[thing] if isinstance(thing, str) else thing
        symbols = [
            "x" if s.failed else "circle-open" if s.not_valid else "circle" for s in self.steps
        ]
        return {
            "type": "scatter",
            "uid": uid,
            "name": label,
            "mode": "lines+markers",
            "x": [step.rate_per_s for step in self.steps],
            "y": values,
            "xaxis": _X,
            "yaxis": _y(row),
            "legend": f"legend{30 + row}",
            "showlegend": True,
            "line": {"color": style.colour, "dash": style.dash, "width": style.width},
            "marker": {"symbol": symbols, "size": 8, "color": style.colour},
            "cliponaxis": False,
            "hovertemplate": f"{label} {told}<extra></extra>",
        }

    def _marks(self, end: float, span: Span) -> Json:
        """The knee as a line with its figure; from the failing rate on, shade."""
        shapes: list[Json] = []
        labels: list[Json] = []
        across = {"xref": _X, "yref": "paper", "y0": span[0], "y1": within(span, 0.96)}
        knee, failed = self.knee.sustained_per_s, self.knee.failed_per_s
        if self.knee.interval_per_s is not None:
            low, high = self.knee.interval_per_s
            band = {"fillcolor": palette.KNEE, "line": {"width": 0}, "layer": "below"}
            shapes.append({"type": "rect", "x0": low, "x1": high, **band, **across})
        if knee is not None:
            line = {"color": palette.GREEN, "width": 2}
            shapes.append({"type": "line", "x0": knee, "x1": knee, "line": line, **across})
            labels.append(_label(knee, self._knee_words(), palette.GREEN, within(span, 0.965), end))
        if failed is not None:
            band = {"fillcolor": palette.SHADE, "line": {"width": 0}, "layer": "below"}
            shapes.append({"type": "rect", "x0": failed, "x1": end, **band, **across})
            text = f"not sustained: {units.number(failed)}/s ✗"
            labels.append(_label(failed, text, palette.TROUBLE, within(span, 0.987), end))
        return {"shapes": shapes, "annotations": labels}

    def _knee_words(self) -> str:
        rate = units.number(self.knee.sustained_per_s or 0.0)
        if self.knee.interval_per_s is None:
            return f"knee: sustains {rate}/s"
        low, high = (units.number(one) for one in self.knee.interval_per_s)
        return f"knee: capacity {rate}/s [{low}, {high}]"


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
        "margin": {"l": 76, "r": 220, "t": top_px, "b": BOTTOM_PX},
        **part.layout((0.0, 1.0)),
    }
    if not part.steps:
        layout["annotations"] = [_words("no step was judged yet")]
    return go.Figure({"data": part.data() if part.steps else [], "layout": layout})


def overview_of(run: RunLike, view: View) -> Overview:
    """The part out of a run."""
    steps = judged(view.steps)
    samples = run.samples()
    shares = (indicators.shares(samples, view.limits, span_of(step)) for step in steps)
    return Overview(
        steps=steps,
        shares=tuple(shares),
        knee=knee_of(run) or Knee(),
    )


def knee_of(run: RunLike) -> Knee | None:
    """Out of the run's verdict; None while there is none."""
    verdict = run.verdict
    if not verdict:
        return None
    found = getattr(run, "capacity", None)
    if found is None or found.capacity_per_s is None or found.low_per_s is None:
        return Knee(verdict.get("sustained_per_s"), verdict.get("failed_per_s"))
    interval = (found.low_per_s, found.high_per_s or found.low_per_s)
    return Knee(found.capacity_per_s, None, interval)


def judged(steps: Sequence[StepMark]) -> tuple[StepMark, ...]:
    """Those that were, ascending in their rate."""
    return tuple(sorted((s for s in steps if _seen(s)), key=lambda step: step.rate_per_s))


def span_of(step: StepMark) -> tuple[float, float]:
    """The judged part of the hold."""
    seen = _seen(step)
    from_s = float(seen.get("from_s", step.from_s))
    return from_s, from_s + float(seen["duration_s"])


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


def _label(x: float, text: str, colour: str, y: float, end: float) -> Json:
    """Beside its line, on the side where there is room."""
    return {
        "xref": _X,
        "yref": "paper",
        "x": x,
        "y": y,
        "xanchor": "right" if x > 0.5 * end else "left",
        "yanchor": "bottom",
        "showarrow": False,
        "text": f"<b> {text} </b>",
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
