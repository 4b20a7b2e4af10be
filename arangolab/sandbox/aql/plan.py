"""Syntax tree to plan: stages that turn frames into frames.

A frame is a list with one slot per variable; slot 0 is the Context.  A stage is a generator
function (base frame, frames) -> frames.  Plans depend on the query's text only, never on bind
values, collections or indexes, and are cached by it.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from arangolab.sandbox.aql import nodes as n
from arangolab.sandbox.aql.context import Context, Evaluate, Frame
from arangolab.sandbox.aql.evaluate import NameOf, compile_expression, static
from arangolab.sandbox.aql.functions import compile_call
from arangolab.sandbox.aql.statements import parse
from arangolab.sandbox.faults import ArangoError, fault

Stage = Callable[[Frame, Iterable[Frame]], Iterator[Frame]]

_CACHED_PLANS = 1000


@dataclass(frozen=True, slots=True)
class Access:
    """That a query touches a collection."""

    name: str
    """The collection's name, or the bind parameter that holds it."""
    is_bind: bool
    mode: str
    """"read", "write" or "exclusive"."""

    def resolve(self, binds: dict[str, Any]) -> str:
        """The collection's name; ArangoError 1551 or 1553 about the bind parameter."""
        if not self.is_bind:
            return self.name
        value = binds.get("@" + self.name)
        if type(value) is not str:
            raise fault(1553, "@" + self.name)
        return value


@dataclass(slots=True)
class Node:
    """One node of the plan that ``explain`` shows."""

    id: int
    type: str
    details: dict[str, Any] = field(default_factory=dict)
    look_up: Any = None
    """For a FOR over a collection: its ``access.LookUp``."""


@dataclass(slots=True)
class Plan:
    """A compiled query."""

    width: int
    """Slots of a frame."""
    run: Callable[[Frame], list[Any]]
    binds: dict[str, None]
    """Bind parameters that must be given, in order; collections with their @."""
    accesses: list[Access]
    """In the order of the query; a data modification may repeat some."""
    nodes: list[Node]
    is_modification: bool
    warnings: list[tuple[int, str]]
    """What each execution warns of: code and message."""
    tree: n.Query


class Compiler:
    """Compiles one query; holds its variables, bind parameters, accesses and plan nodes."""

    def __init__(self) -> None:
        self.width = 1
        self.binds: dict[str, None] = {}
        self.accesses: list[Access] = []
        self.nodes = [Node(1, "SingletonNode")]
        self.warnings: list[tuple[int, str]] = []
        self._scopes: list[dict[str, int]] = [{}]

    # ---- variables

    def slot(self, name: str) -> int | None:
        """The slot of a variable in scope, None if there is none."""
        for scope in reversed(self._scopes):
            if name in scope:
                return scope[name]
        return None

    def define(self, name: str) -> int:
        """A slot for a new variable; ArangoError 1511 if it exists in this scope or around it."""
        if name not in ("CURRENT", "OLD", "NEW") and self.slot(name) is not None:
            raise fault(1511, name)
        self._scopes[-1][name] = self.hidden()
        return self._scopes[-1][name]

    def hidden(self) -> int:
        """A slot without a name."""
        self.width += 1
        return self.width - 1

    def forget_variables(self) -> dict[str, int]:
        """What COLLECT does: only what it defines stays visible.  The variables so far."""
        before, self._scopes[-1] = self._scopes[-1], {}
        return {name: slot for name, slot in before.items() if name != "CURRENT"}

    @contextlib.contextmanager
    def seeing(self, variables: dict[str, int]) -> Iterator[None]:
        """Compile with other variables in the innermost scope."""
        before, self._scopes[-1] = self._scopes[-1], variables
        try:
            yield
        finally:
            self._scopes[-1] = before

    @contextlib.contextmanager
    def nested(self) -> Iterator[None]:
        """Compile in a scope of its own."""
        self._scopes.append({})
        try:
            yield
        finally:
            self._scopes.pop()

    def options(
        self,
        node: n.Expression | None,
        known: frozenset[str],
        late: dict[str, Evaluate] | None = None,
    ) -> dict[str, Any]:
        """The value of OPTIONS; a warning about each name that is not known. ArangoError 1575.

        What is bound goes into ``late``, if it is given.
        """
        bound: dict[str, n.Expression] = {}
        given = static(node, None if late is None else bound) if node is not None else {}
        if type(given) is not dict:
            raise fault(1575)
        if late is not None:
            late.update((name, self.expression(value)) for name, value in bound.items())
        for name in (*given, *bound):
            if name not in known:
                message = f"invalid/unknown options attribute used: '{name}'"
                self.warnings.append((1539, message))
        return given

    # ---- what expressions need

    def collection(self, node: n.Expression, mode: str) -> NameOf:
        """A function from context to collection name, noting that it is touched."""
        if type(node) is n.Ref:
            name = node.name
            self.accesses.append(Access(name, False, mode))
            return lambda _context: name
        if type(node) is n.CollectionBind:
            access = Access(node.name, True, mode)
            self.accesses.append(access)
            self.binds["@" + node.name] = None
            return lambda context: access.resolve(context.binds)
        raise ArangoError(1501, "a collection name or @@parameter is needed here")

    def expression(self, node: n.Expression) -> Evaluate:
        """A closure for an expression."""
        return compile_expression(self, node)

    def call(self, node: n.Call) -> Evaluate:
        """A closure for a function call."""
        return compile_call(self, node)

    def subquery(self, query: n.Query) -> Evaluate:
        """A closure that runs a subquery and gives its rows."""
        start = self.add_node("SubqueryStartNode")
        with self.nested():
            run = self.query(query)
        self.add_node("SubqueryEndNode", start=start.id)
        return run

    @property
    def is_outermost(self) -> bool:
        """Whether no subquery is being compiled."""
        return len(self._scopes) == 1

    @property
    def last_node(self) -> int:
        """The id of the plan node that was added last."""
        return self.nodes[-1].id

    def query(self, query: n.Query) -> Callable[[Frame], list[Any]]:
        """A function that runs operations from a base frame and gives the rows returned."""
        from arangolab.sandbox.aql.pipeline import compile_operations

        for node in query.withs:
            self.collection(node, "read")
        return compile_operations(self, query.operations)

    def add_node(self, kind: str, **details: Any) -> Node:
        """Note a node for ``explain``."""
        node = Node(len(self.nodes) + 1, kind, details)
        self.nodes.append(node)
        return node


@functools.lru_cache(maxsize=_CACHED_PLANS)
def plan(text: str) -> Plan:
    """The plan of a query; ArangoError 1501, 1502, 1511, 1540, ..."""
    tree = parse(text)
    compiler = Compiler()
    run = compiler.query(tree)
    is_modification = any(access.mode != "read" for access in compiler.accesses)
    return Plan(
        width=compiler.width,
        run=run,
        binds=compiler.binds,
        accesses=compiler.accesses if is_modification else [*dict.fromkeys(compiler.accesses)],
        nodes=compiler.nodes,
        is_modification=is_modification,
        warnings=compiler.warnings,
        tree=tree,
    )


def base_frame(made: Plan, context: Context) -> Frame:
    """The frame a plan starts from."""
    frame: Frame = [None] * made.width
    frame[0] = context
    return frame
