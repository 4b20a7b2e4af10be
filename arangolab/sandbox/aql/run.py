"""Running, explaining and checking queries."""

from __future__ import annotations

import sys
import time
from typing import Any, NamedTuple

from arangolab.sandbox.aql.context import Context
from arangolab.sandbox.aql.explain import explained
from arangolab.sandbox.aql.plan import Plan, plan, prepared
from arangolab.sandbox.faults import ArangoError
from arangolab.sandbox.store import Database
from arangolab.sandbox.transaction import Transaction

_BLOCK_BYTES = 32_768


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


def execute(
    trx: Transaction,
    text: str,
    bind_vars: dict[str, Any] | None = None,
    options: dict[str, Any] | None = None,
) -> QueryResult:
    """Run a query in a transaction, which stays open; ArangoError as the package says."""
    started = time.perf_counter()
    binds, options = bind_vars or {}, options or {}
    context = Context(trx, binds, options)
    profile, stats = context.profile, context.stats
    made = prepared(text, binds, trx.database)
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
        raise ArangoError(1524, "AQL: too much nesting (while executing)") from None
    stats["executionTime"] = time.perf_counter() - started
    stats["peakMemoryUsage"] = _bytes(rows)
    if 0 < (options.get("memoryLimit") or 0) < stats["peakMemoryUsage"]:
        raise ArangoError(32, "AQL: query would use more memory than allowed (while executing)")
    extra: dict[str, Any] = {"warnings": context.warnings, "stats": stats}
    if profile is not None:
        profile.ends("executing")
        level = options["profile"]
        if type(level) is int and level >= 2:
            filters = {node.id for node in made.nodes if node.type == "FilterNode"}
            stats["nodes"] = profile.nodes(filters)
            extra["plan"] = explained(trx.database, made, binds)["plan"]
        extra["profile"] = profile.phases_s
    return QueryResult(rows, extra)


def _announce(trx: Transaction, made: Plan, binds: dict[str, Any]) -> None:
    """Tell the transaction what will be touched; ArangoError 1579, 1652 and others."""
    if not made.is_modification:
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


def _bytes(rows: list[Any]) -> int:
    """Memory of the rows in blocks of 32 KiB, estimated from the first row."""
    if not rows:
        return 0
    size = sys.getsizeof(rows) + len(rows) * sys.getsizeof(rows[0])
    return -(-size // _BLOCK_BYTES) * _BLOCK_BYTES


def collections_of(text: str, bind_vars: dict[str, Any] | None = None) -> tuple[set[str], set[str]]:
    """The collections a query names: those it reads and those it writes."""
    binds = bind_vars or {}
    read: set[str] = set()
    written: set[str] = set()
    for access in prepared(text, binds).accesses:
        (read if access.mode == "read" else written).add(access.resolve(binds))
    return read, written


def parse_check(text: str) -> dict[str, Any]:
    """What ``POST /_api/query`` tells: bindVars, collections, ast (its operations by name)."""
    made = plan(text)
    return {
        "parsed": True,
        "bindVars": list(made.binds),
        "collections": sorted({a.name for a in made.accesses if not a.is_bind}),
        "ast": [{"type": "root", "subNodes": [{"type": name} for name in made.operations]}],
    }


def explain(
    database: Database, text: str, bind_vars: dict[str, Any] | None = None
) -> dict[str, Any]:
    """The plan that ``execute`` follows, with the indexes it uses today."""
    binds = bind_vars or {}
    return explained(database, prepared(text, binds, database, ""), binds)
