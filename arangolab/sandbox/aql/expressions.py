"""Expressions to closures: frame -> value; and what the compilation of a query keeps."""

from __future__ import annotations

import contextlib
import itertools
import sys
from collections import ChainMap
from collections.abc import Callable, Iterable, Iterator
from operator import itemgetter
from typing import Any

from lark import Token, Tree

from arangolab.sandbox.aql.context import Evaluate, Frame, resolved
from arangolab.sandbox.aql.functions.arrays import flatten
from arangolab.sandbox.aql.functions.registry import FUNCTIONS, Function, applied, checked
from arangolab.sandbox.aql.grammar import Node
from arangolab.sandbox.aql.operators import UNARY, binary
from arangolab.sandbox.faults import ArangoError, check
from arangolab.sandbox.values import element, tidy, to_string, truthy

_OPTIONS = (
    "algorithm bfs defaultWeight disableIndex edgeCollections exclusive forceIndexHint "
    "ignoreErrors ignoreRevs indexHint keepNull lookahead maxProjections mergeObjects method order "
    "overwrite overwriteMode parallelism readOwnWrites refillIndexCaches uniqueEdges "
    "uniqueVertices useCache versionAttribute vertexCollections waitForSync weightAttribute"
)
_LITERAL = {"constant", "array", "object", "pair", "unary", "bind"}


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
        self.accesses: list[tuple[str, str]] = []
        """Collections (a name, or a bind parameter with @), each with read, write or exclusive."""
        self.nodes: list[tuple[str, list[str], Any]] = [("SingletonNode", [], None)]
        """Of the plan: type, collections, and for a FOR over a collection its ``LookUp``."""
        self.unknown_options: set[str] = set()

    def compile(self, tree: Node) -> Any:
        """A closure (``Evaluate``) for an expression, a ``Stage`` for an operation."""
        return getattr(self, f"_{tree.data}")(*tree.children)

    def compiled(self, trees: Iterable[Node]) -> list[Any]:
        """Closures for those of the trees that are not left out."""
        return [self.compile(tree) for tree in trees if tree is not None]

    def define(self, *names: str) -> int:
        """Slots for new variables, the first one's place; ArangoError 1511 if one is known."""
        first = self.width
        for name in names:
            is_new = name not in self.variables or name in ("CURRENT", "OLD", "NEW")
            check(is_new, 1511, (name,))
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

    def collection(self, token: Token, mode: str = "read") -> str:
        """Note that a collection is touched."""
        name = str(token)
        if name.startswith("@"):
            self.binds[name] = None
        self.accesses.append((name, mode))
        return name

    def add_node(self, kind: str, collections: Iterable[str] = (), look_up: Any = None) -> str:
        """Note a node of the plan; what an error at this place says of it."""
        self.nodes.append((kind, list(collections), look_up))
        return f"[node #{len(self.nodes)}: {kind}]"

    def options(self, tree: Node) -> dict[str, Evaluate]:
        """OPTIONS by name; a warning about each that is not known; ArangoError 1575."""
        given = tree.children[0] if tree is not None else Tree("object", [])
        kinds = {part.data for part in given.iter_subtrees()}
        check(given.data == "object" and kinds <= _LITERAL, 1575)
        found = {str(pair.children[0]): self.compile(pair.children[-1]) for pair in given.children}
        self.unknown_options |= found.keys() - set(_OPTIONS.split())
        return found

    def bounds(self, first: Node, second: Node) -> Callable[[Frame], tuple[int, int]]:
        """A closure for where LIMIT begins and ends."""
        ends = self.compiled((first, second))

        def evaluate(f: Frame) -> tuple[int, int]:
            *skip, count = (end(f) for end in ends)
            start = _whole(*skip or [0])
            return start, min(start + _whole(count, sys.maxsize), sys.maxsize)

        return evaluate

    # ---- values

    def _constant(self, token: Token) -> Evaluate:
        value: Any = {"NULL": None, "TRUE": True, "FALSE": False}.get(token.type, str(token))
        if token.type == "NUMBER":
            is_short = token.isdigit() and len(token) < 20
            value = tidy(int(token, 0) if is_short or token[1:2] in [*"xXbB"] else float(token))
        return constant(value)

    def _bind(self, token: Token) -> Evaluate:
        name = str(token)
        self.binds[name] = None
        return lambda f: f[0].binds[name]

    def _reference(self, token: Token) -> Evaluate:
        slot = self.variables.get(token)
        if slot is not None:
            return itemgetter(slot)
        name = self.collection(token)
        return lambda f: f[0].scan(name)

    def _array(self, *items: Node) -> Evaluate:
        values = self.compiled(items)
        if all(item.data == "constant" for item in items):
            return constant([value([]) for value in values])
        return lambda f: [value(f) for value in values]

    def _object(self, *pairs: Node) -> Evaluate:
        made = self.compiled(pairs)
        if all(isinstance(name, str) for name, _ in made):
            return lambda f: {name: value(f) for name, value in made}
        named = [(constant(n) if isinstance(n, str) else n, value) for n, value in made]
        return lambda f: {to_string(name(f)): value(f) for name, value in named}

    def _pair(self, name: Node, value: Node = None) -> tuple[str | Evaluate, Evaluate]:
        shown = self._reference(name) if value is None else self.compile(value)
        return self.attribute_name(name), shown

    def attribute_name(self, name: Node) -> str | Evaluate:
        """Of an attribute: a word, a bind parameter, or an expression in brackets."""
        if isinstance(name, Token):
            return self._bind(name) if name.type == "BIND" else str(name)
        is_text = name.data == "constant" and name.children[0].type == "STRING"
        return str(name.children[0]) if is_text else self.compile(name)

    def _subquery(self, query: Node) -> Evaluate:
        self.add_node("SubqueryStartNode")
        with self.nested():
            rows: Evaluate = self.compile(query)
        self.add_node("SubqueryEndNode")
        return rows

    # ---- operators

    def _unary(self, sign: Token, of: Node) -> Evaluate:
        operate, value = UNARY[sign.upper()], self.compile(of)
        return lambda f: operate(value(f))

    def _binary(self, left: Node, sign: Token, right: Node) -> Evaluate:
        a, b = self.compile(left), self.compile(right)
        if sign.type == "AND":
            return lambda f: b(f) if (value := a(f)) is True or truthy(value) else value
        if sign.type == "OR":
            return lambda f: value if (value := a(f)) is True or truthy(value) else b(f)
        operate = binary(sign)
        if sign not in ("/", "%"):
            return lambda f: operate(a(f), b(f))
        return applied(sign, lambda _, given: operate(*given), [a, b])

    def _matched(self, text: Node, sign: Token, pattern: Node) -> Evaluate:
        name = "LIKE" if sign.upper().endswith("LIKE") else "REGEX_TEST"
        test = self._call(Token("NAME", name), text, pattern)
        return test if sign.type == "LIKE" or sign == "=~" else lambda f: not test(f)

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
        stars = [i for i, step in enumerate(steps) if step.data == "expansion"]
        whole = [i for i in stars if i and steps[i].children[0].count("*") > 1]
        if whole:
            return self._followed(self._followed(of, steps[: whole[-1]]), steps[whole[-1] :])
        for step in steps[: stars[0] if stars else None]:
            of = _member(of, self.attribute_name(step.children[0]))
        return self._expanded(of, steps[stars[0]], steps[stars[0] + 1 :]) if stars else of

    def _expanded(self, of: Evaluate, step: Node, rest: tuple[Node, ...]) -> Evaluate:
        stars, condition, limits, result = step.children
        with self.nested():
            slot = self.define("CURRENT")
            test = self.compile(condition.children[0]) if condition else constant(True)
            bounds = self.bounds(*limits.children) if limits else constant((0, None))
            shown = self.compile(result) if result else lambda f: f[slot]
            shown = self._followed(shown, rest)

        def evaluate(f: Frame) -> Any:
            items = flatten(as_list(of(f)), stars.count("*") - 1)
            found = (shown(f) for f[slot] in items if truthy(test(f)))
            return list(itertools.islice(found, *bounds(f)))

        return evaluate

    # ---- functions

    def _call(self, token: Token, *trees: Node) -> Evaluate:
        name, function = token.upper(), checked(token.upper(), len(trees))
        if name in ("LENGTH", "COUNT") and self.is_collection(trees[0]):
            function = FUNCTIONS["COLLECTION_COUNT"]
        return applied(name, function.call, [self._argument(function, tree) for tree in trees])

    def _argument(self, function: Function, tree: Node) -> Evaluate:
        if function.collections and self.is_collection(tree):
            name = self.collection(tree.children[0])
            return lambda f: resolved(name, f[0].binds)
        return self.compile(tree)  # type: ignore[no-any-return]


def _member(of: Evaluate, name: str | Evaluate) -> Evaluate:
    if not isinstance(name, str):
        return lambda f: element(of(f), name(f))
    return lambda f: value.get(name) if type(value := of(f)) is dict else element(value, name)


def _whole(value: Any, default: int = 0) -> int:
    """A number of LIMIT; null is none: from the first row, without end."""
    if value is None:
        return default
    is_whole = type(value) in (int, float) and 0 <= value < 2**53 and value == int(value)
    check(is_whole, 1504, "number out of range: LIMIT needs non-negative numbers")
    return int(value)


def as_list(value: Any) -> list[Any]:
    """An array; no elements if it is none."""
    return value if type(value) is list else []


def fixed(options: dict[str, Evaluate], *names: str) -> dict[str, Any]:
    """Values of options that the plan depends on; ArangoError 1575 for bind parameters."""
    try:
        return {name: options[name]([]) for name in names or options if name in options}
    except IndexError:  # it asked for the context
        raise ArangoError(1575) from None
