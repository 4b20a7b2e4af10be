"""The store: databases, collections, documents, indexes."""

from __future__ import annotations

from typing import Any

import pytest

from arangolab.sandbox.expiry import expire
from arangolab.sandbox.faults import ArangoError
from arangolab.sandbox.store import EDGE, Server
from arangolab.sandbox.transaction import Transaction
from tests.sandbox.world import database, fill, refused, treat


def test_databases_are_made_and_dropped() -> None:
    """A database is there by name until it is dropped; _system always is."""
    server = Server()
    server.create_database("shop")
    assert list(server.databases) == ["_system", "shop"]
    with refused(1207):
        server.create_database("shop")
    server.create_database("Zwei Wörter ✓")
    for name in ("", "_mine", "1st", " before", "after ", "a:b", "a/b", "ü" * 65, "u\u0308"):
        with refused(1229):
            server.create_database(name)
    server.drop_database("shop")
    with refused(1228):
        server.database("shop")
    with refused(11):
        server.drop_database("_system")


@pytest.mark.parametrize("name", ["", "1st", " a", "a/b", "_hidden", "x" * 257, "\ud800", None])
def test_illegal_collection_names(name: Any) -> None:
    """A name that ArangoDB would not take is refused with 1208."""
    with refused(1208):
        database().create_collection(name)


def test_collections_are_made_renamed_and_dropped() -> None:
    """A rename takes the documents' _id along."""
    where = database("user")
    with refused(1207):
        where.create_collection("user")
    fill(where, "user", {"_key": "a"})
    where.rename_collection("user", "people")
    assert where.collection("people").documents["a"]["_id"] == "people/a"
    with refused(1203):
        where.collection("user")
    assert where.collection(where.collection("people").id).name == "people"
    where.drop_collection("people")
    with refused(1203):
        where.collection("people")
    with refused(11):
        where.drop_collection("_graphs")


def test_system_attributes_come_first_and_change_on_write() -> None:
    """Each write gives a new, greater _rev; the rest of the document stays as given."""
    where = database("user")
    fill(where, "user", {"name": "x", "_key": "a", "_rev": "mine", "_id": "no/no"})
    document = where.collection("user").documents["a"]
    assert list(document) == ["_key", "_id", "_rev", "name"]
    assert document["_id"] == "user/a"
    with Transaction(where, write=["user"]) as trx:
        change = treat(trx, "PATCH", "user", "a", {"n": 1})
    assert change["old"] == document
    assert change["new"]["_rev"] > document["_rev"]
    assert "n" not in document, "a committed document never changes"


@pytest.mark.parametrize("key", ["", "a b", "ä", "x" * 255, 7, None, "a/b"])
def test_illegal_keys(key: Any) -> None:
    """A key that ArangoDB would not take is refused with 1221."""
    where = database("user")
    with refused(1221):
        fill(where, "user", {"_key": key})


@pytest.mark.parametrize(
    ("options", "keys"),
    [
        ({"type": "autoincrement", "increment": 5, "offset": 11}, ["11", "16"]),
        ({"type": "autoincrement", "increment": 5}, ["5", "10"]),
        ({"type": "autoincrement"}, ["1", "2"]),
    ],
)
def test_key_generators(options: dict[str, Any], keys: list[str]) -> None:
    """Keys are generated as the collection's keyOptions say."""
    where = database()
    where.create_collection("c", keyOptions=options)
    fill(where, "c", {}, {})
    assert list(where.collection("c").documents) == keys


@pytest.mark.parametrize(
    "options",
    [
        {"type": "nix"},
        {"type": ["uuid"]},
        {"allowUserKeys": "no"},
        {"type": "autoincrement", "increment": 0},
        {"type": "autoincrement", "increment": "1"},
        {"type": "autoincrement", "offset": -1},
    ],
)
def test_key_options_that_cannot_be(options: dict[str, Any]) -> None:
    """They are refused when the collection is made, not when a key is needed."""
    with refused(10):
        database().create_collection("c", keyOptions=options)


@pytest.mark.parametrize(("kind", "length"), [("uuid", 36), ("padded", 16)])
def test_keys_of_fixed_length(kind: str, length: int) -> None:
    """Uuid and padded keys have their usual length."""
    where = database()
    where.create_collection("c", keyOptions={"type": kind})
    fill(where, "c", {})
    assert [len(key) for key in where.collection("c").documents] == [length]


def test_the_last_value_is_told() -> None:
    """The keyOptions tell the last key that was made."""
    where = database()
    made = where.create_collection("c", keyOptions={"type": "autoincrement"})
    assert [made.next_key() for _ in range(3)] == ["1", "2", "3"]
    assert made.describe()["keyOptions"]["lastValue"] == 3
    made.key_options["lastValue"] = 7
    assert made.next_key() == "8"
    assert made.describe()["keyOptions"]["lastValue"] == 8


def test_user_keys_can_be_forbidden() -> None:
    """allowUserKeys: false refuses a given key with 1222; an unknown generator is refused too."""
    where = database()
    where.create_collection("c", keyOptions={"allowUserKeys": False})
    with refused(1222):
        fill(where, "c", {"_key": "mine"})
    with refused(10):
        where.create_collection("d", keyOptions={"type": "magic"})


def test_generated_keys_avoid_given_ones() -> None:
    """A generated key never hits a key that a user took."""
    where = database()
    where.create_collection("c", keyOptions={"type": "autoincrement"})
    fill(where, "c", {"_key": "1"}, {"_key": "2"}, {})
    assert set(where.collection("c").documents) == {"1", "2", "3"}


@pytest.mark.parametrize(
    "edge", [{}, {"_from": "user/a"}, {"_from": "a", "_to": "b"}, {"_from": 1, "_to": "user/a"}]
)
def test_edges_need_both_ends(edge: dict[str, Any]) -> None:
    """An edge without valid _from and _to is refused with 1233."""
    where = database(edges=("knows",))
    with refused(1233):
        fill(where, "knows", edge)


@pytest.mark.parametrize(
    ("spec", "error_num"),
    [
        ({"type": "inverted", "fields": ["a"]}, 10),
        ({"type": "persistent", "fields": []}, 10),
        ({"type": "persistent", "fields": "a"}, 10),
        ({"type": "persistent", "fields": ["a", "a"]}, 10),
        ({"type": "ttl", "fields": ["a"]}, 10),
        ({"type": "ttl", "fields": ["a", "b"], "expireAfter": 1}, 10),
        ({"type": "ttl", "fields": ["a"], "expireAfter": 1}, 10),
        ({"type": "geo", "fields": ["a", "b", "c"]}, 10),
        ({"type": "fulltext", "fields": ["a", "b"]}, 10),
        ({"type": "persistent", "fields": ["a[*]"], "unique": True}, 10),
    ],
)
def test_bad_index_requests(spec: dict[str, Any], error_num: int) -> None:
    """What cannot be indexed is refused, as is a second TTL index."""
    collection = database("c").collection("c")
    collection.ensure_index({"type": "ttl", "fields": ["at"], "expireAfter": 1})
    with refused(error_num):
        collection.ensure_index(spec)


def test_indexes_are_made_once_found_and_dropped() -> None:
    """The same request gives the same index; built-in ones stay."""
    where = database(edges=("c",))
    collection = where.collection("c")
    index, is_new = collection.ensure_index({"type": "hash", "fields": ["a", "b"], "name": "ab"})
    again, is_again_new = collection.ensure_index({"type": "hash", "fields": ["a", "b"]})
    assert (is_new, is_again_new, again) == (True, False, index)
    assert [i["name"] for i in collection.describe_indexes()] == ["primary", "edge", "ab"]
    assert collection.drop_index(index.id) == f"c/{index.id}"
    with refused(1212):
        collection.drop_index("ab")
    with refused(11):
        collection.drop_index("primary")


def test_a_unique_index_refuses_what_is_there_already() -> None:
    """Making it over equal values fails with 1210 and leaves no index."""
    where = database("c")
    fill(where, "c", {"a": 1}, {"a": 1.0})
    with refused(1210):
        where.collection("c").ensure_index({"type": "persistent", "fields": ["a"], "unique": True})
    assert where.collection("c").indexes == ()


def test_properties_have_arangodbs_names() -> None:
    """describe() shows type, status, key options and the rest."""
    where = database()
    shown = where.create_collection("e", EDGE, waitForSync=True).describe()
    assert (shown["type"], shown["status"], shown["waitForSync"]) == (3, 3, True)
    usual = {"allowUserKeys": True, "type": "traditional", "lastValue": 0}
    assert shown["keyOptions"] == usual
    with refused(1218):
        where.create_collection("f", 4)


def test_errors_carry_number_status_and_envelope() -> None:
    """An ArangoError is what the HTTP reply needs."""
    error = ArangoError(1202)
    assert error.to_dict() == {
        "code": 404,
        "error": True,
        "errorMessage": "document not found",
        "errorNum": 1202,
    }
    assert (ArangoError(1200).status, ArangoError(1200, status=412).status) == (409, 412)


def test_what_is_over_expires() -> None:
    """Documents go expireAfter seconds after their time, number or text, if nobody writes them."""
    where = database("c")
    spec = {"type": "ttl", "fields": ["at"], "expireAfter": 10}
    where.collection("c").ensure_index(spec)
    fill(where, "c", {"_key": "old", "at": 0}, {"_key": "text", "at": "1970-01-01T00:00:05Z"})
    fill(where, "c", {"_key": "new", "at": 95}, {"_key": "never"}, {"_key": "odd", "at": "soon"})
    fill(where, "c", {"_key": "busy", "at": 0})
    with Transaction(where, write=["c"]) as other:
        other.view("c").claim("busy")
        expire(where, now_s=100.0)
    assert set(where.collection("c").documents) == {"new", "never", "odd", "busy"}
