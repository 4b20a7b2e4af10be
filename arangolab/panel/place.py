"""Spots in a cell's output that can be exchanged, so that a saved notebook keeps what it should."""

from __future__ import annotations

import html
import re
from typing import Any, Final
from uuid import uuid4

NOTHING: Final = {"text/plain": ""}


class Place:
    """One spot: what is put there appears wherever the spot is shown; any thread may put.

    A page that was loaded anew does not know the spot any more: it keeps what it had.
    """

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

    def again(self) -> None:
        """Have it drawn anew, once it has room to be."""
        self.put(self._what, raw=self._raw)


def plain(text: str) -> str:
    """HTML without its tags."""
    lines = re.sub(r"</(?:div|tr|b)>|<br>", "\n", text)
    cells = re.sub(r"</t[dh]>", "  ", lines)
    return html.unescape(re.sub(r"<[^>]*>", "", cells)).strip()
