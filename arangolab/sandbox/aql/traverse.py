"""The stage FOR v, e, p IN min..max OUTBOUND|INBOUND|ANY start edges | GRAPH name."""

from __future__ import annotations

import collections
import heapq
import itertools
from collections.abc import Callable, Iterable, Iterator, Sized
from typing import TYPE_CHECKING, Any, NamedTuple

from arangolab.sandbox.aql import nodes as n
from arangolab.sandbox.aql.context import Context, Evaluate, Frame
from arangolab.sandbox.faults import ArangoError, fault
from arangolab.sandbox.indexes import Document
from arangolab.sandbox.store import EDGE
from arangolab.sandbox.values import tidy, to_number, truthy

if TYPE_CHECKING:
    from arangolab.sandbox.aql.plan import Compiler, Stage

EdgeSource = tuple[str, str]
"""Direction (outbound, inbound, any) and edge collection."""


_OPTIONS = frozenset(
    (
        *("bfs", "order", "uniqueVertices", "uniqueEdges", "edgeCollections", "vertexCollections"),
        *("weightAttribute", "defaultWeight", "parallelism", "maxProjections", "useCache"),
        *("indexHint", "algorithm"),
    )
)


class Step(NamedTuple):
    """Where a traversal is: a vertex, and the path to it."""

    vertex_id: str
    edge: Document | None
    depth: int
    before: Step | None
    weight: float = 0.0
    """Of the edges so far."""

    def path(self) -> list[Step]:
        """All steps from the start to here."""
        steps = [self]
        while steps[-1].before is not None:
            steps.append(steps[-1].before)
        return steps[::-1]

    def uses_edge(self, edge_id: str) -> bool:
        """Whether the path has this edge."""
        step: Step | None = self
        while step is not None and step.edge is not None:
            if step.edge["_id"] == edge_id:
                return True
            step = step.before
        return False

    def visits(self, vertex_id: str) -> bool:
        """Whether the path has this vertex."""
        step: Step | None = self
        while step is not None:
            if step.vertex_id == vertex_id:
                return True
            step = step.before
        return False


class Walk(NamedTuple):
    """The parts of a traversal that its text fixes."""

    sources: Callable[[Frame], list[EdgeSource]]
    low: Evaluate
    high: Evaluate
    start: Evaluate
    slots: list[int]
    prune: Evaluate | None
    prune_slot: int
    order: str
    """bfs, dfs or weighted."""
    weight: Callable[[Document], float]
    unique_vertices: str
    unique_edges: str
    vertex_collections: frozenset[str] | None
    """Only vertices of these, if given."""


def compile_traversal(compiler: Compiler, node: n.Traversal) -> Stage:
    """A stage that walks the graph from each row's start vertex."""
    if len(node.variables) > 3:
        raise ArangoError(1501, "a traversal has at most three variables: vertex, edge, path")
    options = compiler.options(node.options, _OPTIONS)
    order = str(options.get("order", "bfs" if options.get("bfs") else "dfs")).lower()
    unique_vertices = options.get("uniqueVertices", "none")
    if order not in ("bfs", "dfs", "weighted"):
        raise ArangoError(10, f"traversal order '{order}' is none of bfs, dfs, weighted")
    if unique_vertices == "global" and order == "dfs":
        raise ArangoError(
            10,
            "uniqueVertices: 'global' is only supported with the order bfs or weighted",
        )
    one = n.Const(1)
    low, high = compiler.expression(node.low or one), compiler.expression(node.high or one)
    start = compiler.expression(node.start)
    sources = edge_sources(compiler, node, options.get("edgeCollections"))
    slots = [compiler.define(name) for name in node.variables]
    prune_slot = compiler.define(node.prune_variable) if node.prune_variable else 0
    walk = Walk(
        sources, low, high, start, slots,
        compiler.expression(node.prune) if node.prune else None, prune_slot,
        order, edge_weight(options), unique_vertices, options.get("uniqueEdges", "path"),
        _names(options.get("vertexCollections")),
    )  # fmt: skip
    compiler.add_node("TraversalNode", direction=node.direction.lower(), edges=node.edges)

    def stage(base: Frame, frames: Iterable[Frame]) -> Iterator[Frame]:
        context: Context = base[0]
        from_where = sources(base)
        for frame in frames:
            yield from _walked(context, walk, from_where, frame)

    return stage


def _names(given: Any) -> frozenset[str] | None:
    return None if given is None else frozenset([given] if type(given) is str else given)


def edge_weight(options: dict[str, Any]) -> Callable[[Document], float]:
    """The weight of an edge after the options weightAttribute and defaultWeight."""
    attribute = str(options.get("weightAttribute") or "")
    default = to_number(options.get("defaultWeight", 1))

    def weight(edge: Document) -> float:
        value: Any = edge.get(attribute)
        found: float = value if type(value) in (int, float) else default
        if found < 0:
            raise ArangoError(10, f"negative weight of edge {edge['_id']}")
        return found

    return weight if attribute else lambda _edge: 1


def edge_sources(
    compiler: Compiler, node: n.Traversal | n.Paths, only: Any = None
) -> Callable[[Frame], list[EdgeSource]]:
    """A function that gives the edge collections to follow; ArangoError 1218, 1924."""
    allowed = _names(only)

    def checked(base: Frame, found: Iterable[EdgeSource]) -> list[EdgeSource]:
        kept = [one for one in found if allowed is None or one[1] in allowed]
        if any(base[0].trx.database.collection(name).kind != EDGE for _, name in kept):
            raise fault(1218)
        return kept

    if node.graph is None:
        named = [(way.lower(), compiler.collection(of, "read")) for way, of in node.edges]
        return lambda base: checked(base, ((way, name_of(base[0])) for way, name_of in named))
    graph = compiler.expression(
        n.Const(node.graph.name) if type(node.graph) is n.Ref else node.graph
    )
    way = node.direction.lower()

    def sources(base: Frame) -> list[EdgeSource]:
        name = graph(base)
        if type(name) is not str:
            raise fault(1924, name)
        definition = base[0].trx.database.graphs.get(name)
        if definition is None:
            raise fault(1924, name)
        return checked(base, ((way, one["collection"]) for one in definition["edgeDefinitions"]))

    return sources


def _walked(
    context: Context, walk: Walk, sources: list[EdgeSource], frame: Frame
) -> Iterator[Frame]:
    start = vertex_id_of(context, walk.start(frame), "traversal")
    if start is None:
        return
    low, high = int(to_number(walk.low(frame))), int(to_number(walk.high(frame)))
    if low < 0 or high < low:
        raise ArangoError(10, "traversal depth needs 0 <= min <= max")
    waiting, put, take = _frontier(walk.order)
    put(Step(start, None, 0, None))
    seen = {start}
    while waiting:
        step = take()
        made = _row(context, walk, step, frame)
        pruned = walk.prune is not None and _is_pruned(walk, made)
        if step.depth >= low:
            yield made
        if step.depth < high and not pruned:
            for following in _onward(context, walk, sources, step):
                if walk.unique_vertices != "global":
                    put(following)
                elif following.vertex_id not in seen:
                    seen.add(following.vertex_id)
                    put(following)


def _frontier(order: str) -> tuple[Sized, Callable[[Step], None], Callable[[], Step]]:
    """Where steps wait, and how they are put there and taken: by order or by weight."""
    if order == "weighted":
        heap: list[tuple[float, int, Step]] = []
        numbers = itertools.count()
        return (
            heap,
            lambda step: heapq.heappush(heap, (step.weight, next(numbers), step)),
            lambda: heapq.heappop(heap)[2],
        )
    queue: collections.deque[Step] = collections.deque()
    return queue, queue.append, queue.popleft if order == "bfs" else queue.pop


def vertex_id_of(context: Context, value: Any, what: str) -> str | None:
    """The _id that a start or target names; None and a warning if it names none."""
    if type(value) is dict:
        value = value.get("_id")
    if type(value) is str and "/" in value:
        return value
    context.warn(10, f"Invalid input for {what}: Only id strings or objects with _id are allowed")
    return None


def _is_pruned(walk: Walk, made: Frame) -> bool:
    value = walk.prune(made) if walk.prune else False
    if walk.prune_slot:
        made[walk.prune_slot] = value
    return truthy(value)


def _onward(context: Context, walk: Walk, sources: list[EdgeSource], step: Step) -> Iterator[Step]:
    for edge, there in neighbours(context, sources, step.vertex_id):
        if step.edge and walk.unique_edges == "path" and step.uses_edge(edge["_id"]):
            continue
        if walk.unique_vertices == "path" and step.visits(there):
            continue
        if walk.vertex_collections and there.partition("/")[0] not in walk.vertex_collections:
            continue
        weight = step.weight + walk.weight(edge) if walk.order == "weighted" else 0.0
        yield Step(there, edge, step.depth + 1, step, weight)


def neighbours(
    context: Context, sources: list[EdgeSource], here: str
) -> Iterator[tuple[Document, str]]:
    """The edges of a vertex, each with the vertex at its other end."""
    for way, name in sources:
        found = context.trx.view(name).edges(here, way)  # type: ignore[arg-type]
        context.stats["scannedIndex"] += len(found)
        for edge in found:
            if way == "outbound" or (way == "any" and edge["_from"] == here):
                yield edge, edge["_to"]
            else:
                yield edge, edge["_from"]


def _row(context: Context, walk: Walk, step: Step, frame: Frame) -> Frame:
    made = frame.copy()
    slots = walk.slots
    made[slots[0]] = vertex(context, step.vertex_id)
    if len(slots) > 1:
        made[slots[1]] = step.edge
    if len(slots) > 2:
        steps = step.path()
        made[slots[2]] = {
            "vertices": [vertex(context, each.vertex_id) for each in steps],
            "edges": [each.edge for each in steps[1:]],
        }
        if walk.order == "weighted":
            made[slots[2]]["weights"] = [tidy(each.weight) for each in steps]
    return made


def vertex(context: Context, vertex_id: str) -> Document | None:
    """The document with this _id; null and a warning if there is none."""
    name, _, key = vertex_id.partition("/")
    context.stats["scannedIndex"] += 1
    if name not in context.trx.database.collections:
        raise ArangoError(1203, f"collection or view not found: {name}")
    document = context.trx.view(name).get(key)
    if document is None:
        context.warn(1202, f"vertex '{vertex_id}' not found")
    return document
