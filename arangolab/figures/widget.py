"""A figure widget that a page gets whole, also one that is loaded while the figure is live."""

from __future__ import annotations

import threading
from copy import deepcopy
from typing import Any

import plotly.graph_objects as go
from plotly.serializers import custom_serializers


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
