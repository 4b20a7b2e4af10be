"""How long scenarios took: the distribution of service and response times."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from arangolab import units
from arangolab.figures.palette import STYLES, TEXT
from arangolab.figures.parts import Json, Span, legend, within, x_axis, y_axis
from arangolab.figures.room import log_axis

if TYPE_CHECKING:
    from arangolab.histogram import Histogram

HEIGHT_PX: Final = 190
PER_DECADE: Final = 12
"""Bars of a power of ten."""
MARKED: Final = (50, 95, 99)
"""Percentiles of the response time that are marked."""
_X, _Y, _LEGEND = "x2", "y50", "legend20"
_DRAWN: Final = (("response", "response_p95", 0.25), ("service", "service_p50", 0.0))
"""(name, style, opacity of the surface below the line)"""


@dataclass(frozen=True)
class Latency:
    """A part of the figure; see parts.Part."""

    histograms: Mapping[str, Histogram]
    """``response`` and ``service``, of the run so far."""
    height_px: int = HEIGHT_PX
    key: object = "latency"

    def data(self) -> list[Json]:
        """The two distributions, and the percentiles of the response time."""
        made = [self._drawn(*one) for one in _DRAWN]
        return [*made, self._marks(max(max(one["y"], default=0.0) for one in made))]

    def layout(self, span: Span) -> Json:
        """Its axes and legend."""
        body = (span[0], within(span, 0.9))
        return {
            "xaxis2": {
                **x_axis("time of a scenario, the whole run (ms, log scale)", _Y),
                **log_axis((1, 2, 5)),
            },
            "yaxis50": {**y_axis("scenarios (%)", _X, body), "rangemode": "tozero", "nticks": 5},
            _LEGEND: legend("Latency", span[1]),
        }

    def _drawn(self, name: str, thing: str, opacity: float) -> Json:
        style = STYLES[thing]
        edges_s, counts = binned(self.histograms.get(name))
        share = 100 * counts / max(1.0, counts.sum())
        return {
            "type": "scatter",
            "uid": f"latency_{name}",
            "name": f"{name} time",
            "mode": "lines",
            "x": edges_s * 1e3,
            "y": np.append(share, 0.0) if len(edges_s) else share,
            "xaxis": _X,
            "yaxis": _Y,
            "legend": _LEGEND,
            "line": {"color": style.colour, "dash": style.dash, "width": 1.6, "shape": "hv"},
            "fill": "tozeroy" if opacity else "none",
            "fillcolor": _faded(style.colour, opacity),
            "hovertemplate": f"{name} time %{{y:.3~r}} %<extra></extra>",
        }

    def _marks(self, peak: float) -> Json:
        """A line for each percentile, its name at the top."""
        found = percentiles(self.histograms.get("response"))
        marks = [(f"p{p} {units.seconds(s)}", s * 1e3) for p, s in found.items()]
        texts = [text for words, _ in marks for text in ("", words, "")]
        return {
            "type": "scatter",
            "uid": "latency_marks",
            "name": "response percentiles",
            "mode": "lines+text",
            "x": [x for _, ms in marks for x in (ms, ms, None)],
            "y": [y for k, _ in enumerate(marks) for y in (0.0, peak * _LIFTS[k], None)],
            "text": texts,
            "textposition": "top center",
            "textfont": {"color": TEXT, "size": 12},
            "cliponaxis": False,
            "xaxis": _X,
            "yaxis": _Y,
            "legend": _LEGEND,
            "line": {"color": STYLES["response_p95"].colour, "dash": "dot", "width": 1.2},
            "hoverinfo": "skip",
        }


_LIFTS: Final = (1.15, 0.9, 0.65)
"""Names of percentiles that lie close together stand below one another."""


def binned(histogram: Histogram | None) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """(edges in seconds, counts): bars of equal width on a logarithmic axis, empty ends left out.

    One edge more than counts; both empty when nothing was counted.
    """
    if histogram is None or not histogram.count:
        return np.empty(0), np.empty(0)
    values_s, counts = histogram.values()
    place = np.floor(np.log10(values_s) * PER_DECADE).astype(int)
    first = int(place.min())
    summed = np.bincount(place - first, weights=counts)
    edges = 10.0 ** (np.arange(first, first + len(summed) + 1) / PER_DECADE)
    return edges, summed


def percentiles(histogram: Histogram | None) -> dict[int, float]:
    """The marked ones in seconds; {} when nothing was counted.

    Out of the counters that are not zero, a few hundred: HdrHistogram's own way takes
    milliseconds for each.
    """
    if histogram is None or not histogram.count:
        return {}
    values_s, counts = histogram.values()
    below = np.cumsum(counts)
    places = {p: int(np.searchsorted(below, p / 100 * below[-1])) for p in MARKED}
    return {p: float(values_s[min(place, len(values_s) - 1)]) for p, place in places.items()}


def _faded(colour: str, opacity: float) -> str:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity})"


def usable(histograms: Mapping[str, Histogram]) -> bool:
    """Whether anything was counted."""
    return any(h.count for h in histograms.values())
