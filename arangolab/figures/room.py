"""The room beside the graphs: what a figure's margins have to hold, whatever was measured.

plotly.js moves the title of an axis into its ticks where it would leave the page or reach into a
legend.  So tick labels and legends are bounded here, and the margins are as wide as their bounds.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

STANDOFF_PX: Final = 8
"""Between an axis' labels and its title."""
LEGEND_PX: Final = 175
LEFT_PX: Final = 50 + 34
"""The widest label (300,000 on a logarithmic axis), and a title beside it."""
RIGHT_PX: Final = LEGEND_PX + 42 + 26
"""The widest label of an axis that begins at zero (0.0002; 8,000 and 200k are narrower)."""
LABEL_PX: Final = 128
"""What a legend has left for words beside its lines."""
_PADDING: Final = "<br><span style='font-size:4px'>" + "\u00a0" * 134 + "</span>"
"""Nothing, as wide as a legend may be: legends end at the page's edge and begin below one
another, and leave the right axis its room on a page of any width."""
_PIECES: Final = re.compile(r"[^\s_.]*[\s_.]?")
"""Words, each with what ends it: lines may break there."""
_WIDTHS_PX: Final = ((5.0, " !'(),-./:;I[]fijlrt|"), (12.0, "%@MWmw"), (9.5, "+<=>~"))

Json = dict[str, Any]


def axis_title(text: str) -> Json:
    """Title of a vertical axis, a little beside its labels."""
    return {"text": text, "standoff": STANDOFF_PX}


def legend_title(text: str) -> str:
    """As wide as every legend is."""
    return f"<b>{text}</b>{_PADDING}"


def legend_name(label: str, most: int | None = None) -> str:
    """The label in lines that a legend has room for, broken between words or within a long one.

    ``most``: lines at most; what is left out leaves dots.
    """
    lines = [""]
    for piece in _parts(label):
        if lines[-1] and _width_px(lines[-1] + piece.rstrip()) > LABEL_PX:
            lines.append("")
        lines[-1] += piece
    if most is not None and len(lines) > most:
        lines = [*lines[: most - 1], f"{lines[most - 1][:-2]}…"]
    return "<br>".join(line.rstrip() for line in lines)


def log_axis(marks: Sequence[int] = (1, 3)) -> Json:
    """A logarithmic axis with those ticks in each decade, in full figures below a million."""
    ticks = [mark * 10.0**k for k in range(-2, 7) for mark in marks]
    texts = [_full(tick) for tick in ticks]
    return {"type": "log", "tickmode": "array", "tickvals": ticks, "ticktext": texts}


def _full(tick: float) -> str:
    return f"{tick:,.10g}" if tick < 1e6 else f"{tick / 1e6:g}M"


def _parts(label: str) -> list[str]:
    """Pieces of the label, none wider than a line."""
    found = []
    for piece in _PIECES.findall(label):
        begin = 0
        for end in range(1, len(piece) + 1):
            if _width_px(piece[begin:end].rstrip()) > LABEL_PX:
                found.append(piece[begin : end - 1])
                begin = end - 1
        found.append(piece[begin:])
    return found


def _width_px(text: str) -> float:
    """About what it takes at 12 px, in a font as wide as DejaVu Sans."""
    return sum(map(_advance_px, text))


def _advance_px(character: str) -> float:
    for width_px, those in _WIDTHS_PX:
        if character in those:
            return width_px
    if not character.isascii():
        return 12.0
    return 9.5 if character.isupper() else 7.4
