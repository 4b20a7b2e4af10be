"""The operations, from FOR to RETURN and from INSERT to UPSERT, and their row.

Those that write read all their rows before they write the first, so that a query never sees its
own writes.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from lark import Token

from arangolab.sandbox.aql.access import LookUp
from arangolab.sandbox.aql.context import Evaluate, Frame, Stage
from arangolab.sandbox.aql.expressions import Expressions, constant, fixed
from arangolab.sandbox.aql.functions import aggregate
from arangolab.sandbox.aql.grammar import Node
from arangolab.sandbox.documents import operate
from arangolab.sandbox.faults import ArangoError, check
from arangolab.sandbox.indexes import ranks
from arangolab.sandbox.values import freeze, sort_key, truthy, typename
from arangolab.sandbox.view import View

CHECK_EVERY = 1024
_METHODS = {"INSERT": "POST", "UPDATE": "PATCH", "REPLACE": "PUT", "REMOVE": "DELETE"}
Rows = Callable[[Frame], Iterable[Any]]
"""What a FOR goes through for one frame: values of its variable, or tuples of those of several."""
Gathered = tuple[str, Evaluate, Callable[[list[Any]], Any]]
"""A variable of COLLECT: its name, what it takes from each row, and what it makes of all that."""
Decide = Callable[[View, Frame], tuple[str, Any, Any]]
"""The method (see ``operate``), what has the key, and the body, of the write of a frame."""


def loop(place: Any, rows: Rows) -> Stage:
    """Puts each row of each frame into a slot of it, or a slice of slots."""

    def stage(base: Frame, frames: Iterable[Frame]) -> Iterator[Frame]:
        for frame in frames:
            for values, number in zip(rows(frame), base[0].numbers, strict=False):
                if not number % CHECK_EVERY:
                    base[0].check_time()
                frame[place] = values
                yield frame

    return stage


class Operations(Expressions):
    """Compiles operations."""

    following: tuple[Node, ...]
    """The operations after the one that is being compiled."""

    def _query(self, withs: Node, *operations: Node) -> Callable[[Frame], list[Any]]:
        """A function that runs operations from a base frame and gives the rows returned."""
        for name in withs.children if withs else ():
            self.collection(name)
        stages: list[Stage] = []
        for i, operation in enumerate(operations):
            self.following = operations[i + 1 :]
            stages.append(self.compile(operation))
        returns = operations[-1].data == "return"

        def run(base: Frame) -> list[Any]:
            rows: Iterable[Any] = (base,)
            for stage in stages:
                rows = stage(base, rows)
            found = list(rows)
            return found if returns else []

        return run

    def _return(self, distinct: Node, expression: Node) -> Stage:
        result, finish = self.compile(expression), aggregate("UNIQUE") if distinct else iter
        if distinct:
            self.add_node("CollectNode")
        self.add_node("ReturnNode")
        return lambda _base, frames: finish([*map(result, frames)])

    def _for_in(self, variables: Node, source: Node, options: Node) -> Stage:
        following, told = self.following, fixed(self.options(options))
        name, *others = variables.children
        check(not others, 1501, "syntax error, a FOR without direction has one variable")
        if not self.is_collection(source):
            return self._for_list(name, source)
        collection, slot = self.collection(source.children[0]), self.define(name)
        look_up = LookUp(self, name, () if told.get("disableIndex") else following)
        self.add_node("EnumerateCollectionNode", [collection], look_up)

        def stage(base: Frame, frames: Iterable[Frame]) -> Iterator[Frame]:
            view, stats = base[0].view(collection), base[0].stats
            _, find = look_up.choose(view.collection)
            for frame in frames:
                found = find(view, frame) if find else None
                count = "scannedFull" if found is None else "scannedIndex"
                for document in view.scan() if found is None else found:
                    stats[count] = number = stats[count] + 1
                    stats["documentLookups"] += found is not None
                    frame[slot] = document
                    yield frame
                    if not number % CHECK_EVERY:
                        base[0].check_time()

        return stage

    def _for_list(self, name: Token, source: Node) -> Stage:
        values, slot = self.compile(source), self.define(name)
        self.add_node("CalculationNode")
        here = self.add_node("EnumerateListNode")

        def rows(frame: Frame) -> Iterable[Any]:
            items = values(frame)
            said = "collection or array expected as operand to FOR loop; you provided a value of"
            check(type(items) is list, 1563, f"{said} type '{typename(items)}' {here}")
            return items  # type: ignore[no-any-return]

        return loop(slot, rows)

    def _filter(self, tree: Node) -> Stage:
        condition = self.compile(tree)
        self.add_node("CalculationNode")
        self.add_node("FilterNode")

        def stage(base: Frame, frames: Iterable[Frame]) -> Iterator[Frame]:
            stats = base[0].stats
            for frame in frames:
                if (value := condition(frame)) is True or truthy(value):
                    yield frame
                else:
                    stats["filtered"] += 1

        return stage

    def _let(self, name: Token, tree: Node) -> Stage:
        value, slot = self.compile(tree), self.define(name)
        self.add_node("CalculationNode")

        def assigned(frame: Frame) -> Frame:
            frame[slot] = value(frame)
            return frame

        return lambda _base, frames: map(assigned, frames)

    def _sort(self, *terms: Node) -> Stage:
        made = [self.compiled(term.children) for term in terms]
        self.add_node("SortNode")

        def stage(base: Frame, frames: Iterable[Frame]) -> Iterable[Frame]:
            rows = [frame.copy() for frame in frames]
            for of, *way in reversed(made):
                direction = str(way[0](base)).upper() if way else "ASC"
                check(direction in ("ASC", "DESC"), 1501, "SORT direction must be ASC or DESC")
                keys = [*map(of, rows)]
                if not {*map(type, keys)} <= {int, float}:
                    keys = [*map(sort_key, keys)]
                places = sorted(range(len(keys)), key=keys.__getitem__, reverse=direction == "DESC")
                rows = [rows[place] for place in places]
            return rows

        return stage

    def _limit(self, first: Node, second: Node) -> Stage:
        counts = len(self.variables.maps) == 1 and all(o.data != "limit" for o in self.following)
        bounds = self.bounds(first, second)
        self.add_node("LimitNode")

        def stage(base: Frame, frames: Iterable[Frame]) -> Iterable[Frame]:
            start, end = bounds(base)
            if counts and "fullCount" in base[0].stats:
                frames = [frame.copy() for frame in frames]
                base[0].stats["fullCount"] = len(frames)
            return itertools.islice(frames, start, end)

        return stage

    def _collect(self, *parts: Node) -> Stage:
        """Groups come sorted by their values, as in ArangoDB; without keys there is one."""
        *clauses, options = parts
        self.options(options)
        told = {part.data: part.children for part in clauses if part is not None}
        groups = [each.children for each in told.get("groups", ())]
        keys = self.compiled(value for _, value in groups)
        made = [self._aggregated(*each.children) for each in told.get("aggregates", ())]
        if "count" in told or "into" in told:
            made.append(self._collected(*told.get("count", ()), *told.get("into", ())))
        self.variables.maps[0] = {}
        first = self.define(*(name for name, *_ in (*groups, *made)))
        takes, width = [*keys, *(take for _, take, _ in made)], len(keys)
        self.add_node("CollectNode")

        def stage(base: Frame, frames: Iterable[Frame]) -> Iterator[Frame]:
            found: dict[Any, list[list[Any]]] = {} if keys else {(): []}
            for frame in frames:
                row = [take(frame) for take in takes]
                found.setdefault(tuple(map(freeze, row[:width])), []).append(row)
            for _, rows in sorted(found.items(), key=lambda group: ranks(group[0])):
                results = (of([r[i] for r in rows]) for i, (*_, of) in enumerate(made, width))
                base[first : first + len(takes)] = *(rows[0][:width] if keys else ()), *results
                yield base

        return stage

    def _collected(self, name: Token, *into: Node) -> Gathered:
        """What WITH COUNT INTO or INTO makes of a group."""
        if not into:
            return name, constant(None), len
        known, kept = self.variables.maps[0], into[0]
        if kept is not None and kept.data != "keep":
            return name, self.compile(kept), list
        shown = {str(n): known[n] for n in (kept.children if kept else known) if n in known}
        return name, lambda f: {name: f[slot] for name, slot in shown.items()}, list

    def _aggregated(self, name: Token, function: Token, *arguments: Node) -> Gathered:
        values = self.compiled(arguments) or [constant(None)]
        return name, values[0], aggregate(function.upper())

    # ---- writing

    def _write(self, kind: Token, *parts: Node) -> Stage:
        *given, document, target, options = parts
        keys, new = self.compiled(given), self.compile(document)

        def decide(_view: View, f: Frame) -> tuple[str, Any, Any]:
            body = new(f)
            return _METHODS[kind.type], keys[0](f) if keys else body, body

        return self._writing(kind, target, options, decide)

    def _upsert(self, search: Node, insert: Node, kind: Token, *parts: Node) -> Stage:
        change, target, options = parts
        wanted, new = self.compile(search), self.compile(insert)
        with self.nested():
            old = self.define("OLD")
            changed = self.compile(change)

        def decide(view: View, f: Frame) -> tuple[str, Any, Any]:
            found = view.by_example(wanted(f))
            if not found:
                return "POST", None, new(f)
            f[old] = found[0]
            return _METHODS[kind.type], found[0]["_key"], changed(f)

        return self._writing("UPSERT", target, options, decide)

    def _writing(self, kind: str, target: Token, options: Node, decide: Decide) -> Stage:
        given = self.options(options)
        is_exclusive = fixed(given, "exclusive").get("exclusive")
        collection = self.collection(target, "exclusive" if is_exclusive else "write")
        slot = self.define("OLD", "NEW")
        self.add_node("CalculationNode")
        here = self.add_node(f"{kind.capitalize()}Node", [collection])

        def stage(base: Frame, frames: Iterable[Frame]) -> Iterable[Frame]:
            stats, trx, view = base[0].stats, base[0].trx, base[0].view(collection)
            told = {n: of(base) for n, of in given.items()} | {"returnOld": True, "returnNew": True}
            done: list[Frame] = []
            for f in [frame.copy() for frame in frames]:
                try:
                    method, which, body = decide(view, f)
                    has_rev = told.get("ignoreRevs") is False and type(which) is dict
                    how = {**told, "rev": which.get("_rev")} if has_rev else told
                    change = operate(trx, method, view.collection.name, which, body, how)
                except ArangoError as error:
                    if not told.get("ignoreErrors"):
                        said = f"{error.message} {here}"
                        raise ArangoError(error.error_num, said, error.status) from None
                    stats["writesIgnored"] += 1
                    continue
                f[slot : slot + 2] = change.get("old"), change.get("new")
                stats["writesExecuted"] += 1
                done.append(f)
            return done

        return stage
