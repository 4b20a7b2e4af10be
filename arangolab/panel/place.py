"""Spots in a cell's output that can be exchanged, so that a saved notebook keeps what it should."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from typing import Any, Final
from uuid import uuid4

LIVE: Final = "arangolab-live"
"""CSS class of a widget that is alive."""
_KEPT: Final = "arangolab-kept"
_AREA: Final = f".jp-OutputArea:has(.{_KEPT})"
_STYLE: Final = (
    f"<style>.jp-OutputArea:has(.{LIVE}) .{_KEPT} {{ display: none; }} "
    f"{_AREA} .jp-OutputArea-output.jupyter-widgets:not(:has(*)) {{ display: none; }} "
    f"{_AREA} .plot-img {{ max-width: 100%; height: auto; }}</style>"
)
"""While a widget is alive it speaks for itself; JupyterLab's line about a dead one is hidden, and
a picture is as wide as the page at most."""


class Place:
    """One spot: what is put there appears wherever the spot is shown; any thread may put."""

    def __init__(self, what: Any, *, raw: bool = False) -> None:
        self._what, self._raw = what, raw
        self._id = f"arangolab-{uuid4().hex}"
        self._shown = False

    def show(self) -> None:
        """Show it in the cell that is being executed."""
        from IPython.display import display

        self._shown = True
        display(self._what, raw=self._raw, display_id=self._id)

    def put(self, what: Any, *, raw: bool = False) -> None:
        """Exchange what is there; ``raw``: a mime bundle."""
        from IPython.display import update_display

        self._what, self._raw = what, raw
        if self._shown:
            update_display(what, raw=raw, display_id=self._id)


def kept(parts: Iterable[str]) -> dict[str, str]:
    """What stands in a saved notebook once the widgets are gone, as a mime bundle of HTML."""
    text = "".join(parts)
    return {"text/html": f"{_STYLE}<div class='{_KEPT}'>{text}</div>", "text/plain": _plain(text)}


def _plain(text: str) -> str:
    """HTML without its tags."""
    lines = re.sub(r"</(?:div|tr|b)>|<br>", "\n", text)
    cells = re.sub(r"</t[dh]>", "  ", lines)
    return html.unescape(re.sub(r"<[^>]*>", "", cells)).strip()
