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
    """Plotly tells a page that comes later how the figure began; this one, how it is."""

    def __init__(self, figure: dict[str, Any], lock: threading.RLock) -> None:
        """``lock``: held by whoever changes the figure."""
        self._figure_lock = lock
        self._made = False
        super().__init__(figure)
        self._made = True
        self.open()

    def open(self) -> None:
        """Tell the page of it; once it is made, so that it is never seen without its figure."""
        if self._made:
            super().open()

    def redraw(self, traces: Mapping[int, Json], layout: Json) -> None:
        """Change parts of traces, by their numbers, and of the layout, by one message.

        ``traces``: flat names (``marker.opacity``) with values as plotly takes them; they are not
        checked again, which for twenty curves a second costs several times what sending them does.
        """
        if not _LISTS.isdisjoint(layout):  # plotly keeps objects of what is in them
            with self.batch_update():
                for name, value in layout.items():
                    self.layout[name] = value
                for number, parts in traces.items():
                    self._batch_trace_edits.setdefault(number, {}).update(parts)
            return
        for number, parts in traces.items():
            for name, value in parts.items():
                head, _, inner = name.partition(".")
                if inner:
                    self._data[number].setdefault(head, {})[inner] = value
                else:
                    self._data[number][name] = value
        numbers = list(traces)
        names = dict.fromkeys(name for parts in traces.values() for name in parts)
        restyled = {
            name: [traces[number].get(name, Undefined) for number in numbers] for name in names
        }
        relaid = self._perform_plotly_relayout(layout)
        if restyled or relaid:
            self._send_update_msg(restyled, relaid, numbers)

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
