"""The plan in the shape of ``POST /_api/explain``: true about indexes, rough about costs."""

from __future__ import annotations

import time
from typing import Any

from arangolab.sandbox.aql.plan import Plan
from arangolab.sandbox.aql.scope import PlanNode
from arangolab.sandbox.store import Database

_FILTER_SHARE = 0.5


def explained(database: Database, made: Plan, binds: dict[str, Any]) -> dict[str, Any]:
    """The reply's body without error and code."""
    started = time.perf_counter()
    modes: dict[str, str] = {}
    for access in made.accesses:
        name = access.resolve(binds)
        modes[name] = access.mode if access.mode != "read" else modes.get(name, "read")
    nodes: list[dict[str, Any]] = []
    cost, items = 1.0, 1.0
    for node in made.nodes:
        shown, share = _shown(database, node, binds)
        items *= share
        cost += items if nodes else 0
        shown["estimatedCost"] = cost
        shown["estimatedNrItems"] = round(items)
        shown["dependencies"] = [nodes[-1]["id"]] if nodes else []
        nodes.append(shown)
    has_index = any(node["type"] == "IndexNode" for node in nodes)
    return {
        "plan": {
            "nodes": nodes,
            "rules": ["use-indexes"] if has_index else [],
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
    database: Database, node: PlanNode, binds: dict[str, Any]
) -> tuple[dict[str, Any], float]:
    """A node, and by how much it multiplies the rows."""
    shown: dict[str, Any] = {"type": node.type, "id": node.id}
    share = _FILTER_SHARE if node.type == "FilterNode" else 1.0
    if node.collection is not None:
        shown["collection"] = node.collection.resolve(binds)
    if node.look_up is not None:
        collection = database.collection(shown["collection"])
        choice = node.look_up.choose(collection)
        if choice is not None:
            index = choice.using.describe(collection.name)
            shown |= {"type": "IndexNode", "indexes": [index]}
            share = 1 / (index.get("selectivityEstimate") or 1)
        else:
            share = max(collection.count, 1)
    details = dict(node.details)
    if "edges" in details:
        shown["edgeCollections"] = [access.resolve(binds) for access in details.pop("edges")]
    return {**shown, **details}, share
