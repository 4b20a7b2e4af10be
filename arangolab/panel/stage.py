"""What a cell shows while widgets live, and what stands there once they are gone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from arangolab.panel.place import NOTHING, Place, plain

_LIVE: Final = "arangolab-live"
_KEPT: Final = "arangolab-kept"
_CONTROLS: Final = "arangolab-controls"
_DEAD: Final = "jupyter-widgets-disconnected"
"""JupyterLab's class of a widget whose kernel has gone."""
_OUTPUT: Final = ".jp-OutputArea-child"
_PICTURE: Final = ":is(.jp-RenderedPlotly, .jp-RenderedImage)"
_BESIDE_LIFE: Final = (
    f"{_OUTPUT}:has(.{_KEPT}):has(+ {_OUTPUT} .{_LIVE}:not(.{_DEAD})), "
    f"{_OUTPUT}:has(.{_LIVE}:not(.{_DEAD})) + {_OUTPUT}:has({_PICTURE})"
)
_DEAD_PARTS: Final = (
    f".{_LIVE}.{_DEAD} .{_CONTROLS}, .{_LIVE}.{_DEAD}::before, "
    f"{_OUTPUT}:has(.{_LIVE}.{_DEAD}):has(+ {_OUTPUT} {_PICTURE}), "
    f"{_OUTPUT}:has(.{_KEPT}) + {_OUTPUT} .jp-OutputArea-output.jupyter-widgets:not(:has(*))"
)
NARROW_PX: Final = 400
"""Graphs are no narrower than this: plotly.js breaks off where nothing is left between margins."""
_STYLE: Final = (
    f"<style>{_BESIDE_LIFE} "
    "{ visibility: hidden; height: 0; min-height: 0; overflow: hidden; } "
    f"{_DEAD_PARTS} {{ display: none !important; }} "
    f".{_LIVE} .js-plotly-plot {{ min-width: {NARROW_PX}px; }} "
    f"{_OUTPUT}:has(.{_KEPT}) ~ {_OUTPUT} .plot-img {{ max-width: 100%; height: auto; }}</style>"
)
"""While widgets live they speak for themselves, and what is kept is drawn out of sight.  Once their
kernel has gone, they are hidden but for graphs that nothing stands in for."""


class Stage:
    """Three outputs of one cell: words to be kept, widgets, and graphs to be kept.

    The two that are kept are in the notebook all the time, so that it may be saved at any.
    """

    def __init__(self, controls: Any = None) -> None:
        """``controls``: a widget to stand over the live graphs."""
        import ipywidgets as widgets

        self._controls = () if controls is None else (controls,)
        for control in self._controls:
            control.add_class(_CONTROLS)
        self.box = widgets.VBox(self._controls, layout=widgets.Layout(width="100%"))
        self.box.add_class(_LIVE)
        self._words = Place(_kept(()), raw=True)
        self._widgets = Place(self.box)
        self._graphs = Place(NOTHING, raw=True)

    def show(self) -> None:
        """Show it all in the cell that is being executed."""
        for place in (self._words, self._widgets, self._graphs):
            place.show()

    def keep(self, parts: Iterable[str]) -> None:
        """The words (HTML) for when the widgets are gone."""
        self._words.put(_kept(parts), raw=True)

    def play(self, figure: Any) -> None:
        """Show live graphs, in place of those before; their copy is no longer kept."""
        earlier = self.box.children[len(self._controls) :]
        self.box.children = (*self._controls, figure)
        self._graphs.put(NOTHING, raw=True)
        for widget in earlier:
            widget.close()

    def freeze(self, bundle: dict[str, Any]) -> None:
        """The graphs (a mime bundle) for when the widgets are gone."""
        self._graphs.put(bundle, raw=True)

    def settle(self) -> None:
        """Only what is kept remains: nothing that dies with the kernel.

        The widgets are not closed: they are all that a page has that was loaded anew.
        """
        self._widgets.put(NOTHING, raw=True)
        self._graphs.again()

    def close(self) -> None:
        """End the widgets, where another panel took this one's place."""
        for widget in (*self.box.children, self.box):
            widget.close()


def _kept(parts: Iterable[str]) -> dict[str, str]:
    text = "".join(parts)
    return {"text/html": f"{_STYLE}<div class='{_KEPT}'>{text}</div>", "text/plain": plain(text)}
