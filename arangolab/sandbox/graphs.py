"""Definitions of graphs: {"edgeDefinitions": [...], "orphanCollections": [...]}."""

from __future__ import annotations

from typing import Any


def edges_of(graph: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The definitions of a graph by collection of edges."""
    return {one["collection"]: one for one in graph["edgeDefinitions"]}


def vertices_of(graph: dict[str, Any]) -> set[str]:
    """The collections of vertices of a graph, orphans among them."""
    named = [one["from"] + one["to"] for one in graph["edgeDefinitions"]]
    return set(graph["orphanCollections"]).union(*named)
