"""Expressions to closures: ``compile_expression`` turns a syntax tree into frame -> value."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from arangolab.sandbox.aql import nodes as n
from arangolab.sandbox.aql import operators
from arangolab.sandbox.aql.context import BadArgument, Context, Evaluate, Frame
from arangolab.sandbox.faults import fault
from arangolab.sandbox.values import to_number, truthy

if TYPE_CHECKING:
    from arangolab.sandbox.aql.plan import Compiler

NameOf = Callable[[Context], str]


def constant(value: Any) -> Evaluate:
    """A closure that always gives ``value``."""
    return lambda _f: value


def bind_value(name: str) -> Evaluate:
    """A closure that gives the value of @name."""
    return lambda f: f[0].binds[name]


def slot_value(slot: int) -> Evaluate:
    """A closure that gives a variable."""
    return lambda f: f[slot]


def attribute_of(of: Evaluate, name: str) -> Evaluate:
    """A closure for of.name; null if ``of`` is no object."""

    def evaluate(f: Frame) -> Any:
        value = of(f)
        return value.get(name) if type(value) is dict else None

    return evaluate


def attribute_of_slot(slot: int, name: str) -> Evaluate:
    """A closure for variable.name."""

    def evaluate(f: Frame) -> Any:
        value = f[slot]
        return value.get(name) if type(value) is dict else None

    return evaluate


def element(value: Any, index: Any) -> Any:
    """value[index], for objects and arrays; negative positions count from the end."""
    if type(value) is dict:
        return value.get(index if type(index) is str else _as_name(index))
    if type(value) is list:
        if type(index) is str:
            if not index.lstrip("-").isdigit():
                return None
            index = int(index)
        if type(index) not in (int, float):
            return None
        position = int(index)
        return value[position] if -len(value) <= position < len(value) else None
    return None


def _as_name(index: Any) -> str:
    from arangolab.sandbox.values import to_string

    return to_string(index)


def binary(operator: Callable[[Any, Any], Any], left: Evaluate, right: Evaluate) -> Evaluate:
    """A closure for left operator right."""
    return lambda f: operator(left(f), right(f))


def guarded_binary(
    operator: Callable[[Any, Any], Any], left: Evaluate, right: Evaluate
) -> Evaluate:
    """As ``binary``, for operators that may give null and a warning."""

    def evaluate(f: Frame) -> Any:
        try:
            return operator(left(f), right(f))
        except BadArgument as bad:
            fault_words = fault(bad.error_num).message
            f[0].warn(bad.error_num, fault_words)
            return None

    return evaluate


def plus(left: Evaluate, right: Evaluate) -> Evaluate:
    """A closure for left + right."""

    def evaluate(f: Frame) -> Any:
        a, b = left(f), right(f)
        if type(a) is int and type(b) is int and -(2**62) < a < 2**62 and -(2**62) < b < 2**62:
            return a + b
        return operators.add(a, b)

    return evaluate


def both(left: Evaluate, right: Evaluate) -> Evaluate:
    """A closure for left AND right: the first false value, else the last."""

    def evaluate(f: Frame) -> Any:
        value = left(f)
        return right(f) if value is True or truthy(value) else value

    return evaluate


def either(left: Evaluate, right: Evaluate) -> Evaluate:
    """A closure for left OR right: the first true value, else the last."""

    def evaluate(f: Frame) -> Any:
        value = left(f)
        return value if truthy(value) else right(f)

    return evaluate


def compile_expression(compiler: Compiler, node: n.Expression) -> Evaluate:
    """A closure for any expression; ArangoError for what cannot be compiled."""
    return _COMPILE[type(node)](compiler, node)


def _const(_compiler: Compiler, node: n.Const) -> Evaluate:
    return constant(node.value)


def _ref(compiler: Compiler, node: n.Ref) -> Evaluate:
    slot = compiler.slot(node.name)
    if slot is not None:
        return slot_value(slot)
    return _all_documents(compiler, node)


def _all_documents(compiler: Compiler, node: n.Expression) -> Evaluate:
    name_of = compiler.collection(node, "read")

    def documents(f: Frame) -> Any:
        context: Context = f[0]
        found = context.trx.scan(name_of(context))
        context.stats["scannedFull"] += len(found)
        return found

    return documents


def _bind(compiler: Compiler, node: n.Bind) -> Evaluate:
    compiler.binds[node.name] = None
    return bind_value(node.name)


def _attribute(compiler: Compiler, node: n.Attribute) -> Evaluate:
    if type(node.name) is n.Const and type(node.name.value) is str:
        if type(node.of) is n.Ref and (slot := compiler.slot(node.of.name)) is not None:
            return attribute_of_slot(slot, node.name.value)
        of = compile_expression(compiler, node.of)
        return lambda f: element(of(f), node.name.value)  # type: ignore[attr-defined]
    of = compile_expression(compiler, node.of)
    name = compile_expression(compiler, node.name)
    return lambda f: element(of(f), name(f))


def _binary(compiler: Compiler, node: n.Binary) -> Evaluate:
    left = compile_expression(compiler, node.left)
    right = compile_expression(compiler, node.right)
    kind = node.operator
    if node.least is not None:
        least, test = compile_expression(compiler, node.least), operators.BINARY[kind]
        return lambda f: operators.holds_for(test, left(f), right(f)) >= to_number(least(f))
    if node.quantifier:
        operator = operators.quantified(operators.BINARY[kind], node.quantifier)
        return binary(operator, left, right)
    if kind == "AND":
        return both(left, right)
    if kind == "OR":
        return either(left, right)
    if kind == "..":
        return lambda f: list(operators.span(left(f), right(f)))
    if kind == "+":
        return plus(left, right)
    if kind in ("/", "%", "=~", "!~"):
        return guarded_binary(operators.BINARY[kind], left, right)
    return binary(operators.BINARY[kind], left, right)


def _unary(compiler: Compiler, node: n.Unary) -> Evaluate:
    of = compile_expression(compiler, node.of)
    operator: Callable[[Any], Any] = {
        "NOT": operators.negation,
        "-": operators.negative,
        "+": operators.positive,
    }[node.operator]
    return lambda f: operator(of(f))


def _ternary(compiler: Compiler, node: n.Ternary) -> Evaluate:
    condition = compile_expression(compiler, node.condition)
    no = compile_expression(compiler, node.no)
    if node.yes is None:
        return either(condition, no)
    yes = compile_expression(compiler, node.yes)
    return lambda f: yes(f) if truthy(condition(f)) else no(f)


def _array(compiler: Compiler, node: n.Array) -> Evaluate:
    items = [compile_expression(compiler, item) for item in node.items]
    return lambda f: [item(f) for item in items]


def _object(compiler: Compiler, node: n.Object) -> Evaluate:
    pairs = [(name, compile_expression(compiler, value)) for name, value in _constant_names(node)]
    if len(pairs) == len(node.pairs):
        return lambda f: {name: value(f) for name, value in pairs}
    dynamic = [
        (compile_expression(compiler, name), compile_expression(compiler, value))
        for name, value in node.pairs
    ]
    return lambda f: {_as_name(name(f)): value(f) for name, value in dynamic}


def _constant_names(node: n.Object) -> list[tuple[str, n.Expression]]:
    return [
        (name.value, value)
        for name, value in node.pairs
        if type(name) is n.Const and type(name.value) is str
    ]


def _subquery(compiler: Compiler, node: n.Subquery) -> Evaluate:
    return compiler.subquery(node.query)


def _call(compiler: Compiler, node: n.Call) -> Evaluate:
    return compiler.call(node)


def _expansion(compiler: Compiler, node: n.Expansion) -> Evaluate:
    from arangolab.sandbox.aql.expansion import compile_expansion

    return compile_expansion(compiler, node)


def _collection_bind(compiler: Compiler, node: n.CollectionBind) -> Evaluate:
    return _all_documents(compiler, node)


_COMPILE: dict[type, Callable[[Any, Any], Evaluate]] = {
    n.Const: _const,
    n.Ref: _ref,
    n.Bind: _bind,
    n.CollectionBind: _collection_bind,
    n.Attribute: _attribute,
    n.Expansion: _expansion,
    n.Unary: _unary,
    n.Binary: _binary,
    n.Ternary: _ternary,
    n.Call: _call,
    n.Array: _array,
    n.Object: _object,
    n.Subquery: _subquery,
}


def static(node: n.Expression, late: dict[str, Any] | None = None) -> Any:
    """The value of an expression that must be a literal, such as OPTIONS; ArangoError 1575.

    Attributes that are bind parameters go into ``late``, as nodes, if it is given.
    """
    if type(node) is n.Const:
        return node.value
    if type(node) is n.Object:
        given = dict(_constant_names(node))
        if late is not None:
            late.update((name, value) for name, value in given.items() if type(value) is n.Bind)
        return {name: static(value) for name, value in given.items() if name not in (late or ())}
    if type(node) is n.Array:
        return [static(item) for item in node.items]
    raise fault(1575)
