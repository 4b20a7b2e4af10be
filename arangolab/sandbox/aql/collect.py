"""The stage COLLECT: groups, AGGREGATE, INTO, KEEP, WITH COUNT INTO."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from arangolab.sandbox.aql import nodes as n
from arangolab.sandbox.aql.context import Evaluate, Frame
from arangolab.sandbox.aql.functions import AGGREGATES, scalar
from arangolab.sandbox.faults import ArangoError
from arangolab.sandbox.values import freeze, sort_key

if TYPE_CHECKING:
    from arangolab.sandbox.aql.plan import Compiler, Stage


def compile_collect(compiler: Compiler, node: n.Collect) -> Stage:
    """A stage that groups rows; groups come sorted by their values, as in ArangoDB."""
    compiler.options(node.options, frozenset(("method", "disableIndex")))
    keys = [compiler.expression(value) for _, value in node.groups]
    aggregates = [_aggregate(compiler, call) for _, call in node.aggregates]
    whole = compiler.expression(node.into_expression) if node.into_expression else None
    variables = compiler.forget_variables()
    if node.keep is not None:
        variables = {name: variables[name] for name in node.keep if name in variables}
    slots = [compiler.define(name) for name, _ in node.groups]
    slots += [compiler.define(name) for name, _ in node.aggregates]
    last = node.count_into or node.into
    last_slot = compiler.define(last) if last else 0
    compiler.add_node("CollectNode", collectOptions={"method": "hash"})
    shown = list(variables.items())

    def collected(rows: list[Frame]) -> Any:
        if node.count_into:
            return len(rows)
        if whole is not None:
            return [whole(row) for row in rows]
        return [{name: row[slot] for name, slot in shown} for row in rows]

    def stage(base: Frame, frames: Iterable[Frame]) -> Iterator[Frame]:
        groups = _grouped(keys, frames)
        if not keys and not groups:
            groups = [([], [])]
        for values, rows in groups:
            made = (rows[0] if rows else base).copy()
            found = values + [reduce(rows) for reduce in aggregates]
            last_value = collected(rows) if last else None
            for slot, value in zip(slots, found, strict=True):
                made[slot] = value
            if last:
                made[last_slot] = last_value
            yield made

    return stage


def _grouped(keys: list[Evaluate], frames: Iterable[Frame]) -> list[tuple[list[Any], list[Frame]]]:
    groups: dict[Any, tuple[list[Any], list[Frame]]] = {}
    for frame in frames:
        values = [key(frame) for key in keys]
        frozen = tuple(freeze(value) for value in values)
        if frozen not in groups:
            groups[frozen] = (values, [])
        groups[frozen][1].append(frame)
    if not keys:
        return list(groups.values())
    return sorted(groups.values(), key=lambda group: [sort_key(value) for value in group[0]])


def _aggregate(compiler: Compiler, call: n.Call) -> Any:
    if call.name not in AGGREGATES:
        raise ArangoError(1574, f"invalid aggregate function '{call.name}()'")
    reduce = scalar(AGGREGATES[call.name]) if AGGREGATES[call.name] else None
    if not call.arguments:
        return len
    of = compiler.expression(call.arguments[0])
    if reduce is None:
        return lambda rows: [of(row) for row in rows]
    return lambda rows: reduce([of(row) for row in rows])
