"""The index rule: equality, IN and range conditions right after FOR, answered by an index.

Only which documents are looked at changes; the FILTERs stay and decide.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from arangolab.sandbox.aql import nodes as n
from arangolab.sandbox.aql.context import Evaluate, Frame
from arangolab.sandbox.indexes import Document, PersistentIndex
from arangolab.sandbox.store import Collection
from arangolab.sandbox.values import freeze, sort_key
from arangolab.sandbox.view import View

if TYPE_CHECKING:
    from arangolab.sandbox.aql.plan import Compiler

Access = Callable[[View, Frame], list[Document] | None]
"""Documents found; None if the index cannot answer for these values."""
Wanted = Callable[[Frame], list[Any]]
"""The values that an attribute may have."""

_MAX_PRODUCTS = 1000
_TURNED = {"==": "==", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


class Bound(NamedTuple):
    """One end of a range."""

    value: Evaluate
    operator: str


class Fit(NamedTuple):
    """How much of an index the conditions use."""

    of: PersistentIndex
    equal: int
    """How many of its first fields have wanted values."""
    ranged: str
    """The field after them, if it has a range."""

    @property
    def whole(self) -> bool:
        """Whether all fields have wanted values."""
        return self.equal == len(self.of.fields)


class LookUp:
    """The conditions of one FOR that an index might answer."""

    def __init__(self, compiler: Compiler, variable: str, following: list[n.Operation]) -> None:
        self.disabled = False
        self._chosen: tuple[Collection, tuple[Any, ...], Access | None, bool] | None = None
        """What was chosen last, for which indexes of which collection."""
        self.used = set(_used(following, variable))
        """Attributes that the query asks of the document; None for the whole of it."""
        self.wanted: dict[str, Wanted] = {}
        """Attribute path, dotted, to the values it may have."""
        self.lower: dict[str, Bound] = {}
        """Attribute path to the least value it may have."""
        self.upper: dict[str, Bound] = {}
        """Attribute path to the greatest value it may have."""
        for operation in itertools.takewhile(lambda op: type(op) is n.Filter, following):
            for term in _conjuncts(operation.condition):  # type: ignore[attr-defined]
                self._take(compiler, variable, term)

    def _take(self, compiler: Compiler, variable: str, term: n.Expression) -> None:
        if type(term) is not n.Binary or term.quantifier:
            return
        operator = term.operator
        sides = [(term.left, term.right, operator)] if operator in (*_TURNED, "IN") else []
        if operator in _TURNED:
            sides.append((term.right, term.left, _TURNED[operator]))
        for side, other, way in sides:
            path = _path(side, variable)
            if path and _is_free(other, variable, compiler):
                if way in ("==", "IN"):
                    values = _values(compiler.expression(other), way == "IN")
                    self.wanted.setdefault(path, values)
                else:
                    ends = self.lower if way[0] == ">" else self.upper
                    ends.setdefault(path, Bound(compiler.expression(other), way))
                return

    def describe(self, collection: Collection) -> dict[str, Any] | None:
        """The index that will be used, as explain shows it; None for a full scan."""
        picked: Fit | PersistentIndex | str | None = self._pick(collection)
        picked = picked or self.covering(collection)
        if picked is None:
            return None
        if isinstance(picked, Fit | PersistentIndex):
            index = picked.of if isinstance(picked, Fit) else picked
            return index.describe(collection.name)
        shown = collection.describe_indexes()
        return shown[0] if picked in ("_key", "_id") else {**shown[1], "fields": [picked]}

    def covering(self, collection: Collection) -> PersistentIndex | str | None:
        """An index (or "_key") that holds all that a full scan asks for."""
        if self.disabled or not self.used or None in self.used:
            return None
        if self.used <= {"_key", "_id"}:
            return "_key"
        fitting = (i for i in collection.indexes if i.looks_up and not i.sparse)
        return next((i for i in fitting if self.used <= set(i.fields)), None)

    def choose(self, collection: Collection) -> tuple[Access | None, bool]:
        """How to find the documents, None for a full scan; whether an index covers that."""
        known = self._chosen
        if known is None or known[0] is not collection or known[1] is not collection.indexes:
            access = self._access(collection)
            covered = access is None and self.covering(collection) is not None
            self._chosen = known = (collection, collection.indexes, access, covered)
        return known[2], known[3]

    def _access(self, collection: Collection) -> Access | None:
        picked = self._pick(collection)
        if picked is None:
            return None
        if isinstance(picked, Fit):
            wanted = [self.wanted[field] for field in picked.of.fields[: picked.equal]]
            if picked.whole:
                return _by_index(picked.of, wanted)
            return _by_range(picked, wanted, self.lower, self.upper)
        if picked in ("_key", "_id"):
            return _by_key(self.wanted[picked], collection.name if picked == "_id" else "")
        return _by_side(picked, self.wanted[picked])

    def _pick(self, collection: Collection) -> Fit | str | None:
        wanted = self.wanted
        if self.disabled or not (wanted or self.lower or self.upper):
            return None
        for name in ("_key", "_id"):
            if name in wanted:
                return name
        fits = [self._fit(index) for index in collection.indexes if index.looks_up]
        useful = [fit for fit in fits if fit.equal or fit.ranged]
        best = max(useful, key=_merit, default=None)
        if collection.edge_index is not None and not (best and best.whole and best.of.unique):
            for side in ("_from", "_to"):
                if side in wanted:
                    return side
        return best

    def _fit(self, index: PersistentIndex) -> Fit:
        equal = len(list(itertools.takewhile(self.wanted.__contains__, index.fields)))
        following = index.fields[equal : equal + 1]
        ranged = following[0] if following and following[0] in {*self.lower, *self.upper} else ""
        if index.sparse and (
            equal + bool(ranged) < len(index.fields) or (ranged and ranged not in self.lower)
        ):
            return Fit(index, 0, "")
        return Fit(index, equal, ranged)


def _merit(fit: Fit) -> tuple[bool, int, bool]:
    return fit.whole and fit.of.unique, fit.equal, bool(fit.ranged)


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
        rows = _rows(wanted, frame)
        if rows is None or not all(index.covers(row) for row in rows):
            return None
        if len(rows) == 1:
            return view.by_index(index, rows[0])
        found = {d["_key"]: d for row in rows for d in view.by_index(index, row)}
        return list(found.values())

    return access


def _by_range(
    fit: Fit, wanted: list[Wanted], lower: dict[str, Bound], upper: dict[str, Bound]
) -> Access:
    """Documents by the first fields of an index, and a range of the next."""
    index, least, greatest = fit.of, lower.get(fit.ranged), upper.get(fit.ranged)

    def access(view: View, frame: Frame) -> list[Document] | None:
        rows = _rows(wanted, frame)
        if rows is None or not all(index.covers(row) for row in rows):
            return None
        low = (least.value(frame),) if least else ()
        high = (greatest.value(frame),) if greatest else ()
        if index.sparse and low == (None,) and least and least.operator == ">=":
            return None
        ends = [tuple(map(sort_key, end)) for end in (low, high)]
        found = {}
        for row in rows:
            first = tuple(map(sort_key, row))
            for document in view.by_range(index, first + ends[0], first + ends[1]):
                found[document["_key"]] = document
        return list(found.values())

    return access


def _rows(wanted: list[Wanted], frame: Frame) -> list[tuple[Any, ...]] | None:
    """All combinations of wanted values; None if they are too many to look up."""
    if len(wanted) == 1:
        return [(value,) for value in wanted[0](frame)]
    lists = [values(frame) for values in wanted]
    rows = list(itertools.islice(itertools.product(*lists), _MAX_PRODUCTS + 1))
    return rows if len(rows) <= _MAX_PRODUCTS else None


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


def _used(node: Any, variable: str) -> Iterator[str | None]:
    """Top-level attributes of a variable that a part of a query speaks of; None for all."""
    if type(node) is n.Ref:
        if node.name == variable:
            yield None
    elif type(node) is n.Attribute and type(node.of) is n.Ref and node.of.name == variable:
        yield node.name.value if type(node.name) is n.Const else None
    elif type(node) is n.Modify and node.kind == "REMOVE" and node.key == n.Ref(variable):
        yield "_key"
    elif isinstance(node, list | tuple):
        for part in node:
            yield from _used(part, variable)
    elif dataclasses.is_dataclass(node):
        for field in dataclasses.fields(node):
            yield from _used(getattr(node, field.name), variable)


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
