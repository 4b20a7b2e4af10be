"""The plan in the shape of ``POST /_api/explain``: true about indexes, rough about costs."""

from __future__ import annotations

import time
from typing import Any

from arangolab.sandbox.aql import nodes as n
from arangolab.sandbox.aql.plan import Access, Node, Plan
from arangolab.sandbox.store import Database

_FILTER_SHARE = 0.5


def explained(
    database: Database, made: Plan, binds: dict[str, Any], started: float
) -> dict[str, Any]:
    """The reply's body without error and code."""
    modes: dict[str, str] = {}
    for access in made.accesses:
        name = database.collection(access.resolve(binds)).name
        modes[name] = access.mode if access.mode != "read" else modes.get(name, "read")
    nodes: list[dict[str, Any]] = []
    rules: list[str] = []
    cost, items = 1.0, 1.0
    for node in made.nodes:
        shown, items = _shown(database, node, binds, items)
        cost += items
        shown["estimatedCost"] = cost if nodes else 1
        shown["estimatedNrItems"] = round(items)
        shown["dependencies"] = [nodes[-1]["id"]] if nodes else []
        nodes.append(shown)
        if shown["type"] == "IndexNode" and "use-indexes" not in rules:
            rules.append("use-indexes")
    return {
        "plan": {
            "nodes": nodes,
            "rules": rules,
            "collections": [{"name": name, "type": modes[name]} for name in sorted(modes)],
            "variables": [],
            "estimatedCost": cost,
            "estimatedNrItems": round(items),
            "isModificationQuery": made.is_modification,
        },
        "cacheable": not made.is_modification,
        "warnings": [],
        "stats": {
            "rulesExecuted": 1,
            "rulesSkipped": 0,
            "plansCreated": 1,
            "peakMemoryUsage": 0,
            "executionTime": time.perf_counter() - started,
        },
    }


def _shown(
    database: Database, node: Node, binds: dict[str, Any], items: float
) -> tuple[dict[str, Any], float]:
    shown: dict[str, Any] = {"type": node.type, "id": node.id}
    details = dict(node.details)
    collection = None
    if isinstance(details.get("collection"), n.Expression):
        name = _name(details.pop("collection"), binds)
        collection = database.collection(name)
        shown["collection"] = collection.name
    if node.type == "FilterNode":
        items *= _FILTER_SHARE
    if node.look_up is not None and collection is not None:
        index = node.look_up.describe(collection)
        if index is not None:
            shown["type"] = "IndexNode"
            shown["indexes"] = [index]
            items *= 1 / (index.get("selectivityEstimate") or 1)
        else:
            items *= max(collection.count, 1)
    if node.type == "TraversalNode":
        edges = details.pop("edges")
        shown["edgeCollections"] = [_name(of, binds) for _, of in edges]
    return {**shown, **details}, items


def _name(node: n.Expression, binds: dict[str, Any]) -> str:
    if type(node) is n.Ref:
        return node.name
    is_bind = type(node) is n.CollectionBind
    return Access(getattr(node, "name", ""), is_bind, "read").resolve(binds)
