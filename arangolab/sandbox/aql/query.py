"""Queries: text to plan, running it, explaining and checking it.

Plans depend on the text only, never on bind values, collections or indexes, and are cached by it.
"""

from __future__ import annotations

import functools
import sys
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from arangolab.sandbox.aql.context import Context, Frame
from arangolab.sandbox.aql.grammar import Node, parse
from arangolab.sandbox.aql.modify import Modify
from arangolab.sandbox.aql.pipeline import Pipeline
from arangolab.sandbox.aql.scope import PlanNode
from arangolab.sandbox.aql.traverse import Traversals
from arangolab.sandbox.faults import ArangoError, fault
from arangolab.sandbox.store import Database
from arangolab.sandbox.transaction import Transaction

_CACHED_PLANS = 1000
_BLOCK_BYTES = 32_768
_FILTER_SHARE = 0.5


class Plan(Pipeline, Modify, Traversals):
    """A compiled query."""

    def __init__(self, text: str) -> None:
        super().__init__()
        tree: Node = parse(text)
        self.operations = tree.children[1:]
        self.run: Callable[[Frame], list[Any]] = self.compile(tree)
        self.modifies = any(access.mode != "read" for access in self.accesses)
        if not self.modifies:
            self.accesses = [*dict.fromkeys(self.accesses)]


class QueryResult(NamedTuple):
    """What a query gave."""

    rows: list[Any]
    """The values of RETURN; committed documents among them must not be changed."""
    extra: dict[str, Any]
    """``extra`` of ArangoDB's cursor API: warnings, stats, and what profile asks for."""

    @property
    def stats(self) -> dict[str, Any]:
        """Counters; fullCount only if asked for."""
        return self.extra["stats"]  # type: ignore[no-any-return]

    @property
    def warnings(self) -> list[dict[str, Any]]:
        """Each with code and message."""
        return self.extra["warnings"]  # type: ignore[no-any-return]


@functools.lru_cache(maxsize=_CACHED_PLANS)
def plan(text: str) -> Plan:
    """The plan of a query; ArangoError 1501, 1502, 1511, 1524, 1540 and others."""
    try:
        return Plan(text)
    except RecursionError:
        raise ArangoError(1524) from None


def prepared(text: str, binds: dict[str, Any], database: Database, before: str) -> Plan:
    """A plan, with its bind values and collections checked.

    ArangoErrors have the words that ArangoDB puts around them while it parses.
    """
    try:
        made = plan(text)
        if type(binds) is not dict:
            raise fault(1550)
        for name in made.binds:
            if name not in binds:
                raise fault(1551, name)
            if name.startswith("@") and type(binds[name]) is not str:
                raise fault(1553, name)
        for name in binds.keys() - made.binds.keys() if binds else ():
            raise fault(1552, name)
        for access in made.accesses:
            database.collection(access.resolve(binds))
        return made
    except ArangoError as error:
        if error.error_num == 1502:
            raise
        message = f"{before}{error.message} (while parsing)"
        raise ArangoError(error.error_num, message, error.status) from None


def execute(
    trx: Transaction,
    text: str,
    bind_vars: dict[str, Any] | None = None,
    options: dict[str, Any] | None = None,
) -> QueryResult:
    """Run a query in a transaction, which stays open.

    Options: fullCount, failOnWarning, maxRuntime (seconds), memoryLimit (bytes, of the result) and
    profile; others change nothing.  ArangoError with ArangoDB's numbers.
    """
    started = time.perf_counter()
    binds, options = bind_vars or {}, options or {}
    context = Context(trx, binds, options)
    profile, stats = context.profile, context.stats
    made = prepared(text, binds, trx.database, "AQL: ")
    if profile is not None:
        profile.ends("parsing")
    for code, message in made.warnings:
        context.warn(code, message)
    _announce(trx, made, binds)
    if profile is not None:
        profile.ends("loading collections")
    try:
        rows = made.run([context] + [None] * made.width)
    except ArangoError as error:
        message = f"AQL: {error.message} (while executing)"
        raise ArangoError(error.error_num, message, error.status, error.details) from None
    except RecursionError:
        raise ArangoError(1524) from None
    stats["executionTime"] = time.perf_counter() - started
    if rows:  # in blocks, as if all rows were like the first
        size = sys.getsizeof(rows) + len(rows) * sys.getsizeof(rows[0])
        stats["peakMemoryUsage"] = -(-size // _BLOCK_BYTES) * _BLOCK_BYTES
    if 0 < (options.get("memoryLimit") or 0) < stats["peakMemoryUsage"]:
        raise ArangoError(32, "AQL: query would use more memory than allowed (while executing)")
    extra: dict[str, Any] = {"warnings": context.warnings, "stats": stats}
    if profile is not None:
        profile.ends("executing")
        extra["profile"] = profile.phases_s
        if type(options["profile"]) is int and options["profile"] > 1:
            filters = {node.id for node in made.nodes if node.type == "FilterNode"}
            stats["nodes"] = profile.nodes(filters)
            extra["plan"] = _shown(made, binds, trx.database)
    return QueryResult(rows, extra)


def _announce(trx: Transaction, made: Plan, binds: dict[str, Any]) -> None:
    """Tell the transaction what will be touched; ArangoError 1579, 1652 and others."""
    if not made.modifies:
        for access in made.accesses:
            trx.view(access.resolve(binds))
        return
    names: dict[str, list[str]] = {"read": [], "write": [], "exclusive": []}
    for access in made.accesses:
        name = access.resolve(binds)
        if name in names["write"] or name in names["exclusive"]:
            raise ArangoError(1579, f"access after data-modification by {name}")
        names[access.mode].append(name)
    trx.use(**names)


def parse_check(text: str) -> dict[str, Any]:
    """What ``POST /_api/query`` tells: bindVars, collections, ast (its operations by name)."""
    made = plan(text)
    operations = [{"type": str(each.data).partition("_")[0]} for each in made.operations]
    return {
        "parsed": True,
        "bindVars": list(made.binds),
        "collections": sorted({a.name for a in made.accesses if not a.is_bind}),
        "ast": [{"type": "root", "subNodes": operations}],
    }


def explain(
    database: Database, text: str, bind_vars: dict[str, Any] | None = None
) -> dict[str, Any]:
    """The plan that ``execute`` follows, with the indexes it uses today."""
    started = time.perf_counter()
    binds = bind_vars or {}
    made = prepared(text, binds, database, "")
    shown = _shown(made, binds, database)
    took_s = time.perf_counter() - started
    stats = {"plansCreated": 1, "peakMemoryUsage": 0, "executionTime": took_s}
    stats |= {"rulesExecuted": 1, "rulesSkipped": 0}
    return {"plan": shown, "cacheable": not made.modifies, "warnings": [], "stats": stats}


def _shown(made: Plan, binds: dict[str, Any], database: Database) -> dict[str, Any]:
    """The plan as explain shows it: true about indexes, rough about costs."""
    modes: dict[str, str] = {}
    for access in made.accesses:
        name = access.resolve(binds)
        modes[name] = access.mode if access.mode != "read" else modes.get(name, "read")
    nodes: list[dict[str, Any]] = []
    cost, items = 0.0, 1.0
    for node in made.nodes:
        shown, share = _node(node, binds, database)
        items *= share
        cost += items
        before = [nodes[-1]["id"]] if nodes else []
        costs = {"estimatedCost": cost, "estimatedNrItems": round(items), "dependencies": before}
        nodes.append(shown | costs)
    return {
        "nodes": nodes,
        "rules": ["use-indexes"] if any("indexes" in node for node in nodes) else [],
        "collections": [{"name": name, "type": modes[name]} for name in sorted(modes)],
        "variables": [],
        "estimatedCost": cost,
        "estimatedNrItems": round(items),
        "isModificationQuery": made.modifies,
    }


def _node(
    node: PlanNode, binds: dict[str, Any], database: Database
) -> tuple[dict[str, Any], float]:
    """A node, and by how much it multiplies the rows."""
    shown: dict[str, Any] = {"type": node.type, "id": node.id, **node.details}
    share = _FILTER_SHARE if node.type == "FilterNode" else 1.0
    if node.collection is not None:
        shown["collection"] = node.collection.resolve(binds)
    if node.edges:
        shown["edgeCollections"] = [access.resolve(binds) for access in node.edges]
    if node.look_up is not None:
        collection = database.collection(shown["collection"])
        index, _ = node.look_up.choose(collection)
        share = max(collection.count, 1)
        if index is not None:
            described = index.describe(collection.name)
            shown |= {"type": "IndexNode", "indexes": [described]}
            share = 1 / described.get("selectivityEstimate", 1)
    return shown, share
