"""Expressions to closures: frame -> value."""

from __future__ import annotations

from typing import Any

from lark import Token, Tree

from arangolab.sandbox.aql.context import BadArgument, Evaluate, Frame
from arangolab.sandbox.aql.functions.registry import Function, applied, checked
from arangolab.sandbox.aql.grammar import Node
from arangolab.sandbox.aql.operators import number, operator
from arangolab.sandbox.aql.scope import Scope
from arangolab.sandbox.faults import fault
from arangolab.sandbox.values import to_number, to_string, truthy

_MEMBERS = ("attribute", "element")


def constant(value: Any) -> Evaluate:
    """A closure that always gives ``value``."""
    return lambda _f: value


def element(value: Any, index: Any) -> Any:
    """value[index], for objects and arrays; negative positions count from the end."""
    if type(value) is dict:
        return value.get(to_string(index))
    if type(value) is not list:
        return None
    if type(index) is str and index.lstrip("-").isdigit():
        index = int(index)
    if type(index) not in (int, float):
        return None
    position = int(index)
    return value[position] if -len(value) <= position < len(value) else None


class Expressions(Scope):
    """Compiles expressions."""

    # ---- values

    def _constant(self, value: Any) -> Evaluate:
        return constant(value)

    def _bind(self, token: Token) -> Evaluate:
        name = str(token)
        self.binds[name] = None
        return lambda f: f[0].binds[name]

    def _reference(self, name: Token) -> Evaluate:
        slot = self.variables.get(name)
        if slot is None:
            return self._documents(Tree("reference", [name]))
        return lambda f: f[slot]

    def _bound_collection(self, name: Token) -> Evaluate:
        return self._documents(Tree("bound_collection", [name]))

    def _documents(self, tree: Node) -> Evaluate:
        access = self.collection(tree, "read")

        def documents(f: Frame) -> Any:
            found = f[0].trx.scan(access.resolve(f[0].binds))
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

    def _closed(self, of: Node) -> Evaluate:
        return self.compile(of)  # type: ignore[no-any-return]

    def _subquery(self, query: Node) -> Evaluate:
        start = self.add_node("SubqueryStartNode")
        with self.nested():
            rows = self.compile(query)
        self.add_node("SubqueryEndNode", start=start.id)
        return rows  # type: ignore[no-any-return]

    # ---- operators

    def _unary(self, sign: Token, of: Node) -> Evaluate:
        value = self.compile(of)
        if sign == "-":
            return lambda f: number(-to_number(value(f)))
        if sign == "+":
            return lambda f: to_number(value(f))
        return lambda f: not truthy(value(f))

    def _binary(self, left: Node, kind: str, right: Node, extra: Node) -> Evaluate:
        a, b = self.compile(left), self.compile(right)
        middle = self.compile(extra) if extra is not None else None
        if kind == "AND":
            return lambda f: b(f) if truthy(value := a(f)) else value
        if kind == "?" and middle is not None:
            return lambda f: middle(f) if truthy(a(f)) else b(f)
        if kind in ("OR", "?"):
            return lambda f: value if truthy(value := a(f)) else b(f)
        operate = operator(kind)

        def evaluate(f: Frame) -> Any:
            try:
                return operate(a(f), b(f))
            except BadArgument as bad:
                return f[0].warn(bad.error_num, fault(bad.error_num).message)

        return evaluate

    _chain = _binary

    # ---- paths: .name [expression] [* …]

    def _attribute(self, of: Node, name: Node) -> Evaluate:
        return self._path(Tree("attribute", [of, name]))

    _element = _attribute

    def _expansion(self, *parts: Node) -> Evaluate:
        return self._path(Tree("expansion", list(parts)))

    def _path(self, tree: Node) -> Evaluate:
        """What comes after [*] belongs to each element; [**] sees the whole before it."""
        steps: list[Node] = []
        while tree.data in ("attribute", "element", "expansion"):
            steps.append(tree)
            tree = tree.children[0]
            if steps[-1].data == "expansion" and steps[-1].children[1].count("*") > 1:
                break
        return self._followed(self.compile(tree), steps[::-1])

    def _followed(self, of: Evaluate, steps: list[Node]) -> Evaluate:
        for i, step in enumerate(steps):
            if step.data == "expansion":
                return self._expanded(of, step, steps[i + 1 :])
            of = _member(of, self._name(step.children[1]))
        return of

    def _expanded(self, of: Evaluate, step: Node, rest: list[Node]) -> Evaluate:
        _, stars, condition, limits, result = step.children
        with self.nested():
            slot = self.define("CURRENT")
            test = self.compile(condition.children[0]) if condition else constant(True)
            ends = self.compiled(limits.children) if limits else []
            shown = self.compile(result) if result else lambda f: f[slot]
            shown = self._followed(shown, rest)
        depth = stars.count("*") - 1

        def evaluate(f: Frame) -> Any:
            items = _flat(of(f), depth)
            numbers = [int(to_number(end(f))) for end in ends]
            offset = numbers[0] if len(numbers) > 1 else 0
            end = offset + numbers[-1] if numbers else len(items)
            found: list[Any] = []
            met = 0
            for f[slot] in items:
                if met >= end:
                    break
                if truthy(test(f)):
                    met += 1
                    if met > offset:
                        found.append(shown(f))
            return found

        return evaluate

    def ends(self, tree: Node) -> tuple[Evaluate, Evaluate]:
        """The two ends of a range, or one value as both; 1 for a tree that was left out."""
        if tree is None:
            return constant(1), constant(1)
        if tree.data in ("chain", "binary") and tree.children[1] == "..":
            return self.compile(tree.children[0]), self.compile(tree.children[2])
        value = self.compile(tree)
        return value, value

    # ---- functions

    def _call(self, token: Token, *given: Node) -> Evaluate:
        name, trees = token.upper(), [tree for tree in given if tree is not None]
        function = checked(name, len(trees))
        if name in ("LENGTH", "COUNT") and self.is_collection(trees[0]):
            access = self.collection(trees[0], "read")
            return lambda f: f[0].trx.count(access.resolve(f[0].binds))
        return applied(function, [self._argument(function, tree) for tree in trees])

    def _argument(self, function: Function, tree: Node) -> Evaluate:
        if function.collections and self.is_collection(tree):
            access = self.collection(tree, "read")
            return lambda f: access.resolve(f[0].binds)
        return self.compile(tree)  # type: ignore[no-any-return]


def _member(of: Evaluate, name: str | Evaluate) -> Evaluate:
    if not isinstance(name, str):
        return lambda f: element(of(f), name(f))

    def evaluate(f: Frame) -> Any:
        value = of(f)
        return value.get(name) if type(value) is dict else element(value, name)

    return evaluate


def _flat(value: Any, depth: int) -> list[Any]:
    items = value if type(value) is list else []
    for _ in range(depth):
        items = [x for item in items for x in (item if type(item) is list else [item])]
    return items
