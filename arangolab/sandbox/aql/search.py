"""Best-first search along edges: what traversals and paths have in common."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from arangolab.sandbox.aql.context import Context
from arangolab.sandbox.faults import ArangoError
from arangolab.sandbox.indexes import Document
from arangolab.sandbox.values import to_number

Weight = Callable[[Document], float]
_BACK = {"outbound": "inbound", "inbound": "outbound", "any": "any"}


class Step(NamedTuple):
    """Where a search is: the vertices and edges up to here, and the weight of the edges."""

    ids: tuple[str, ...]
    edges: tuple[Document, ...] = ()
    weight: float = 0.0


class Graph(NamedTuple):
    """Edges to follow in a running query."""

    context: Context
    sources: list[tuple[Any, str]]
    """Direction (outbound, inbound, any) and edge collection of each."""
    weight: Weight

    def neighbours(self, here: str) -> Iterator[tuple[Document, str]]:
        """The edges of a vertex, each with the vertex at its other end."""
        for way, name in self.sources:
            found = self.context.trx.view(name).edges(here, way)
            self.context.stats["scannedIndex"] += len(found)
            for edge in found:
                is_outbound = way == "outbound" or (way == "any" and edge["_from"] == here)
                yield edge, edge["_to" if is_outbound else "_from"]

    def search(
        self,
        start: str,
        rank: Callable[[Step, int], Any],
        goes_on: Callable[[Step], bool],
        goes_to: Callable[[Step, Document, str], bool],
    ) -> Iterator[Step]:
        """Steps in the order of their rank (of step and number, which grows).

        ``goes_on`` tells, after a step was given, whether its edges are followed, ``goes_to``
        whether this edge to that vertex is.
        """
        numbers = itertools.count()
        first = Step((start,))
        waiting = [(rank(first, 0), next(numbers), first)]
        while waiting:
            _, number, step = heapq.heappop(waiting)
            if not number % 1024:
                self.context.check_time()
            yield step
            for edge, there in self.neighbours(step.ids[-1]) if goes_on(step) else ():
                if goes_to(step, edge, there):
                    weight = step.weight + self.weight(edge)
                    following = Step((*step.ids, there), (*step.edges, edge), weight)
                    number = next(numbers)
                    heapq.heappush(waiting, (rank(following, number), number, following))

    def left(self, start: str, target: str) -> Callable[[str], float] | None:
        """A lower bound of the weight from a vertex to the target; None if there is no path.

        Dijkstra's search backwards from the target, which stops at the start; for vertices that
        it did not reach its radius is the bound.
        """
        back = self._replace(sources=[(_BACK[way], name) for way, name in self.sources])
        known: dict[str, float] = {}
        for step in back.search(
            target,
            lambda step, _: step.weight,
            lambda step: (
                step.ids[-1] not in known and known.setdefault(step.ids[-1], step.weight) >= 0
            ),
            lambda _step, _edge, there: there not in known,
        ):
            if step.ids[-1] == start:
                return lambda vertex_id: known.get(vertex_id, step.weight)
        return None

    def shown(self, step: Step) -> dict[str, Any]:
        """A path as an object of AQL."""
        vertices = [vertex(self.context, each) for each in step.ids]
        return {"edges": list(step.edges), "vertices": vertices}


def edge_weight(told: dict[str, Any]) -> Weight:
    """The weight of an edge after the options weightAttribute and defaultWeight."""
    attribute = str(told.get("weightAttribute") or "")
    default = to_number(told.get("defaultWeight", 1))

    def weight(edge: Document) -> float:
        value: Any = edge.get(attribute)
        found: float = value if type(value) in (int, float) else default
        if found < 0:
            raise ArangoError(10, f"negative weight of edge {edge['_id']}")
        return found

    return weight if attribute else lambda _edge: 1


def vertex_id(context: Context, value: Any, what: str) -> str:
    """The _id that a start or target names; "" and a warning if it names none."""
    if type(value) is dict:
        value = value.get("_id")
    if type(value) is str and "/" in value:
        return value
    context.warn(10, f"Invalid input for {what}: Only id strings or objects with _id are allowed")
    return ""


def vertex(context: Context, vertex_id: str) -> Document | None:
    """The document with this _id; null and a warning if there is none."""
    name, _, key = vertex_id.partition("/")
    context.stats["scannedIndex"] += 1
    document = context.trx.view(name).get(key)
    if document is None:
        context.warn(1202, f"vertex '{vertex_id}' not found")
    return document
