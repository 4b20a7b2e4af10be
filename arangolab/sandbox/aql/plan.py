"""Query text to plan: stages that turn frames into frames.

A frame is a list with one slot per variable; slot 0 is the Context.  Plans depend on the query's
text only, never on bind values, collections or indexes, and are cached by it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

from arangolab.sandbox.aql.context import Frame
from arangolab.sandbox.aql.grammar import parse
from arangolab.sandbox.aql.modify import Modify
from arangolab.sandbox.aql.pipeline import Pipeline
from arangolab.sandbox.aql.scope import Access, PlanNode
from arangolab.sandbox.aql.traverse import Traversals
from arangolab.sandbox.faults import ArangoError, fault
from arangolab.sandbox.store import Database

_CACHED_PLANS = 1000


class Compiler(Pipeline, Modify, Traversals):
    """Compiles one query."""


class Plan(NamedTuple):
    """A compiled query."""

    width: int
    """Slots of a frame."""
    run: Callable[[Frame], list[Any]]
    binds: dict[str, None]
    """Bind parameters that must be given, in order; collections with their @."""
    accesses: list[Access]
    """In the order of the query; a data modification may repeat some."""
    is_modification: bool
    nodes: list[PlanNode]
    warnings: list[tuple[int, str]]
    """What each execution warns of: code and message."""
    operations: list[str]
    """By name, as ``POST /_api/query`` tells them."""


@functools.lru_cache(maxsize=_CACHED_PLANS)
def plan(text: str) -> Plan:
    """The plan of a query; ArangoError 1501, 1502, 1511, 1524, 1540 and others."""
    compiler = Compiler()
    try:
        tree = parse(text)
        run = compiler.compile(tree)
    except RecursionError:
        raise ArangoError(1524, "too much nesting") from None
    accesses = compiler.accesses
    is_modification = any(access.mode != "read" for access in accesses)
    if not is_modification:
        accesses = [*dict.fromkeys(accesses)]
    operations: list[Any] = tree.children[1:]
    return Plan(
        compiler.width,
        run,
        compiler.binds,
        accesses,
        is_modification,
        compiler.nodes,
        compiler.warnings,
        [str(operation.data).partition("_")[0] for operation in operations],
    )


def prepared(
    text: str, binds: dict[str, Any], database: Database | None = None, before: str = "AQL: "
) -> Plan:
    """A plan, with its bind values and collections checked.

    ArangoErrors have the words that ArangoDB puts around them while it parses.
    """
    try:
        made = plan(text)
        if binds or made.binds:
            _check(made.binds, binds)
        if database is not None:
            for access in made.accesses:
                database.collection(access.resolve(binds))
        return made
    except ArangoError as error:
        if error.error_num == 1502:
            raise
        message = f"{before}{error.message} (while parsing)"
        raise ArangoError(error.error_num, message, error.status) from None


def _check(needed: dict[str, None], given: dict[str, Any]) -> None:
    if type(given) is not dict:
        raise fault(1550)
    for name in needed:
        if name not in given:
            raise fault(1551, name)
        if name.startswith("@") and type(given[name]) is not str:
            raise fault(1553, name)
    for name in given:
        if name not in needed:
            raise fault(1552, name)
