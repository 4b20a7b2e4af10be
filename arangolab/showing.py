"""How objects show themselves in a notebook: few words, escaped."""

from __future__ import annotations

import html
from collections.abc import Iterable
from typing import Any, Final

_NAME: Final = "style='text-align:left;vertical-align:top;white-space:nowrap'"
_TOLD: Final = "style='text-align:left'"


def table(rows: Iterable[tuple[str, object]]) -> str:
    """A row each with its name, as HTML; what is in them is escaped."""
    cells = "".join(
        f"<tr><th {_NAME}>{html.escape(name)}</th><td {_TOLD}>{html.escape(str(told))}</td></tr>"
        for name, told in rows
    )
    return f"<table>{cells}</table>"


class Told(dict[str, Any]):
    """A dict with a sentence, which a notebook shows first."""

    def _repr_html_(self) -> str:
        facts = [
            (name, f"{value:.4g}" if isinstance(value, float) else value)
            for name, value in self.items()
            if name != "sentence" and isinstance(value, str | int | float) and value != ""
        ]
        return f"<p><b>{html.escape(str(self.get('sentence', '')))}</b></p>{table(facts)}"
