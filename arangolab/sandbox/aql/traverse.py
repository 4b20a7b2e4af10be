"""FOR v, e, p IN min..max OUTBOUND start edges, and FOR … IN OUTBOUND SHORTEST_PATH … TO …."""

from __future__ import annotations

import heapq
import itertools
import math
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from lark import Token

from arangolab.sandbox.aql.context import Context, Evaluate, Frame, Stage
from arangolab.sandbox.aql.expressions import constant, fixed
from arangolab.sandbox.aql.grammar import Node
from arangolab.sandbox.aql.pipeline import Pipeline, loop
from arangolab.sandbox.faults import ArangoError, fault
from arangolab.sandbox.indexes import Document
from arangolab.sandbox.store import EDGE
from arangolab.sandbox.values import tidy, to_number, truthy

_CHECK_EVERY = 1024
_MOST_STEPS = 1_000_000


class Step(NamedTuple):
    """Where a search is: the vertices and edges up to here, and the weight of the edges."""

    ids: tuple[str, ...]
    edges: tuple[Document, ...] = ()
    weight: float = 0.0


Following = Callable[[Step], Iterable[Step]]


class Graph(NamedTuple):
    """Edges to follow in a running query."""

    context: Context
    sources: list[tuple[Any, str]]
    """Direction (outbound, inbound, any) and edge collection of each."""
    told: dict[str, Any]
    """The options."""

    def walk(self, start: str, most: float, ended: list[bool]) -> Iterator[Step]:
        """A traversal; after each step ``ended`` says whether its edges are left alone."""
        seen, unique = {start}, self.told.get("uniqueVertices")
        turn = 1 if self.told["order"] == "bfs" else -1

        def following(step: Step) -> Iterator[Step]:
            known = seen if unique == "global" else step.ids if unique == "path" else ()
            edges = () if self.told.get("uniqueEdges") == "none" else [e["_id"] for e in step.edges]
            for new in self._after(step) if len(step.edges) < most and not ended[0] else ():
                there = new.ids[-1]
                if there not in known and new.edges[-1]["_id"] not in edges:
                    seen.add(there)
                    if _allows(self.told.get("vertexCollections"), there.partition("/")[0]):
                        yield new

        return self._search(start, lambda _, number: turn * number, following)

    def paths(self, kind: str, start: str, end: str, least: float, most: float) -> Iterator[Step]:
        """Paths without loops, the lightest first; for one alone each vertex is passed once."""
        seen: set[str] = set()

        def following(step: Step) -> Iterable[Step]:
            here, known = step.ids[-1], set(step.ids)
            if here == end or len(step.edges) >= most or here in seen:
                return ()
            if kind == "SHORTEST_PATH":
                seen.add(here)
                known = seen
            return (new for new in self._after(step) if new.ids[-1] not in known)

        steps = self._search(start, lambda new, _: new.weight, following)
        found = (step for step in steps if step.ids[-1] == end and len(step.edges) >= least)
        if kind == "ALL_SHORTEST_PATHS":
            return next(itertools.groupby(found, lambda step: step.weight), (0, iter(())))[1]
        return itertools.islice(found, 1 if kind == "SHORTEST_PATH" else None)

    def _search(
        self, start: str, rank: Callable[[Step, int], float], following: Following
    ) -> Iterator[Step]:
        """Steps in the order of their rank (of step and number, which grows).

        ``following`` is asked after a step was given.  ArangoError 32 if there is no end.
        """
        numbers = itertools.count(1)
        waiting: list[tuple[float, int, Step]] = [(0, 0, Step((start,)))]
        while waiting:
            _, number, step = heapq.heappop(waiting)
            yield step
            if not number % _CHECK_EVERY:
                self.context.check_time()
            if number > _MOST_STEPS:
                raise ArangoError(32, f"a search in a graph has over {_MOST_STEPS:,} steps")
            for new in following(step):
                number = next(numbers)
                heapq.heappush(waiting, (rank(new, number), number, new))

    def _after(self, step: Step) -> Iterator[Step]:
        here, weighs = step.ids[-1], self.told.get("weightAttribute")
        for way, name in self.sources:
            found = self.context.trx.view(name).edges(here, way)
            self.context.stats["scannedIndex"] += len(found)
            for edge in found:
                is_outbound = way == "outbound" or (way == "any" and edge["_from"] == here)
                weight: Any = edge.get(weighs) if weighs else 1
                if type(weight) not in (int, float):
                    weight = self.told.get("defaultWeight", 1)
                if weight < 0:
                    raise ArangoError(10, f"negative weight of edge {edge['_id']}")
                there = edge["_to" if is_outbound else "_from"]
                yield Step((*step.ids, there), (*step.edges, edge), step.weight + weight)

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


class Traversals(Pipeline):
    """Compiles traversals and searches for paths."""

    def _traversal(
        self,
        variables: Node,
        *parts: Node,
    ) -> Stage:
        depth, direction, start, edges, prune, options = parts
        shown = len(variables.children)
        if shown > 3:
            raise ArangoError(1501, "a traversal has at most three variables: vertex, edge, path")
        low, high = self._ends(depth)
        of = self.compile(start)
        opened = self._graph("TraversalNode", edges, direction, options)
        names = [*variables.children, *(prune.children[:-1] if prune else ())]
        first = self.define(*names)
        pruned = self.compile(prune.children[-1]) if prune else constant(False)

        def rows(f: Frame) -> Iterator[tuple[Any, ...]]:
            graph, begin = opened(f), _vertex_id(f[0], of(f), "traversal")
            least, most = int(to_number(low(f))), int(to_number(high(f)))
            if least < 0 or most < least:
                raise ArangoError(10, "traversal depth needs 0 <= min <= max")
            ended = [False]
            for step in graph.walk(begin, most, ended) if begin else ():
                path = graph.shown(step) if shown > 2 else None
                last = step.edges[-1] if step.edges else None
                values = (graph.vertex(step.ids[-1]), last, path)[:shown]
                f[first : first + shown] = values
                ended[0] = truthy(pruned(f))
                if len(step.edges) >= least:
                    yield (*values, *ended)

        return loop(first, len(names), rows)

    def _paths(self, variables: Node, *parts: Node) -> Stage:
        depth, direction, kind, start, target, edges, options = parts
        name, names = kind.upper(), variables.children
        is_one = name == "SHORTEST_PATH"
        if len(names) > 1 + is_one:
            raise ArangoError(1501, f"{name} has at most {1 + is_one} variables")
        low, high = self._ends(depth) if name == "K_PATHS" else map(constant, (0, math.inf))
        ends = self.compiled((start, target))
        node = "ShortestPathNode" if is_one else "EnumeratePathsNode"
        opened = self._graph(node, edges, direction, options)

        def rows(f: Frame) -> Iterator[tuple[Any, ...]]:
            graph = opened(f)
            begin, end = (_vertex_id(f[0], each(f), name) for each in ends)
            found = graph.paths(name, begin, end, to_number(low(f)), to_number(high(f)))
            for step in found if begin and end else ():
                if is_one:
                    yield from zip(map(graph.vertex, step.ids), (None, *step.edges), strict=True)
                elif name == "K_SHORTEST_PATHS":
                    yield ({**graph.shown(step), "weight": tidy(step.weight)},)
                else:
                    yield (graph.shown(step),)

        return loop(self.define(*names), len(names), rows)

    def _ends(self, tree: Node) -> list[Evaluate]:
        """The two ends of a range, or one value as both; 1 for a tree that was left out."""
        is_range = tree is not None and tree.data == "binary" and tree.children[1] == ".."
        low, high = tree.children[::2] if is_range else (tree, tree)
        return [constant(1) if end is None else self.compile(end) for end in (low, high)]

    def _graph(
        self, kind: str, edges: Node, direction: Token, options: Node
    ) -> Callable[[Frame], Graph]:
        """What follows the edges, as a function of the frame; ArangoError 1218, 1924."""
        told = _checked(fixed(self.options(options)))
        parts = edges.children if edges.data == "edges" else []
        pairs = [(direction, *edge.children)[-2:] for edge in parts]
        touched = [(way.lower(), self.collection(name)) for way, name in pairs]
        name_of = None if parts else self.compile(edges)
        self.add_node(kind, None, None, [access for _, access in touched])

        def opened(f: Frame) -> Graph:
            database = f[0].trx.database
            sources = [(way, access.resolve(f[0].binds)) for way, access in touched]
            if name_of:
                name = str(name_of(f))
                if name not in database.graphs:
                    raise fault(1924, name)
                definitions = database.graphs[name]["edgeDefinitions"]
                sources = [(direction.lower(), each["collection"]) for each in definitions]
            sources = [one for one in sources if _allows(told.get("edgeCollections"), one[1])]
            if any(database.collection(name).kind != EDGE for _, name in sources):
                raise fault(1218)
            return Graph(f[0], sources, told)

        return opened


def _checked(told: dict[str, Any]) -> dict[str, Any]:
    """The options of a traversal with its order."""
    order = str(told.get("order", "bfs" if told.get("bfs") else "dfs")).lower()
    if order not in ("bfs", "dfs"):
        raise ArangoError(10, f"order '{order}' is not supported by the arangolab sandbox")
    if told.get("uniqueVertices") == "global" and order == "dfs":
        raise ArangoError(10, "uniqueVertices: 'global' is only supported with order 'bfs'")
    return {**told, "order": order}


def _allows(names: Any, name: str) -> bool:
    """Whether an option with collection names (one, several, or None for all) has this one."""
    return names is None or name in (names if type(names) is list else [names])


def _vertex_id(context: Context, value: Any, what: str) -> str:
    """The _id that a start or target names; "" and a warning if it names none."""
    if type(value) is dict:
        value = value.get("_id")
    if type(value) is str and "/" in value:
        return value
    context.warn(10, f"Invalid input for {what}: Only id strings or objects with _id are allowed")
    return ""
