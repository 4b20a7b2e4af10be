"""The five graphs of a run that is going on."""

from __future__ import annotations

import threading
from collections.abc import Container, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from arangolab.figures.below import Below, Shares, changing
from arangolab.figures.curves import POINTS_MAX, Trace, traces_for
from arangolab.figures.drawing import (
    EVENTS_UID,
    drawn,
    drawn_events,
    in_order,
    nothing_drawn,
    points_sent,
)
from arangolab.figures.five import (
    absent_words,
    everything,
    graphs_of,
    righted_of,
    sheet,
    span_of,
)
from arangolab.figures.knee import Knee
from arangolab.figures.layout import head_of
from arangolab.figures.marks import SECONDS, TimeUnit
from arangolab.figures.parts import Part
from arangolab.figures.picture import TIMEOUT_S, bundle
from arangolab.figures.store import SampleStore
from arangolab.figures.view import View, event_marks, step_marks, titled

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from arangolab.histogram import Histogram

FIT_EVERY: Final = 30
"""Updates from one look at the cell's width to the next."""


class LiveFigure:
    """One FigureWidget (``.widget``), fed with samples; may be used from any thread.

    Zoom and hidden curves stay as the reader set them: no update touches ranges or visibility.
    """

    def __init__(
        self,
        title: str = "",
        server: Mapping[str, Any] | None = None,
        *,
        points: int = POINTS_MAX,
    ) -> None:
        from arangolab.figures.widget import WholeFigureWidget

        facts = dict(server or {})
        self._view = View(
            title=titled(title, bool(facts.get("sandbox"))),
            subtitle="",
            server=facts,
            steps=(),
            events=(),
        )
        self._points = points
        self._unit = SECONDS
        self._store = SampleStore()
        self._below = Below()
        self._parts: tuple[Part, ...] = ()
        self._lock = threading.RLock()
        self._shape: object = None
        self._marks: object = None
        self.widget = WholeFigureWidget(
            {
                "data": [drawn_events((), self._unit), *nothing_drawn(everything())],
                "layout": sheet(self._view, (), self._unit),
            },
            self._lock,
        )
        self.widget._config = {"responsive": True, "displaylogo": False}
        self._updates = 0
        self._was_seen = False
        self._head = (self._view.title, self._view.subtitle)
        self._graphs = everything()
        self._numbers = {EVENTS_UID: 0}
        """By uid, a trace's place in the figure."""
        self._told: dict[str, dict[str, Any]] = {}
        """By a trace's uid, what it was told last, but for its points."""

    def update(
        self,
        rows: Any = (),
        *,
        steps: Iterable[Any] | None = None,
        events: Any = None,
        subtitle: str | None = None,
        latency: Mapping[str, Histogram] | None = None,
        shares: Shares | None = None,
        knee: Knee | None = None,
    ) -> None:
        """Draw what is new, in one message to the browser.

        ``rows``: samples since the last update (a table, mappings, or tuples time_s, source, name,
        value).  ``steps``, ``events``: all of them so far; None leaves them as they are.
        ``latency``: histograms of service and response times since the last update.  ``shares``:
        of newly judged steps, by from_s, each indicator's use / limit.  ``knee``: what came out;
        None: what the steps so far say.
        """
        with self._lock:
            self._store.add(rows)
            self._below.add(latency or {}, shares or {}, knee)
            self._view = replace(
                self._view,
                steps=self._view.steps if steps is None else step_marks(steps),
                events=self._view.events if events is None else event_marks(events),
                subtitle=self._view.subtitle if subtitle is None else subtitle,
            )
            self._draw()

    def freeze(self, text: str = "", *, timeout_s: float = TIMEOUT_S) -> dict[str, Any]:
        """What is seen, as a mime bundle that stays in a saved notebook.

        A PNG is in it where a Chrome is found and answers in time, unless a browser is watching:
        JupyterLab then draws the figure as wide as its cell, and adds a PNG when it saves.
        """
        with self._lock:
            return bundle(
                self.figure(),
                text or self._words(),
                picture=not self.widget.seen,
                timeout_s=timeout_s,
            )

    def figure(self) -> go.Figure:
        """What is seen, as a plain figure: zoom and hidden curves as the reader set them.

        Drawn anew from the samples: a browser sends back less of a trace than it was given.
        """
        import plotly.graph_objects as go

        traces = in_order(traces_for(self._store.series(), self._view.limits, self._points))
        data = [{**drawn(trace, self._unit), **self._hidden(trace.curve.uid)} for trace in traces]
        data += [drawn_events(self._view.events, self._unit)]
        data += nothing_drawn(absent_words(traces, self._view))
        parts = self._below.parts(self._view)
        data += [{**made, **self._hidden(made["uid"])} for part in parts for made in part.data()]
        layout = sheet(self._view, traces, self._unit, parts)
        zoomed = {name: self._zoomed(name, value) for name, value in layout.items()}
        return go.Figure({"data": data, "layout": zoomed})

    def _hidden(self, uid: str) -> dict[str, Any]:
        """That the reader took the curve out by its legend."""
        number = self._numbers.get(uid)
        visible = None if number is None else self.widget.data[number].visible
        return {} if visible is None else {"visible": visible}

    def _draw(self) -> None:
        traces = in_order(
            traces_for(self._store.series(), self._view.limits, self._points, gapped=True)
        )
        self._parts = self._below.parts(self._view)
        below = [made for part in self._parts if self._below.changed(part) for made in part.data()]
        unit = TimeUnit.of(span_of(traces, self._view))
        rescaled, self._unit = self._unit.seconds / unit.seconds, unit
        self._add([drawn(t, unit) for t in traces if t.curve.uid not in self._numbers])
        self._add([made for made in below if made["uid"] not in self._numbers])
        changes = {t.curve.uid: points_sent(t, unit) for t in traces}
        changes |= {made["uid"]: changing(made) for made in below}
        layout = self._layout(traces, rescaled)
        if "shapes" in layout:
            changes[EVENTS_UID] = changing(drawn_events(self._view.events, unit))
        if rescaled != 1.0:
            changes |= self._left_behind(changes, rescaled)
        self.widget.redraw(
            {self._numbers[uid]: self._news(uid, parts) for uid, parts in changes.items()}, layout
        )

    def _news(self, uid: str, parts: dict[str, Any]) -> dict[str, Any]:
        """Without what the browser knows."""
        known = self._told.setdefault(uid, {})
        plain = {name: v for name, v in parts.items() if not isinstance(v, np.ndarray)}
        same = {name for name, value in plain.items() if name in known and known[name] == value}
        self._told[uid] = plain
        return {name: value for name, value in parts.items() if name not in same}

    def _left_behind(self, told: Container[str], rescaled: float) -> dict[str, Any]:
        """Curves that have no points any more stay where they were in time."""
        stays = {}
        for uid, number in self._numbers.items():
            trace = self.widget.data[number]
            if uid not in told and trace.xaxis == "x" and trace.x is not None and trace.x[0]:
                stays[uid] = {"x": np.asarray(trace.x, dtype=float) * rescaled}
        return stays

    def _add(self, new: list[Any]) -> None:
        """Further traces, before their axes: plotly.js gives an axis without a trace no place."""
        if new:
            before = len(self.widget.data)
            self.widget.add_traces(new)
            self._numbers |= {one["uid"]: before + k for k, one in enumerate(new)}

    def _layout(self, traces: list[Trace], rescaled: float) -> dict[str, Any]:
        """What changed of it: a new graph or axis, a step, an event, the unit, the words over it.

        ``rescaled``: the time axis has to be multiplied by this.
        """
        self._graphs = graphs_of(traces)
        shape = (
            self._unit,
            self._graphs,
            righted_of(traces),
            tuple(absent_words(traces, self._view)),
            tuple(part.key for part in self._parts),
        )
        marks = (self._view.steps, self._view.events)
        made: dict[str, Any] = {}
        if (shape, marks) != (self._shape, self._marks):
            whole = sheet(self._view, traces, self._unit, self._parts)
            made = {
                name: self._zoomed(name, value, rescaled)
                for name, value in whole.items()
                if shape != self._shape or name in ("shapes", "annotations")
            }
            self._shape, self._marks = shape, marks
        if (self._view.title, self._view.subtitle) != self._head:
            self._head = (self._view.title, self._view.subtitle)
            made |= head_of(self._view, self._graphs, self._parts)
        return {**made, **self._fit()}

    def _fit(self) -> dict[str, Any]:
        """Take the cell's width: plotly.js asks for it only when autosize comes anew.

        At first it draws before it has a place on the page, 700 px wide; later the page changes.
        """
        if self.widget.seen and not self._was_seen:
            self._was_seen, self._updates = True, 0
        self._updates += 1
        return {"autosize": self._updates % FIT_EVERY not in (1, 3)}

    def _zoomed(self, name: str, value: Any, rescaled: float = 1.0) -> Any:
        """The part of the layout, with the range that the reader chose.

        Parts are set as a whole: plotly.js refuses a part and something in it in one message.
        """
        chosen = self.widget.layout.to_plotly_json().get(name)
        if isinstance(chosen, dict) and chosen.get("range") and not chosen.get("autorange"):
            scale = rescaled if name == "xaxis" else 1.0
            ends = [end * scale if scale != 1.0 else end for end in chosen["range"]]
            return {**value, "range": ends, "autorange": False}
        return value

    def _words(self) -> str:
        step = self._view.steps[-1] if self._view.steps else None
        at = f", {step.rate_per_s:g}/s last" if step else ""
        return f"{self._view.title}: five graphs{at}. {self._view.subtitle}".strip()
