"""The index rule: equality, IN and range conditions right after FOR, answered by an index.

Only which documents are looked at changes; the FILTERs stay and decide.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from lark import Tree

from arangolab.sandbox.aql.context import Evaluate, Frame
from arangolab.sandbox.aql.expressions import Expressions
from arangolab.sandbox.aql.grammar import Node
from arangolab.sandbox.indexes import Document, PersistentIndex, built_in
from arangolab.sandbox.store import Collection
from arangolab.sandbox.values import freeze, sort_key
from arangolab.sandbox.view import View

Find = Callable[[View, Frame], list[Document] | None]
"""Documents found; None if the index cannot answer for these values."""
Wanted = Callable[[Frame], list[Any]]
"""The values that an attribute may have."""

_PRIMARY = built_in("primary", "_key")
_MAX_PRODUCTS = 1000
_TURNED = {"==": "==", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_MEMBERS = {"attribute", "element"}
_CHEAP_CALLS = {"CONCAT", "TO_STRING", "TO_NUMBER"}
_CHEAP = {"constant", "bind", "array", "unary", *_MEMBERS}


class Choice(NamedTuple):
    """An index that answers a FOR."""

    using: PersistentIndex
    find: Find | None
    """None: all documents are looked at, but the index holds all that is asked of them."""


class LookUp:
    """The conditions of one FOR that an index might answer."""

    def __init__(
        self, compiler: Expressions, variable: str, following: list[Node], *, disabled: bool
    ) -> None:
        self._disabled = disabled
        self._known: tuple[Any, Any, Choice | None] = (None, None, None)
        """What was chosen last, for which collection and indexes."""
        self._used = {name for node in following for name in _used(node, variable)}
        """Attributes that the query asks of the document; None for the whole of it."""
        self._wanted: dict[str, Wanted] = {}
        self._ends: dict[tuple[str, str], tuple[Evaluate, str]] = {}
        """By attribute path and > or <: an end of its range, and the operator."""
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

    def choose(self, collection: Collection) -> Choice | None:
        """The index to use; None for a full scan.  What was chosen last is kept."""
        known = self._known
        if known[0] is not collection or known[1] is not collection.indexes:
            choice = None if self._disabled else self._chosen(collection)
            self._known = known = (collection, collection.indexes, choice)
        return known[2]

    def _chosen(self, collection: Collection) -> Choice | None:
        for name, prefix in (("_key", ""), ("_id", f"{collection.name}/")):
            if name in self._wanted:
                return Choice(_PRIMARY, _by_key(self._wanted[name], prefix))
        fits = [self._fit(index) for index in collection.all_indexes if index.looks_up]
        best = max((fit for fit in fits if any(fit[1:])), key=_merit, default=None)
        if best is not None:
            return Choice(best[0], self._by_index(*best))
        if not self._used or None in self._used:
            return None
        if self._used <= {"_key", "_id"}:
            return Choice(_PRIMARY, None)
        plain = (index for index in collection.indexes if index.looks_up and not index.sparse)
        return next((Choice(i, None) for i in plain if self._used <= {*i.fields}), None)

    def _fit(self, index: PersistentIndex) -> tuple[PersistentIndex, int, str]:
        """How many first fields of an index have wanted values; the next, if it has a range."""
        equal = len(list(itertools.takewhile(self._wanted.__contains__, index.fields)))
        following = (*index.fields[equal : equal + 1], "")[0]
        ranged = following if {(following, ">"), (following, "<")} & self._ends.keys() else ""
        if index.kind == "edge":
            ranged = ""
        has_nulls = ranged and (ranged, ">") not in self._ends
        if index.sparse and (equal + bool(ranged) < len(index.fields) or has_nulls):
            return index, 0, ""
        return index, equal, ranged

    def _by_index(self, index: PersistentIndex, equal: int, ranged: str) -> Find:
        """Documents by the first fields of an index, and a range of the next."""
        wanted = [self._wanted[field] for field in index.fields[:equal]]
        least, greatest = (self._ends.get((ranged, way)) for way in "><")

        def find(view: View, frame: Frame) -> list[Document] | None:
            lists = [values(frame) for values in wanted]
            most = _MAX_PRODUCTS + 1 if equal > 1 else None
            rows = list(itertools.islice(itertools.product(*lists), most))
            if len(rows) == most or not all(map(index.covers, rows)):
                return None
            if equal == len(index.fields):
                found = [document for row in rows for document in view.by_index(index, row)]
            else:
                low = [least[0](frame)] if least else []
                high = [greatest[0](frame)] if greatest else []
                if index.sparse and low == [None] and least and least[1] == ">=":
                    return None
                found = []
                for row in rows:
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


def _is_variable(node: Node, variable: str) -> bool:
    return node.data == "reference" and str(node.children[0]) == variable


def _used(node: Node, variable: str) -> Iterator[str | None]:
    """Top-level attributes of a variable that a part of a query speaks of; None for all."""
    if not isinstance(node, Tree):
        return
    if _is_variable(node, variable):
        yield None
    elif node.data in _MEMBERS and _is_variable(node.children[0], variable):
        yield (*_path(node, variable), None)[0]
    elif node.data == "remove" and _is_variable(node.children[0], variable):
        yield "_key"
    else:
        for part in node.children:
            yield from _used(part, variable)


def _path(node: Node, variable: str) -> list[str]:
    """The attribute names after a variable; none if this is no such path."""
    names: list[str] = []
    while node.data in _MEMBERS:
        name = node.children[1]
        if isinstance(name, Tree):
            if name.data != "constant" or type(name.children[0]) is not str:
                return []
            name = name.children[0]
        elif name.type == "BIND":
            return []
        if "." in name:
            return []
        names.insert(0, str(name))
        node = node.children[0]
    return names if _is_variable(node, variable) else []


def _is_free(node: Any, variable: str, compiler: Expressions) -> bool:
    """Whether an expression is cheap to ask for twice and does not speak of the variable."""
    if not isinstance(node, Tree):
        return True
    if node.data == "reference":
        return not _is_variable(node, variable) and node.children[0] in compiler.variables
    name = str(node.children[0]).upper() if node.data == "call" else ""
    sign = node.children[1] if node.data in ("chain", "binary") else ""
    is_cheap = node.data in _CHEAP or name in _CHEAP_CALLS or sign in ("+", "-", "*", "/")
    return is_cheap and all(_is_free(part, variable, compiler) for part in node.children)
