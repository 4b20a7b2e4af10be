"""FOR v, e, p IN min..max OUTBOUND start edges, and FOR … IN OUTBOUND SHORTEST_PATH … TO …."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from lark import Token

from arangolab.sandbox.aql.context import Context, Frame, Stage
from arangolab.sandbox.aql.expressions import Expressions, constant
from arangolab.sandbox.aql.grammar import Node
from arangolab.sandbox.aql.scope import fixed
from arangolab.sandbox.aql.search import Graph, Step, edge_weight, vertex, vertex_id
from arangolab.sandbox.faults import ArangoError, fault
from arangolab.sandbox.store import EDGE
from arangolab.sandbox.values import tidy, to_number, truthy

_WALK = (
    "bfs order uniqueVertices uniqueEdges edgeCollections vertexCollections weightAttribute "
    "defaultWeight parallelism maxProjections useCache indexHint algorithm"
)
_PATHS = "weightAttribute defaultWeight useCache indexHint algorithm"


class Traversals(Expressions):
    """Compiles traversals and searches for paths."""

    def _traversal(
        self, variables: Node, depth: Node, direction: Token, start: Node, edges: Node,
        prune: Node, options: Node,
    ) -> Stage:  # fmt: skip
        names = variables.children
        if len(names) > 3:
            raise ArangoError(1501, "a traversal has at most three variables: vertex, edge, path")
        told = _checked(fixed(self.options(options, _WALK)))
        low, high = self.ends(depth)
        of = self.compile(start)
        graph = self._graph("TraversalNode", edges, direction, told)
        slots = [self.define(name) for name in names]
        named = self.define(prune.children[0]) if prune and len(prune.children) > 1 else 0
        pruned = self.compile(prune.children[-1]) if prune else constant(False)

        def stage(base: Frame, frames: Iterable[Frame]) -> Iterator[Frame]:
            edges = graph(base)
            for frame in frames:
                begin = vertex_id(base[0], of(frame), "traversal")
                least, most = int(to_number(low(frame))), int(to_number(high(frame)))
                if least < 0 or most < least:
                    raise ArangoError(10, "traversal depth needs 0 <= min <= max")
                ended: list[Any] = [False]
                steps = _steps(edges, told, begin, most, ended) if begin else ()
                for step in steps:
                    made = _row(edges, step, frame, slots, told["order"] == "weighted")
                    ended[0] = pruned(made)
                    if named:
                        made[named] = ended[0]
                    if len(step.edges) >= least:
                        yield made

        return stage

    def _paths(
        self, variables: Node, depth: Node, direction: Token, kind: Token, start: Node,
        target: Node, edges: Node, options: Node,
    ) -> Stage:  # fmt: skip
        rows = _ROWS[kind.upper()]
        most = 2 if rows is _vertices else 1
        if len(variables.children) > most:
            raise ArangoError(1501, f"{kind.upper()} has at most {most} variables")
        low, high = self.ends(depth) if rows is _whole else (constant(0), constant(math.inf))
        ends = self.compiled((start, target))
        told = fixed(self.options(options, _PATHS))
        shown = "ShortestPathNode" if rows is _vertices else "EnumeratePathsNode"
        graph = self._graph(shown, edges, direction, told)
        slots = [self.define(name) for name in variables.children]
        what = kind.replace("_", " ").title()

        def stage(base: Frame, frames: Iterable[Frame]) -> Iterator[Frame]:
            edges = graph(base)
            for frame in frames:
                begin, end = (vertex_id(base[0], each(frame), what) for each in ends)
                least, most = to_number(low(frame)), to_number(high(frame))
                found = _lightest_first(edges, begin, end, most) if begin and end else iter(())
                for values in rows(edges, (step for step in found if len(step.edges) >= least)):
                    made = frame.copy()
                    for slot, value in zip(slots, values, strict=False):
                        made[slot] = value
                    yield made

        return stage

    def _graph(
        self, kind: str, edges: Node, direction: Token, told: dict[str, Any]
    ) -> Callable[[Frame], Graph]:
        """What follows the edges, as a function of the base frame; ArangoError 1218, 1924."""
        way, only = direction.lower(), _names(told.get("edgeCollections"))
        weight = edge_weight(told)
        shown = self.add_node(kind, direction=way)
        sources = self._sources(edges, way)
        if edges.data == "edges":
            shown.details["edges"] = self.accesses[-len(edges.children) :]

        def graph(base: Frame) -> Graph:
            context: Context = base[0]
            kept = [one for one in sources(context) if only is None or one[1] in only]
            for _, name in kept:
                if context.trx.database.collection(name).kind != EDGE:
                    raise fault(1218)
            return Graph(context, kept, weight)

        return graph

    def _sources(self, edges: Node, way: str) -> Callable[[Context], list[tuple[str, str]]]:
        if edges.data == "edges":
            named = [
                (
                    edge.children[0].lower() if edge.children[1:] else way,
                    self.collection(edge.children[-1], "read"),
                )
                for edge in edges.children
            ]
            return lambda context: [(own, of.resolve(context.binds)) for own, of in named]
        (of,) = edges.children
        graph = constant(str(of.children[0])) if of.data == "reference" else self.compile(of)

        def defined(context: Context) -> list[tuple[str, str]]:
            name = graph([context])
            definition = context.trx.database.graphs.get(name) if type(name) is str else None
            if definition is None:
                raise fault(1924, name)
            return [(way, one["collection"]) for one in definition["edgeDefinitions"]]

        return defined


def _checked(told: dict[str, Any]) -> dict[str, Any]:
    """The options of a traversal, with its order; ArangoError 10."""
    order = str(told.get("order", "bfs" if told.get("bfs") else "dfs")).lower()
    if order not in ("bfs", "dfs", "weighted"):
        raise ArangoError(10, f"traversal order '{order}' is none of bfs, dfs, weighted")
    if told.get("uniqueVertices") == "global" and order == "dfs":
        raise ArangoError(
            10, "uniqueVertices: 'global' is only supported with the order bfs or weighted"
        )
    return {"uniqueEdges": "path", **told, "order": order}


def _names(given: Any) -> set[str] | None:
    """Collection names of an option: one, several, or None for no limit."""
    return None if given is None else {given} if type(given) is str else set(given)


_RANKS: dict[str, Callable[[Step, int], Any]] = {
    "bfs": lambda _step, number: number,
    "dfs": lambda _step, number: -number,
    "weighted": lambda step, _number: step.weight,
}


def _steps(
    graph: Graph, told: dict[str, Any], start: str, most: int, ended: list[Any]
) -> Iterator[Step]:
    unique, seen = told.get("uniqueVertices"), {start}
    only = _names(told.get("vertexCollections"))

    def goes_to(step: Step, edge: Any, there: str) -> bool:
        known = seen if unique == "global" else step.ids if unique == "path" else ()
        before = step.edges if told["uniqueEdges"] == "path" else ()
        if (
            any(each["_id"] == edge["_id"] for each in before)
            or there in known
            or not (only is None or there.partition("/")[0] in only)
        ):
            return False
        seen.add(there)
        return True

    def goes_on(step: Step) -> bool:
        return len(step.edges) < most and not truthy(ended[0])

    return graph.search(start, _RANKS[told["order"]], goes_on, goes_to)


def _row(graph: Graph, step: Step, frame: Frame, slots: list[int], weighted: bool) -> Frame:
    made = frame.copy()
    made[slots[0]] = vertex(graph.context, step.ids[-1])
    if len(slots) > 1:
        made[slots[1]] = (*step.edges[-1:], None)[0]
    if len(slots) > 2:
        made[slots[2]] = graph.shown(step)
        if weighted:
            weights = itertools.accumulate(map(graph.weight, step.edges), initial=0)
            made[slots[2]]["weights"] = [tidy(weight) for weight in weights]
    return made


def _lightest_first(graph: Graph, start: str, target: str, longest: float) -> Iterator[Step]:
    """Paths without loops, the lightest first (A*)."""
    left = graph.left(start, target)
    if left is None:
        return
    for step in graph.search(
        start,
        lambda step, _number: step.weight + left(step.ids[-1]),
        lambda step: step.ids[-1] != target and len(step.edges) < longest,
        lambda step, _edge, there: there not in step.ids,
    ):
        if step.ids[-1] == target:
            yield step


Rows = Callable[[Graph, Iterator[Step]], Iterator[tuple[Any, ...]]]


def _vertices(graph: Graph, found: Iterator[Step]) -> Iterator[tuple[Any, ...]]:
    """SHORTEST_PATH: a row for each vertex of the lightest path, with the edge that leads to it."""
    for step in itertools.islice(found, 1):
        for each, edge in zip(step.ids, (None, *step.edges), strict=True):
            yield vertex(graph.context, each), edge


def _lightest(graph: Graph, found: Iterator[Step]) -> Iterator[tuple[Any, ...]]:
    """ALL_SHORTEST_PATHS: a row for each path that is as light as the first."""
    for _, same in itertools.islice(itertools.groupby(found, lambda step: step.weight), 1):
        yield from _whole(graph, same)


def _weighed(graph: Graph, found: Iterator[Step]) -> Iterator[tuple[Any, ...]]:
    """K_SHORTEST_PATHS: a row for each path, with its weight."""
    return (({**graph.shown(step), "weight": tidy(step.weight)},) for step in found)


def _whole(graph: Graph, found: Iterator[Step]) -> Iterator[tuple[Any, ...]]:
    """K_PATHS: a row for each path."""
    return ((graph.shown(step),) for step in found)


_ROWS: dict[str, Rows] = {
    "SHORTEST_PATH": _vertices,
    "ALL_SHORTEST_PATHS": _lightest,
    "K_SHORTEST_PATHS": _weighed,
    "K_PATHS": _whole,
}
