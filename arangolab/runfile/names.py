"""Names of run files: nothing that was recorded is written over."""

from __future__ import annotations

from pathlib import Path


def unused(path: Path) -> Path:
    """The path itself, or with ``-2``, ``-3``, ... put to its name when there is such a file."""
    free, number = path, 1
    while free.exists():
        number += 1
        free = path.with_stem(f"{path.stem}-{number}")
    return free
