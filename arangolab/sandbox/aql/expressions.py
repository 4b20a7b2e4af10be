"""Expressions to closures: frame -> value; and what the compilation of a query keeps."""

from __future__ import annotations

import contextlib
import itertools
import sys
from collections import ChainMap
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from lark import Token, Tree

from arangolab.sandbox.aql.context import BadArgument, Evaluate, Frame
from arangolab.sandbox.aql.functions.registry import Function, applied, checked
from arangolab.sandbox.aql.grammar import Node
from arangolab.sandbox.aql.operators import UNARY, binary
from arangolab.sandbox.faults import ArangoError, fault
from arangolab.sandbox.values import to_number, to_string, truthy

_OPTIONS = {
    *("algorithm", "bfs", "defaultWeight", "disableIndex", "edgeCollections", "exclusive"),
    *("forceIndexHint", "ignoreErrors", "ignoreRevs", "indexHint", "keepNull", "lookahead"),
    *("maxProjections", "mergeObjects", "method", "order", "overwrite", "overwriteMode"),
    *("parallelism", "readOwnWrites", "refillIndexCaches", "uniqueEdges", "uniqueVertices"),
    *("useCache", "versionAttribute", "vertexCollections", "waitForSync", "weightAttribute"),
}
_LITERAL = {"constant", "array", "object", "pair", "unary", "bind"}


class Access(NamedTuple):
    """That a query touches a collection."""

    name: str
    """The collection's name, or the bind parameter (with @) that holds it."""
    mode: str
    """"read", "write" or "exclusive"."""

    def resolve(self, binds: dict[str, Any]) -> str:
        """The collection's name."""
        return binds[self.name] if self.name.startswith("@") else self.name


class PlanNode(NamedTuple):
    """One node of the plan that ``explain`` shows; ids are its places, from 1."""

    type: str
    collection: Access | None = None
    look_up: Any = None
    """For a FOR over a collection: its ``access.LookUp``."""
    edges: Iterable[Access] = ()


def constant(value: Any) -> Evaluate:
    """A closure that always gives ``value``."""
    return lambda _f: value


class Expressions:
    """Compiles by calling for each tree the method that has its name, with its children."""

    def __init__(self) -> None:
        self.width = 1
        """Slots of a frame."""
        self.variables: ChainMap[str, int] = ChainMap()
        """Slots of the variables in scope."""
        self.binds: dict[str, None] = {}
        self.accesses: list[Access] = []
        self.nodes = [PlanNode("SingletonNode")]
        self.unknown_options: set[str] = set()

    def compile(self, tree: Node) -> Any:
        """A closure (``Evaluate``) for an expression, a ``Stage`` for an operation."""
        return getattr(self, f"_{tree.data}")(*tree.children)

    def compiled(self, trees: Iterable[Node]) -> list[Evaluate]:
        """Closures for those of the trees that are not left out."""
        return [self.compile(tree) for tree in trees if tree is not None]

    def define(self, *names: str) -> int:
        """Slots for new variables, the first one's place; ArangoError 1511 if one is known."""
        first = self.width
        for name in names:
            if name in self.variables and name not in ("CURRENT", "OLD", "NEW"):
                raise fault(1511, name)
            self.variables[str(name)] = self.width
            self.width += 1
        return first

    @contextlib.contextmanager
    def nested(self) -> Iterator[None]:
        """Compile in a scope of its own."""
        self.variables = self.variables.new_child()
        yield
        self.variables = self.variables.parents

    def is_collection(self, tree: Node) -> bool:
        """Whether an expression is a collection."""
        return tree.data == "reference" and tree.children[0] not in self.variables

    def collection(self, name: Token, mode: str = "read") -> Access:
        """Note that a collection is touched."""
        if name.startswith("@"):
            self.binds[str(name)] = None
        self.accesses.append(Access(str(name), mode))
        return self.accesses[-1]

    def add_node(self, *node: Any) -> str:
        """Note a ``PlanNode``; what an error at this place says of it."""
        self.nodes.append(PlanNode(*node))
        return f"[node #{len(self.nodes)}: {node[0]}]"

    def options(self, tree: Node) -> dict[str, Evaluate]:
        """OPTIONS by name; a warning about each that is not known; ArangoError 1575."""
        given = tree.children[0] if tree is not None else Tree("object", [])
        if given.data != "object" or not {part.data for part in given.iter_subtrees()} <= _LITERAL:
            raise fault(1575)
        found = {str(pair.children[0]): self.compile(pair.children[-1]) for pair in given.children}
        self.unknown_options |= found.keys() - _OPTIONS
        return found

    def bounds(self, first: Node, second: Node) -> Callable[[Frame], tuple[int, int]]:
        """A closure for where LIMIT begins and ends."""
        skip = self.compile(first) if second else constant(0)
        count = self.compile(second or first)

        def evaluate(f: Frame) -> tuple[int, int]:
            start = _whole(skip(f), 0)
            return start, min(start + _whole(count(f), sys.maxsize), sys.maxsize)

        return evaluate

    # ---- values

    def _constant(self, value: Any) -> Evaluate:
        return constant(value)

    def _bind(self, token: Token) -> Evaluate:
        name = str(token)
        self.binds[name] = None
        return lambda f: f[0].binds[name]

    def _reference(self, name: Token) -> Evaluate:
        slot = self.variables.get(name)
        if slot is not None:
            return lambda f: f[slot]
        access = self.collection(name)

        def documents(f: Frame) -> Any:
            found = f[0].trx.view(access.resolve(f[0].binds)).scan()
            f[0].stats["scannedFull"] += len(found)
            return found

        return documents

    def _array(self, *items: Node) -> Evaluate:
        values = self.compiled(items)
        return lambda f: [value(f) for value in values]

    def _object(self, *pairs: Node) -> Evaluate:
        made = [self.compile(pair) for pair in pairs if pair is not None]
        if all(type(name) is str for name, _ in made):
            return lambda f: {name: value(f) for name, value in made}
        named = [(constant(n) if type(n) is str else n, value) for n, value in made]
        return lambda f: {to_string(name(f)): value(f) for name, value in named}

    def _pair(self, name: Node, value: Node = None) -> tuple[str | Evaluate, Evaluate]:
        return self._name(name), self._reference(name) if value is None else self.compile(value)

    def _name(self, name: Node) -> str | Evaluate:
        """Of an attribute: a word, a bind parameter, or an expression in brackets."""
        if isinstance(name, Token):
            return self._bind(name) if name.type == "BIND" else str(name)
        value = name.children[0] if name.data == "constant" else None
        return value if isinstance(value, str) else self.compile(name)

    def _subquery(self, query: Node) -> Evaluate:
        self.add_node("SubqueryStartNode")
        with self.nested():
            rows = self.compile(query)
        self.add_node("SubqueryEndNode")
        return rows  # type: ignore[no-any-return]

    # ---- operators

    def _unary(self, sign: Token, of: Node) -> Evaluate:
        operate, value = UNARY[sign.upper()], self.compile(of)
        return lambda f: operate(value(f))

    def _binary(self, left: Node, sign: Token, right: Node) -> Evaluate:
        a, b = self.compile(left), self.compile(right)
        if sign.type == "AND":
            return lambda f: b(f) if truthy(value := a(f)) else value
        if sign.type == "OR":
            return lambda f: value if truthy(value := a(f)) else b(f)
        operate = binary(sign)

        def evaluate(f: Frame) -> Any:
            try:
                return operate(a(f), b(f))
            except BadArgument as bad:
                return f[0].warn(bad.error_num, fault(bad.error_num).message)

        return evaluate

    def _ternary(self, test: Node, then: Node, other: Node) -> Evaluate:
        if then is None:
            return self._binary(test, Token("OR", "||"), other)
        a, b, c = self.compiled((test, then, other))
        return lambda f: b(f) if truthy(a(f)) else c(f)

    # ---- paths: .name [expression] [* …]

    def _path(self, of: Node, *steps: Node) -> Evaluate:
        return self._followed(self.compile(of), steps)

    def _followed(self, of: Evaluate, steps: tuple[Node, ...]) -> Evaluate:
        """What comes after [*] belongs to each element, but [**] sees the whole before it."""
        whole = [i for i, step in enumerate(steps) if _depth(step)]
        if whole and whole[-1]:
            of, steps = self._followed(of, steps[: whole[-1]]), steps[whole[-1] :]
        for i, step in enumerate(steps):
            if step.data == "expansion":
                return self._expanded(of, step, steps[i + 1 :])
            of = _member(of, self._name(step.children[0]))
        return of

    def _expanded(self, of: Evaluate, step: Node, rest: tuple[Node, ...]) -> Evaluate:
        _, condition, limits, result = step.children
        depth = _depth(step)
        with self.nested():
            slot = self.define("CURRENT")
            test = self.compile(condition.children[0]) if condition else constant(True)
            bounds = self.bounds(*limits.children) if limits else constant((0, None))
            shown = self.compile(result) if result else lambda f: f[slot]
            shown = self._followed(shown, rest)

        def evaluate(f: Frame) -> Any:
            found = (shown(f) for f[slot] in _flat(of(f), depth) if truthy(test(f)))
            return list(itertools.islice(found, *bounds(f)))

        return evaluate

    # ---- functions

    def _call(self, token: Token, *given: Node) -> Evaluate:
        name, trees = token.upper(), [tree for tree in given if tree is not None]
        function = checked(name, len(trees))
        if name in ("LENGTH", "COUNT") and self.is_collection(trees[0]):
            access = self.collection(trees[0].children[0])
            return lambda f: f[0].trx.view(access.resolve(f[0].binds)).count()
        return applied(function, [self._argument(function, tree) for tree in trees])

    def _argument(self, function: Function, tree: Node) -> Evaluate:
        if function.collections and self.is_collection(tree):
            access = self.collection(tree.children[0])
            return lambda f: access.resolve(f[0].binds)
        return self.compile(tree)  # type: ignore[no-any-return]


def _member(of: Evaluate, name: str | Evaluate) -> Evaluate:
    if not isinstance(name, str):
        return lambda f: element(of(f), name(f))

    def evaluate(f: Frame) -> Any:
        value = of(f)
        return value.get(name) if type(value) is dict else element(value, name)

    return evaluate


def element(value: Any, index: Any) -> Any:
    """value[index], for objects and arrays; negative positions count from the end."""
    if type(value) is dict:
        return value.get(to_string(index))
    place = to_number(index)
    is_number = type(index) in (int, float) or str(place) == index
    if type(value) is not list or not is_number or not -len(value) <= place < len(value):
        return None
    return value[int(place)]


def _whole(value: Any, default: int) -> int:
    """A number of LIMIT; null is none: from the first row, without end."""
    if value is None:
        return default
    if type(value) in (int, float) and 0 <= value < 2**53 and value == int(value):
        return int(value)
    raise ArangoError(1504, "number out of range: LIMIT needs non-negative numbers")


def _depth(step: Node) -> int:
    """How many levels an expansion flattens, 0 for other steps."""
    return step.children[0].count("*") - 1 if step.data == "expansion" else 0


def fixed(options: dict[str, Evaluate], *names: str) -> dict[str, Any]:
    """Values of options that the plan depends on; ArangoError 1575 for bind parameters."""
    try:
        return {name: options[name]([]) for name in names or options if name in options}
    except IndexError:  # it asked for the context
        raise fault(1575) from None


def _flat(value: Any, depth: int) -> list[Any]:
    items = value if type(value) is list else []
    for _ in range(depth):
        items = [x for item in items for x in (item if type(item) is list else [item])]
    return items
