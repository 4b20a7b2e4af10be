"""The index rule: equality, IN and range conditions right after FOR, answered by an index.

Only which documents are looked at changes; the FILTERs stay and decide.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

from arangolab.sandbox.aql.context import Evaluate, Frame
from arangolab.sandbox.aql.expressions import Expressions
from arangolab.sandbox.aql.grammar import Node
from arangolab.sandbox.indexes import Document, PersistentIndex, built_in
from arangolab.sandbox.store import Collection
from arangolab.sandbox.values import sort_key
from arangolab.sandbox.view import View

Wanted = Callable[[Frame], list[Any]]
"""The values that an attribute may have."""
Find = Callable[[View, Frame], list[Document] | None]
"""Documents found; None if the index cannot answer for these values."""

_PRIMARY = built_in("primary", "_key")
_MAX_ROWS = 10_000
_TURNED = {"==": "==", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_CHEAP = "constant bind array unary binary path attribute element reference call"
_CHEAP_CALLS = {"CONCAT", "TO_STRING", "TO_NUMBER"}


class LookUp:
    """The conditions of one FOR that an index might answer."""

    def __init__(self, compiler: Expressions, variable: str, following: tuple[Node, ...]) -> None:
        self._wanted: dict[str, Wanted] = {}
        self._ends: dict[tuple[str, str], Evaluate] = {}
        """By attribute path and > or <: an end of its range, which may be in it or not."""
        for operation in itertools.takewhile(lambda node: node.data == "filter", following):
            for term in _conjuncts(operation.children[0]):
                self._take(compiler, variable, term)

    def _take(self, compiler: Expressions, variable: str, term: Node) -> None:
        if term.data != "binary":
            return
        left, sign, right = term.children
        sides = [(left, right, sign.upper()), (right, left, _TURNED.get(sign, ""))]
        for side, other, way in sides:
            path = _path(side, variable, compiler)
            if not path or not _is_free(other, variable, compiler):
                continue
            if way in ("==", "IN"):
                self._wanted.setdefault(path, _values(compiler.compile(other), way == "IN"))
            elif way in _TURNED:
                self._ends.setdefault((path, way[0]), compiler.compile(other))

    def choose(self, collection: Collection) -> tuple[PersistentIndex | None, Find | None]:
        """The index to use, if any, and how; None to look at all documents."""
        for name, prefix in (("_key", ""), ("_id", f"{collection.name}/")):
            if name in self._wanted:
                return _PRIMARY, _by_key(self._wanted[name], prefix)
        fits = [self._fit(index) for index in collection.all_indexes if index.looks_up]
        best = max((fit for fit in fits if any(fit[1:])), key=_merit, default=None)
        return (best[0], self._by_index(*best)) if best else (None, None)

    def _fit(self, index: PersistentIndex) -> tuple[PersistentIndex, int, str]:
        """How many first fields of an index have wanted values; the next, if it has a range."""
        equal = len(list(itertools.takewhile(self._wanted.__contains__, index.fields)))
        if index.sparse and equal < len(index.fields):
            return index, 0, ""
        following = "".join(index.fields[equal : equal + 1])
        is_ranged = any(path == following for path, _ in self._ends) and index.kind != "edge"
        return index, equal, following if is_ranged else ""

    def _by_index(self, index: PersistentIndex, equal: int, ranged: str) -> Find:
        wanted = [self._wanted[field] for field in index.fields[:equal]]
        ends = [self._ends.get((ranged, way)) for way in "><"]

        def find(view: View, frame: Frame) -> list[Document] | None:
            lists = [values(frame) for values in wanted]
            rows = list(itertools.islice(itertools.product(*lists), _MAX_ROWS + 1))
            if len(rows) > _MAX_ROWS or not all(map(index.covers, rows)):
                return None
            if equal == len(index.fields):
                found = [view.by_index(index, row) for row in rows]
            else:
                low, high = ([end(frame)] if end else [] for end in ends)
                keys = [[tuple(map(sort_key, (*row, *end))) for end in (low, high)] for row in rows]
                found = [view.by_range(index, *between) for between in keys]
            return list({one["_key"]: one for documents in found for one in documents}.values())

        return find


def _merit(fit: tuple[PersistentIndex, int, str]) -> tuple[bool, bool, int, bool]:
    index, equal, ranged = fit
    return index.unique and equal == len(index.fields), index.kind == "edge", equal, bool(ranged)


def _by_key(wanted: Wanted, prefix: str) -> Find:
    def find(view: View, frame: Frame) -> list[Document]:
        keys = [v[len(prefix) :] for v in wanted(frame) if type(v) is str and v.startswith(prefix)]
        found = [view.get(key) for key in dict.fromkeys(keys)]
        return [document for document in found if document is not None]

    return find


def _values(value: Evaluate, is_list: bool) -> Wanted:
    if not is_list:
        return lambda f: [value(f)]
    return lambda f: values if type(values := value(f)) is list else []


def _conjuncts(condition: Node) -> Iterator[Node]:
    if condition.data == "binary" and condition.children[1].type == "AND":
        yield from _conjuncts(condition.children[0])
        yield from _conjuncts(condition.children[2])
    else:
        yield condition


def _path(node: Node, variable: str, compiler: Expressions) -> str:
    """The attribute names after a variable, with dots between; none if this is no such path."""
    of, *steps = node.children if node.data == "path" else [node]
    is_variable = of.data == "reference" and of.children[0] == variable
    if not is_variable or any(step.data == "expansion" for step in steps):
        return ""
    names = [compiler.attribute_name(step.children[0]) for step in steps]
    words = [name for name in names if isinstance(name, str) and "." not in name]
    return ".".join(words) if len(words) == len(names) else ""


def _is_free(node: Node, variable: str, compiler: Expressions) -> bool:
    """Whether an expression is cheap to ask for twice and does not speak of the variable."""
    names = {part.children[0] for part in node.find_data("reference")}
    calls = {part.children[0].upper() for part in node.find_data("call")}
    is_known = names <= compiler.variables.keys() - {variable}
    is_cheap = {part.data for part in node.iter_subtrees()} <= {
        *_CHEAP.split()
    } and calls <= _CHEAP_CALLS
    return is_known and is_cheap
