"""The index rule: equality and IN conditions right after FOR, answered by an index.

Only which documents are looked at changes; the FILTERs stay and decide.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from arangolab.sandbox.aql import nodes as n
from arangolab.sandbox.aql.context import Evaluate, Frame
from arangolab.sandbox.indexes import Document, PersistentIndex
from arangolab.sandbox.store import Collection
from arangolab.sandbox.values import freeze
from arangolab.sandbox.view import View

if TYPE_CHECKING:
    from arangolab.sandbox.aql.plan import Compiler

Access = Callable[[View, Frame], list[Document] | None]
"""Documents found; None if the index cannot answer for these values."""
Wanted = Callable[[Frame], list[Any]]
"""The values that an attribute may have."""

_MAX_PRODUCTS = 1000


class LookUp:
    """The conditions of one FOR that an index might answer."""

    def __init__(self, compiler: Compiler, variable: str, filters: list[n.Expression]) -> None:
        self.disabled = False
        self.wanted: dict[str, Wanted] = {}
        """Attribute path, dotted, to the values it may have."""
        for condition in filters:
            for term in _conjuncts(condition):
                self._take(compiler, variable, term)

    def _take(self, compiler: Compiler, variable: str, term: n.Expression) -> None:
        if type(term) is not n.Binary or term.quantifier or term.operator not in ("==", "IN"):
            return
        sides = [(term.left, term.right)]
        if term.operator == "==":
            sides.append((term.right, term.left))
        for side, other in sides:
            path = _path(side, variable)
            if path and path not in self.wanted and _is_free(other, variable, compiler):
                self.wanted[path] = _values(compiler.expression(other), term.operator == "IN")
                return

    def describe(self, collection: Collection) -> dict[str, Any] | None:
        """The index that will be used, as explain shows it; None for a full scan."""
        picked = self._pick(collection)
        if picked is None:
            return None
        if isinstance(picked, PersistentIndex):
            return picked.describe(collection.name)
        shown = collection.describe_indexes()
        return shown[0] if picked in ("_key", "_id") else {**shown[1], "fields": [picked]}

    def choose(self, collection: Collection) -> Access | None:
        """How to find the documents; None for a full scan."""
        if not self.wanted:
            return None
        picked = self._pick(collection)
        if picked is None:
            return None
        if isinstance(picked, PersistentIndex):
            return _by_index(picked, [self.wanted[field] for field in picked.fields])
        if picked in ("_key", "_id"):
            return _by_key(self.wanted[picked], collection.name if picked == "_id" else "")
        return _by_side(picked, self.wanted[picked])

    def _pick(self, collection: Collection) -> PersistentIndex | str | None:
        wanted = self.wanted
        if self.disabled or not wanted:
            return None
        for name in ("_key", "_id"):
            if name in wanted:
                return name
        fitting = [i for i in collection.indexes if i.looks_up and wanted.keys() >= set(i.fields)]
        best = max(fitting, key=lambda i: (i.unique, len(i.fields)), default=None)
        if collection.edge_index is not None and not (best and best.unique):
            for side in ("_from", "_to"):
                if side in wanted:
                    return side
        return best


def _by_key(wanted: Wanted, collection: str) -> Access:
    prefix = f"{collection}/" if collection else ""

    def access(view: View, frame: Frame) -> list[Document]:
        found = []
        for value in wanted(frame):
            if type(value) is str and value.startswith(prefix):
                document = view.get(value[len(prefix) :])
                if document is not None:
                    found.append(document)
        return found

    return access


def _by_side(side: str, wanted: Wanted) -> Access:
    def access(view: View, frame: Frame) -> list[Document]:
        values = wanted(frame)
        return [e for value in values if type(value) is str for e in view.by_side(side, value)]

    return access


def _by_index(index: PersistentIndex, wanted: list[Wanted]) -> Access:
    def access(view: View, frame: Frame) -> list[Document] | None:
        lists = [values(frame) for values in wanted]
        if len(lists) == 1 and len(lists[0]) == 1:
            return view.by_index(index, lists[0]) if index.covers(lists[0]) else None
        rows = list(itertools.islice(itertools.product(*lists), _MAX_PRODUCTS + 1))
        if len(rows) > _MAX_PRODUCTS or not all(index.covers(row) for row in rows):
            return None
        found = {d["_key"]: d for row in rows for d in view.by_index(index, row)}
        return list(found.values())

    return access


def _values(expression: Evaluate, is_list: bool) -> Wanted:
    if not is_list:
        return lambda f: [expression(f)]

    def distinct(f: Frame) -> list[Any]:
        values = expression(f)
        if type(values) is not list:
            return []
        return list({freeze(value): value for value in values}.values())

    return distinct


def _conjuncts(condition: n.Expression) -> Iterator[n.Expression]:
    if type(condition) is n.Binary and condition.operator == "AND":
        yield from _conjuncts(condition.left)
        yield from _conjuncts(condition.right)
    else:
        yield condition


def _path(node: n.Expression, variable: str) -> str:
    names: list[str] = []
    while type(node) is n.Attribute:
        if type(node.name) is not n.Const or type(node.name.value) is not str:
            return ""
        names.append(node.name.value)
        node = node.of
    if type(node) is n.Ref and node.name == variable and names:
        return ".".join(reversed(names))
    return ""


def _is_free(node: n.Expression, variable: str, compiler: Compiler) -> bool:
    """Whether an expression is cheap to ask for twice and does not speak of the variable."""
    if type(node) is n.Ref:
        return node.name != variable and compiler.slot(node.name) is not None
    if type(node) in (n.Const, n.Bind):
        return True
    if type(node) is n.Attribute:
        return _is_free(node.of, variable, compiler) and _is_free(node.name, variable, compiler)
    if type(node) is n.Array:
        return all(_is_free(item, variable, compiler) for item in node.items)
    if type(node) is n.Binary:
        sides = (node.left, node.right)
        return node.operator in "+-*/" and all(_is_free(s, variable, compiler) for s in sides)
    if type(node) is n.Call and node.name in ("CONCAT", "TO_STRING", "TO_NUMBER"):
        return all(_is_free(item, variable, compiler) for item in node.arguments)
    return False
