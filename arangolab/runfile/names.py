"""Names of run files: nothing that was recorded is written over."""

from __future__ import annotations

from pathlib import Path


def unused(path: Path) -> Path:
    """The path itself, or with ``-2``, ``-3``, ... put to its name when there is such a file."""
    return _numbered(path, len(numbered(path)) + 1)


def numbered(path: Path) -> list[Path]:
    """The files of that name that are there: itself, ``-2``, ``-3``, ... up to the first hole."""
    found: list[Path] = []
    while (file := _numbered(path, len(found) + 1)).exists():
        found.append(file)
    return found


def _numbered(path: Path, number: int) -> Path:
    return path if number == 1 else path.with_stem(f"{path.stem}-{number}")
