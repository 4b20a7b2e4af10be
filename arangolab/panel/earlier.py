"""What was there before a panel: the one it takes the place of, and a run that goes on."""

from __future__ import annotations

import contextlib
from collections.abc import Container
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakValueDictionary

from arangolab.errors import ArangolabError
from arangolab.runfile.names import numbered

if TYPE_CHECKING:
    from arangolab.runner.steered import AttachedRun

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


def going_on(path: Path, but: Container[Path] = ()) -> AttachedRun | None:
    """The run that goes on in this file, or in the last of ``-2``, ``-3``, ... after it.

    ``but``: whole paths of those that are left alone.
    """
    from arangolab.runner.steered import attach

    for file in reversed(numbered(path)):
        if file.resolve() in but:
            continue
        with contextlib.suppress(ArangolabError):
            found = attach(file)
            if found.alive:
                return found
    return None


def _execution() -> tuple[str, str]:
    """The cell that is being executed, and the message that asked for it; "" where unknown."""
    from IPython import get_ipython

    shell = get_ipython()
    parent = shell.get_parent() if hasattr(shell, "get_parent") else {}
    cell = parent.get("metadata", {}).get("cellId", "")
    return str(cell), str(parent.get("header", {}).get("msg_id", ""))
