"""The index rule: equality, IN and range conditions right after FOR, answered by an index.

Only which documents are looked at changes; the FILTERs stay and decide.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

from lark import Tree

from arangolab.sandbox.aql.context import Evaluate, Frame
from arangolab.sandbox.aql.expressions import Expressions
from arangolab.sandbox.aql.grammar import Node
from arangolab.sandbox.indexes import Document, PersistentIndex, built_in
from arangolab.sandbox.store import Collection
from arangolab.sandbox.values import freeze, sort_key
from arangolab.sandbox.view import View

Wanted = Callable[[Frame], list[Any]]
"""The values that an attribute may have."""
Find = Callable[[View, Frame], list[Document] | None]
"""Documents found; None if the index cannot answer for these values."""

_PRIMARY = built_in("primary", "_key")
_MAX_PRODUCTS = 1000
_TURNED = {"==": "==", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_CHEAP = {"constant", "bind", "array", "unary", "attribute", "element"}
_CHEAP_CALLS = {"CONCAT", "TO_STRING", "TO_NUMBER"}


class LookUp:
    """The conditions of one FOR that an index might answer."""

    def __init__(self, compiler: Expressions, variable: str, following: list[Node]) -> None:
        self._wanted: dict[str, Wanted] = {}
        self._ends: dict[tuple[str, str], tuple[Evaluate, str]] = {}
        """By attribute path and > or <: an end of its range, and the operator."""
        self._keys_only = all(_asks_keys_only(node, variable) for node in following)
        for operation in itertools.takewhile(lambda node: node.data == "filter", following):
            for term in _conjuncts(operation.children[0]):
                self._take(compiler, variable, term)

    def _take(self, compiler: Expressions, variable: str, term: Node) -> None:
        if term.data not in ("chain", "binary"):
            return
        left, kind, right, _ = term.children
        sides = [(left, right, kind)] if kind in (*_TURNED, "IN") else []
        if kind in _TURNED:
            sides.append((right, left, _TURNED[kind]))
        for side, other, way in sides:
            path = ".".join(_path(side, variable))
            if path and _is_free(other, variable, compiler):
                value = compiler.compile(other)
                if way in ("==", "IN"):
                    self._wanted.setdefault(path, _values(value, is_list=way == "IN"))
                else:
                    self._ends.setdefault((path, way[0]), (value, way))
                return

    def choose(self, collection: Collection) -> tuple[PersistentIndex | None, Find | None]:
        """The index to use, if any, and how; None to look at all documents."""
        for name, prefix in (("_key", ""), ("_id", f"{collection.name}/")):
            if name in self._wanted:
                return _PRIMARY, _by_key(self._wanted[name], prefix)
        if self._keys_only:
            return _PRIMARY, None
        fits = [self._fit(index) for index in collection.all_indexes if index.looks_up]
        best = max((fit for fit in fits if any(fit[1:])), key=_merit, default=None)
        return (best[0], self._by_index(*best)) if best else (None, None)

    def _fit(self, index: PersistentIndex) -> tuple[PersistentIndex, int, str]:
        """How many first fields of an index have wanted values; the next, if it has a range."""
        equal = len(list(itertools.takewhile(self._wanted.__contains__, index.fields)))
        ranged = (*index.fields[equal : equal + 1], "")[0]
        ends = {(ranged, ">"), (ranged, "<")} & self._ends.keys()
        if not ends or index.kind == "edge":
            ranged = ""
        has_nulls = ranged and (ranged, ">") not in ends
        if index.sparse and (equal + bool(ranged) < len(index.fields) or has_nulls):
            return index, 0, ""
        return index, equal, ranged

    def _by_index(self, index: PersistentIndex, equal: int, ranged: str) -> Find:
        wanted = [self._wanted[field] for field in index.fields[:equal]]
        least, greatest = (self._ends.get((ranged, way)) for way in "><")
        most = _MAX_PRODUCTS + 1 if equal > 1 else None

        def find(view: View, frame: Frame) -> list[Document] | None:
            lists = [values(frame) for values in wanted]
            rows = list(itertools.islice(itertools.product(*lists), most))
            low, high = ([end[0](frame)] if end else [] for end in (least, greatest))
            has_nulls = index.sparse and low == [None] and least is not None and least[1] == ">="
            if len(rows) == most or has_nulls or not all(map(index.covers, rows)):
                return None
            found: list[Document] = []
            for row in rows:
                if equal == len(index.fields):
                    found += view.by_index(index, row)
                else:
                    ends = (tuple(map(sort_key, (*row, *end))) for end in (low, high))
                    found += view.by_range(index, *ends)
            if len(rows) == 1:
                return found
            return list({document["_key"]: document for document in found}.values())

        return find


def _merit(fit: tuple[PersistentIndex, int, str]) -> tuple[bool, bool, int, bool]:
    index, equal, ranged = fit
    return index.unique and equal == len(index.fields), index.kind == "edge", equal, bool(ranged)


def _by_key(wanted: Wanted, prefix: str) -> Find:
    def find(view: View, frame: Frame) -> list[Document]:
        found = []
        for value in wanted(frame):
            if type(value) is str and value.startswith(prefix):
                document = view.get(value[len(prefix) :])
                if document is not None:
                    found.append(document)
        return found

    return find


def _values(value: Evaluate, *, is_list: bool) -> Wanted:
    if not is_list:
        return lambda f: [value(f)]

    def distinct(f: Frame) -> list[Any]:
        values = value(f)
        return list({freeze(v): v for v in values}.values()) if type(values) is list else []

    return distinct


def _conjuncts(condition: Node) -> Iterator[Node]:
    if condition.data in ("chain", "binary") and condition.children[1] == "AND":
        yield from _conjuncts(condition.children[0])
        yield from _conjuncts(condition.children[2])
    else:
        yield condition


def _path(node: Node, variable: str) -> list[str]:
    """The attribute names after a variable; none if this is no such path."""
    names: list[str] = []
    while node.data in ("attribute", "element"):
        node, name = node.children
        if isinstance(name, Tree):
            name = name.children[0] if name.data == "constant" else None
        if not isinstance(name, str) or "." in name or getattr(name, "type", "") == "BIND":
            return []
        names.insert(0, str(name))
    return names if node.data == "reference" and node.children[0] == variable else []


def _asks_keys_only(node: Any, variable: str) -> bool:
    """Whether a part of a query asks a document for nothing but its key, which the index holds."""
    if not isinstance(node, Tree):
        return True
    parts = node.children
    if node.data == "remove" and parts[0].data == "reference":
        parts = parts[1:]
    if _path(node, variable) in (["_key"], ["_id"]):
        return True
    is_variable = node.data == "reference" and parts[0] == variable
    return not is_variable and all(_asks_keys_only(part, variable) for part in parts)


def _is_free(node: Any, variable: str, compiler: Expressions) -> bool:
    """Whether an expression is cheap to ask for twice and does not speak of the variable."""
    if not isinstance(node, Tree):
        return True
    first = node.children[0] if node.children else ""
    if node.data == "reference":
        return first != variable and first in compiler.variables
    name = str(first).upper() if node.data == "call" else ""
    sign = node.children[1] if node.data in ("chain", "binary") else ""
    is_cheap = node.data in _CHEAP or name in _CHEAP_CALLS or sign in ("+", "-", "*", "/")
    return is_cheap and all(_is_free(part, variable, compiler) for part in node.children)
