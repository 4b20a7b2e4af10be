"""Named graphs over HTTP: their definitions, vertices and edges."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from arangolab.sandbox.launcher import SandboxProcess
from tests.sandbox.client import Client

GRAPH = "/_api/gharial/g"
KNOWS = {"collection": "knows", "from": ["person"], "to": ["person"]}


@pytest.fixture
def g(client: Client) -> Client:
    """A database with a graph g of two persons, a collection c beside it."""
    client.good("POST", "/_api/gharial", {"name": "g", "edgeDefinitions": [KNOWS]})
    client.collection("c", {"_key": "x"})
    for key in ("a", "b"):
        client.good("POST", f"{GRAPH}/vertex/person", {"_key": key})
    edge = {"_key": "ab", "_from": "person/a", "_to": "person/b"}
    client.good("POST", f"{GRAPH}/edge/knows", edge)
    return client


def test_definitions(g: Client) -> None:
    """Collections join and leave a graph; vertices that no definition names become orphans."""
    g.good("POST", f"{GRAPH}/vertex", {"collection": "lone"})
    assert g.refused("POST", f"{GRAPH}/vertex", {"collection": "lone"})[:2] == (400, 1938)
    owns = {"collection": "owns", "from": ["person"], "to": ["thing"]}
    assert g.ask("POST", f"{GRAPH}/edge", owns).status_code == 202
    assert g.get(f"{GRAPH}/edge")["collections"] == ["knows", "owns"]
    assert g.get(f"{GRAPH}/vertex")["collections"] == ["lone", "person", "thing"]
    reply = g.ask("DELETE", f"{GRAPH}/edge/owns?waitForSync=true")
    told = reply.json()
    assert (reply.status_code, told["code"]) == (202, 202)  # as ArangoDB, synchronous or not
    assert told["graph"]["orphanCollections"] == ["lone", "thing"]
    g.good("DELETE", f"{GRAPH}/vertex/lone?dropCollection=true")
    assert g.refused("GET", "/_api/collection/lone")[:2] == (404, 1203)
    assert g.good("DELETE", f"{GRAPH}?dropCollections=true")["removed"] is True
    assert g.refused("GET", "/_api/collection/knows")[:2] == (404, 1203)


def test_collections_of_another_graph_stay(g: Client) -> None:
    """What leaves a graph to be dropped is kept if another graph has it."""
    g.good("POST", "/_api/gharial", {"name": "h", "edgeDefinitions": [KNOWS]})
    for name, status in (("g", 200), ("h", 404)):
        g.good("DELETE", f"/_api/gharial/{name}/edge/knows?dropCollections=true")
        assert g.ask("GET", "/_api/collection/knows").status_code == status


def test_definitions_at_the_same_time(g: Client, sandbox: SandboxProcess) -> None:
    """Each of many that are added at once is there afterwards."""
    names = [f"e{number}" for number in range(30)]

    def add(name: str) -> None:
        body = {**KNOWS, "collection": name}
        Client(sandbox, g.database).good("POST", f"{GRAPH}/edge", body)

    with ThreadPoolExecutor(10) as pool:
        list(pool.map(add, names))
    assert g.get(f"{GRAPH}/edge")["collections"] == sorted([*names, "knows"])


def test_collections_of_a_graph_are_not_renamed(g: Client) -> None:
    """That is refused by name; others are."""
    for name, status in (("knows", 501), ("person", 501), ("c", 200)):
        path = f"/_api/collection/{name}/rename"
        assert g.ask("PUT", path, {"name": "other"}).status_code == status


def test_a_bound_graph(g: Client) -> None:
    """A graph's name is bound as a value or, as arangojs does it, like a collection's."""
    g.good("POST", f"{GRAPH}/edge/knows", {"_from": "person/a", "_to": "person/b"})
    for name in ("@g", "@@g"):
        text = f"FOR v IN OUTBOUND 'person/a' GRAPH {name} RETURN DISTINCT v._key"
        assert g.query(text, **{name[1:]: "g"}) == ["b"]


def test_vertices_and_edges(g: Client) -> None:
    """They are documents in a wrapper; a vertex goes with its edges."""
    reply = g.ask("PATCH", f"{GRAPH}/vertex/person/a?returnOld=true&returnNew=true", {"n": 1})
    told = reply.json()
    assert told["vertex"].keys() == {"_id", "_key", "_rev", "_oldRev"}
    assert reply.headers["etag"] == told["vertex"]["_rev"]  # no quotes here, as ArangoDB has it
    assert (told["old"].get("n"), told["new"]["n"]) == (None, 1)
    assert g.get(f"{GRAPH}/edge/knows/ab")["edge"]["_to"] == "person/b"
    wrong = {"If-Match": '"nix"'}
    for method, body in (("GET", None), ("PATCH", {}), ("DELETE", None)):
        reply = g.ask(method, f"{GRAPH}/vertex/person/a", body, headers=wrong)
        assert (reply.status_code, reply.json()["errorNum"]) == (412, 1200)
    g.good("DELETE", f"{GRAPH}/vertex/person/a")
    assert g.refused("GET", f"{GRAPH}/edge/knows/ab")[:2] == (404, 1202)


@pytest.mark.parametrize(
    ("method", "path", "body", "expected"),
    [
        ("POST", "", {"edgeDefinitions": []}, (400, 1922)),
        ("POST", "", {"name": "g"}, (409, 1925)),
        ("POST", "", {"name": "h", "edgeDefinitions": [{"collection": "k"}]}, (400, 1923)),
        ("POST", "", {"name": "h", "orphanCollections": [5]}, (400, 1943)),
        ("POST", "", {"name": "h", "edgeDefinitions": [{**KNOWS, "to": ["c"]}]}, (400, 1921)),
        ("POST", "", {"name": "h", "options": {"isSmart": True}}, (501, 9)),
        ("POST", "/g/edge", KNOWS, (400, 1920)),
        ("POST", "", {"name": "h", "edgeDefinitions": [KNOWS, KNOWS]}, (400, 1920)),
        ("PUT", "/g/edge/knows", {**KNOWS, "collection": "other"}, (404, 1930)),
        ("POST", "/g/edge", {**KNOWS, "collection": "c"}, (400, 1944)),
        ("PUT", "/g/edge/nix", KNOWS, (404, 1930)),
        ("POST", "/g/vertex", {"collection": "person"}, (400, 1929)),
        ("POST", "/g/vertex", {"collection": "knows"}, (400, 1929)),
        ("DELETE", "/g/vertex/person", None, (400, 1928)),
        ("GET", "/nix", None, (404, 1924)),
        ("POST", "/g/vertex/c", {}, (404, 1949)),
        ("POST", "/g/edge/c", {}, (404, 1930)),
        ("POST", "/g/edge/knows", {"_from": "person/a"}, (400, 1233)),
        ("POST", "/g/edge/knows", {"_from": "person/a", "_to": "c/x"}, (404, 1947)),
        ("PUT", "/g/edge/knows/ab", {"_from": "person/a", "_to": "person/nix"}, (404, 1202)),
    ],
)
def test_what_is_refused(
    g: Client, method: str, path: str, body: Any, expected: tuple[int, int]
) -> None:
    """Each mistake has ArangoDB's status and errorNum."""
    assert g.refused(method, f"/_api/gharial{path}", body)[:2] == expected
