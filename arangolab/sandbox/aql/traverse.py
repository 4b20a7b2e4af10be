"""FOR v, e, p IN min..max OUTBOUND start edges, and FOR … IN OUTBOUND SHORTEST_PATH … TO …."""

from __future__ import annotations

import heapq
import itertools
import math
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from lark import Token

from arangolab.sandbox.aql.context import Context, Frame, Stage
from arangolab.sandbox.aql.expressions import Expressions, constant
from arangolab.sandbox.aql.grammar import Node
from arangolab.sandbox.aql.scope import fixed
from arangolab.sandbox.faults import ArangoError, fault
from arangolab.sandbox.indexes import Document
from arangolab.sandbox.store import EDGE
from arangolab.sandbox.values import tidy, to_number, truthy

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
    told: dict[str, Any]
    """The options."""

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
        numbers, weighs = itertools.count(1), self.told.get("weightAttribute")
        waiting: list[tuple[Any, int, Step]] = [(0, 0, Step((start,)))]
        while waiting:
            _, number, step = heapq.heappop(waiting)
            if not number % 1024:
                self.context.check_time()
            yield step
            for edge, there in self._neighbours(step.ids[-1]) if goes_on(step) else ():
                if goes_to(step, edge, there):
                    weight = step.weight + (self._weight(edge) if weighs else 1)
                    following = Step((*step.ids, there), (*step.edges, edge), weight)
                    number = next(numbers)
                    heapq.heappush(waiting, (rank(following, number), number, following))

    def _neighbours(self, here: str) -> Iterator[tuple[Document, str]]:
        for way, name in self.sources:
            found = self.context.trx.view(name).edges(here, way)
            self.context.stats["scannedIndex"] += len(found)
            for edge in found:
                is_outbound = way == "outbound" or (way == "any" and edge["_from"] == here)
                yield edge, edge["_to" if is_outbound else "_from"]

    def _weight(self, edge: Document) -> float:
        value: Any = edge.get(self.told["weightAttribute"])
        found: float = value if type(value) in (int, float) else self.told.get("defaultWeight", 1)
        if found < 0:
            raise ArangoError(10, f"negative weight of edge {edge['_id']}")
        return found

    def paths(self, start: str, target: str, longest: float) -> Iterator[Step]:
        """Paths without loops, the lightest first (A*).

        What is left from a vertex to the target is known from a search backwards (Dijkstra's),
        which stops at the start; for what that did not reach, its radius is a lower bound.
        """
        back = self._replace(sources=[(_BACK[way], name) for way, name in self.sources])
        left: dict[str, float] = {}

        def is_first(step: Step) -> bool:
            before = len(left)
            left.setdefault(step.ids[-1], step.weight)
            return len(left) > before

        backwards = back.search(
            target,
            lambda step, _number: step.weight,
            is_first,
            lambda _step, _edge, there: there not in left,
        )
        last = next((step for step in backwards if step.ids[-1] == start), None)
        if last is None:
            return
        for step in self.search(
            start,
            lambda step, _: (step.weight + left.get(step.ids[-1], last.weight), -len(step.ids)),
            lambda step: step.ids[-1] != target and len(step.edges) < longest,
            lambda step, _edge, there: there not in step.ids,
        ):
            if step.ids[-1] == target:
                yield step

    def shown(self, step: Step) -> dict[str, Any]:
        """A path as an object of AQL."""
        return {"edges": [*step.edges], "vertices": [self.vertex(each) for each in step.ids]}

    def vertex(self, vertex_id: str) -> Document | None:
        """The document with this _id; null and a warning if there is none."""
        name, _, key = vertex_id.partition("/")
        self.context.stats["scannedIndex"] += 1
        document = self.context.trx.view(name).get(key)
        if document is None:
            self.context.warn(1202, f"vertex '{vertex_id}' not found")
        return document


class Traversals(Expressions):
    """Compiles traversals and searches for paths."""

    def _traversal(self, *parts: Node) -> Stage:
        variables, depth, direction, start, edges, prune, options = parts
        names = variables.children
        if len(names) > 3:
            raise ArangoError(1501, "a traversal has at most three variables: vertex, edge, path")
        told = fixed(self.options(options))
        told["order"] = str(told.get("order", "bfs" if told.get("bfs") else "dfs")).lower()
        if told["order"] not in ("bfs", "dfs"):
            message = f"order '{told['order']}' is not supported by the arangolab sandbox"
            raise ArangoError(10, message)
        if told.get("uniqueVertices") == "global" and told["order"] == "dfs":
            raise ArangoError(10, "uniqueVertices: 'global' is only supported with order 'bfs'")
        low, high = self.ends(depth)
        of = self.compile(start)
        graph = self._graph("TraversalNode", edges, direction, told)
        slots = [self.define(name) for name in names]
        named = self.define(prune.children[0]) if prune and len(prune.children) > 1 else 0
        pruned = self.compile(prune.children[-1]) if prune else constant(False)

        def stage(base: Frame, frames: Iterable[Frame]) -> Iterator[Frame]:
            edges = graph(base)
            for frame in frames:
                begin = _vertex_id(base[0], of(frame), "traversal")
                least, most = int(to_number(low(frame))), int(to_number(high(frame)))
                if least < 0 or most < least:
                    raise ArangoError(10, "traversal depth needs 0 <= min <= max")
                ended: list[Any] = [False]
                for step in _steps(edges, begin, most, ended) if begin else ():
                    made = _row(edges, step, frame, slots)
                    ended[0] = pruned(made)
                    if named:
                        made[named] = ended[0]
                    if len(step.edges) >= least:
                        yield made

        return stage

    def _paths(self, *parts: Node) -> Stage:
        variables, depth, direction, kind, start, target, edges, options = parts
        name = kind.upper()
        is_one = name == "SHORTEST_PATH"
        if len(variables.children) > 1 + is_one:
            raise ArangoError(1501, f"{name} has at most {1 + is_one} variables")
        low, high = self.ends(depth) if name == "K_PATHS" else (constant(0), constant(math.inf))
        ends = self.compiled((start, target))
        shown = "ShortestPathNode" if is_one else "EnumeratePathsNode"
        graph = self._graph(shown, edges, direction, fixed(self.options(options)))
        slots = [self.define(name) for name in variables.children]
        what = name.replace("_", " ").title()

        def stage(base: Frame, frames: Iterable[Frame]) -> Iterator[Frame]:
            edges = graph(base)
            for frame in frames:
                begin, end = (_vertex_id(base[0], each(frame), what) for each in ends)
                least, most = to_number(low(frame)), to_number(high(frame))
                found = edges.paths(begin, end, most) if begin and end else iter(())
                for step in _taken(name, (one for one in found if len(one.edges) >= least)):
                    for values in _values(name, edges, step):
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
        node = self.add_node(kind, direction=way)
        ways: list[str] = []
        graph = constant(None)
        if edges.data == "edges":
            parts = [edge.children for edge in edges.children]
            ways = [part[0].lower() if part[1:] else way for part in parts]
            node.edges = [self.collection(part[-1], "read") for part in parts]
        elif edges.children[0].data == "reference":
            graph = constant(str(edges.children[0].children[0]))
        else:
            graph = self.compile(edges.children[0])

        def made(base: Frame) -> Graph:
            context: Context = base[0]
            names = [access.resolve(context.binds) for access in node.edges]
            sources = list(zip(ways, names, strict=True))
            if edges.data == "graph":
                name = graph(base)
                known = context.trx.database.graphs.get(name) if type(name) is str else None
                if known is None:
                    raise fault(1924, name)
                sources = [(way, each["collection"]) for each in known["edgeDefinitions"]]
            sources = [one for one in sources if only is None or one[1] in only]
            for _, name in sources:
                if context.trx.database.collection(name).kind != EDGE:
                    raise fault(1218)
            return Graph(context, sources, told)

        return made


def _names(given: Any) -> set[str] | None:
    """Collection names of an option: one, several, or None for no limit."""
    return None if given is None else {given} if type(given) is str else set(given)


def _vertex_id(context: Context, value: Any, what: str) -> str:
    """The _id that a start or target names; "" and a warning if it names none."""
    if type(value) is dict:
        value = value.get("_id")
    if type(value) is str and "/" in value:
        return value
    context.warn(10, f"Invalid input for {what}: Only id strings or objects with _id are allowed")
    return ""


def _steps(graph: Graph, start: str, most: int, ended: list[Any]) -> Iterator[Step]:
    told, seen = graph.told, {start}
    unique, only = told.get("uniqueVertices"), _names(told.get("vertexCollections"))
    free_edges, turn = told.get("uniqueEdges") == "none", -1 if told["order"] == "dfs" else 1

    def goes_to(step: Step, edge: Any, there: str) -> bool:
        known = seen if unique == "global" else step.ids if unique == "path" else ()
        before = () if free_edges else step.edges
        if there in known or (before and any(each["_id"] == edge["_id"] for each in before)):
            return False
        seen.add(there)
        return only is None or there.partition("/")[0] in only

    def goes_on(step: Step) -> bool:
        return len(step.edges) < most and not truthy(ended[0])

    return graph.search(start, lambda _step, number: turn * number, goes_on, goes_to)


def _row(graph: Graph, step: Step, frame: Frame, slots: list[int]) -> Frame:
    made = frame.copy()
    made[slots[0]] = graph.vertex(step.ids[-1])
    if len(slots) > 1:
        made[slots[1]] = step.edges[-1] if step.edges else None
    if len(slots) > 2:
        made[slots[2]] = graph.shown(step)
    return made


def _taken(kind: str, found: Iterator[Step]) -> Iterable[Step]:
    if kind == "SHORTEST_PATH":
        return itertools.islice(found, 1)
    if kind == "ALL_SHORTEST_PATHS":
        return next(itertools.groupby(found, lambda step: step.weight), (0, ()))[1]
    return found


def _values(kind: str, graph: Graph, step: Step) -> Iterable[tuple[Any, ...]]:
    """Values of the variables: a row for each vertex, or one for the path."""
    if kind == "SHORTEST_PATH":
        return zip(map(graph.vertex, step.ids), (None, *step.edges), strict=True)
    shown = graph.shown(step)
    return [({**shown, "weight": tidy(step.weight)} if kind == "K_SHORTEST_PATHS" else shown,)]
