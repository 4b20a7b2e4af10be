"""What a running query shares: transaction, bind values, statistics and warnings."""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Callable, Iterable
from typing import Any

from arangolab.sandbox.faults import check
from arangolab.sandbox.indexes import Document
from arangolab.sandbox.transaction import Transaction
from arangolab.sandbox.view import View

Frame = list[Any]
"""The variables of one row by slot; slot 0 holds the Context."""
Evaluate = Callable[[Frame], Any]
"""A compiled expression."""
Stage = Callable[[Frame, Iterable[Frame]], Iterable[Any]]
"""A compiled operation: base frame and frames to frames."""

_MAX_WARNINGS = 10
_COUNTED = (
    "writesExecuted writesIgnored documentLookups seeks scannedFull scannedIndex "
    "searchParallelism cursorsCreated cursorsRearmed cacheHits cacheMisses filtered "
    "httpRequests executionTime peakMemoryUsage intermediateCommits"
)
NO_STATS: dict[str, Any] = {**dict.fromkeys(_COUNTED.split(), 0), "searchParallelism": 1}
"""The statistics of a query that did nothing, in the order ArangoDB shows them."""


def resolved(name: str, binds: dict[str, Any]) -> str:
    """A collection's name, of that name or of the bind parameter (with @) that holds it."""
    return binds[name] if name.startswith("@") else name


class Context:
    """One execution of one query; ``numbers`` are those of the rows its loops make."""

    def __init__(self, trx: Transaction, binds: dict[str, Any], options: dict[str, Any]) -> None:
        self.trx, self.binds, self.numbers = trx, binds, itertools.count(1)
        self._views: dict[str, View] = {}
        self.stats = {**NO_STATS, **({"fullCount": 0} if options.get("fullCount") else {})}
        self.warnings: list[dict[str, Any]] = []
        self._fails_on_warning = bool(options.get("failOnWarning"))
        self._stop_at_s = time.monotonic() + (options.get("maxRuntime") or math.inf)

    def view(self, name: str) -> View:
        """A collection, by its name or bind parameter, as the transaction sees it."""
        if name not in self._views:
            self._views[name] = self.trx.view(resolved(name, self.binds))
        return self._views[name]

    def scan(self, name: str) -> list[Document]:
        """All documents of a collection."""
        found = self.view(name).scan()
        self.stats["scannedFull"] += len(found)
        return found

    def warn(self, code: int, message: str) -> None:
        """Note a warning; an error with the option failOnWarning."""
        check(not self._fails_on_warning, code, message)
        if len(self.warnings) < _MAX_WARNINGS:
            self.warnings.append({"code": code, "message": message})

    def check_time(self) -> None:
        """ArangoError 1500 when the query's maxRuntime is over."""
        check(time.monotonic() <= self._stop_at_s, 1500)
