"""AQL's operations, each as query -> rows."""

# ruff: noqa: E501 - a table's row stays on one line

from __future__ import annotations

from typing import Any

import pytest

from arangolab.sandbox import aql
from arangolab.sandbox.store import Database
from arangolab.sandbox.transaction import Transaction
from tests.sandbox.world import database, fill, query, refused, rows, treat

PEOPLE: list[dict[str, Any]] = [
    {"_key": "ann", "age": 30, "city": "Bonn", "tags": ["a", "b"]},
    {"_key": "bob", "age": 20, "city": "Ulm", "tags": ["b"]},
    {"_key": "cid", "age": 40, "city": "Bonn", "tags": []},
    {"_key": "dan", "city": "Ulm"},
]


@pytest.fixture
def where() -> Database:
    """Four people who know each other: ann -> bob -> cid -> ann, ann -> dan."""
    made = database("person", "log", edges=("knows",))
    fill(made, "person", *PEOPLE)
    pairs = [("ann", "bob"), ("bob", "cid"), ("cid", "ann"), ("ann", "dan")]
    edges = [
        {"_key": f"{a}-{b}", "_from": f"person/{a}", "_to": f"person/{b}", "since": i}
        for i, (a, b) in enumerate(pairs)
    ]
    fill(made, "knows", *edges)
    definition = {"collection": "knows", "from": ["person"], "to": ["person"]}
    made.graphs["friends"] = {"edgeDefinitions": [definition], "orphanCollections": []}
    return made


EXPRESSIONS: list[tuple[str, Any]] = [
    ("1 + 2 * 3", 7),
    ("(1 + 2) * 3", 9),
    ("-2 - -3", 1),
    ("7 / 2", 3.5),
    ("6 / 2", 3),
    ("-7 % 3", -1),
    ("[1 / 0, 1 % 0, LEFT('a', 1 / 0), 'x' !~ '(']", [None, None, "", True]),
    (f"[{'9' * 25}, {'9' * 400}, {'9' * 5000}]", [1e25, None, None]),
    ('"3" + 4', 7),
    ("null + true", 1),
    ("0.1 + 0.2", 0.30000000000000004),
    ("1.5 + 1.5", 3),
    ("0xff + 0b11", 258),
    ("1 == 1.0", True),
    ("1 == true", False),
    ("null < false && false < 0 && 0 < '' && '' < [] && [] < {}", True),
    ("'a' < 'B'", True),
    ("1 && 2", 2),
    ("0 || 'x'", "x"),
    ("NOT 1", False),
    ("!''", True),
    ("1 ? 2 : 3", 2),
    ("0 ?: 3", 3),
    ("1 == 2 ? 'a' : 2 == 2 ? 'b' : 'c'", "b"),
    ("2 IN [1, 2]", True),
    ("2 NOT IN [1, 2]", False),
    ("NOT (2 IN [1, 2])", False),
    ("[2 IN 'x', 2 NOT IN 'x', 2 NOT IN null]", [False, False, False]),
    ("1..3", [1, 2, 3]),
    ("3..1", [3, 2, 1]),
    ("'foobar' LIKE 'f%b_r'", True),
    ("'foobar' NOT LIKE 'b%'", True),
    ("'foobar' =~ 'o+b'", True),
    ("'foobar' !~ '^b'", True),
    ("[1, 2, 3] ALL > 0", True),
    ("[1, 2, 3] ANY == 2", True),
    ("[1, 2, 3] NONE IN [4]", True),
    ("[1, 2, 3][1]", 2),
    ("[1, 2, 3][-1]", 3),
    ("[1, 2, 3][7]", None),
    ("{a: {b: 1}}.a.b", 1),
    ("{a: 1}['a']", 1),
    ("{a: 1}.x.y", None),
    ("{['a' + 1]: 1}", {"1": 1}),
    ("{[CONCAT('a', 1)]: 1}", {"a1": 1}),
    ("{'a b': 1, `for`: 2}", {"a b": 1, "for": 2}),
    ("[{a: 1}, {a: 2}][*].a", [1, 2]),
    ("[[1], [2, 3]][*][0]", [1, 2]),
    ("[[1, 2], [3]][**]", [1, 2, 3]),
    ("[{x: [{y: 1}, {y: 2}]}, {x: []}][*].x[*].y", [[1, 2], []]),
    ("[1, 2, 3, 4][* FILTER CURRENT % 2 == 0 RETURN CURRENT * 10]", [20, 40]),
    ("[1, 2, 3, 4][* LIMIT 1, 2]", [2, 3]),
    ("'x'[*].a", []),
    ("LENGTH(FOR i IN 1..3 RETURN i)", 3),
    ("(FOR i IN 1..3 FILTER i > 1 RETURN i)", [2, 3]),
    ("'line\\n\\u00e4'", "line\nä"),
    ("1 /* comment */ + // another\n 2", 3),
]


@pytest.mark.parametrize(("text", "value"), EXPRESSIONS)
def test_expressions(text: str, value: Any) -> None:
    """An expression has the value that ArangoDB gives it."""
    found = rows(database(), f"RETURN {text}")[0]
    assert found == value
    assert type(found) is type(value)


QUERIES: list[tuple[str, list[Any]]] = [
    ("FOR p IN person FILTER p.age > 20 SORT p.age DESC RETURN p._key", ["cid", "ann"]),
    ("FOR p IN person FILTER p.age == null RETURN p._key", ["dan"]),
    ("FOR p IN person SORT p.city, p._key DESC RETURN p._key", ["cid", "ann", "dan", "bob"]),
    ("FOR p IN person SORT p._key LIMIT 1, 2 RETURN p._key", ["bob", "cid"]),
    ("FOR p IN person LIMIT 0 RETURN p", []),
    ("FOR i IN 1..4 LIMIT null, 2 RETURN i", [1, 2]),
    ("FOR i IN 1..4 LIMIT 1, null RETURN i", [2, 3, 4]),
    ("FOR p IN person LET a = p.age FILTER a IN [20, 30] SORT a RETURN a", [20, 30]),
    ("FOR p IN person SORT p._key RETURN DISTINCT p.city", ["Bonn", "Ulm"]),
    ("FOR p IN person COLLECT city = p.city RETURN city", ["Bonn", "Ulm"]),
    ("FOR p IN person COLLECT c = p.city WITH COUNT INTO n RETURN [c, n]", [["Bonn", 2], ["Ulm", 2]]),
    ("FOR p IN person COLLECT WITH COUNT INTO n RETURN n", [4]),
    ("FOR p IN person FILTER false COLLECT WITH COUNT INTO n RETURN n", [0]),
    (
        "FOR p IN person COLLECT c = p.city AGGREGATE o = MAX(p.age), s = SUM(p.age), n = COUNT()"
        " RETURN [c, o, s, n]",
        [["Bonn", 40, 70, 2], ["Ulm", 20, 20, 2]],
    ),
    ("FOR p IN person COLLECT AGGREGATE a = AVG(p.age) RETURN a", [30]),
    ("FOR i IN [] COLLECT AGGREGATE s = SUM(i), m = MAX(i), n = COUNT(i), u = UNIQUE(i) RETURN [s, m, n, u]", [[None, None, 0, []]]),
    ("FOR i IN [null] COLLECT AGGREGATE s = SUM(i) RETURN s", [0]),
    ("FOR i IN 1..2 FOR j IN (FOR k IN 3..1 SORT k LIMIT i RETURN k) LET s = i + j SORT s DESC RETURN [i, j, s]", [[2, 2, 4], [2, 1, 3], [1, 1, 2]]),
    ("FOR v, e, p IN 1..2 OUTBOUND 'person/ann' knows PRUNE v._key == 'bob' LET k = v._key FOR i IN 1..2 RETURN [k, i]", [["dan", 1], ["dan", 2], ["bob", 1], ["bob", 2]]),
    ("FOR i IN 1..3 LET o = i COLLECT odd = i % 2 INTO g LET n = LENGTH(g) FOR j IN g RETURN [odd, n, j.o]", [[0, 1, 2], [1, 2, 1], [1, 2, 3]]),
    ("FOR i IN [1] LET n = 2 COLLECT k = i INTO g KEEP n, i RETURN ATTRIBUTES(g[0])", [["n", "i"]]),
    ("FOR x IN [1, 'b', 1.5, null, 'a'] SORT x DESC RETURN x", ["b", "a", 1.5, 1, None]),
    (
        "FOR p IN person SORT p._key COLLECT c = p.city INTO g = p._key RETURN [c, g]",
        [["Bonn", ["ann", "cid"]], ["Ulm", ["bob", "dan"]]],
    ),
    (
        "FOR p IN person SORT p._key LET n = 1 COLLECT c = p.city INTO g KEEP n RETURN g",
        [[{"n": 1}, {"n": 1}], [{"n": 1}, {"n": 1}]],
    ),
    (
        "FOR p IN person SORT p._key COLLECT c = p.city INTO g RETURN g[*].p._key",
        [["ann", "cid"], ["bob", "dan"]],
    ),
    ("FOR i IN 1..2 FOR j IN [10, 20] RETURN i * j", [10, 20, 20, 40]),
    ("FOR i IN 1..2 LET s = (FOR j IN 1..i RETURN j) RETURN s", [[1], [1, 2]]),
    ("LET x = 1, y = 2 RETURN {x, y}", [{"x": 1, "y": 2}]),
    ("RETURN LENGTH(person)", [4]),
    ("RETURN COUNT(FOR p IN person RETURN 1)", [4]),
    ("RETURN DOCUMENT('person/ann').age", [30]),
    ("RETURN DOCUMENT(person, ['ann', 'x', 'bob'])[*].age", [[30, 20]]),
    ("FOR v IN 1..1 OUTBOUND 'person/ann' knows RETURN v._key", ["dan", "bob"]),
    ("FOR v IN OUTBOUND 'person/bob' knows RETURN v._key", ["cid"]),
    ("FOR v IN INBOUND 'person/bob' knows RETURN v._key", ["ann"]),
    ("FOR v IN ANY 'person/bob' GRAPH 'friends' SORT v._key RETURN v._key", ["ann", "cid"]),
    ("FOR v IN ANY 'person/bob' GRAPH friends SORT v._key RETURN v._key", ["ann", "cid"]),
    ("FOR v, e IN 2 OUTBOUND 'person/ann' knows RETURN [v._key, e.since]", [["cid", 1]]),
    ("FOR v, e, p IN 2..3 OUTBOUND 'person/ann' knows RETURN LENGTH(p.edges)", [2, 3]),
    ("FOR v IN 0..9 OUTBOUND 'person/ann' knows RETURN v._key", ["ann", "dan", "bob", "cid", "ann", "dan"]),
    (
        "FOR v IN 0..9 OUTBOUND 'person/ann' knows OPTIONS {bfs: true, uniqueVertices: 'global'}"
        " RETURN v._key",
        ["ann", "bob", "dan", "cid"],
    ),
    (
        "FOR v IN 0..9 OUTBOUND 'person/ann' knows OPTIONS {uniqueVertices: 'path'} RETURN v._key",
        ["ann", "dan", "bob", "cid"],
    ),
    ("FOR v IN 1..9 OUTBOUND 'person/ann' knows PRUNE v._key == 'bob' RETURN v._key", ["dan", "bob"]),
    (
        "FOR v IN 1..9 OUTBOUND 'person/ann' knows PRUNE c = v._key == 'bob' FILTER c RETURN v._key",
        ["bob"],
    ),
    ("FOR p IN person FILTER p._key == 'ann' FOR v IN OUTBOUND p knows SORT v._key RETURN v._key", ["bob", "dan"]),
    ("FOR v IN OUTBOUND 'person/ann' knows, INBOUND knows SORT v._key RETURN v._key", ["bob", "cid", "dan"]),
    ("WITH person FOR v IN OUTBOUND 'person/bob' knows RETURN v._key", ["cid"]),
    ("FOR v IN OUTBOUND null knows RETURN v", []),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), QUERIES)
def test_queries(where: Database, text: str, expected: list[Any]) -> None:
    """A query returns these rows, in this order."""
    assert rows(where, text) == expected


MODIFICATIONS: list[tuple[str, list[Any], dict[str, Any], int]] = [
    ("INSERT {_key: 'e', age: 1} INTO person RETURN NEW.age", [1], {"e": 1}, 1),
    ("INSERT {_key: 'e'} IN person", [], {"e": None}, 1),
    ("FOR i IN 1..3 INSERT {_key: TO_STRING(i), age: i} INTO person", [], {"1": 1, "3": 3}, 3),
    ("UPDATE 'ann' WITH {age: 31} IN person RETURN [OLD.age, NEW.age]", [[30, 31]], {"ann": 31}, 1),
    ("UPDATE {_key: 'ann', age: 32} IN person", [], {"ann": 32}, 1),
    ("FOR p IN person UPDATE p WITH {age: p.age + 1} IN person", [], {"ann": 31, "dan": 1}, 4),
    ("FOR p IN person FILTER p.age > 20 REPLACE p WITH {age: 0} IN person", [], {"ann": 0, "bob": 20}, 2),
    ("REMOVE 'ann' IN person RETURN OLD.age", [30], {"ann": "gone"}, 1),
    ("FOR p IN person REMOVE p IN person", [], {"ann": "gone", "dan": "gone"}, 4),
    ("REMOVE 'x' IN person OPTIONS {ignoreErrors: true}", [], {}, 0),
    ("UPSERT {city: 'Bonn', age: 30} INSERT {} UPDATE {age: OLD.age + 5} IN person RETURN NEW.age", [35], {"ann": 35}, 1),
    ("UPSERT {_key: 'z'} INSERT {_key: 'z', age: 9} UPDATE {age: 0} IN person RETURN OLD", [None], {"z": 9}, 1),
    ("UPSERT {_key: 'ann'} INSERT {} REPLACE {age: 8} IN person RETURN NEW.city", [None], {"ann": 8}, 1),
    ("INSERT {_key: 'ann', age: 5} INTO person OPTIONS {overwriteMode: 'update'} RETURN NEW.city", ["Bonn"], {"ann": 5}, 1),
    ("INSERT {_key: 'ann', age: 5} INTO person OPTIONS {overwrite: true} RETURN NEW.city", [None], {"ann": 5}, 1),
    ("UPDATE 'ann' WITH {age: null} IN person OPTIONS {keepNull: false} RETURN HAS(NEW, 'age')", [False], {}, 1),
    ("LET gone = (FOR e IN knows REMOVE e IN knows RETURN 1) REMOVE 'ann' IN person RETURN LENGTH(gone)", [4], {"ann": "gone"}, 5),
    ("FOR v IN 1..1 OUTBOUND 'person/ann' knows UPDATE v WITH {age: 7} IN person RETURN 1", [1, 1], {"bob": 7, "dan": 7}, 2),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected", "ages", "writes"), MODIFICATIONS)
def test_modifications(
    where: Database, text: str, expected: list[Any], ages: dict[str, Any], writes: int
) -> None:
    """A query changes these documents, returns these rows and counts its writes."""
    result = query(where, text)
    assert (result.rows, result.extra["stats"]["writesExecuted"]) == (expected, writes)
    documents = where.collection("person").documents
    for key, age in ages.items():
        assert (documents[key].get("age") if key in documents else "gone") == age


def test_the_login_of_the_blog_touches_what_it_should() -> None:
    """One user by key and all groups of that user, both through indexes."""
    where = database("user", "groups", edges=("userToGroups",))
    fill(where, "user", *({"_key": f"user_{i}", "counter": 0} for i in range(20)))
    fill(where, "groups", *({"_key": f"group_{i}", "counter": 0} for i in range(5)))
    fill(
        where,
        "userToGroups",
        *({"_from": "user/user_7", "_to": f"groups/group_{i}"} for i in range(3)),
    )
    with Transaction(where, write=["user", "groups"], read=["userToGroups"]) as trx:
        first = aql.execute(
            trx,
            "FOR u IN user FILTER u._key == @key UPDATE u WITH {counter: u.counter + 1,"
            " lastseen: @now} IN user RETURN NEW._id",
            {"key": "user_7", "now": 1},
        )
        second = aql.execute(
            trx,
            "FOR g IN 1..1 OUTBOUND @id userToGroups UPDATE g WITH {counter: g.counter + 1}"
            " IN groups RETURN 1",
            {"id": first.rows[0]},
        )
    assert (first.extra["stats"]["scannedFull"], first.extra["stats"]["scannedIndex"]) == (0, 1)
    assert second.rows == [1, 1, 1]
    assert sum(d["counter"] for d in where.collection("user").documents.values()) == 1
    assert sum(d["counter"] for d in where.collection("groups").documents.values()) == 3


def test_a_query_in_a_transaction_sees_its_writes(where: Database) -> None:
    """By key, by index, by edge and in scans, before commit; nobody else does."""
    where.collection("person").ensure_index({"type": "persistent", "fields": ["age"]})
    with Transaction(where, write=["person", "knows"]) as trx:
        treat(trx, "PATCH", "person", "ann", {"age": 77})
        treat(trx, "POST", "knows", body={"_from": "person/dan", "_to": "person/ann"})
        by_age = "FOR p IN person FILTER p.age == 77 RETURN p._key"
        assert aql.execute(trx, by_age).rows == ["ann"]
        assert aql.execute(trx, "FOR v IN OUTBOUND 'person/dan' knows RETURN v.age").rows == [77]
        assert rows(where, by_age) == []


def test_writes_need_a_declaration(where: Database) -> None:
    """In a declared transaction a query writes only where it may: 1652."""
    with Transaction(where, write=["log"]) as trx:
        with refused(1652):
            aql.execute(trx, "UPDATE 'ann' WITH {age: 1} IN person")
        aql.execute(trx, "FOR p IN person INSERT {of: p._key} INTO log")
    assert len(where.collection("log").documents) == 4


WALKS: list[tuple[str, list[Any]]] = [
    ("v IN 1..2 OUTBOUND 'person/ann' knows OPTIONS {order: 'weighted', weightAttribute: 'since'} RETURN v._key", ["bob", "cid", "dan"]),
    ("v IN 1..3 OUTBOUND 'person/ann' GRAPH 'friends' OPTIONS {edgeCollections: []} RETURN v", []),
    ("v IN 1..1 OUTBOUND 'person/ann' GRAPH 'friends' OPTIONS {edgeCollections: 'knows', vertexCollections: ['person']} SORT v._key RETURN v._key", ["bob", "dan"]),
    ("v IN 1..1 OUTBOUND 'person/ann' knows OPTIONS {vertexCollections: 'log'} RETURN v", []),
]  # fmt: skip


@pytest.mark.parametrize(("text", "found"), WALKS)
def test_options_of_traversals(where: Database, text: str, found: list[Any]) -> None:
    """In the order of weight, over some edge collections only, to vertices of some only."""
    assert rows(where, f"FOR {text}") == found


def test_only_edge_collections_can_be_followed(where: Database) -> None:
    """Anything else is refused with 1218."""
    with refused(1218):
        rows(where, "FOR v IN OUTBOUND 'person/ann' person RETURN v")


PATHS: list[tuple[str, list[Any]]] = [
    ("v IN OUTBOUND SHORTEST_PATH 'person/bob' TO 'person/dan' knows RETURN v._key", ["bob", "cid", "ann", "dan"]),
    ("v, e IN ANY SHORTEST_PATH 'person/bob' TO 'person/dan' GRAPH 'friends' RETURN e.since", [None, 0, 3]),
    ("v IN INBOUND SHORTEST_PATH 'person/dan' TO 'person/bob' knows RETURN v._key", ["dan", "ann", "cid", "bob"]),
    ("v IN OUTBOUND SHORTEST_PATH 'person/dan' TO 'person/ann' knows RETURN v", []),
    ("v IN OUTBOUND SHORTEST_PATH 'person/ann' TO 'person/ann' knows RETURN v._key", ["ann"]),
    ("v IN ANY SHORTEST_PATH 'person/ann' TO 'person/cid' knows OPTIONS {weightAttribute: 'since'} RETURN v._key", ["ann", "bob", "cid"]),
    ("p IN ANY ALL_SHORTEST_PATHS 'person/ann' TO 'person/cid' knows RETURN p.vertices[*]._key", [["ann", "cid"]]),
    ("p IN ANY K_SHORTEST_PATHS 'person/ann' TO 'person/cid' knows RETURN [p.weight, LENGTH(p.edges)]", [[1, 1], [2, 2]]),
    ("p IN ANY K_SHORTEST_PATHS 'person/ann' TO 'person/cid' knows OPTIONS {weightAttribute: 'no', defaultWeight: 3} LIMIT 1 RETURN p.weight", [3]),
    ("p IN 2..5 ANY K_PATHS 'person/ann' TO 'person/cid' knows RETURN p.vertices[*]._key", [["ann", "bob", "cid"]]),
    ("p IN 1..1 ANY K_PATHS 'person/ann' TO 'person/cid' knows RETURN LENGTH(p.vertices)", [2]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "found"), PATHS)
def test_paths(where: Database, text: str, found: list[Any]) -> None:
    """The lightest path, all that are as light, and paths in the order of their weight."""
    assert rows(where, f"FOR {text}") == found


def test_a_path_in_a_large_graph_is_found_passing_each_vertex_once() -> None:
    """The search ends at the target, and comes to no vertex again."""
    where = database("v", edges=("e",))
    links = [{"_from": f"v/{i}", "_to": f"v/{2 * i + j}"} for i in range(1, 2000) for j in (0, 1)]
    fill(where, "v", *({"_key": str(i)} for i in range(1, 4000)))
    fill(where, "e", *links)
    result = query(where, "FOR v IN OUTBOUND SHORTEST_PATH 'v/1' TO 'v/3000' e RETURN v._key")
    assert result.rows[-3:] == ["750", "1500", "3000"]
    assert result.extra["stats"]["scannedIndex"] < 5000


def test_one_of_very_many_shortest_paths_is_found_at_once() -> None:
    """A grid has millions of paths of the same weight from corner to corner."""
    size = 14
    where = database("v", edges=("e",))
    cells = [(i, j) for i in range(size) for j in range(size)]
    fill(where, "v", *({"_key": f"{i}-{j}"} for i, j in cells))
    steps = [(i, j, *to) for i, j in cells for to in ((i + 1, j), (i, j + 1)) if max(to) < size]
    fill(where, "e", *({"_from": f"v/{a}-{b}", "_to": f"v/{c}-{d}"} for a, b, c, d in steps))
    text = "FOR v IN ANY SHORTEST_PATH 'v/0-0' TO 'v/13-13' e RETURN v._key"
    result = query(where, text, options={"maxRuntime": 20})
    assert len(result.rows) == 2 * size - 1
    assert result.extra["stats"]["scannedIndex"] < 2000


INDEX_CASES = [
    ("p._key == 'ann'", "primary", 1),
    ("'ann' == p._key", "primary", 1),
    ("p._id == 'person/ann'", "primary", 1),
    ("p._key IN ['ann', 'bob', 'ann', 'x']", "primary", 2),
    ("p.age == 20", "age", 1),
    ("p.age IN [20, 30] AND p.city != 'x'", "age", 2),
    ("p.city == 'Bonn' AND p.tags == []", "two", 1),
    ("p.age == 20 OR p.age == 30", None, 2),
    ("p.age == null", "age", 1),
    ("p.age == p.age", None, 4),
    ("p.nick == null", None, 4),
    ("p.age > 20", "age", 2),
    ("20 < p.age AND p.age <= 30", "age", 1),
    ("p.age < 30", "age", 2),
    ("p.age >= 20 && p.age != 30", "age", 2),
    ("p.city == 'Bonn'", "two", 2),
    ("p.city IN ['Bonn', 'Ulm'] AND p.tags >= ['b']", "two", 1),
    ("p.city > 'C'", "two", 2),
    ("p.tags == []", None, 1),
    ("p.nick < 'x'", None, 4),
    ("p.nick > 'x'", None, 0),
    ("p.nick == 'x'", "sparse", 0),
]


@pytest.mark.parametrize(("condition", "index", "found"), INDEX_CASES)
def test_the_index_rule(where: Database, condition: str, index: str | None, found: int) -> None:
    """Conditions right after FOR use an index; statistics and explain agree."""
    person = where.collection("person")
    person.ensure_index({"type": "persistent", "fields": ["age"], "name": "age"})
    person.ensure_index({"type": "hash", "fields": ["city", "tags"], "name": "two"})
    person.ensure_index({"type": "hash", "fields": ["nick"], "name": "sparse", "sparse": True})
    text = f"FOR p IN person FILTER {condition} RETURN p"
    result = query(where, text)
    assert len(result.rows) == found
    sees_all = index is None
    assert (result.extra["stats"]["scannedFull"] > 0) == sees_all
    shown = aql.explain(where, text)["plan"]["nodes"][1]
    if condition != "p.nick == null":
        assert (shown["type"] == "IndexNode") != sees_all
        assert [i["name"] for i in shown.get("indexes", [])] == ([index] if index else [])


def test_explain_names_edge_index_rules_and_collections(where: Database) -> None:
    """The plan tells nodes in order, rules, and which collections are read or written."""
    text = "FOR e IN @@edges FILTER e._from == @who UPDATE e WITH {seen: true} IN @@edges"
    shown = aql.explain(where, text, {"@edges": "knows", "who": "person/ann"})["plan"]
    types = [node["type"] for node in shown["nodes"]]
    assert types[:2] == ["SingletonNode", "IndexNode"]
    assert types[-1] == "UpdateNode"
    assert shown["nodes"][1]["indexes"][0]["type"] == "edge"
    assert shown["rules"] == ["use-indexes"]
    assert shown["collections"] == [{"name": "knows", "type": "write"}]
    assert shown["isModificationQuery"] is True


def test_statistics_are_true(where: Database) -> None:
    """Scans, filters, the full count and ignored writes are counted."""
    text = "FOR p IN person FILTER p.age > 0 LIMIT 1 RETURN p"
    stats = query(where, text, options={"fullCount": True}).extra["stats"]
    assert (stats["scannedFull"], stats["filtered"], stats["fullCount"]) == (4, 1, 3)
    assert query(where, "FOR p IN person LIMIT 2 RETURN p").extra["stats"]["scannedFull"] == 2
    ignored = query(where, "FOR k IN ['x', 'ann'] REMOVE k IN person OPTIONS {ignoreErrors: true}")
    assert (ignored.extra["stats"]["writesIgnored"], ignored.extra["stats"]["writesExecuted"]) == (
        1,
        1,
    )
    assert ignored.extra["stats"]["executionTime"] > 0


def test_parse_check() -> None:
    """What a query names can be known before it runs."""
    text = "FOR p IN person FILTER p.age == @age INSERT p INTO @@to"
    checked = aql.parse_check(text)
    assert (checked["bindVars"], checked["collections"]) == (["age", "@to"], ["person"])


def test_bind_parameters(where: Database) -> None:
    """Values, collections, attribute names and limits can be bound."""
    text = "FOR p IN @@c SORT p.@by @way LIMIT @n RETURN p[@what]"
    binds = {"@c": "person", "by": "age", "way": "DESC", "n": 2, "what": "_key"}
    assert rows(where, text, **binds) == ["cid", "ann"]


def test_profile(where: Database) -> None:
    """With profile 1 the phases are timed; with 2 the plan is told as well."""
    text = "FOR i IN 1..9 FILTER i > 2 RETURN SLEEP(0.001)"
    extra = query(where, text, options={"profile": 1}).extra
    assert extra.keys() == {"warnings", "stats", "profile"}
    assert extra["profile"]["executing"] >= 0.007
    extra = query(where, text, options={"profile": 2}).extra
    types = [node["type"] for node in extra["plan"]["nodes"]]
    assert types[0] == "SingletonNode"
    assert types[-2:] == ["FilterNode", "ReturnNode"]


def test_full_count_is_of_the_outermost_limit(where: Database) -> None:
    """A LIMIT in a subquery does not count."""
    text = "FOR i IN 1..9 {} RETURN (FOR j IN 1..i LIMIT 1 RETURN j)"
    for limit, full in (("LIMIT 2, 3", 9), ("", 0)):
        assert (
            query(where, text.format(limit), options={"fullCount": True}).extra["stats"][
                "fullCount"
            ]
            == full
        )


def test_options_of_a_write_can_be_bound(where: Database) -> None:
    """OPTIONS take bind parameters; those that a plan depends on must be literals."""
    fill(where, "person", {"_key": "zoe", "age": 1, "town": {"name": "x"}})
    text = """FOR p IN person FILTER p._key == 'zoe'
        UPDATE p WITH {age: null, town: {zip: 1}} IN person
        OPTIONS {keepNull: @keep, mergeObjects: @merge, waitForSync: true} RETURN NEW"""
    changed = rows(where, text, keep=False, merge=False)[0]
    assert "age" not in changed
    assert changed["town"] == {"zip": 1}
    with refused(1575):
        rows(where, "FOR p IN person REMOVE p IN person OPTIONS {exclusive: @e}", e=True)
    with refused(1551):
        rows(where, "FOR p IN person REMOVE p IN person OPTIONS {waitForSync: @w}")
