"""The index rule: equality, IN and range conditions right after FOR, answered by an index.

Only which documents are looked at changes; the FILTERs stay and decide.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable
from typing import Any

from lark import Tree

from arangolab.sandbox.aql.context import Evaluate, Frame
from arangolab.sandbox.aql.expressions import Expressions, as_list
from arangolab.sandbox.aql.grammar import Node
from arangolab.sandbox.indexes import Document, PersistentIndex, built_in
from arangolab.sandbox.store import Collection
from arangolab.sandbox.values import sort_key
from arangolab.sandbox.view import View

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
        self._compiler, self._variable = compiler, variable
        self._wanted: dict[str, Evaluate] = {}
        """By attribute path: a list of the values it may have."""
        self._ends: dict[tuple[str, str], Evaluate] = {}
        """By attribute path and > or <: an end of its range, which may be in it or not."""
        for operation in itertools.takewhile(lambda node: node.data == "filter", following):
            for term in _conjuncts(operation.children[0]):
                left, sign, right = term.children
                self._take(left, sign.upper(), right)
                self._take(right, _TURNED.get(sign, ""), left)

    def _take(self, side: Node, way: str, other: Node) -> None:
        path = self._path(side)
        if not path or (way not in _TURNED and way != "IN") or not self._is_free(other):
            return
        if way in ("==", "IN"):
            values = other if way == "IN" else Tree("array", [other])
            self._wanted.setdefault(path, self._compiler.compile(values))
        else:
            self._ends.setdefault((path, way[0]), self._compiler.compile(other))

    def _path(self, node: Node) -> str:
        """The attribute names after the variable, with dots between; none if it is no such path."""
        of, *steps = node.children if node.data == "path" else [node]
        if of.data != "reference" or of.children[0] != self._variable:
            return ""
        plain = [step.children[0] for step in steps if step.data != "expansion"]
        names: list[Any] = [self._compiler.attribute_name(name) for name in plain]
        are_words = all(type(name) is str and "." not in name for name in names)
        return ".".join(names) if are_words and len(names) == len(steps) else ""

    def _is_free(self, node: Node) -> bool:
        """Whether an expression is cheap to ask for twice and does not speak of the variable."""
        kinds = {part.data for part in node.iter_subtrees()}
        names = {part.children[0] for part in node.find_data("reference")}
        calls = {part.children[0].upper() for part in node.find_data("call")}
        is_known = names <= self._compiler.variables.keys() - {self._variable}
        return is_known and kinds <= set(_CHEAP.split()) and calls <= _CHEAP_CALLS

    def choose(self, collection: Collection) -> tuple[PersistentIndex | None, Find | None]:
        """The index to use, if any, and how; None to look at all documents."""
        for name, prefix in (("_key", ""), ("_id", f"{collection.name}/")):
            if name in self._wanted:
                return _PRIMARY, functools.partial(_by_key, self._wanted[name], prefix)
        fits = [(index, *self._fit(index)) for index in collection.all_indexes if index.looks_up]
        best = max(fits, key=lambda fit: fit[1:], default=None)
        return (best[0], self._by_index(*best)) if best and any(best[1:]) else (None, None)

    def _fit(self, index: PersistentIndex) -> tuple[int, str]:
        """How many first fields of an index have wanted values; the next, if it has a range."""
        equal = len(list(itertools.takewhile(self._wanted.__contains__, index.fields)))
        following = "".join(index.fields[equal : equal + 1])
        if index.sparse and following:
            return 0, ""
        is_ranged = any(path == following for path, _ in self._ends) and index.kind != "edge"
        return equal, following if is_ranged else ""

    def _by_index(self, index: PersistentIndex, equal: int, ranged: str) -> Find:
        wanted = [self._wanted[field] for field in index.fields[:equal]]
        ends = [self._ends.get((ranged, way)) for way in "><"]

        def find(view: View, frame: Frame) -> list[Document] | None:
            lists = [as_list(values(frame)) for values in wanted]
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


def _by_key(wanted: Evaluate, prefix: str, view: View, frame: Frame) -> list[Document]:
    names = [v for v in as_list(wanted(frame)) if type(v) is str and v.startswith(prefix)]
    return view.seen(dict.fromkeys(name[len(prefix) :] for name in names))


def _conjuncts(condition: Node) -> list[Node]:
    if condition.data != "binary":
        return []
    left, sign, right = condition.children
    return [*_conjuncts(left), *_conjuncts(right)] if sign.type == "AND" else [condition]
