"""The stages FOR … IN … SHORTEST_PATH, ALL_SHORTEST_PATHS, K_SHORTEST_PATHS and K_PATHS.

All four are one search for paths without loops in the order of their weight (A*).  What is left
from a vertex to the target is estimated by a search backwards, from the target to the start
(Dijkstra), which stops there; for vertices that it did not reach its radius is a lower bound.
"""

from __future__ import annotations

import heapq
import itertools
import math
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from arangolab.sandbox.aql import nodes as n
from arangolab.sandbox.aql.context import Context, Frame
from arangolab.sandbox.aql.traverse import (
    EdgeSource,
    Step,
    edge_sources,
    edge_weight,
    neighbours,
    vertex,
    vertex_id_of,
)
from arangolab.sandbox.faults import ArangoError
from arangolab.sandbox.indexes import Document
from arangolab.sandbox.values import tidy, to_number

if TYPE_CHECKING:
    from arangolab.sandbox.aql.plan import Compiler, Stage

_OPTIONS = frozenset(("weightAttribute", "defaultWeight", "useCache", "indexHint", "algorithm"))
_CALLED = {
    "SHORTEST_PATH": "Shortest Path",
    "ALL_SHORTEST_PATHS": "All Shortest Paths",
    "K_SHORTEST_PATHS": "K Shortest Paths",
    "K_PATHS": "K Paths",
}
_BACK = {"outbound": "inbound", "inbound": "outbound", "any": "any"}


class Search(NamedTuple):
    """One search from a start to a target."""

    context: Context
    sources: list[EdgeSource]
    weight: Callable[[Document], float]

    def left(self, start: str, target: str) -> Callable[[str], float] | None:
        """A lower bound of the weight from a vertex to the target; None if there is no path."""
        back = [(_BACK[way], name) for way, name in self.sources]
        known: dict[str, float] = {}
        waiting = [(0.0, target)]
        while waiting:
            radius, here = heapq.heappop(waiting)
            if here in known:
                continue
            known[here] = radius
            if here == start:
                return lambda vertex_id: known.get(vertex_id, radius)
            for edge, there in neighbours(self.context, back, here):
                if there not in known:
                    heapq.heappush(waiting, (radius + self.weight(edge), there))
        return None

    def paths(self, start: str, target: str, longest: float) -> Iterator[tuple[float, Step]]:
        """Paths without loops and their weights, the lightest first."""
        left = self.left(start, target)
        if left is None:
            return
        numbers = itertools.count()
        waiting = [(left(start), next(numbers), 0.0, Step(start, None, 0, None))]
        while waiting:
            _, number, weight, step = heapq.heappop(waiting)
            if not number % 1024:
                self.context.check_time()
            if step.vertex_id == target:
                yield weight, step
                continue
            if step.depth >= longest:
                continue
            for edge, there in neighbours(self.context, self.sources, step.vertex_id):
                if not step.visits(there):
                    so_far = weight + self.weight(edge)
                    following = Step(there, edge, step.depth + 1, step)
                    entry = (so_far + left(there), next(numbers), so_far, following)
                    heapq.heappush(waiting, entry)


def compile_paths(compiler: Compiler, node: n.Paths) -> Stage:
    """A stage that finds paths from each row's start to its target."""
    most = 2 if node.kind == "SHORTEST_PATH" else 1
    if len(node.variables) > most:
        raise ArangoError(1501, f"{node.kind} has at most {most} variables")
    weight = edge_weight(compiler.options(node.options, _OPTIONS))
    low, high = (compiler.expression(depth or n.Const(1)) for depth in (node.low, node.high))
    start, target = compiler.expression(node.start), compiler.expression(node.target)
    sources = edge_sources(compiler, node)
    slots = [compiler.define(name) for name in node.variables]
    what = _CALLED[node.kind]
    shown = "ShortestPathNode" if node.kind == "SHORTEST_PATH" else "EnumeratePathsNode"
    compiler.add_node(shown, direction=node.direction.lower(), edges=node.edges)

    def found(base: Frame, frame: Frame) -> Iterator[tuple[float, Step]]:
        context: Context = base[0]
        ends = [vertex_id_of(context, end(frame), what) for end in (start, target)]
        if ends[0] is None or ends[1] is None:
            return iter(())
        search = Search(context, sources(base), weight)
        least, most = to_number(low(frame)), to_number(high(frame))
        if node.kind != "K_PATHS":
            return search.paths(ends[0], ends[1], math.inf)
        return (f for f in search.paths(ends[0], ends[1], most) if f[1].depth >= least)

    def stage(base: Frame, frames: Iterable[Frame]) -> Iterator[Frame]:
        context: Context = base[0]
        for frame in frames:
            for values in _ROWS[node.kind](context, found(base, frame)):
                made = frame.copy()
                for slot, value in zip(slots, values, strict=False):
                    made[slot] = value
                yield made

    return stage


Found = Iterator[tuple[float, Step]]


def _vertices(context: Context, found: Found) -> Iterator[tuple[Any, ...]]:
    """SHORTEST_PATH: one row for each vertex, with the edge that leads to it."""
    for _, last in itertools.islice(found, 1):
        for step in last.path():
            yield vertex(context, step.vertex_id), step.edge


def _lightest(context: Context, found: Found) -> Iterator[tuple[Any, ...]]:
    """ALL_SHORTEST_PATHS: one row for each path that is as light as the first."""
    first = next(found, None)
    if first is not None:
        same = itertools.takewhile(lambda one: one[0] == first[0], found)
        yield from _whole(context, itertools.chain([first], same))


def _weighed(context: Context, found: Found) -> Iterator[tuple[Any, ...]]:
    """K_SHORTEST_PATHS: one row for each path, with its weight."""
    for weight, last in found:
        yield ({**_shown(context, last), "weight": tidy(weight)},)


def _whole(context: Context, found: Found) -> Iterator[tuple[Any, ...]]:
    """K_PATHS: one row for each path."""
    return ((_shown(context, last),) for _, last in found)


def _shown(context: Context, last: Step) -> dict[str, Any]:
    steps = last.path()
    return {
        "edges": [step.edge for step in steps[1:]],
        "vertices": [vertex(context, step.vertex_id) for step in steps],
    }


_ROWS: dict[str, Callable[[Context, Found], Iterator[tuple[Any, ...]]]] = {
    "SHORTEST_PATH": _vertices,
    "ALL_SHORTEST_PATHS": _lightest,
    "K_SHORTEST_PATHS": _weighed,
    "K_PATHS": _whole,
}
