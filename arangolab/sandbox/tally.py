"""Counts by name, without a lock."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Iterator


class Tally:
    """Counts by name, safe in many threads."""

    def __init__(self) -> None:
        self._counts: dict[str, Iterator[int]] = {}

    def add(self, name: str) -> None:
        """Count one."""
        next(self._counts.get(name) or self._counts.setdefault(name, itertools.count(1)))

    def __getitem__(self, name: str) -> int:
        counter = self._counts.get(name)
        return next(copy.copy(counter)) - 1 if counter else 0
