"""FOR v, e, p IN min..max OUTBOUND start edges, and FOR … IN OUTBOUND SHORTEST_PATH … TO …."""

from __future__ import annotations

import heapq
import itertools
import math
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from lark import Token

from arangolab.sandbox.aql.context import Context, Evaluate, Frame, Stage, resolved
from arangolab.sandbox.aql.expressions import constant, fixed
from arangolab.sandbox.aql.grammar import Node
from arangolab.sandbox.aql.pipeline import CHECK_EVERY, Pipeline, loop
from arangolab.sandbox.faults import ArangoError, fault
from arangolab.sandbox.indexes import Document
from arangolab.sandbox.store import EDGE
from arangolab.sandbox.values import tidy, to_number, truthy

_MOST_STEPS = 1_000_000


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
    """The options; their ``order`` may be dfs, bfs or weighted."""

    def search(self, start: str, ends: Callable[[Step], bool]) -> Iterator[Step]:
        """Steps from a vertex on, in that order.

        ``ends`` is asked after a step was given, and says whether it is the last of its path.
        ArangoError 32 for a search without end.
        """
        numbers, is_global = itertools.count(1), self.told.get("uniqueVertices") == "global"
        seen: set[str] = set()
        waiting: list[tuple[float, int, Step]] = [(0, 0, Step((start,)))]
        while waiting:
            step = heapq.heappop(waiting)[-1]
            if is_global and step.ids[-1] in seen:
                continue
            seen.add(step.ids[-1])
            yield step
            for new in () if ends(step) else self._after(step):
                number = next(numbers)
                if number > _MOST_STEPS:
                    raise ArangoError(32, f"a search in a graph takes over {_MOST_STEPS:,} steps")
                if not number % CHECK_EVERY:
                    self.context.check_time()
                ranks = {"dfs": -number, "bfs": number, "weighted": new.weight}
                heapq.heappush(waiting, (ranks[self.told["order"]], number, new))

    def _after(self, step: Step) -> Iterator[Step]:
        here, told = step.ids[-1], self.told
        for way, name in self.sources:
            found = self.context.trx.view(name).edges(here, way)
            self.context.stats["scannedIndex"] += len(found)
            for edge in found:
                is_outbound = way == "outbound" or (way == "any" and edge["_from"] == here)
                there = edge["_to" if is_outbound else "_from"]
                if told.get("uniqueVertices") == "path":
                    is_again = there in step.ids
                else:
                    is_again = edge in step.edges and told.get("uniqueEdges") != "none"
                if not is_again and _allows(told.get("vertexCollections"), there.split("/")[0]):
                    weight = step.weight + self._weight(edge)
                    yield Step((*step.ids, there), (*step.edges, edge), weight)

    def _weight(self, edge: Document) -> float:
        weight: Any = edge.get(str(self.told.get("weightAttribute")))
        if type(weight) not in (int, float):
            weight = to_number(self.told.get("defaultWeight", 1))
        if weight < 0:
            raise ArangoError(10, f"negative weight of edge {edge['_id']}")
        return float(weight)

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

    def _traversal(self, variables: Node, *parts: Node) -> Stage:
        depth, direction, start, edges, prune, options = parts
        shown = len(variables.children)
        if shown > 3:
            raise ArangoError(1501, "a traversal has at most three variables: vertex, edge, path")
        low, high = self._ends(depth)
        of = self.compile(start)
        told = fixed(self.options(options))
        order = str(told.get("order", "bfs" if told.get("bfs") else "dfs")).lower()
        if order not in ("bfs", "dfs", "weighted"):
            raise ArangoError(10, f"order '{order}' is not supported by the arangolab sandbox")
        if told.get("uniqueVertices") == "global" and order == "dfs":
            raise ArangoError(10, "uniqueVertices: 'global' is not supported with order 'dfs'")
        opened = self._graph("TraversalNode", edges, direction, {**told, "order": order})
        names = [*variables.children, *(prune.children[:-1] if prune else ())]
        first = self.define(*names)
        pruned = self.compile(prune.children[-1]) if prune else constant(False)

        def rows(f: Frame) -> Iterator[tuple[Any, ...]]:
            graph, begin = opened(f), _vertex_id(f[0], of(f), "traversal")
            least, most = int(to_number(low(f))), int(to_number(high(f)))
            if least < 0 or most < least:
                raise ArangoError(10, "traversal depth needs 0 <= min <= max")
            ends = [False]
            steps = graph.search(begin, lambda step: ends[0] or len(step.edges) >= most)
            for step in steps if begin else ():
                path = graph.shown(step) if shown > 2 else None
                last = step.edges[-1] if step.edges else None
                values = (graph.vertex(step.ids[-1]), last, path)[:shown]
                f[first : first + shown] = values
                ends[0] = truthy(pruned(f))
                if len(step.edges) >= least:
                    yield (*values, *ends)

        return loop(first, len(names), rows)

    def _paths(self, variables: Node, *parts: Node) -> Stage:
        depth, direction, kind, start, target, edges, options = parts
        name, names = kind.upper(), variables.children
        is_one = name == "SHORTEST_PATH"
        if len(names) > 1 + is_one:
            raise ArangoError(1501, f"{name} has at most {1 + is_one} variables")
        low, high = self._ends(depth) if name == "K_PATHS" else map(constant, (0, math.inf))
        both = self.compiled((start, target))
        unique = {"uniqueVertices": "global" if is_one else "path", "order": "weighted"}
        told = {**fixed(self.options(options)), **unique}
        node = "ShortestPathNode" if is_one else "EnumeratePathsNode"
        opened = self._graph(node, edges, direction, told)

        def rows(f: Frame) -> Iterator[tuple[Any, ...]]:
            graph, best = opened(f), math.inf
            begin, end = (_vertex_id(f[0], each(f), name) for each in both)
            least, most = to_number(low(f)), to_number(high(f))
            steps = graph.search(begin, lambda s: s.ids[-1] == end or len(s.edges) >= most)
            for step in steps if begin and end else ():
                if step.weight > best:
                    return
                if step.ids[-1] != end or len(step.edges) < least:
                    continue
                if is_one:
                    yield from zip(map(graph.vertex, step.ids), (None, *step.edges), strict=True)
                    return
                if name == "ALL_SHORTEST_PATHS":
                    best = step.weight
                weight = {"weight": tidy(step.weight)} if name == "K_SHORTEST_PATHS" else {}
                yield ({**graph.shown(step), **weight},)

        return loop(self.define(*names), len(names), rows)

    def _ends(self, tree: Node) -> list[Evaluate]:
        """The two ends of a range, or one value as both; 1 for a tree that was left out."""
        is_range = tree is not None and tree.data == "binary" and tree.children[1] == ".."
        low, high = tree.children[::2] if is_range else (tree, tree)
        return [constant(1) if end is None else self.compile(end) for end in (low, high)]

    def _graph(
        self, kind: str, edges: Node, direction: Token, told: dict[str, Any]
    ) -> Callable[[Frame], Graph]:
        """What follows the edges, as a function of the frame; ArangoError 1218, 1924."""
        parts = edges.children if edges.data == "edges" else []
        pairs = [(direction, *edge.children)[-2:] for edge in parts]
        touched = [(way.lower(), self.collection(name)) for way, name in pairs]
        name_of = None if parts else self.compile(edges)
        self.add_node(kind, [name for _, name in touched])

        def opened(f: Frame) -> Graph:
            database = f[0].trx.database
            sources = [(way, resolved(name, f[0].binds)) for way, name in touched]
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
