"""The marks of steps and events on the time axis."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from arangolab import units
from arangolab.figures import palette
from arangolab.figures.view import EventMark, StepMark

CHARACTER_SHARE: Final = 0.02
"""Of the time axis on a narrow page, what a label's character takes."""
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


def marks_of(
    steps: Sequence[StepMark],
    events: Sequence[EventMark],
    unit: TimeUnit,
    span_s: float,
    floor: float = 0.0,
) -> dict[str, list[Json]]:
    """``shapes`` and ``annotations`` of the steps and of the events that deserve a line.

    ``floor``: where the graphs on the time axis begin, as a share of the figure's height.
    """
    shapes: list[Json] = []
    for step in steps:
        shapes += _step_shapes(step, span_s if step.to_s is None else step.to_s, unit)
    for event in events:
        if event.kind in LINED_EVENTS:
            colour = palette.TROUBLE if event.kind == "error" else palette.STEP_LINE
            shapes.append(_line(event.time_s / unit.seconds, colour, "dash"))
    labels = _labels(steps, unit, span_s)
    return {"shapes": [{**shape, "y0": floor} for shape in shapes], "annotations": labels}


def _labels(steps: Sequence[StepMark], unit: TimeUnit, span_s: float) -> list[Json]:
    """A label in the middle of each step, but for those that would run into the one before."""
    labels: list[Json] = []
    free_s = -math.inf
    for step in steps:
        wide_s = CHARACTER_SHARE * span_s * (len(_said(step)) + 1)
        if step.to_s is None:
            labels.append({**_step_label(step, step.from_s / unit.seconds), "xanchor": "left"})
        elif (middle_s := (step.from_s + step.to_s) / 2) - wide_s / 2 >= free_s:
            labels.append(_step_label(step, middle_s / unit.seconds))
            free_s = middle_s + wide_s / 2
    return labels


def escaped(text: str) -> str:
    """The text for plotly, which understands a little HTML."""
    return html.escape(text, quote=False)


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
    return {
        "xref": "x",
        "yref": "paper",
        "x": middle,
        "y": 1,
        "yanchor": "bottom",
        "showarrow": False,
        "text": f"<b>{_said(step)}</b>",
        "hovertext": escaped(reasons),
        "font": {"size": 13, "color": palette.TROUBLE if step.failed else palette.TEXT},
    }


def _said(step: StepMark) -> str:
    sign = " ✗" if step.failed else " (not valid)" if step.not_valid else ""
    return f"{units.number(step.rate_per_s)}/s{sign}"
