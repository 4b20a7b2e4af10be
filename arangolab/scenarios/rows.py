"""Data that feeds a scenario: one row for each start, without overlap between processes."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from arangolab.errors import ScenarioError


def csv_rows(path: str | Path) -> list[dict[str, str]]:
    """The lines of a CSV file with a header, as dicts; raises ScenarioError when unreadable."""
    try:
        with Path(path).open(newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ScenarioError(
            f"The data file {path} cannot be read ({error}).",
            hint="an absolute path to a CSV file in UTF-8.",
        ) from error


class Rows:
    """Rows by the number of the start, so that no two processes ever use the same one.

    Rows that come from an iterator are held until they are used; used again they can only be
    when there is an end to them.
    """

    def __init__(self, rows: Iterable[Any], *, once: bool) -> None:
        self._once = once
        self._known: Sequence[Any] | None = None
        self._coming: Iterator[Any] = iter(())
        self._taken = 0
        if once and not isinstance(rows, Sequence):
            self._coming = iter(rows)
        else:
            self._known = rows if isinstance(rows, Sequence) else list(rows)
            if not self._known:
                raise ScenarioError(
                    "The scenario's data has no rows.", hint="rows, or no data at all."
                )

    def of(self, number: int) -> tuple[bool, Any]:
        """(whether there is one, the row) for a start; numbers ascend."""
        if self._known is not None:
            if self._once and number >= len(self._known):
                return False, None
            return True, self._known[number % len(self._known)]
        for row in islice(self._coming, number - self._taken, None):
            self._taken = number + 1
            return True, row
        return False, None
