"""What a running query shares: transaction, bind values, counters, warnings and profile."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from arangolab.sandbox.faults import ArangoError
from arangolab.sandbox.transaction import Transaction

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
_PHASES = (
    *("initializing", "parsing", "optimizing ast", "loading collections", "instantiating plan"),
    *("optimizing plan", "instantiating executors", "executing", "finalizing"),
)
_NOTHING: dict[str, Any] = {**dict.fromkeys(_COUNTED.split(), 0), "searchParallelism": 1}


def no_stats() -> dict[str, Any]:
    """The statistics of a query that did nothing, in the order ArangoDB shows them."""
    return _NOTHING.copy()


class Profile:
    """Time by phase, time and rows by plan node; filled while a query runs."""

    def __init__(self) -> None:
        self.phases_s = dict.fromkeys(_PHASES, 0.0)
        self._since_s = time.perf_counter()
        self._nodes: dict[int, dict[str, Any]] = {}

    def ends(self, phase: str) -> None:
        """A phase is over; what the sandbox does in one step with others counts there."""
        now_s = time.perf_counter()
        self.phases_s[phase] = now_s - self._since_s
        self._since_s = now_s

    def over(self, node_id: int, before_id: int, rows: Iterable[Any]) -> Iterator[Any]:
        """The rows of a node, counted and timed; ``before_id`` is the node that feeds it."""
        fresh = {"id": node_id, "calls": 0, "parallel": 0, "items": 0, "runtime": 0.0}
        node = self._nodes.setdefault(node_id, fresh | {"before": before_id})
        node["calls"] += 1
        given, nothing = iter(rows), object()
        while True:
            started_s = time.perf_counter()
            row = next(given, nothing)
            node["runtime"] += time.perf_counter() - started_s
            if row is nothing:
                return
            node["items"] += 1
            yield row

    def nodes(self, filters: set[int]) -> list[dict[str, Any]]:
        """As ``extra.stats.nodes`` shows them; ``filters`` are the ids of FILTERs."""
        shown = []
        for node_id, node in sorted(self._nodes.items()):
            before = self._nodes.get(node.pop("before"), {"items": 1, "runtime": 0.0})
            filtered = before["items"] - node["items"] if node_id in filters else 0
            shown.append({**node, "filtered": filtered, "fetching": before["runtime"]})
        return shown


class BadArgument(Exception):
    """A value cannot be used: null and a warning (``error_num``) instead of a result."""

    def __init__(self, error_num: int = 1542) -> None:
        super().__init__(error_num)
        self.error_num = error_num


class Context:
    """One execution of one query."""

    def __init__(self, trx: Transaction, binds: dict[str, Any], options: dict[str, Any]) -> None:
        self.trx = trx
        self.binds = binds
        self.wants_full_count = bool(options.get("fullCount"))
        self.fail_on_warning = bool(options.get("failOnWarning"))
        max_runtime_s = options.get("maxRuntime") or 0
        self.stop_at = time.monotonic() + max_runtime_s if max_runtime_s else 0.0
        self.profile = Profile() if options.get("profile") else None
        self.stats = no_stats()
        if self.wants_full_count:
            self.stats["fullCount"] = 0
        self.warnings: list[dict[str, Any]] = []

    def warn(self, code: int, message: str) -> None:
        """Note a warning; an error with the option failOnWarning."""
        if self.fail_on_warning:
            raise ArangoError(code, message)
        if len(self.warnings) < _MAX_WARNINGS:
            self.warnings.append({"code": code, "message": message})

    def check_time(self) -> None:
        """ArangoError 1500 when the query's maxRuntime is over."""
        if self.stop_at and time.monotonic() > self.stop_at:
            raise ArangoError(1500)
