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
from arangolab.sandbox.aql.operations import CHECK_EVERY, Operations, loop
from arangolab.sandbox.faults import ArangoError, check
from arangolab.sandbox.graphs import edges_of
from arangolab.sandbox.indexes import Document
from arangolab.sandbox.store import EDGE
from arangolab.sandbox.values import tidy, to_number, truthy

Told = dict[str, Any]
_MOST_STEPS = 1_000_000
_NODES = {"": ("TraversalNode", 3), "SHORTEST_PATH": ("ShortestPathNode", 2)}


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
    told: Told
    """The options; their ``order`` may be dfs, bfs or weighted."""

    def search(self, start: str, ends: Callable[[Step], bool]) -> Iterator[Step]:
        """Steps from a vertex on, in that order; they weigh nothing if it is none of weight.

        ``ends`` is asked after a step was given, and says whether it is the last of its path.
        ArangoError 32 for a search without end.
        """
        numbers, turn = itertools.count(1), -1 if self.told["order"] == "dfs" else 1
        seen: set[str] = set()
        waiting: list[tuple[float, int, Step]] = [(0, 0, Step((start,)))]
        while waiting:
            step = heapq.heappop(waiting)[-1]
            if self.told["uniqueVertices"] == "global" and step.ids[-1] in seen:
                continue
            seen.add(step.ids[-1])
            yield step
            for new in () if ends(step) else self._after(step):
                number = next(numbers)
                if number > _MOST_STEPS:
                    raise ArangoError(32, f"a search in a graph takes over {_MOST_STEPS:,} steps")
                if not number % CHECK_EVERY:
                    self.context.check_time()
                heapq.heappush(waiting, (new.weight, turn * number, new))

    def _after(self, step: Step) -> Iterator[Step]:
        here, told = step.ids[-1], self.told
        by_vertex, by_edge = told["uniqueVertices"] == "path", told.get("uniqueEdges") != "none"
        weighs, only = told["order"] == "weighted", told.get("vertexCollections")
        for way, name in self.sources:
            found = self.context.view(name).edges(here, way)
            self.context.stats["scannedIndex"] += len(found)
            for edge in found:
                there = edge["_from" if way != "outbound" and edge["_to"] == here else "_to"]
                is_again = there in step.ids if by_vertex else by_edge and edge in step.edges
                if not is_again and (only is None or _allows(only, there.split("/")[0])):
                    weight = self._weight(edge) if weighs else 0.0
                    yield Step((*step.ids, there), (*step.edges, edge), step.weight + weight)

    def _weight(self, edge: Document) -> float:
        weight: Any = edge.get(str(self.told.get("weightAttribute")))
        if type(weight) not in (int, float):
            weight = to_number(self.told.get("defaultWeight", 1))
        check(weight >= 0, 10, f"negative weight of edge {edge['_id']}")
        return float(weight)

    def rows(self, kind: str, step: Step, count: int) -> list[tuple[Any, ...]]:
        """Values of the variables where a step is shown: a row for each vertex, or one."""
        shown = step.ids if kind or count > 2 else step.ids[-1:]
        vertices, edges = [self.vertex(each) for each in shown], [None, *step.edges]
        if kind == "SHORTEST_PATH":
            return [pair[:count] for pair in zip(vertices, edges, strict=True)]
        path = {"edges": edges[1:], "vertices": vertices}
        if not kind:
            return [(vertices[-1], edges[-1], path)[:count]]
        return [({**path, "weight": tidy(step.weight)} if kind == "K_SHORTEST_PATHS" else path,)]

    def vertex(self, vertex_id: str) -> Document | None:
        """The document with this _id; null and a warning if there is none."""
        name, _, key = vertex_id.partition("/")
        self.context.stats["scannedIndex"] += 1
        document = self.context.view(name).get(key)
        if document is None:
            self.context.warn(1202, f"vertex '{vertex_id}' not found")
        return document


class Traversals(Operations):
    """Compiles traversals and searches for paths."""

    def _traversal(self, variables: Node, *parts: Node) -> Stage:
        depth, direction, token, start, target, edges, prune, options = parts
        kind, names = token.upper() if token else "", variables.children
        node, most_names = _NODES.get(kind, ("EnumeratePathsNode", 1))
        is_right = bool(kind) == bool(target) and not (kind and prune) and len(names) <= most_names
        said = f"up to {most_names} variables; a search for paths has TO, and no PRUNE"
        check(is_right, 1501, f"syntax error, {kind or 'a traversal'} has {said}")
        low, high = self._ends(depth) if kind in ("", "K_PATHS") else map(constant, (0, math.inf))
        ends = self.compiled((start, target))
        told = _checked(kind, fixed(self.options(options)))
        opened = self._graph(node, edges, direction, told)
        named = prune.children[:-1] if prune else []
        first = self.define(*names, *named)
        pruned = self.compile(prune.children[-1]) if prune else constant(False)

        def rows(f: Frame) -> Iterator[tuple[Any, ...]]:
            graph, best, ended = opened(f), math.inf, [False]
            begin, *goal = (_vertex_id(f[0], each(f), kind or "traversal") for each in ends)
            least, most = to_number(low(f)), to_number(high(f))
            check(0 <= least <= most, 10, "traversal depth needs 0 <= min <= max")
            steps = graph.search(begin, lambda step: ended[0] or len(step.edges) >= most)
            for step in steps if begin and "" not in goal else ():
                if step.weight > best:
                    return
                ended[0] = step.ids[-1] in goal
                if goal and not ended[0]:
                    continue
                found = graph.rows(kind, step, len(names))
                if prune:
                    f[first : first + len(names)] = found[0]
                    ended[0] = truthy(pruned(f))
                    found = [(*found[0], *ended[: len(named)])]
                if len(step.edges) >= least:
                    yield from found
                    best = {"SHORTEST_PATH": -1, "ALL_SHORTEST_PATHS": step.weight}.get(kind, best)

        return loop(slice(first, first + len(names) + len(named)), rows)

    def _ends(self, tree: Node) -> list[Evaluate]:
        """The two ends of a range, or one value as both; 1 for a tree that was left out."""
        is_range = tree is not None and tree.data == "binary" and tree.children[1] == ".."
        low, high = tree.children[::2] if is_range else (tree, tree)
        return [constant(1) if end is None else self.compile(end) for end in (low, high)]

    def _graph(
        self, kind: str, edges: Node, direction: Token, told: Told
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
                graph = check(database.graphs.get(name), 1924, (name,))
                sources = [(direction.lower(), each) for each in edges_of(graph)]
            sources = [one for one in sources if _allows(told.get("edgeCollections"), one[1])]
            check(all(database.collection(name).kind == EDGE for _, name in sources), 1218)
            return Graph(f[0], sources, told)

        return opened


def _checked(kind: str, told: Told) -> Told:
    """The options of a search, with its order and uniqueness; ArangoError 10."""
    unique = "global" if kind == "SHORTEST_PATH" else "path"
    given = {"order": "weighted", "uniqueVertices": unique} if kind else {}
    told = {"order": "bfs" if told.get("bfs") else "dfs", "uniqueVertices": "none", **told, **given}
    order, unique = told["order"], told["uniqueVertices"]
    is_known = order in ("bfs", "dfs", "weighted") and (order, unique) != ("dfs", "global")
    said = f"order '{order}' with uniqueVertices '{unique}' is not supported"
    check(is_known, 10, f"{said} by the arangolab sandbox")
    return told


def _allows(names: Any, name: str) -> bool:
    """Whether an option with collection names (one, several, or None for all) has this one."""
    return names is None or name in (names if type(names) is list else [names])


def _vertex_id(context: Context, value: Any, what: str) -> str:
    """The _id that a start or target names; "" and a warning if it names none."""
    text = value.get("_id") if type(value) is dict else value
    if type(text) is str and "/" in text:
        return text
    context.warn(10, f"Invalid input for {what}: Only id strings or objects with _id are allowed")
    return ""
