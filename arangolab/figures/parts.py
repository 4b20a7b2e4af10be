"""Graphs below those on the time axis, each with an axis of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Protocol

from arangolab.figures import palette
from arangolab.figures.room import axis_title, legend_title

GAP_PX: Final = 78
"""Room over a part for the axis of what is above it, and for its own labels."""

Json = dict[str, Any]
Span = tuple[float, float]
"""(bottom, top), as shares of the figure's height."""


class Part(Protocol):
    """What can be put below the time axis."""

    @property
    def height_px(self) -> int:
        """Without the gap over it."""

    @property
    def key(self) -> object:
        """Changes when the layout does."""

    def data(self) -> list[Json]:
        """The traces."""

    def layout(self, span: Span) -> Json:
        """Axes, legends, shapes and annotations within that span of the figure."""


def spans_of(parts: Sequence[Part], whole_px: float) -> list[Span]:
    """Where the parts lie, from the bottom up; the first part is the uppermost of them."""
    found: list[Span] = []
    bottom = 0.0
    for part in reversed(parts):
        top = bottom + part.height_px / whole_px
        found.append((bottom, top))
        bottom = top + GAP_PX / whole_px
    return found[::-1]


def added_px(parts: Sequence[Part]) -> int:
    """What the parts add to the figure's height."""
    return sum(part.height_px + GAP_PX for part in parts)


def within(span: Span, share: float) -> float:
    """A share of the span as a share of the figure."""
    bottom, top = span
    return bottom + share * (top - bottom)


def y_axis(title: str, anchor: str, domain: Span) -> Json:
    """A left axis as all graphs have it."""
    return {
        "title": axis_title(title),
        "domain": [round(domain[0], 5), round(domain[1], 5)],
        "anchor": anchor,
        "gridcolor": palette.GRID,
        "zeroline": False,
        "showline": True,
        "linecolor": palette.STEP_LINE,
        "separatethousands": True,
    }


def x_axis(title: str, anchor: str) -> Json:
    """A bottom axis as all graphs have it."""
    return {
        "title": {"text": title},
        "anchor": anchor,
        "showgrid": False,
        "zeroline": False,
        "showline": True,
        "linecolor": palette.STEP_LINE,
        "ticks": "outside",
        "tickcolor": palette.STEP_LINE,
    }


def legend(title: str, top: float) -> Json:
    """A legend beside a graph."""
    return {
        "title": {"text": legend_title(title), "font": {"size": 12}},
        "xref": "container",
        "x": 1,
        "xanchor": "right",
        "y": top,
        "yanchor": "top",
        "bgcolor": "rgba(0,0,0,0)",
        "tracegroupgap": 0,
        "font": {"size": 12},
    }
