"""Documents, collections, indexes and import over HTTP."""

from __future__ import annotations

import urllib.parse
from typing import Any

import pytest

from tests.sandbox.client import Client


@pytest.fixture
def c(client: Client) -> Client:
    """A database with a collection c of two documents."""
    client.collection("c", {"_key": "a", "n": 1}, {"_key": "b", "n": 2})
    return client


# ---- one document


def test_insert(c: Client) -> None:
    """202 with _id, _key, _rev, etag and location; 201 when it is to be on disk."""
    reply = c.ask("POST", "/_api/document/c", {"_key": "x"})
    assert reply.status_code == 202
    told = reply.json()
    assert told.keys() == {"_id", "_key", "_rev"}
    assert reply.headers["etag"] == f'"{told["_rev"]}"'
    assert reply.headers["location"] == f"/_db/{c.database}/_api/document/c/x"
    assert c.ask("POST", "/_api/document?collection=c&waitForSync=True", {}).status_code == 201
    assert c.good("POST", "/_api/document/c?silent=true", {}) == {}
    assert c.good("POST", "/_api/document/c?returnNew=true", {"n": 5})["new"]["n"] == 5


def test_read(c: Client) -> None:
    """The document with its revision; HEAD without it, 304 if the client has it."""
    reply = c.ask("GET", "/_api/document/c/a")
    revision = reply.json()["_rev"]
    assert (reply.status_code, reply.json()["n"]) == (200, 1)
    assert c.ask("HEAD", "/_api/document/c/a").headers["etag"] == f'"{revision}"'
    same = {"If-None-Match": f'"{revision}"'}
    assert c.ask("GET", "/_api/document/c/a", headers=same).status_code == 304
    other = {"If-Match": '"nix"'}
    assert c.refused("GET", "/_api/document/c/a", headers=other)[:2] == (412, 1200)
    assert c.refused("GET", "/_api/document/c/nix") == (404, 1202, "document not found")


def test_update_and_replace(c: Client) -> None:
    """PATCH merges, PUT replaces; keepNull, mergeObjects, returnOld and returnNew work."""
    path = "/_api/document/c/a"
    told = c.good("PATCH", path + "?returnOld=true&returnNew=true", {"m": {"x": 1}})
    assert told.keys() == {"_id", "_key", "_rev", "_oldRev", "old", "new"}
    assert (told["old"].get("m"), told["new"]["m"]) == (None, {"x": 1})
    c.good("PATCH", path, {"m": {"y": 2}})
    assert c.get(path)["m"] == {"x": 1, "y": 2}
    c.good("PATCH", path + "?mergeObjects=false&keepNull=false", {"m": {"z": 3}, "n": None})
    found = c.get(path)
    assert found["m"] == {"z": 3}
    assert "n" not in found
    c.good("PUT", path, {"k": 1})
    assert c.get(path).keys() == {"_id", "_key", "_rev", "k"}


def test_if_match(c: Client) -> None:
    """A write with the wrong revision is a 412 that tells the right one."""
    path, wrong = "/_api/document/c/a", {"If-Match": '"nix"'}
    revision = c.get(path)["_rev"]
    for method, body in (("PATCH", {}), ("PUT", {}), ("DELETE", None)):
        reply = c.ask(method, path, body, headers=wrong)
        assert reply.status_code == 412
        assert (reply.json()["errorNum"], reply.json()["_rev"]) == (1200, revision)
    c.good("PATCH", path, {}, headers={"If-Match": f'"{revision}"'})
    revision = c.get(path)["_rev"]
    assert c.ask("DELETE", path, headers={"If-Match": revision}).status_code == 202


def test_overwrite(c: Client) -> None:
    """OverwriteMode says what becomes of a document that is there."""
    path = "/_api/document/c?overwriteMode="
    status, number, message = c.refused("POST", path + "conflict", {"_key": "a"})
    assert (status, number) == (409, 1210)
    assert message.endswith("over '_key'; conflicting key: a")
    c.good("POST", path + "ignore", {"_key": "a", "n": 9})
    assert c.get("/_api/document/c/a")["n"] == 1
    c.good("POST", path + "update", {"_key": "a", "m": 9})
    assert c.get("/_api/document/c/a")["n"] == 1
    told = c.good("POST", "/_api/document/c?overwrite=true&returnOld=true", {"_key": "a"})
    assert (told["old"]["m"], "m" in c.get("/_api/document/c/a")) == (9, False)
    assert c.refused("POST", path + "nix", {})[:2] == (400, 10)


@pytest.mark.parametrize(
    ("method", "path", "body", "expected"),
    [
        ("POST", "/_api/document/c", b"{bad", (400, 600)),
        ("POST", "/_api/document/c", b"5", (400, 1227)),
        ("POST", "/_api/document/c", {"_key": 5}, (400, 1221)),
        ("POST", "/_api/document/c", {"_key": "a b"}, (400, 1221)),
        ("POST", "/_api/document/nix", {}, (404, 1203)),
        ("POST", "/_api/document", {}, (400, 1204)),
        ("PATCH", "/_api/document/c/nix", {}, (404, 1202)),
        ("DELETE", "/_api/document/c/nix", None, (404, 1202)),
        ("DELETE", "/_api/document/c", {}, (400, 400)),
        ("PATCH", "/_api/document/c", {}, (400, 1227)),
        ("GET", "/_api/index?collection=nix", None, (404, 1203)),
        ("POST", "/_api/index", {}, (404, 1203)),
        ("POST", "/_api/document/e", {"_from": "c/a"}, (400, 1233)),
    ],
)
def test_what_is_refused(
    c: Client, method: str, path: str, body: Any, expected: tuple[int, int]
) -> None:
    """Each mistake has ArangoDB's status and errorNum."""
    c.collection("e", kind=3)
    assert c.refused(method, path, body)[:2] == expected


def test_removals_are_200_once_they_are_on_disk(c: Client) -> None:
    """202 otherwise, and where nothing was removed; a silent reply has no etag."""
    path, synchronous = "/_api/document/c", "?waitForSync=true"
    c.good("POST", path, [{"_key": key} for key in "12345"])
    assert c.ask("DELETE", path + "/1").status_code == 202
    assert c.ask("DELETE", path + "/2" + synchronous).status_code == 200
    assert c.ask("DELETE", path, ["3"]).status_code == 202
    c.good("PUT", "/_api/collection/c/properties", {"waitForSync": True})
    assert c.ask("DELETE", path, ["4", "nix"]).status_code == 200
    assert c.ask("DELETE", path, ["nix"]).status_code == 202
    silent = c.ask("DELETE", path + "/5?silent=true")
    assert (silent.status_code, silent.json(), "etag" in silent.headers) == (200, {}, False)


# ---- many documents


def test_arrays(c: Client) -> None:
    """Items that fail leave their error in the list, the rest is done; a header counts them."""
    reply = c.ask("POST", "/_api/document/c?returnNew=true", [{"_key": "x"}, {"_key": "a"}, 5])
    good, *bad = reply.json()
    assert (reply.status_code, good["new"]["_key"]) == (202, "x")
    assert [one["errorNum"] for one in bad] == [1210, 1227]
    assert reply.headers["x-arango-error-codes"] == '{"1210":1,"1227":1}'
    many = [{"_key": "a", "n": 7}, {"_key": "nix"}]
    assert [one.get("errorNum") for one in c.good("PATCH", "/_api/document/c", many)] == [
        None,
        1202,
    ]
    assert c.get("/_api/document/c/a")["n"] == 7
    assert c.good("PUT", "/_api/document/c", [{"_key": "b", "m": 1}])[0]["_key"] == "b"
    read = c.good("PUT", "/_api/document/c?onlyget=true", ["a", {"_key": "b"}, "nix"])
    assert [one.get("n") for one in read] == [7, None, None]
    gone = c.good("DELETE", "/_api/document/c", ["a", {"_key": "b"}, "c/x", "nix"])
    assert [one.get("errorNum") for one in gone] == [None, None, None, 1202]
    assert c.query("FOR d IN c RETURN 1") == []


def test_revisions_in_arrays(c: Client) -> None:
    """ignoreRevs=false compares the _rev of each item."""
    path = "/_api/document/c?ignoreRevs=false"
    told = c.good("PATCH", path, [{"_key": "a", "_rev": "nix"}, {"_key": "b"}])
    assert [one.get("errorNum") for one in told] == [1200, None]
    assert "errorNum" not in c.good("PATCH", "/_api/document/c", [{"_key": "a", "_rev": "nix"}])[0]
    text = "REPLACE {_key: 'a', _rev: 'x'} IN c OPTIONS {ignoreRevs: false}"
    refused = c.ask("POST", "/_api/cursor", {"query": text})
    assert (refused.status_code, "_rev" in refused.json()) == (409, False)  # 412 is of documents


# ---- collections


def test_collections(c: Client) -> None:
    """They are made, listed, described, changed, renamed, emptied, dropped."""
    made = c.good("POST", "/_api/collection", {"name": "d", "type": 3, "waitForSync": True})
    assert (made["type"], made["waitForSync"], made["status"]) == (3, True, 3)
    names = [one["name"] for one in c.get("/_api/collection?excludeSystem=true")["result"]]
    assert sorted(names) == ["c", "d"]
    listed = {one["name"]: one for one in c.get("/_api/collection")["result"]}
    assert listed["_graphs"]["globallyUniqueId"] == "_graphs"
    assert c.get("/_api/collection/c/count")["count"] == 2
    assert c.get("/_api/collection/c/figures")["figures"]["documentsSize"] > 0
    changed = {"waitForSync": False, "cacheEnabled": True}
    told = c.good("PUT", "/_api/collection/d/properties", changed)
    assert {name: told[name] for name in changed} == changed
    assert c.refused("PUT", "/_api/collection/d/properties", {"cacheEnabled": 1})[:2] == (400, 10)
    assert c.get(f"/_api/collection/{made['id']}")["name"] == "d"
    assert c.good("PUT", "/_api/collection/c/rename", {"name": "cc"})["name"] == "cc"
    assert c.get("/_api/document/cc/a")["_id"] == "cc/a"
    c.good("PUT", "/_api/collection/cc/truncate")
    assert c.get("/_api/collection/cc/count")["count"] == 0
    assert c.good("DELETE", "/_api/collection/cc")["error"] is False
    assert c.refused("GET", "/_api/collection/cc/properties")[:2] == (404, 1203)


def test_versions_from_elsewhere(c: Client) -> None:
    """With versionAttribute only a greater version is written; no error is told of others."""
    path, asked = "/_api/document/c/a", "?versionAttribute=n&returnNew=true"
    for method, version in (("PATCH", 1), ("PUT", 0.5), ("PUT", 1.9)):
        told = c.good(method, path + asked, {"n": version, "new": 1})
        assert (told["new"]["n"], told["_rev"]) == (1, told["_oldRev"])
    (told,) = c.good(
        "POST", f"/_api/document/c{asked}&overwriteMode=update", [{"_key": "a", "n": 1}]
    )
    assert told["_rev"] == told["_oldRev"]
    assert c.good("PATCH", path + asked, {"n": 2})["new"]["n"] == 2
    assert c.good("PATCH", path + asked, {"n": "none"})["new"]["n"] == "none"
    assert c.good("PUT", path + asked, {"n": 0})["new"]["n"] == 0
    text = "UPDATE 'a' WITH {n: @n} IN c OPTIONS {versionAttribute: 'n'} RETURN NEW.n"
    assert [c.query(text, n=n) for n in (0, 1)] == [[0], [1]]
    c.good("DELETE", "/_api/document/c" + asked, [{"_key": "a", "n": 0}])
    assert c.refused("GET", path)[:2] == (404, 1202)


def test_names_beyond_ascii(c: Client) -> None:
    """Databases, collections and their documents may have any script's names, as since 3.12."""
    c.at("_system").good("POST", "/_api/database", {"name": f"{c.database} ü✓"})
    there = c.at(f"{c.database} ü✓")
    there.collection("Straßen ✓", {"_key": "a:b"})
    there.collection("wege", {"_from": "Straßen ✓/a:b", "_to": "Straßen ✓/c"}, kind=3)
    reply = there.ask("PUT", "/_api/document/Straßen ✓/a:b", {"n": 1})
    assert reply.json()["_id"] == "Straßen ✓/a:b"
    place = urllib.parse.quote(f"/_db/{there.database}/_api/document/Straßen ✓/a:b")
    assert reply.headers["location"] == place
    text = "FOR s IN `Straßen ✓` FOR v IN OUTBOUND s wege RETURN [s.n, PARSE_COLLECTION(s), v]"
    assert there.query(text) == [[1, "Straßen ✓", None]]
    c.at("_system").good("DELETE", f"/_api/database/{there.database}")


def test_collections_that_cannot_be(c: Client) -> None:
    """Names that are taken or illegal, and options that are unknown, are refused."""
    path = "/_api/collection"
    assert c.refused("POST", path, {"name": "c"}) == (409, 1207, "duplicate name")
    assert c.refused("POST", path, {"name": "5"})[:2] == (400, 1208)
    assert c.refused("POST", path, {})[:2] == (400, 1208)
    assert c.refused("POST", path, {"name": "s", "schema": {"rule": {}}})[:2] == (501, 9)
    assert c.refused("DELETE", path + "/_graphs")[:2] == (403, 11)


def test_checksum_depends_on_the_documents(c: Client) -> None:
    """The same documents have the same checksum, others not."""
    path = "/_api/collection/{}/checksum?withData=true"
    before = c.get(path.format("c"))["checksum"]
    c.good("PATCH", "/_api/document/c/a", {"n": 5})
    assert c.get(path.format("c"))["checksum"] != before
    c.good("PATCH", "/_api/document/c/a", {"n": 1})
    assert c.get(path.format("c"))["checksum"] == before


# ---- indexes


def test_indexes(c: Client) -> None:
    """They are made once, listed, used by queries, and dropped."""
    path = "/_api/index?collection=c"
    made = c.ask("POST", path, {"type": "hash", "fields": ["n"]})
    told = made.json()
    assert (made.status_code, told["isNewlyCreated"], told["fields"]) == (201, True, ["n"])
    again = c.ask("POST", path, {"type": "hash", "fields": ["n"]})
    assert (again.status_code, again.json()["id"]) == (200, told["id"])
    assert [one["type"] for one in c.get(path)["indexes"]] == ["primary", "hash"]
    query = {"query": "FOR d IN c FILTER d.n == 2 RETURN d"}
    stats = c.good("POST", "/_api/cursor", query)["extra"]["stats"]
    assert (stats["scannedFull"], stats["scannedIndex"]) == (0, 1)
    assert c.get(f"/_api/index/{told['id']}")["type"] == "hash"
    assert c.good("DELETE", f"/_api/index/{told['id']}")["id"] == told["id"]
    assert c.refused("GET", f"/_api/index/{told['id']}")[:2] == (404, 1212)


def test_indexes_that_cannot_be(c: Client) -> None:
    """An unknown type is refused by its name; a unique one where values are not."""
    path = "/_api/index?collection=c"
    status, number, message = c.refused("POST", path, {"type": "inverted", "fields": ["n"]})
    assert (status, number) == (400, 10)
    assert "'inverted'" in message
    c.good("PATCH", "/_api/document/c/b", {"n": 1})
    body = {"type": "persistent", "unique": True, "fields": ["n"]}
    assert c.refused("POST", path, body)[:2] == (400, 1210)
    assert c.refused("GET", "/_api/index")[:2] == (404, 1203)


# ---- import


def load(client: Client, options: str, body: bytes) -> tuple[int, ...]:
    """(created, errors, empty, updated, ignored) of an import into c."""
    told = client.good("POST", "/_api/import?collection=c" + options, body)
    counts = ("created", "errors", "empty", "updated", "ignored")
    return tuple(told[name] for name in counts)


def test_forms_of_import(c: Client) -> None:
    """Lines, an array, either, and rows under a head of names."""
    lines = b'{"_key": "1"}\n\n{"_key": "2"}\n'
    assert load(c, "&type=documents", lines) == (2, 0, 1, 0, 0)
    assert load(c, "&type=list", b'[{"_key": "3"}, {"_key": "4"}]') == (2, 0, 0, 0, 0)
    assert load(c, "&type=auto", b'[{"_key": "5"}]') == (1, 0, 0, 0, 0)
    assert load(c, "&type=auto", b'{"_key": "6"}\nnonsense') == (1, 1, 0, 0, 0)
    assert load(c, "", b'["_key", "n"]\n["7", 7]\n["8", 8]\n["9"]\n') == (2, 1, 0, 0, 0)
    assert c.get("/_api/document/c/8")["n"] == 8
    assert load(c, "&type=undefined", b'["_key"]\n["10"]\n') == (1, 0, 0, 0, 0)


@pytest.mark.parametrize(
    ("mode", "counts", "found"),
    [
        ("error", (1, 1, 0, 0, 0), {"n": 1}),
        ("ignore", (1, 0, 0, 0, 1), {"n": 1}),
        ("update", (1, 0, 0, 1, 0), {"n": 1, "m": 5}),
        ("replace", (1, 0, 0, 1, 0), {"m": 5}),
    ],
)
def test_duplicates(c: Client, mode: str, counts: tuple[int, ...], found: dict[str, int]) -> None:
    """OnDuplicate says what becomes of a document that is there."""
    body = b'[{"_key": "a", "m": 5}, {"_key": "x"}]'
    assert load(c, f"&type=list&onDuplicate={mode}", body) == counts
    document = c.get("/_api/document/c/a")
    assert {name: document[name] for name in document if name[0] != "_"} == found


def test_all_or_nothing(c: Client) -> None:
    """With complete=true one error undoes all; with overwrite=true the old documents go."""
    path, body = "/_api/import?collection=c&type=list", b'[{"_key": "x"}, {"_key": "a"}]'
    assert c.refused("POST", path + "&complete=true", body)[:2] == (409, 1210)
    assert c.get("/_api/collection/c/count")["count"] == 2
    assert load(c, "&type=list&overwrite=true", body) == (2, 0, 0, 0, 0)
    assert sorted(c.query("FOR d IN c RETURN d._key")) == ["a", "x"]


def test_edges_and_details(client: Client) -> None:
    """Prefixes complete the ends of edges; details tell what is wrong where."""
    client.collection("e", kind=3)
    path = "/_api/import?collection=e&type=list&details=true&fromPrefix=v&toPrefix=w"
    told = client.good("POST", path, b'[{"_from": "1", "_to": "2"}, {"_from": "1"}]')
    assert (told["created"], told["errors"]) == (1, 1)
    assert told["details"][0].startswith("at position 2: missing '_from' or '_to' attribute")
    assert client.query("FOR x IN e RETURN [x._from, x._to]") == [["v/1", "w/2"]]
    for way, count in (("any", 1), ("undefined", 1), ("out", 1), ("in", 0)):
        told = client.get(f"/_api/edges/e?vertex=v/1&direction={way}")
        assert len(told["edges"]) == count


def test_what_is_told_of_what_is_wrong(c: Client) -> None:
    """Of each item its position, what is wrong with it, and its beginning."""
    rows = b'["_key", "n"]\n["a", 1]\n["x"]\nnonsense\n'
    told = c.good("POST", "/_api/import?collection=c&details=true", rows)["details"]
    assert [one.partition(":")[0] for one in told] == [f"at position {n}" for n in (0, 2, 3)]
    failed = "creating document failed with error 'unique constraint violated'"
    assert told[0].partition(": ")[2].startswith(failed + ', offending document: {"_key":"a"')
    assert "unique constraint violated" in told[0]
    assert told[0].endswith('offending document: {"_key":"a","n":1}')
    assert told[1].endswith('(expecting object), offending document: ["x"]')
    assert told[2].endswith('(expecting object), offending document: "nonsense"')


def test_imports_that_cannot_be(c: Client) -> None:
    """No collection, no array; words that ArangoDB does not know mean nothing to it."""
    assert c.refused("POST", "/_api/import?type=list", b"[]")[:2] == (400, 1204)
    assert c.refused("POST", "/_api/import?collection=c&type=list", b"{}")[:2] == (400, 400)
    rows = c.refused("POST", "/_api/import?collection=c&type=nix", b"{}")
    assert rows == (400, 400, "no JSON array found in second line")
    assert load(c, "&type=list&onDuplicate=nix", b'[{"_key": "a"}]') == (0, 1, 0, 0, 0)
