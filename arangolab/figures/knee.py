"""Where the server gave way, as a mark over the rates."""

from __future__ import annotations

from dataclasses import dataclass

from arangolab.figures import palette
from arangolab.figures.parts import Json, Span, within
from arangolab.figures.view import RunLike


@dataclass(frozen=True, slots=True)
class Knee:
    """Where the server gave way; rates are scenarios per second."""

    sustained_per_s: float | None = None
    """The highest rate that was sustained, or the capacity that a search found."""
    failed_per_s: float | None = None
    """The first rate that was not sustained."""
    interval_per_s: tuple[float, float] | None = None
    """The capacity's interval, of a search."""


def marks(knee: Knee, x: str, ends: tuple[float, float], span: Span) -> Json:
    """The knee as a line with its figure; from the failing rate on, shade.

    ``x``: the axis of the rates; ``ends``: the lowest and the highest rate on it.
    """
    shapes: list[Json] = []
    labels: list[Json] = []
    across = {"xref": x, "yref": "paper", "y0": span[0], "y1": within(span, 0.96)}
    if knee.interval_per_s is not None:
        low, high = knee.interval_per_s
        band = {"fillcolor": palette.KNEE, "line": {"width": 0}, "layer": "below"}
        shapes.append({"type": "rect", "x0": low, "x1": high, **band, **across})
    if (at := knee.sustained_per_s) is not None:
        line = {"color": palette.GREEN, "width": 2}
        shapes.append({"type": "line", "x0": at, "x1": at, "line": line, **across})
        place = {"x": at, "y": within(span, 0.965), "xref": x}
        labels.append(_label(_words(knee), palette.GREEN, place, ends))
    if (failed := knee.failed_per_s) is not None:
        band = {"fillcolor": palette.SHADE, "line": {"width": 0}, "layer": "below"}
        shapes.append({"type": "rect", "x0": failed, "x1": ends[1], **band, **across})
        place = {"x": failed, "y": within(span, 0.987), "xref": x}
        text = f"not sustained: {_rate(failed)}/s ✗"
        labels.append(_label(text, palette.TROUBLE, place, ends))
    return {"shapes": shapes, "annotations": labels}


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


def _words(knee: Knee) -> str:
    rate = _rate(knee.sustained_per_s or 0.0)
    if knee.interval_per_s is None:
        return f"knee: sustains {rate}/s"
    low, high = (_rate(one) for one in knee.interval_per_s)
    return f"knee: capacity {rate}/s [{low}, {high}]"


def _rate(rate_per_s: float) -> str:
    """As the run's sentence has it."""
    return f"{rate_per_s:.3g}" if rate_per_s < 1000 else f"{rate_per_s:,.0f}"


def _label(text: str, colour: str, place: Json, ends: tuple[float, float]) -> Json:
    """At its line, where there is room: beside it near an end, else centred over it."""
    share = (place["x"] - ends[0]) / ((ends[1] - ends[0]) or 1.0)
    return {
        **place,
        "yref": "paper",
        "xanchor": "left" if share < 0.35 else "right" if share > 0.7 else "center",
        "yanchor": "bottom",
        "showarrow": False,
        "text": f"<b> {text} </b>",
        "font": {"color": colour, "size": 13},
    }
