"""A figure widget that a page gets whole, also one that is loaded while the figure is live."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from copy import deepcopy
from typing import Any, Final

import plotly.graph_objects as go
from plotly.basedatatypes import Undefined
from plotly.serializers import custom_serializers

Json = dict[str, Any]
_LISTS: Final = frozenset({"shapes", "annotations"})
"""Parts of a layout that are lists."""


class WholeFigureWidget(go.FigureWidget):  # type: ignore[misc]  # plotly is not typed
    """Plotly tells a page that comes later how the figure began; this one, how it is.

    And it tells nothing before a page has said that it drew the figure: what is sent while a page
    still loads plotly.js is lost there, and curves that are lost once never come again.
    """

    def __init__(self, figure: dict[str, Any], lock: threading.RLock) -> None:
        """``lock``: held by whoever changes the figure."""
        self._figure_lock = lock
        self._made = False
        self._seen = False
        self._untold: dict[int, set[str]] = {}
        super().__init__(figure)
        self.observe(self._was_drawn, "_js2py_traceDeltas")
        self._made = True
        self.open()

    def open(self) -> None:
        """Tell the page of it; once it is made, so that it is never seen without its figure."""
        if self._made:
            super().open()

    @property
    def seen(self) -> bool:
        """Whether a page drew it."""
        return self._seen

    def redraw(self, traces: Mapping[int, Json], layout: Json) -> None:
        """Change parts of traces, by their numbers, and of the layout, by one message.

        ``traces``: flat names (``marker.opacity``) with values as plotly takes them; they are not
        checked again, which for twenty curves a second costs several times what sending them does.
        """
        if not self._seen:
            for number, parts in traces.items():
                heads = {name.partition(".")[0] for name in parts}
                self._untold.setdefault(number, set()).update(heads)
        if not _LISTS.isdisjoint(layout):  # plotly keeps objects of what is in them
            with self.batch_update():
                for name, value in layout.items():
                    self.layout[name] = value
                for number, parts in traces.items():
                    self._batch_trace_edits.setdefault(number, {}).update(parts)
            return
        for number, parts in traces.items():
            self._set(number, parts)
        relaid = self._perform_plotly_relayout(layout)
        if traces or relaid:
            self._send_update_msg(_by_name(traces), relaid, list(traces))

    def _set(self, number: int, parts: Json) -> None:
        trace = self._data[number]
        for name, value in parts.items():
            head, _, inner = name.partition(".")
            if inner:
                trace.setdefault(head, {})[inner] = value
            else:
                trace[name] = value

    def _was_drawn(self, change: Mapping[str, Any]) -> None:
        """A page told what it drew; the first time, tell it all that it does not have yet."""
        if self._seen or not change["new"]:
            return
        with self._figure_lock:
            self._seen = True
            there = len(change["new"]["trace_deltas"])
            if there < len(self._data):
                self._send_addTraces_msg(deepcopy(self._data[there:]))
            news = {
                number: {name: self._data[number].get(name) for name in heads}
                for number, heads in self._untold.items()
                if number < there
            }
            layout = {k: v for k, v in self._layout_obj._props.items() if k != "template"}
            self._send_update_msg(_by_name(news), deepcopy(layout), list(news))

    def _send_addTraces_msg(self, new_traces_data: Any) -> None:  # noqa: N802
        if self._seen:
            super()._send_addTraces_msg(new_traces_data)

    def _send_update_msg(self, *told: Any, **more: Any) -> None:
        if self._seen:
            super()._send_update_msg(*told, **more)

    def _send_restyle_msg(self, *told: Any, **more: Any) -> None:
        if self._seen:
            super()._send_restyle_msg(*told, **more)

    def _send_relayout_msg(self, *told: Any, **more: Any) -> None:
        if self._seen:
            super()._send_relayout_msg(*told, **more)

    def get_state(self, key: Any = None, drop_defaults: bool = False) -> dict[str, Any]:
        """The widget's state as the page is told it."""
        state: dict[str, Any] = super().get_state(key, drop_defaults)
        if key is None and self._made:
            with self._figure_lock:
                now = {
                    "_widget_data": deepcopy(self._data),
                    "_widget_layout": deepcopy(self._layout_obj._props),
                }
            to_json = custom_serializers["to_json"]
            state |= {name: to_json(value, self) for name, value in now.items()}
        return state


def _by_name(traces: Mapping[int, Json]) -> dict[str, list[Any]]:
    """What plotly.js restyles: for each name the values of all traces."""
    names = dict.fromkeys(name for parts in traces.values() for name in parts)
    return {name: [parts.get(name, Undefined) for parts in traces.values()] for name in names}
