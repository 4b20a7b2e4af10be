"""The functions of AQL: a table per family, all in ``registry.FUNCTIONS``."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from arangolab.sandbox.aql import nodes as n
from arangolab.sandbox.aql.context import BadArgument, Evaluate
from arangolab.sandbox.aql.functions import (  # noqa: F401 - they fill the table
    arrays,
    database,
    dates,
    numbers,
    text,
)
from arangolab.sandbox.aql.functions.registry import FUNCTIONS, Function, applied, checked

if TYPE_CHECKING:
    from arangolab.sandbox.aql.plan import Compiler

_THEMSELVES = (
    "AVERAGE LENGTH COUNT_DISTINCT MAX MIN SORTED_UNIQUE STDDEV STDDEV_SAMPLE SUM UNIQUE "
    "VARIANCE VARIANCE_SAMPLE"
)
AGGREGATES: Final[dict[str, str]] = {
    **{name: name for name in _THEMSELVES.split()},
    "AVG": "AVERAGE",
    "COUNT": "LENGTH",
    "COUNT_UNIQUE": "COUNT_DISTINCT",
    "PUSH": "",
    "STDDEV_POPULATION": "STDDEV",
    "VARIANCE_POPULATION": "VARIANCE",
}
"""Functions that COLLECT AGGREGATE knows, and the function over an array behind each."""


def scalar(name: str) -> Callable[[Any], Any]:
    """A function of one argument that gives null where the argument is bad."""
    call = FUNCTIONS[name].call

    def reduce(values: Any) -> Any:
        try:
            return call(values)
        except BadArgument:
            return None

    return reduce


def compile_call(compiler: Compiler, node: n.Call) -> Evaluate:
    """A closure for a function call; ArangoError 1540, 1541, 1582."""
    function = checked(node.name, len(node.arguments))
    if node.name in ("LENGTH", "COUNT") and _is_collection(compiler, node.arguments[0]):
        name_of = compiler.collection(node.arguments[0], "read")
        return lambda f: f[0].trx.count(name_of(f[0]))
    return applied(function, [_argument(compiler, function, arg) for arg in node.arguments])


def _is_collection(compiler: Compiler, node: n.Expression) -> bool:
    return type(node) is n.CollectionBind or (
        type(node) is n.Ref and compiler.slot(node.name) is None
    )


def _argument(compiler: Compiler, function: Function, node: n.Expression) -> Evaluate:
    if function.collections and _is_collection(compiler, node):
        name_of = compiler.collection(node, "read")
        return lambda f: name_of(f[0])
    return compiler.expression(node)
