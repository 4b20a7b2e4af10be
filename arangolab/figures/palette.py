"""Colours and dashes: the same for the same thing in every figure.

After Okabe and Ito's palette for colour-blind readers (https://jfly.uni-koeln.de/color/), shifted
so that each stands out at 3:1 from white and from JupyterLab's dark background alike.  Dashes vary
with the colours, so that nothing rests on colour alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Dash = Literal["solid", "dot", "dash", "longdash", "dashdot"]

BLUE: Final = "#1F7FC4"
SKY: Final = "#3B97D3"
GREEN: Final = "#009E73"
ORANGE: Final = "#C98300"
VERMILLION: Final = "#E0561B"
PURPLE: Final = "#C06A9B"
OLIVE: Final = "#8F8A2A"
INDIGO: Final = "#7C72D8"
GREY: Final = "#808080"

TEXT: Final = "#7B7B7B"
"""Readable on a light and on a dark page (4.2:1 on both)."""
GRID: Final = "rgba(128,128,128,0.22)"
STEP_LINE: Final = "rgba(128,128,128,0.65)"
TROUBLE: Final = VERMILLION
SHADE: Final = "rgba(224,86,27,0.08)"
"""Behind what was not sustained."""
KNEE: Final = "rgba(0,158,115,0.14)"
"""Behind the interval of the capacity."""
LIGHT_PAGE: Final = "#FFFFFF"
DARK_PAGE: Final = "#111111"
"""JupyterLab's --jp-layout-color0 in its two themes."""


@dataclass(frozen=True, slots=True)
class Style:
    """How a thing is drawn."""

    colour: str
    dash: Dash = "solid"
    width: float = 1.6


STYLES: Final[dict[str, Style]] = {
    "response_p95": Style(BLUE, "solid", 2.2),
    "response_p50": Style(BLUE, "dash"),
    "service_p50": Style(SKY, "dashdot"),
    "errors": Style(VERMILLION),
    "shed": Style(VERMILLION, "dot"),
    "in_flight": Style(GREEN, "solid", 2.2),
    "in_flight_end": Style(GREEN, "dot"),
    "rate": Style(GREY),
    "processes": Style(PURPLE, "dash"),
    "memory_maps": Style(PURPLE, "solid", 2.2),
    "rss": Style(OLIVE, "dash"),
    "cpu_user": Style(ORANGE, "solid", 2.2),
    "cpu_system": Style(INDIGO, "dash"),
    "threads": Style(INDIGO, "solid", 2.2),
    "open_fds": Style(OLIVE, "dashdot"),
    "v8_busy": Style(SKY, "solid", 2.2),
    "v8_failures": Style(VERMILLION, "dash"),
    "queue": Style(BLUE, "longdash", 1.8),
    "queue_time": Style(SKY, "dot"),
    "response_p99": Style(BLUE, "dot", 1.2),
    "limit": Style(GREY, "longdash", 1.2),
    "events": Style(TROUBLE),
    "finished": Style(GREEN, "dash"),
}
"""By the thing shown."""

INDICATORS: Final[dict[str, Style]] = {
    "v8_contexts": STYLES["v8_busy"],
    "cpu": STYLES["cpu_user"],
    "memory": STYLES["rss"],
    "scheduler_queue": STYLES["queue"],
    "open_fds": STYLES["open_fds"],
    "memory_maps": STYLES["memory_maps"],
    "threads": STYLES["threads"],
}
"""By the indicator's name: as its curve over the time."""

_STEP_COLOURS: Final = (GREEN, PURPLE, ORANGE, INDIGO, OLIVE)
_STEP_DASHES: Final[tuple[Dash, ...]] = ("dot", "dashdot", "longdash", "dash")


def step_style(number: int) -> Style:
    """The style of a scenario's ``number``-th step (in the order of the alphabet)."""
    again, place = divmod(number, len(_STEP_COLOURS))
    return Style(_STEP_COLOURS[place], _STEP_DASHES[again % len(_STEP_DASHES)], 1.6)


def contrast(one: str, other: str) -> float:
    """Contrast of two colours ``#rrggbb``, 1 to 21 (WCAG 2.2's definition)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
