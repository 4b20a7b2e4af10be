"""Running, explaining and checking queries."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from arangolab.sandbox.aql import nodes as n
from arangolab.sandbox.aql.context import Context
from arangolab.sandbox.aql.explain import explained
from arangolab.sandbox.aql.plan import Access, Plan, base_frame, plan
from arangolab.sandbox.aql.statements import parse
from arangolab.sandbox.faults import ArangoError, fault
from arangolab.sandbox.store import Database
from arangolab.sandbox.transaction import Transaction

_BLOCK_BYTES = 32_768


@dataclass(slots=True)
class QueryResult:
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
    profile = context.profile
    made = _prepared(trx.database, text, binds, "AQL: ")
    if profile is not None:
        profile.ends("parsing")
    for code, message in made.warnings:
        context.warn(code, message)
    _announce(trx, made, binds)
    if profile is not None:
        profile.ends("loading collections")
    try:
        rows = made.run(base_frame(made, context))
    except ArangoError as error:
        message = f"AQL: {error.message} (while executing)"
        raise ArangoError(error.error_num, message, error.status, error.details) from None
    except RecursionError:
        raise ArangoError(1524, "AQL: too much nesting (while executing)") from None
    stats = _stats(context, rows, started)
    limit = options.get("memoryLimit") or 0
    if limit and stats["peakMemoryUsage"] > limit:
        raise ArangoError(32, "AQL: query would use more memory than allowed (while executing)")
    extra: dict[str, Any] = {"warnings": context.warnings, "stats": stats}
    if profile is not None:
        profile.ends("executing")
        level = options["profile"]
        if type(level) is int and level >= 2:
            filters = {node.id for node in made.nodes if node.type == "FilterNode"}
            stats["nodes"] = profile.nodes(filters)
            extra["plan"] = explained(trx.database, made, binds, started)["plan"]
        extra["profile"] = profile.phases()
    return QueryResult(rows, extra)


def _prepared(database: Database | None, text: str, binds: dict[str, Any], before: str) -> Plan:
    """A plan with its bind values and collections checked.

    ArangoErrors have the words that ArangoDB puts around them while it parses.
    """
    try:
        made = plan(text)
        if binds or made.binds:
            checked_binds(made, binds)
        if database is not None:
            for access in made.accesses:
                database.collection(access.resolve(binds))
        return made
    except ArangoError as error:
        if error.error_num == 1502:
            raise
        message = f"{before}{error.message} (while parsing)"
        raise ArangoError(error.error_num, message, error.status) from None
    except RecursionError:
        raise ArangoError(1524, f"{before}too much nesting (while parsing)") from None


def checked_binds(made: Plan, given: dict[str, Any]) -> dict[str, Any]:
    """The bind values a plan needs; ArangoError 1551 (missing) or 1552 (not in the query)."""
    if type(given) is not dict:
        raise fault(1550)
    for name in made.binds:
        if name not in given:
            raise fault(1551, name)
        if name.startswith("@") and type(given[name]) is not str:
            raise fault(1553, name)
    for name in given:
        if name not in made.binds:
            raise fault(1552, name)
    return given


def _announce(trx: Transaction, made: Plan, binds: dict[str, Any]) -> None:
    if not made.accesses:
        return
    if made.is_modification:
        _check_order(made.accesses, binds)
        trx.use(
            read=_names(made, binds, "read"),
            write=_names(made, binds, "write"),
            exclusive=_names(made, binds, "exclusive"),
        )
    else:
        for access in made.accesses:
            trx.view(access.resolve(binds))


def _names(made: Plan, binds: dict[str, Any], mode: str) -> list[str]:
    return [access.resolve(binds) for access in made.accesses if access.mode == mode]


def _check_order(accesses: Iterable[Access], binds: dict[str, Any]) -> None:
    written: set[str] = set()
    for access in accesses:
        name = access.resolve(binds)
        if name in written:
            raise ArangoError(1579, f"access after data-modification by {name}")
        if access.mode != "read":
            written.add(name)


def _stats(context: Context, rows: list[Any], started: float) -> dict[str, Any]:
    stats = context.stats
    stats["executionTime"] = time.perf_counter() - started
    stats["peakMemoryUsage"] = _bytes(rows)
    return stats


def _bytes(rows: list[Any]) -> int:
    """Memory of the rows in blocks of 32 KiB, estimated from the first row."""
    if not rows:
        return 0
    size = sys.getsizeof(rows) + len(rows) * sys.getsizeof(rows[0])
    return -(-size // _BLOCK_BYTES) * _BLOCK_BYTES


def collections_of(text: str, bind_vars: dict[str, Any] | None = None) -> tuple[set[str], set[str]]:
    """The collections a query names: those it reads and those it writes."""
    binds = bind_vars or {}
    made = _prepared(None, text, binds, "AQL: ")
    names = {mode: set(_names(made, binds, mode)) for mode in ("read", "write", "exclusive")}
    return names["read"], names["write"] | names["exclusive"]


def parse_check(text: str) -> dict[str, Any]:
    """What ``POST /_api/query`` tells: bindVars, collections, ast (its operations by name)."""
    parse(text)
    made = plan(text)
    return {
        "parsed": True,
        "bindVars": list(made.binds),
        "collections": sorted({access.name for access in made.accesses if not access.is_bind}),
        "ast": [{"type": "root", "subNodes": [_shown(op) for op in made.tree.operations]}],
    }


def _shown(operation: n.Operation) -> dict[str, Any]:
    return {"type": type(operation).__name__.lower()}


def explain(
    database: Database, text: str, bind_vars: dict[str, Any] | None = None
) -> dict[str, Any]:
    """The plan that ``execute`` follows, with the indexes it uses today."""
    started = time.perf_counter()
    binds = bind_vars or {}
    made = _prepared(database, text, binds, "")
    return explained(database, made, binds, started)
