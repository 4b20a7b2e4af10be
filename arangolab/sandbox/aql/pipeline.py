"""The stages FOR, FILTER, LET, SORT, LIMIT and RETURN."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from arangolab.sandbox.aql import nodes as n
from arangolab.sandbox.aql import operators
from arangolab.sandbox.aql.access import LookUp
from arangolab.sandbox.aql.collect import compile_collect
from arangolab.sandbox.aql.context import Context, Evaluate, Frame
from arangolab.sandbox.aql.evaluate import NameOf
from arangolab.sandbox.aql.functions import arrays
from arangolab.sandbox.aql.modify import compile_modify, compile_upsert
from arangolab.sandbox.aql.paths import compile_paths
from arangolab.sandbox.aql.traverse import compile_traversal
from arangolab.sandbox.faults import ArangoError
from arangolab.sandbox.values import sort_key, truthy, typename

if TYPE_CHECKING:
    from arangolab.sandbox.aql.plan import Compiler, Stage

_CHECK_EVERY = 1024
_FOR_OPTIONS = frozenset(
    (
        *("indexHint", "forceIndexHint", "disableIndex", "maxProjections", "useCache"),
        *("lookahead", "waitForSync"),
    )
)


def compile_operations(
    compiler: Compiler, operations: list[n.Operation]
) -> Callable[[Frame], list[Any]]:
    """A function that runs operations from a base frame and gives the rows returned."""
    stages: list[tuple[Stage, int]] = []
    limits = [i for i, op in enumerate(operations) if type(op) is n.Limit]
    counted = limits[-1] if limits and compiler.is_outermost else -1
    result: Evaluate | None = None
    distinct = False
    for i, operation in enumerate(operations):
        if type(operation) is n.Return:
            result, distinct = compiler.expression(operation.expression), operation.distinct
            if distinct:
                compiler.add_node("CollectNode", collectOptions={"method": "distinct"})
            compiler.add_node("ReturnNode")
        elif type(operation) is n.For:
            stages.append((_for(compiler, operation, operations[i + 1 :]), compiler.last_node))
        elif type(operation) is n.Limit:
            stages.append((_limit(compiler, operation, counts=i == counted), compiler.last_node))
        else:
            made = _STAGES[type(operation)](compiler, operation)
            stages.append((made, compiler.last_node))
    return _runner(stages, result, distinct, compiler.last_node)


def _runner(
    stages: list[tuple[Stage, int]], result: Evaluate | None, distinct: bool, result_node: int
) -> Callable[[Frame], list[Any]]:
    def run(base: Frame) -> list[Any]:
        frames: Iterable[Frame] = (base,)
        profile, before = base[0].profile, 1
        for stage, node_id in stages:
            frames = stage(base, frames)
            if profile is not None:
                frames = profile.over(node_id, before, frames)
                before = node_id
        if result is None:
            for _ in frames:
                pass
            return []
        rows: Iterable[Any] = map(result, frames)
        if profile is not None:
            rows = profile.over(result_node, before, rows)
        return arrays.distinct(list(rows)) if distinct else list(rows)

    return run


def _for(compiler: Compiler, node: n.For, following: list[n.Operation]) -> Stage:
    options = compiler.options(node.options, _FOR_OPTIONS)
    source = node.source
    is_collection = type(source) is n.CollectionBind or (
        type(source) is n.Ref and compiler.slot(source.name) is None
    )
    if not is_collection:
        return _for_list(compiler, node)
    name_of = compiler.collection(source, "read")
    slot = compiler.define(node.variable)
    look_up = LookUp(compiler, node.variable, following)
    if options.get("disableIndex"):
        look_up.disabled = True
    shown = compiler.add_node("EnumerateCollectionNode", outVariable=node.variable)
    shown.look_up = look_up
    shown.details["collection"] = source
    return _for_collection(name_of, slot, look_up)


def _for_collection(name_of: NameOf, slot: int, look_up: LookUp) -> Stage:
    def stage(base: Frame, frames: Iterable[Frame]) -> Iterator[Frame]:
        context: Context = base[0]
        view = context.trx.view(name_of(context))
        access, covered = look_up.choose(view.collection)
        scanned = "scannedIndex" if covered else "scannedFull"
        is_first = True
        for frame in frames:
            found = access(view, frame) if access is not None else None
            if found is None:
                context.stats["cursorsCreated"] += is_first and scanned == "scannedIndex"
                is_first = False
                yield from _scanned(context, scanned, view.scan(), frame, slot)
            else:
                _count_look_up(context, len(found), is_first)
                is_first = False
                for document in found:
                    made = frame.copy()
                    made[slot] = document
                    yield made

    return stage


def _count_look_up(context: Context, found: int, is_first: bool) -> None:
    stats = context.stats
    stats["scannedIndex"] += found
    stats["documentLookups"] += found
    stats["cursorsCreated" if is_first else "cursorsRearmed"] += 1


def _scanned(
    context: Context, scanned: str, documents: list[Any], frame: Frame, slot: int
) -> Iterator[Frame]:
    number = 0
    try:
        for number, document in enumerate(documents, 1):
            made = frame.copy()
            made[slot] = document
            yield made
            if not number % _CHECK_EVERY:
                context.check_time()
    finally:
        context.stats[scanned] += number


def _for_list(compiler: Compiler, node: n.For) -> Stage:
    items = _items(compiler, node.source)
    slot = compiler.define(node.variable)
    compiler.add_node("CalculationNode")
    shown = compiler.add_node("EnumerateListNode", outVariable=node.variable)

    def stage(base: Frame, frames: Iterable[Frame]) -> Iterator[Frame]:
        context: Context = base[0]
        for frame in frames:
            for number, item in enumerate(_listed(items(frame), shown.id)):
                made = frame.copy()
                made[slot] = item
                yield made
                if not number % _CHECK_EVERY:
                    context.check_time()

    return stage


def _items(compiler: Compiler, source: n.Expression) -> Evaluate:
    if type(source) is n.Binary and source.operator == "..":
        low, high = compiler.expression(source.left), compiler.expression(source.right)
        return lambda f: operators.span(low(f), high(f))
    return compiler.expression(source)


def _listed(value: Any, node_id: int) -> list[Any] | range:
    if type(value) is list or type(value) is range:
        return value
    raise ArangoError(
        1563,
        "collection or array expected as operand to FOR loop; you provided a value of type "
        f"'{typename(value)}' [node #{node_id}: EnumerateListNode]",
    )


def _filter(compiler: Compiler, node: n.Filter) -> Stage:
    condition = compiler.expression(node.condition)
    compiler.add_node("CalculationNode")
    compiler.add_node("FilterNode")

    def stage(base: Frame, frames: Iterable[Frame]) -> Iterator[Frame]:
        filtered = 0
        try:
            for frame in frames:
                value = condition(frame)
                if value is True or (value is not False and truthy(value)):
                    yield frame
                else:
                    filtered += 1
        finally:
            base[0].stats["filtered"] += filtered

    return stage


def _let(compiler: Compiler, node: n.Let) -> Stage:
    value = compiler.expression(node.expression)
    slot = compiler.define(node.variable)
    compiler.add_node("CalculationNode", outVariable=node.variable)

    def stage(_base: Frame, frames: Iterable[Frame]) -> Iterator[Frame]:
        for frame in frames:
            frame[slot] = value(frame)
            yield frame

    return stage


def _sort(compiler: Compiler, node: n.Sort) -> Stage:
    terms = [(compiler.expression(of), compiler.expression(way)) for of, way in node.terms]
    compiler.add_node("SortNode")

    def stage(base: Frame, frames: Iterable[Frame]) -> Iterator[Frame]:
        rows = list(frames)
        for of, way in reversed(terms):
            rows.sort(key=lambda frame: sort_key(of(frame)), reverse=_descends(way(base)))
        yield from rows

    return stage


def _descends(direction: Any) -> bool:
    if type(direction) is str and direction.upper() in ("ASC", "DESC"):
        return direction.upper() == "DESC"
    raise ArangoError(1501, "SORT direction must be ASC or DESC")


def _limit(compiler: Compiler, node: n.Limit, *, counts: bool) -> Stage:
    offset = compiler.expression(node.offset or n.Const(0))
    count = compiler.expression(node.count)
    compiler.add_node("LimitNode")

    def stage(base: Frame, frames: Iterable[Frame]) -> Iterator[Frame]:
        skip, take = _whole(offset(base), 0), _whole(count(base), sys.maxsize)
        context: Context = base[0]
        rows = iter(frames)
        if not (counts and context.wants_full_count):
            return itertools.islice(rows, skip, min(skip + take, sys.maxsize))
        return _counted(context, rows, skip, take)

    return stage


def _counted(context: Context, rows: Iterator[Frame], skip: int, take: int) -> Iterator[Frame]:
    number = 0
    for frame in rows:
        number += 1
        if skip < number <= skip + take:
            yield frame
    context.stats["fullCount"] = number


def _whole(value: Any, default: int) -> int:
    """A number of LIMIT; null is none: from the first row, without end."""
    if value is None:
        return default
    if type(value) in (int, float) and 0 <= value < 2**53 and value == int(value):
        return int(value)
    raise ArangoError(1504, "number out of range: LIMIT needs non-negative numbers")


_STAGES: dict[type, Callable[[Any, Any], Stage]] = {
    n.Filter: _filter,
    n.Let: _let,
    n.Sort: _sort,
    n.Collect: compile_collect,
    n.Modify: compile_modify,
    n.Upsert: compile_upsert,
    n.Traversal: compile_traversal,
    n.Paths: compile_paths,
}
