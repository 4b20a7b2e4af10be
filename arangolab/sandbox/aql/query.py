"""Queries: text to plan, running it, explaining and checking it.

Plans depend on the text only, never on bind values, collections or indexes, and are cached by it.
"""

from __future__ import annotations

import functools
import math
import sys
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from arangolab.sandbox.aql.context import Context, Frame, resolved
from arangolab.sandbox.aql.grammar import Node, parse
from arangolab.sandbox.aql.traverse import Traversals
from arangolab.sandbox.faults import ArangoError, check
from arangolab.sandbox.store import Database
from arangolab.sandbox.transaction import MODES, Transaction

Given = dict[str, Any] | None
_PARSING = " (while parsing)"
_BLOCK_BYTES = 32_768
_PHASES = (
    "initializing,parsing,optimizing ast,loading collections,instantiating plan,optimizing plan,"
    "instantiating executors,executing,finalizing"
)


class Plan(Traversals):
    """A compiled query; ArangoError 1501, 1502, 1511, 1540 and others."""

    def __init__(self, text: str) -> None:
        super().__init__()
        tree: Node = parse(text)
        self.operations = tree.children[1:]
        self.run: Callable[[Frame], list[Any]] = self.compile(tree)
        self.modifies = any(mode != "read" for _, mode in self.accesses)


_plan = functools.lru_cache(maxsize=1000)(Plan)


class QueryResult(NamedTuple):
    """What a query gave."""

    rows: list[Any]
    """The values of RETURN; committed documents among them must not be changed."""
    extra: dict[str, Any]
    """``extra`` of ArangoDB's cursor API: warnings, stats, and what profile asks for."""


def _worded(before: str, after: str, call: Callable[..., Any], *given: Any) -> Any:
    """Puts ArangoDB's words around an error of a call; too much nesting is an ArangoError 1524."""
    try:
        return call(*given)
    except RecursionError:
        raise ArangoError(1524) from None
    except ArangoError as error:
        said = error.message if error.error_num == 1502 else f"{before}{error.message}{after}"
        raise ArangoError(error.error_num, said, error.status) from None


def _prepared(text: str, binds: dict[str, Any], database: Database) -> Plan:
    """A plan, with its bind values and collections checked."""
    made = _plan(text)
    check(type(binds) is dict, 1550)
    for name in made.binds:
        check(name in binds, 1551, (name,))
        check(not name.startswith("@") or type(binds[name]) is str, 1553, (name,))
    for name in binds.keys() - made.binds.keys():
        raise ArangoError(1552, (name,))
    for name, _ in made.accesses:
        database.collection(resolved(name, binds))
    return made


def execute(trx: Transaction, text: str, binds: Given = None, options: Given = None) -> QueryResult:
    """Run a query in a transaction, which stays open.

    Options: fullCount, failOnWarning, maxRuntime (seconds), memoryLimit (bytes, of the result) and
    profile; others change nothing.  ArangoError with ArangoDB's numbers.
    """
    started = time.perf_counter()
    binds, options = binds or {}, options or {}
    context = Context(trx, binds, options)
    stats = context.stats
    made = _worded("AQL: ", _PARSING, _prepared, text, binds, trx.database)
    for name in sorted(made.unknown_options):
        context.warn(1539, f"invalid/unknown options attribute used: '{name}'")
    if made.modifies:
        _announce(trx, made, binds)
    for name, _ in made.accesses:
        context.view(name)
    ready = time.perf_counter()
    rows = _worded("AQL: ", " (while executing)", made.run, [context] + [None] * made.width)
    ended = time.perf_counter()
    stats["executionTime"] = ended - started
    # in blocks, as if all rows were like the first
    size = sys.getsizeof(rows) + len(rows) * sys.getsizeof(rows[0]) if rows else 0
    stats["peakMemoryUsage"] = -(-size // _BLOCK_BYTES) * _BLOCK_BYTES
    is_small = stats["peakMemoryUsage"] <= (options.get("memoryLimit") or math.inf)
    check(is_small, 32, "AQL: query would use more memory than allowed (while executing)")
    extra: dict[str, Any] = {"warnings": context.warnings, "stats": stats}
    if profile := options.get("profile"):
        times = {"parsing": ready - started, "executing": ended - ready}
        extra["profile"] = {**dict.fromkeys(_PHASES.split(","), 0.0), **times}
        if profile is not True and profile != 1:
            extra["plan"] = _shown(made, binds, trx.database)
    return QueryResult(rows, extra)


def _announce(trx: Transaction, made: Plan, binds: dict[str, Any]) -> None:
    """Tell the transaction what will be touched; ArangoError 1579, 1652 and others."""
    modes: dict[str, str] = {}
    for name, mode in ((resolved(name, binds), mode) for name, mode in made.accesses):
        check(modes.get(name, "read") == "read", 1579, f"access after data-modification by {name}")
        modes[name] = mode
    trx.use(**{mode: [name for name in modes if modes[name] == mode] for mode in MODES})


def parse_check(text: str) -> dict[str, Any]:
    """What ``POST /_api/query`` tells: bindVars, collections, ast (its operations by name)."""
    made = _worded("", "", _plan, text)
    operations = [{"type": str(each.data).partition("_")[0]} for each in made.operations]
    names = sorted({name for name, _ in made.accesses if not name.startswith("@")})
    ast = [{"type": "root", "subNodes": operations}]
    return {"parsed": True, "bindVars": list(made.binds), "collections": names, "ast": ast}


def explain(database: Database, text: str, binds: Given = None) -> dict[str, Any]:
    """The plan that ``execute`` follows, with the indexes it uses today."""
    started, binds = time.perf_counter(), binds or {}
    made = _worded("", _PARSING, _prepared, text, binds, database)
    shown = _shown(made, binds, database)
    stats = {"plansCreated": 1, "peakMemoryUsage": 0, "rulesExecuted": 1, "rulesSkipped": 0}
    told = {**stats, "executionTime": time.perf_counter() - started}
    return {"plan": shown, "cacheable": not made.modifies, "warnings": [], "stats": told}


def _shown(made: Plan, binds: dict[str, Any], database: Database) -> dict[str, Any]:
    """The plan as explain shows it: true about indexes, rough about costs."""
    nodes: list[dict[str, Any]] = []
    costs = {"estimatedCost": 0, "estimatedNrItems": 1}
    for i, (kind, collections, look_up) in enumerate(made.nodes):
        names = [resolved(name, binds) for name in collections]
        shown: dict[str, Any] = {"type": kind, "id": i + 1, "dependencies": [i][:i]}
        if names:
            is_search = kind.startswith(("Traversal", "ShortestPath", "EnumeratePaths"))
            shown |= {"edgeCollections": names} if is_search else {"collection": names[0]}
        if look_up:
            collection = database.collection(names[0])
            index, _ = look_up.choose(collection)
            shown |= {"type": "IndexNode", "indexes": [index.describe(names[0])]} if index else {}
            costs["estimatedNrItems"] *= 1 if index else max(len(collection.documents), 1)
        costs["estimatedCost"] += costs["estimatedNrItems"]
        nodes.append({**shown, **costs})
    modes = {resolved(name, binds): mode for name, mode in made.accesses}
    used = [{"name": name, "type": modes[name]} for name in sorted(modes)]
    rules = ["use-indexes"] if any("indexes" in node for node in nodes) else []
    told = {"nodes": nodes, "rules": rules, "collections": used, "variables": []}
    return {**told, **costs, "isModificationQuery": made.modifies}
