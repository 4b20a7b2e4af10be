"""What the option ``profile`` tells of a query: time by phase, time and rows by plan node."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import Any

_PHASES = (
    *("initializing", "parsing", "optimizing ast", "loading collections", "instantiating plan"),
    *("optimizing plan", "instantiating executors", "executing", "finalizing"),
)


class Profile:
    """Filled while a query runs."""

    def __init__(self) -> None:
        self.phases_s = dict.fromkeys(_PHASES, 0.0)
        self._since_s = time.perf_counter()
        self._nodes: dict[int, dict[str, Any]] = {}
        self._before: dict[int, int] = {}

    def ends(self, phase: str) -> None:
        """A phase is over; what the sandbox does in one step with others counts there."""
        now_s = time.perf_counter()
        self.phases_s[phase] += now_s - self._since_s
        self._since_s = now_s

    def over(self, node_id: int, before_id: int, rows: Iterable[Any]) -> Iterator[Any]:
        """The rows of a node, counted and timed; ``before_id`` is the node that feeds it."""
        fresh = {"id": node_id, "calls": 0, "parallel": 0, "items": 0, "runtime": 0.0}
        node = self._nodes.setdefault(node_id, fresh)
        self._before[node_id] = before_id
        node["calls"] += 1
        given = iter(rows)
        while True:
            started_s = time.perf_counter()
            try:
                row = next(given)
            except StopIteration:
                return
            finally:
                node["runtime"] += time.perf_counter() - started_s
            node["items"] += 1
            yield row

    def nodes(self, filters: set[int]) -> list[dict[str, Any]]:
        """As ``extra.stats.nodes`` shows them; ``filters`` are the ids of FILTERs."""
        shown = []
        for node_id, node in sorted(self._nodes.items()):
            before = self._nodes.get(self._before[node_id], {"items": 1, "runtime": 0.0})
            filtered = before["items"] - node["items"] if node_id in filters else 0
            shown.append({**node, "filtered": filtered, "fetching": before["runtime"]})
        return shown
