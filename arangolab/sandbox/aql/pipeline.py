"""The operations that read: FOR, FILTER, LET, SORT, LIMIT, COLLECT and RETURN, and their row."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from lark import Token

from arangolab.sandbox.aql.access import LookUp
from arangolab.sandbox.aql.context import Context, Evaluate, Frame, Stage
from arangolab.sandbox.aql.expressions import Expressions, constant
from arangolab.sandbox.aql.functions import AGGREGATES, scalar
from arangolab.sandbox.aql.grammar import Node
from arangolab.sandbox.aql.scope import fixed
from arangolab.sandbox.faults import ArangoError
from arangolab.sandbox.values import freeze, sort_key, truthy, typename

_CHECK_EVERY = 1024


class Pipeline(Expressions):
    """Compiles operations."""

    following: list[Node]
    """The operations after the one that is being compiled."""

    def _query(self, withs: Node, *operations: Node) -> Callable[[Frame], list[Any]]:
        """A function that runs operations from a base frame and gives the rows returned."""
        for collection in withs.children if withs else ():
            self.collection(collection, "read")
        stages: list[tuple[Stage, int]] = []
        for i, operation in enumerate(operations):
            self.following = list(operations[i + 1 :])
            stages.append((self.compile(operation), self.nodes[-1].id))
        returns = operations[-1].data == "return"

        def run(base: Frame) -> list[Any]:
            rows: Iterable[Any] = (base,)
            profile, before = base[0].profile, 1
            for stage, node_id in stages:
                rows = stage(base, rows)
                if profile is not None:
                    rows = profile.over(node_id, before, rows)
                    before = node_id
            found = list(rows)
            return found if returns else []

        return run

    def _return(self, distinct: Node, expression: Node) -> Stage:
        result = self.compile(expression)
        if distinct:
            self.add_node("CollectNode", collectOptions={"method": "distinct"})
        self.add_node("ReturnNode")
        if not distinct:
            return lambda _base, frames: map(result, frames)

        def stage(_base: Frame, frames: Iterable[Frame]) -> Iterable[Any]:
            found: dict[Any, Any] = {}
            for value in map(result, frames):
                found.setdefault(freeze(value), value)
            return found.values()

        return stage

    def _for_in(self, variables: Node, source: Node, options: Node) -> Stage:
        following = self.following
        told = fixed(self.options(options))
        variable, *others = variables.children
        if others:
            raise ArangoError(1501, "syntax error, a FOR without direction has one variable")
        if not self.is_collection(source):
            return self._for_list(variable, source)
        access = self.collection(source, "read")
        slot = self.define(variable)
        node = self.add_node("EnumerateCollectionNode", access, outVariable=str(variable))
        look_up = LookUp(self, str(variable), [] if told.get("disableIndex") else following)
        node.look_up = look_up

        def stage(base: Frame, frames: Iterable[Frame]) -> Iterator[Frame]:
            context: Context = base[0]
            view = context.trx.view(access.resolve(context.binds))
            index, find = look_up.choose(view.collection)
            scanned = "scannedFull" if index is None or find else "scannedIndex"
            stats, opened = context.stats, "cursorsCreated"
            for frame in frames:
                found = find(view, frame) if find else None
                is_scan = found is None
                if found is None:
                    found = view.scan()
                else:
                    stats["scannedIndex"] += len(found)
                    stats["documentLookups"] += len(found)
                if index is not None:
                    stats[opened] += 1
                    opened = "cursorsRearmed"
                for number, document in enumerate(found, 1):
                    stats[scanned] += is_scan
                    made = frame.copy()
                    made[slot] = document
                    yield made
                    if not number % _CHECK_EVERY:
                        context.check_time()

        return stage

    def _for_list(self, variable: Token, source: Node) -> Stage:
        values = self.compile(source)
        slot = self.define(variable)
        self.add_node("CalculationNode")
        node_id = self.add_node("EnumerateListNode", outVariable=str(variable)).id

        def stage(base: Frame, frames: Iterable[Frame]) -> Iterator[Frame]:
            for frame in frames:
                items = values(frame)
                if type(items) is not list:
                    raise ArangoError(
                        1563,
                        "collection or array expected as operand to FOR loop; you provided a value "
                        f"of type '{typename(items)}' [node #{node_id}: EnumerateListNode]",
                    )
                for number, item in enumerate(items):
                    made = frame.copy()
                    made[slot] = item
                    yield made
                    if not number % _CHECK_EVERY:
                        base[0].check_time()

        return stage

    def _filter(self, tree: Node) -> Stage:
        condition = self.compile(tree)
        self.add_node("CalculationNode")
        self.add_node("FilterNode")

        def stage(base: Frame, frames: Iterable[Frame]) -> Iterator[Frame]:
            stats = base[0].stats
            for frame in frames:
                value = condition(frame)
                if value is True or (value is not False and truthy(value)):
                    yield frame
                else:
                    stats["filtered"] += 1

        return stage

    def _let(self, assignments: Node) -> Stage:
        made: list[tuple[int, Evaluate]] = []
        for name, tree in (each.children for each in assignments.children):
            value = self.compile(tree)
            made.append((self.define(name), value))
            self.add_node("CalculationNode", outVariable=str(name))

        def stage(_base: Frame, frames: Iterable[Frame]) -> Iterator[Frame]:
            for frame in frames:
                for slot, value in made:
                    frame[slot] = value(frame)
                yield frame

        return stage

    def _sort(self, *terms: Node) -> Stage:
        made = [(self.compile(term.children[0]), self._way(term.children[1])) for term in terms]
        self.add_node("SortNode")

        def stage(base: Frame, frames: Iterable[Frame]) -> Iterator[Frame]:
            rows = list(frames)
            for of, way in reversed(made):
                direction = str(way(base)).upper()
                if direction not in ("ASC", "DESC"):
                    raise ArangoError(1501, "SORT direction must be ASC or DESC")
                rows.sort(key=lambda frame: sort_key(of(frame)), reverse=direction == "DESC")
            yield from rows

        return stage

    def _way(self, token: Token | None) -> Evaluate:
        if token is not None and token.type == "BIND":
            return self._bind(token)
        return constant("ASC" if token is None else str(token))

    def _limit(self, first: Node, second: Node) -> Stage:
        is_last = all(operation.data != "limit" for operation in self.following)
        counts = is_last and len(self.variables.maps) == 1
        offset = self.compile(first) if second else constant(0)
        count = self.compile(second or first)
        self.add_node("LimitNode")

        def stage(base: Frame, frames: Iterable[Frame]) -> Iterator[Frame]:
            skip, take = _whole(offset(base), 0), _whole(count(base), sys.maxsize)
            if counts and base[0].wants_full_count:
                return _counted(base[0], iter(frames), skip, take)
            return itertools.islice(frames, skip, min(skip + take, sys.maxsize))

        return stage

    def _collect(self, *parts: Node) -> Stage:
        """Groups come sorted by their values, as in ArangoDB."""
        given = {part.data: part.children for part in parts if part is not None}
        self.options(parts[-1])
        groups, aggregates = (
            [each.children for tree in given.get(part, ()) for each in tree.children]
            for part in ("groups", "aggregates")
        )
        names = [name for name, _ in (*groups, *aggregates)]
        keys = self.compiled(value for _, value in groups)
        reducers = [self._reducer(call) for _, call in aggregates]
        collected = self._collected(given)
        if collected is not None:
            names.append(given.get("count", given.get("into", ()))[0])
            reducers.append(collected)
        slots = [self.define(name) for name in names]
        self.add_node("CollectNode", collectOptions={"method": "hash"})

        def stage(base: Frame, frames: Iterable[Frame]) -> Iterator[Frame]:
            for values, rows in _grouped(keys, frames):
                made = (rows[0] if rows else base).copy()
                found = values + [reduce(rows) for reduce in reducers]
                for slot, value in zip(slots, found, strict=True):
                    made[slot] = value
                yield made

        return stage

    def _collected(self, given: dict[str, Any]) -> Callable[[list[Frame]], Any] | None:
        """What INTO makes of a group; only what COLLECT defines stays visible after this."""
        _, kept = given.get("into", (None, None))
        variables = self.variables.maps[0]
        whole = self.compile(kept) if kept is not None and kept.data != "keep" else None
        self.variables.maps[0] = {}
        if "into" not in given:
            return len if "count" in given else None
        if whole is not None:
            return lambda rows: [whole(row) for row in rows]
        names = [str(name) for name in (kept.children if kept else variables)]
        shown = [(name, variables[name]) for name in names if name in variables]
        return lambda rows: [{name: row[slot] for name, slot in shown} for row in rows]

    def _reducer(self, call: Node) -> Callable[[list[Frame]], Any]:
        if call.data != "call":
            raise ArangoError(1574, "aggregate expression must be a function call")
        name, *arguments = call.children
        behind = AGGREGATES.get(name.upper())
        if behind is None:
            raise ArangoError(1574, f"invalid aggregate function '{name.upper()}()'")
        values = self.compiled(arguments)
        if not values:
            return len
        of, reduce = values[0], scalar(behind) if behind else list
        return lambda rows: reduce([of(row) for row in rows])


def _counted(context: Context, rows: Iterator[Frame], skip: int, take: int) -> Iterator[Frame]:
    before = sum(1 for _ in itertools.islice(rows, skip))
    number = before
    for number, frame in enumerate(rows, before + 1):
        if number <= skip + take:
            yield frame
    context.stats["fullCount"] = number


def _whole(value: Any, default: int) -> int:
    """A number of LIMIT; null is none: from the first row, without end."""
    if value is None:
        return default
    if type(value) in (int, float) and 0 <= value < 2**53 and value == int(value):
        return int(value)
    raise ArangoError(1504, "number out of range: LIMIT needs non-negative numbers")


def _grouped(
    keys: list[Evaluate], frames: Iterable[Frame]
) -> Iterable[tuple[list[Any], list[Frame]]]:
    """The values and rows of each group; without keys there is one group, perhaps of no rows."""
    if not keys:
        return [([], list(frames))]
    groups: dict[Any, tuple[list[Any], list[Frame]]] = {}
    for frame in frames:
        values = [key(frame) for key in keys]
        groups.setdefault(tuple(map(freeze, values)), (values, []))[1].append(frame)
    return sorted(groups.values(), key=lambda group: [sort_key(value) for value in group[0]])
