"""Which panel a new one takes the place of: that of its run file, or of its cell's last run."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final
from weakref import WeakValueDictionary

_of_file: Final[WeakValueDictionary[Path, Any]] = WeakValueDictionary()
_of_cell: Final[WeakValueDictionary[tuple[str, str], Any]] = WeakValueDictionary()
"""By (cell, message that had it executed)."""


def replaced_by(panel: Any, path: Path | None) -> list[Any]:
    """The earlier panels; ``panel`` is the one to be replaced next time.

    Several panels may be made in one execution of a cell, with a run file each.
    """
    found = []
    if path is not None:
        found.append(_of_file.get(path.resolve()))
        _of_file[path.resolve()] = panel
    cell, message = _execution()
    if cell:
        of_cell = list(_of_cell.items())
        found += [made for (c, m), made in of_cell if c == cell and m != message]
        _of_cell[cell, message] = panel
    return [earlier for earlier in dict.fromkeys(found) if earlier is not None]


def _execution() -> tuple[str, str]:
    """The cell that is being executed, and the message that asked for it; "" where unknown."""
    from IPython import get_ipython

    shell = get_ipython()
    parent = shell.get_parent() if hasattr(shell, "get_parent") else {}
    cell = parent.get("metadata", {}).get("cellId", "")
    return str(cell), str(parent.get("header", {}).get("msg_id", ""))
