"""The functions of AQL: one small module per family, all in ``registry.FUNCTIONS``."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from arangolab.sandbox.aql import nodes as n
from arangolab.sandbox.aql.context import BadArgument, Context, Evaluate, Frame
from arangolab.sandbox.aql.functions import (  # noqa: F401 - they fill the table
    arrays,
    convert,
    database,
    dates,
    documents,
    encodings,
    numeric,
    patterns,
    strings,
)
from arangolab.sandbox.aql.functions.registry import FUNCTIONS, MANY, Function
from arangolab.sandbox.faults import fault

if TYPE_CHECKING:
    from arangolab.sandbox.aql.plan import Compiler

AGGREGATES: dict[str, str] = {
    "AVERAGE": "AVERAGE",
    "AVG": "AVERAGE",
    "COUNT": "LENGTH",
    "COUNT_DISTINCT": "COUNT_DISTINCT",
    "COUNT_UNIQUE": "COUNT_DISTINCT",
    "LENGTH": "LENGTH",
    "MAX": "MAX",
    "MIN": "MIN",
    "PUSH": "",
    "SORTED_UNIQUE": "SORTED_UNIQUE",
    "STDDEV": "STDDEV",
    "STDDEV_POPULATION": "STDDEV",
    "STDDEV_SAMPLE": "STDDEV_SAMPLE",
    "SUM": "SUM",
    "UNIQUE": "UNIQUE",
    "VARIANCE": "VARIANCE",
    "VARIANCE_POPULATION": "VARIANCE",
    "VARIANCE_SAMPLE": "VARIANCE_SAMPLE",
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
    function = FUNCTIONS.get(node.name)
    if function is None:
        if "::" in node.name:
            raise fault(1582, node.name)
        raise fault(1540, node.name)
    if not function.least <= len(node.arguments) <= function.most:
        raise fault(1541, node.name, after=_arity(function))
    if node.name in ("LENGTH", "COUNT") and _is_collection(compiler, node.arguments[0]):
        name_of = compiler.collection(node.arguments[0], "read")
        return lambda f: f[0].trx.count(name_of(f[0]))
    return _closure(function, [_argument(compiler, function, arg) for arg in node.arguments])


def _arity(function: Function) -> str:
    if function.most == MANY:
        return f", expected number of arguments: minimum: {function.least}, maximum: unlimited"
    most = f", maximum: {function.most}"
    return f", expected number of arguments: minimum: {function.least}{most}"


def _is_collection(compiler: Compiler, node: n.Expression) -> bool:
    return type(node) is n.CollectionBind or (
        type(node) is n.Ref and compiler.slot(node.name) is None
    )


def _argument(compiler: Compiler, function: Function, node: n.Expression) -> Evaluate:
    if function.collections and _is_collection(compiler, node):
        name_of = compiler.collection(node, "read")
        return lambda f: name_of(f[0])
    return compiler.expression(node)


def _closure(function: Function, arguments: list[Evaluate]) -> Evaluate:
    call, name = function.call, function.name
    if function.wants_context:

        def with_context(f: Frame) -> Any:
            try:
                return call(f[0], *[argument(f) for argument in arguments])
            except BadArgument as bad:
                return _complain(f[0], bad, name)

        return with_context
    if len(arguments) == 1:
        only = arguments[0]

        def of_one(f: Frame) -> Any:
            try:
                return call(only(f))
            except BadArgument as bad:
                return _complain(f[0], bad, name)

        return of_one

    def of_several(f: Frame) -> Any:
        try:
            return call(*[argument(f) for argument in arguments])
        except BadArgument as bad:
            return _complain(f[0], bad, name)

    return of_several


def _complain(context: Context, bad: BadArgument, name: str) -> None:
    words = (name,) if bad.error_num == 1542 else ()
    context.warn(bad.error_num, fault(bad.error_num, *words).message)
