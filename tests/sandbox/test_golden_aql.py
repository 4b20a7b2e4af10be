"""Queries recorded on a real server, played on the sandbox.

The recordings are no part of the project: without their folder (ARANGOLAB_GOLDEN, by default
../shared/golden) these tests are skipped.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from arangolab.sandbox.faults import ArangoError
from arangolab.sandbox.store import Database, Server
from tests.sandbox.world import fill, query

ROOT = Path(__file__).parents[2]
GOLDEN = Path(os.environ.get("ARANGOLAB_GOLDEN", ROOT.parent / "shared" / "golden"))
RECORDINGS = sorted(GOLDEN.glob("*-aql.jsonl")) if GOLDEN.is_dir() else []

pytestmark = pytest.mark.skipif(not RECORDINGS, reason=f"no recorded queries in {GOLDEN}")

AT_LEAST = 176
"""How many of the 228 recorded results the sandbox reproduces, or more."""

EXPLAINED = {
    "RANDOM_TOKEN": "random",
    "UUID": "random",
    "REGEX_": "the recording doubled the backslashes of the query",
}
"""Functions whose recorded results no server gives again, and why."""

KNOWS = [("alice", "bob"), ("bob", "charlie"), ("bob", "dave"), ("eve", "alice"), ("eve", "bob")]
CIRCLES = {
    "AB": "left_bar", "BC": "left_blarg", "CD": "left_blorg", "BE": "left_blub",
    "EF": "left_schubi", "AG": "right_foo", "GH": "right_blob", "HI": "right_blub",
    "GJ": "right_zip", "JK": "right_zup",
}  # fmt: skip


@pytest.fixture(scope="module")
def where() -> Database:
    """A database with two of ArangoDB's example graphs."""
    made = Server().create_database("golden")
    people = sorted({name for pair in KNOWS for name in pair})
    _graph(made, "knows_graph", "persons", "knows")
    fill(made, "persons", *({"_key": name, "name": name.title()} for name in people))
    for source, target in KNOWS:
        fill(made, "knows", {"_from": f"persons/{source}", "_to": f"persons/{target}"})
    _graph(made, "traversalGraph", "circles", "edges")
    fill(made, "circles", *({"_key": name, "label": name} for name in "ABCDEFGHIJK"))
    for pair, label in CIRCLES.items():
        ends = {"_from": f"circles/{pair[0]}", "_to": f"circles/{pair[1]}", "label": label}
        fill(made, "edges", {**ends, "theTruth": True, "theFalse": False})
    return made


def _graph(where: Database, name: str, vertices: str, edges: str) -> None:
    where.create_collection(vertices)
    where.create_collection(edges, 3)
    definition = {"collection": edges, "from": [vertices], "to": [vertices]}
    where.graphs[name] = {"edgeDefinitions": [definition], "orphanCollections": []}


def _without_revisions(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_revisions(v) for name, v in value.items() if name != "_rev"}
    return [_without_revisions(v) for v in value] if isinstance(value, list) else value


def _outcome(where: Database, record: dict[str, Any]) -> str:
    try:
        found = query(where, record["query"], json.loads(record["bindVars"] or "{}")).rows
    except ArangoError as error:
        return f"refused {error.error_num}"
    if _without_revisions(found) == _without_revisions(record["result"]):
        return "reproduced"
    explained = any(name in record["query"] for name in EXPLAINED)
    return "explained" if explained else "WRONG"


def test_recorded_queries(where: Database) -> None:
    """Most are reproduced, the rest is refused by name; none gives another result."""
    records = [json.loads(line) for path in RECORDINGS for line in path.open(encoding="utf-8")]
    outcomes = {record["name"]: _outcome(where, record) for record in records}
    counted = Counter(outcomes.values())
    print(dict(counted))
    assert [name for name, outcome in outcomes.items() if outcome == "WRONG"] == []
    allowed = {"refused 1203", "refused 1501", "refused 1540", "refused 1541", "refused 1924"}
    assert counted.keys() <= {"reproduced", "explained"} | allowed
    if [path.name for path in RECORDINGS] == ["shared-aql.jsonl"]:
        assert counted["reproduced"] >= AT_LEAST
