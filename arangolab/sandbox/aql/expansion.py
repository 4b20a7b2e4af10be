"""The array operators: list[*], list[**], list[* FILTER …], list[? …]."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from arangolab.sandbox.aql import nodes as n
from arangolab.sandbox.aql.context import Evaluate, Frame
from arangolab.sandbox.aql.evaluate import compile_expression, constant
from arangolab.sandbox.values import to_number, truthy

if TYPE_CHECKING:
    from arangolab.sandbox.aql.plan import Compiler


def compile_expansion(compiler: Compiler, node: n.Expansion) -> Evaluate:
    """A closure for an expansion; CURRENT is each element in turn."""
    of = compile_expression(compiler, node.of)
    with compiler.nested():
        slot = compiler.define("CURRENT")
        condition = compile_expression(compiler, node.condition) if node.condition else None
        if node.question:
            return _question(compiler, node, of, slot, condition)
        limits = [compile_expression(compiler, x) for x in node.limit or () if x is not None]
        result = compile_expression(compiler, _result(node))
    flatten = node.depth - 1

    def evaluate(f: Frame) -> Any:
        items = _flat(of(f), flatten)
        found: list[Any] = []
        outer = f[slot]
        offset, count = _bounds(f, limits)
        for item in items:
            f[slot] = item
            if condition is None or truthy(condition(f)):
                if offset:
                    offset -= 1
                elif count is not None and len(found) >= count:
                    break
                else:
                    found.append(result(f))
        f[slot] = outer
        return found

    return evaluate


def _result(node: n.Expansion) -> n.Expression:
    result: n.Expression = node.result or n.Ref("CURRENT")
    for name in node.path:
        if type(name) is n.Expansion:
            name.of = result
            result = name
        else:
            result = n.Attribute(result, name)
    return result


def _flat(value: Any, depth: int) -> list[Any]:
    if type(value) is not list:
        return []
    for _ in range(depth):
        value = [x for item in value for x in (item if type(item) is list else [item])]
    return value  # type: ignore[no-any-return]


def _bounds(f: Frame, limits: list[Evaluate]) -> tuple[int, int | None]:
    if not limits:
        return 0, None
    numbers = [int(to_number(limit(f))) for limit in limits]
    return (numbers[0], numbers[1]) if len(numbers) == 2 else (0, numbers[0])


def _question(
    compiler: Compiler, node: n.Expansion, of: Evaluate, slot: int, condition: Evaluate | None
) -> Evaluate:
    test = condition or constant(True)
    low: Evaluate = constant(1)
    high: Evaluate | None = None
    quantity = node.quantity
    if isinstance(quantity, n.Binary) and quantity.operator == "..":
        low = compile_expression(compiler, quantity.left)
        high = compile_expression(compiler, quantity.right)
    elif isinstance(quantity, n.Expression):
        low = high = compile_expression(compiler, quantity)

    def evaluate(f: Frame) -> bool:
        items = _flat(of(f), 0)
        met = 0
        for item in items:
            f[slot] = item
            met += truthy(test(f))
        if quantity in ("ALL", "NONE"):
            return met == (len(items) if quantity == "ALL" else 0)
        least = to_number(low(f))
        return met >= least and (high is None or met <= to_number(high(f)))

    return evaluate
