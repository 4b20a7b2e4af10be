"""Authentication, users, databases, cursors, stream transactions and the server about itself."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from arangolab.metrics.arango.page import from_text
from arangolab.sandbox.auth import Auth, sign
from arangolab.sandbox.launcher import SandboxProcess
from tests.sandbox.client import Client, new_database
from tests.support import until


def claims(token: str) -> dict[str, object]:
    """The payload of a JWT."""
    part = token.split(".")[1]
    told: dict[str, object] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return told


# ---- who may


def test_log_in_with_a_token(client: Client) -> None:
    """A JWT for user and password, good for an hour, opens what Basic opens."""
    told = client.good("POST", "/_open/auth", {"username": "root", "password": ""})
    inside = claims(told["jwt"])
    assert (inside["preferred_username"], inside["iss"]) == ("root", "arangodb")
    assert int(str(inside["exp"])) - int(str(inside["iat"])) == 3600
    client.session.auth = None
    bearer = {"Authorization": f"bearer {told['jwt']}"}
    assert client.ask("GET", "/_api/version", headers=bearer).status_code == 200
    forged = {"Authorization": f"bearer {told['jwt'][:-4]}AAAA"}
    assert client.ask("GET", "/_api/version", headers=forged).status_code == 401


def test_a_token_is_renewed(client: Client) -> None:
    """Who is logged in gets another one."""
    login = {"username": "root", "password": ""}
    first = client.good("POST", "/_open/auth", login)["jwt"]
    client.session.auth = None
    assert client.ask("POST", "/_open/auth/renew").status_code == 401
    header = {"Authorization": f"bearer {first}"}
    again = client.good("POST", "/_open/auth/renew", headers=header)["jwt"]
    header = {"Authorization": f"bearer {again}"}
    assert client.ask("GET", "/_api/version", headers=header).status_code == 200


def test_who_is_not_let_in(client: Client) -> None:
    """Wrong passwords and no credentials are a 401 that says so."""
    wrong = {"username": "root", "password": "x"}
    assert client.refused("POST", "/_open/auth", wrong) == (401, 401, "Wrong credentials")
    assert client.refused("POST", "/_open/auth", {})[:2] == (400, 400)
    client.session.auth = None
    said = (401, 11, "not authorized to execute this request")
    assert client.refused("GET", "/_api/version") == said
    assert "www-authenticate" in client.ask("GET", "/_api/version").headers
    omit = {"X-Omit-Www-Authenticate": "1"}
    assert "www-authenticate" not in client.ask("GET", "/_api/version", headers=omit).headers
    for header in ("Basic !", "Basic eA==", "Bearer a.b.c", "Digest x"):
        assert client.refused("GET", "/_api/version", headers={"Authorization": header}) == said
    assert client.ask("GET", "/_admin/server/availability").status_code == 200


@pytest.mark.slow
@pytest.mark.parametrize("how", ["option", "environment"])
def test_tokens_signed_with_a_shared_secret(
    make_sandbox: Callable[..., SandboxProcess], monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """With the secret, given as an option or in the environment, others can sign; in time only."""
    given = ("--jwt-secret", "shared") if how == "option" else ()
    if how == "environment":
        monkeypatch.setenv("ARANGOLAB_JWT_SECRET", "shared")
    client = Client(make_sandbox(options=given))
    client.session.auth = None
    now = int(time.time())
    for inside, status in (
        ({"iss": "arangodb", "server_id": "test"}, 200),
        ({"iss": "arangodb", "preferred_username": "root", "exp": now + 60}, 200),
        ({"iss": "arangodb", "preferred_username": "root", "exp": now - 60}, 401),
        ({"iss": "arangodb", "preferred_username": "nobody"}, 401),
        ({"iss": "else"}, 401),
    ):
        header = {"Authorization": "bearer " + sign(dict(inside), b"shared")}
        assert client.ask("GET", "/_api/version", headers=header).status_code == status


def test_users_and_grants(sandbox: SandboxProcess) -> None:
    """A user sees the databases granted, and only administrators see other users."""
    root = new_database(sandbox)
    name = f"u_{root.database}"
    made = root.ask("POST", "/_api/user", {"user": name, "passwd": "p", "extra": {"a": 1}})
    assert made.status_code == 201
    assert made.json()["extra"] == {"a": 1}
    assert root.refused("POST", "/_api/user", {"user": name})[:2] == (409, 1702)
    user = Client(sandbox, root.database, name)
    user.session.auth = (name, "p")
    assert user.ask("GET", "/_api/collection").status_code == 401
    grant = f"/_api/user/{name}/database/{root.database}"
    assert root.good("PUT", grant, {"grant": "rw"})[root.database] == "rw"
    assert root.refused("PUT", f"/_api/user/{name}/database/nix", {"grant": "rw"})[1] == 1228
    assert root.refused("PUT", f"{grant}/nix", {"grant": "rw"})[:2] == (404, 1203)
    assert user.ask("GET", "/_api/collection").status_code == 200
    assert user.get(f"/_api/user/{name}/database")["result"] == {root.database: "rw"}
    assert user.get("/_api/database/user")["result"] == [root.database]
    told = root.get(f"/_api/user/{name}/database?full=true")["result"]
    assert told[root.database]["permission"] == "rw"
    assert told["_system"]["collections"]["_graphs"] == "undefined"
    assert user.refused("GET", "/_api/user")[:2] == (403, 11)
    root.good("PATCH", f"/_api/user/{name}", {"passwd": "q"})
    assert user.ask("GET", "/_api/version").status_code == 401
    user.session.auth = (name, "q")
    assert user.ask("GET", "/_api/version").status_code == 200
    assert root.ask("DELETE", grant).status_code == 202
    assert user.ask("GET", "/_api/collection").status_code == 401
    root.good("PUT", f"/_api/user/{name}", {"passwd": "q", "active": False})
    assert user.refused("POST", "/_open/auth", {"username": name, "password": "q"})[0] == 401
    assert root.ask("DELETE", f"/_api/user/{name}").status_code == 202
    assert root.refused("GET", f"/_api/user/{name}")[:2] == (404, 1703)
    assert root.refused("DELETE", "/_api/user/root")[:2] == (403, 11)


def test_grants_without_authentication() -> None:
    """They are told as they were given; who asks may do everything."""
    auth = Auth({}, enabled=False)
    auth.save("u")
    auth.user("u")["grants"]["d"] = "ro"
    auth.user("root")["grants"]["d"] = "none"
    assert (auth.level("u", "d"), auth.level("u", "e")) == ("ro", "none")
    assert auth.level(auth.authenticate(""), "d") == "rw"


def test_what_grants_allow(sandbox: SandboxProcess) -> None:
    """With "ro" one reads and cannot write; a collection's grant goes before its database's."""
    root = new_database(sandbox)
    root.collection("open", {"_key": "a"})
    root.collection("shut", {"_key": "a"})
    name = f"u_{root.database}"
    root.good("POST", "/_api/user", {"user": name})
    grant = f"/_api/user/{name}/database/{root.database}"
    root.good("PUT", grant, {"grant": "ro"})
    user = Client(sandbox, root.database, name)
    assert user.query("FOR d IN open RETURN d._key") == ["a"]
    query = {"query": "INSERT {} IN open"}
    assert user.refused("POST", "/_api/document/open", {})[:2] == (403, 1004)
    assert user.refused("POST", "/_api/cursor", query)[:2] == (403, 1004)
    assert user.script("function () {}", write="open").json()["errorNum"] == 1004
    assert user.refused("POST", "/_api/collection", {"name": "x"})[:2] == (403, 11)
    root.good("PUT", grant + "/open", {"grant": "rw"})
    root.good("PUT", grant + "/shut", {"grant": "none"})
    user.good("POST", "/_api/document/open", {})
    root.good("POST", "/_api/gharial", {"name": "g", "orphanCollections": ["open", "shut"]})
    user.good("POST", "/_api/gharial/g/vertex/open", {"_key": "b"})
    user.good("PATCH", "/_api/gharial/g/vertex/open/b", {"n": 1})
    user.good("PUT", "/_api/collection/open/truncate")
    assert user.refused("POST", "/_api/gharial/g/vertex/shut", {})[:2] == (403, 11)
    for path in ("/_api/gharial/g/vertex", "/_api/gharial/g/edge"):
        assert user.refused("POST", path, {"collection": "open"})[:2] == (403, 11)
    for path in ("/_api/document/shut/a", "/_api/collection/shut"):
        assert user.refused("GET", path)[:2] == (403, 11)
    listed = user.get("/_api/collection?excludeSystem=true")["result"]
    assert [one["name"] for one in listed] == ["open"]
    assert root.ask("GET", "/_api/document/shut/a").status_code == 200


def test_what_is_not_granted_is_not_changed(sandbox: SandboxProcess) -> None:
    """Who has a database, but not a collection, neither indexes nor drops that."""
    root = new_database(sandbox)
    root.collection("shut")
    graph = {"name": "g", "edgeDefinitions": [], "orphanCollections": ["shut"]}
    root.good("POST", "/_api/gharial", graph)
    name = f"u_{root.database}"
    root.good("POST", "/_api/user", {"user": name})
    grant = f"/_api/user/{name}/database/{root.database}"
    root.good("PUT", grant, {"grant": "rw"})
    root.good("PUT", grant + "/shut", {"grant": "none"})
    user = Client(sandbox, root.database, name)
    index = {"type": "persistent", "fields": ["a"]}
    for method, path in (
        ("GET", "/_api/index?collection=shut"),
        ("POST", "/_api/index?collection=shut"),
        ("GET", "/_api/index/shut/0"),
        ("DELETE", "/_api/collection/shut"),
        ("DELETE", "/_api/gharial/g/vertex/shut?dropCollection=true"),
        ("DELETE", "/_api/gharial/g?dropCollections=true"),
    ):
        body = index if method == "POST" else None
        assert user.refused(method, path, body)[:2] == (403, 11), path
    assert user.get("/_api/gharial/g")["graph"]["orphanCollections"] == ["shut"]
    root.good("DELETE", "/_api/gharial/g?dropCollections=true")
    assert root.refused("GET", "/_api/collection/shut")[:2] == (404, 1203)


def test_grants_end_with_what_they_are_about(sandbox: SandboxProcess) -> None:
    """A database or collection made anew under an old name is not open to who had the old one."""
    root = new_database(sandbox)
    root.collection("c")
    name = f"u_{root.database}"
    root.good("POST", "/_api/user", {"user": name})
    grant = f"/_api/user/{name}/database/{root.database}"
    for place in (grant, f"{grant}/c"):
        root.good("PUT", place, {"grant": "rw"})
    root.good("PUT", f"/_api/user/{name}/database/_system", {"grant": "ro"})
    root.good("DELETE", "/_api/collection/c")
    root.collection("c")
    root.good("PUT", grant, {"grant": "ro"})
    assert root.get(f"{grant}/c")["result"] == "ro"
    root.good("PUT", f"{grant}/c", {"grant": "rw"})
    system = root.at("_system")
    system.good("DELETE", f"/_api/database/{root.database}")
    system.good("POST", "/_api/database", {"name": root.database})
    root.collection("c")
    assert [root.get(place)["result"] for place in (grant, f"{grant}/c")] == ["none", "none"]
    assert system.get(f"/_api/user/{name}/database/_system")["result"] == "ro"
    assert system.refused("POST", "/_api/database", {"name": "*"})[:2] == (400, 1229)


# ---- databases


def test_databases(client: Client) -> None:
    """They are made and dropped in _system, and do not see each other's collections."""
    system = client.at("_system")
    name = f"{client.database}x"
    assert system.ask("POST", "/_api/database", {"name": name}).status_code == 201
    assert system.refused("POST", "/_api/database", {"name": name})[:2] == (409, 1207)
    assert system.refused("POST", "/_api/database", {"name": "1"})[:2] == (400, 1229)
    assert client.refused("POST", "/_api/database", {"name": "y"})[:2] == (403, 1230)
    client.collection("c")
    other = client.at(name)
    assert other.get("/_api/database/current")["result"]["name"] == name
    assert other.refused("GET", "/_api/collection/c")[:2] == (404, 1203)
    assert system.good("DELETE", f"/_api/database/{name}")["result"] is True
    assert other.refused("GET", "/_api/collection")[:2] == (404, 1228)
    assert system.refused("DELETE", "/_api/database/_system")[:2] == (403, 11)


# ---- cursors


def test_batches(client: Client) -> None:
    """A result comes in batches, by PUT and by POST; then its cursor is gone."""
    body: dict[str, Any] = {"query": "FOR i IN 1..5 RETURN i", "batchSize": 2, "count": True}
    streamed = {**body, "options": {"stream": True}}
    told = client.good("POST", "/_api/cursor", streamed)
    assert not {"count", "extra"} & told.keys()
    while told["hasMore"]:
        told = client.good("POST", f"/_api/cursor/{told['id']}")
    assert told["extra"]["stats"]["executionTime"] > 0  # a stream knows at its end
    first = client.good("POST", "/_api/cursor", body)
    assert (first["result"], first["hasMore"], first["count"]) == ([1, 2], True, 5)
    path = f"/_api/cursor/{first['id']}"
    assert client.good("PUT", path)["result"] == [3, 4]
    last = client.good("POST", path)
    assert (last["result"], last["hasMore"], "id" in last) == ([5], False, False)
    assert client.refused("PUT", path) == (404, 1600, "cursor not found")
    again = client.good("POST", "/_api/cursor", body)
    assert client.ask("DELETE", f"/_api/cursor/{again['id']}").status_code == 202
    assert client.refused("DELETE", f"/_api/cursor/{again['id']}")[:2] == (404, 1600)


def test_a_batch_can_be_fetched_again(client: Client) -> None:
    """With allowRetry the last batch stays until the next is fetched or the cursor deleted."""
    options = {"allowRetry": True}
    body = {"query": "FOR i IN 1..3 RETURN i", "batchSize": 2, "options": options}
    first = client.good("POST", "/_api/cursor", body)
    path = f"/_api/cursor/{first['id']}"
    for _ in range(2):
        assert client.good("POST", f"{path}/{first['nextBatchId']}")["result"] == [3]
    assert client.refused("POST", f"{path}/9")[:2] == (404, 1600)
    assert client.ask("DELETE", path).status_code == 202


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, (400, 1502)),
        ({"query": ""}, (400, 1502)),
        ({"query": "FOR"}, (400, 1501)),
        ({"query": "RETURN NIX()"}, (400, 1540)),
        ({"query": "FOR d IN nix RETURN d"}, (404, 1203)),
        ({"query": "RETURN @a"}, (400, 1551)),
        ({"query": "RETURN 1", "bindVars": {"a": 1}}, (400, 1552)),
        ({"query": "RETURN 1", "bindVars": [1]}, (400, 10)),
        ({"query": "RETURN 1", "batchSize": 0}, (400, 17)),
        ({"query": "RETURN 1", "ttl": "long"}, (400, 10)),
    ],
)
def test_queries_that_cannot_be(
    client: Client, body: dict[str, object], expected: tuple[int, int]
) -> None:
    """Each mistake has ArangoDB's status and errorNum."""
    assert client.refused("POST", "/_api/cursor", body)[:2] == expected


def test_a_query_without_batches_is_not_run(client: Client) -> None:
    """A batchSize of 0 is refused before anything is written."""
    client.collection("c")
    body = {"query": "INSERT {} INTO c", "batchSize": 0}
    assert client.refused("POST", "/_api/cursor", body)[:2] == (400, 17)
    assert client.get("/_api/collection/c/count")["count"] == 0


def test_checking_and_explaining(client: Client) -> None:
    """A query can be checked and explained without running it."""
    client.collection("c")
    told = client.good("POST", "/_api/query", {"query": "FOR d IN c FILTER d.a == @a RETURN d"})
    assert (told["parsed"], told["bindVars"], told["collections"]) == (True, ["a"], ["c"])
    plan = client.good("POST", "/_api/explain", {"query": "FOR d IN c RETURN d"})["plan"]
    assert plan["collections"] == [{"name": "c", "type": "read"}]
    every = {"query": "FOR d IN c RETURN d", "options": {"allPlans": True}}
    told = client.good("POST", "/_api/explain", every)
    assert (told["plans"], "plan" in told) == ([plan], False)


def test_simple_queries(client: Client) -> None:
    """all, by-example and first-example give documents."""
    client.collection("c", *({"_key": str(i), "n": i % 2} for i in range(5)))
    ask = {"collection": "c", "example": {"n": 1}}
    assert (
        len(client.good("PUT", "/_api/simple/all", {"collection": "c", "limit": 3})["result"]) == 3
    )
    assert client.good("PUT", "/_api/simple/by-example", ask)["count"] == 2
    assert client.good("PUT", "/_api/simple/first-example", ask)["document"]["n"] == 1
    none = {"collection": "c", "example": {"n": 9}}
    assert client.refused("PUT", "/_api/simple/first-example", none) == (404, 404, "no match")


# ---- stream transactions


def test_stream_transactions(client: Client) -> None:
    """What is written in one is seen in it alone until it is committed."""
    client.collection("c", {"_key": "a"})
    begun = client.ask("POST", "/_api/transaction/begin", {"collections": {"write": "c"}})
    assert begun.status_code == 201
    stream = begun.json()["result"]["id"]
    inside = {"x-arango-trx-id": stream}
    client.good("POST", "/_api/document/c", {"_key": "b"}, headers=inside)
    client.good("POST", "/_api/cursor", {"query": "INSERT {_key: 'd'} IN c"}, headers=inside)
    assert client.ask("GET", "/_api/document/c/b", headers=inside).status_code == 200
    assert client.ask("GET", "/_api/document/c/b").status_code == 404
    assert client.refused("PATCH", "/_api/document/c/b", {})[:2] in ((404, 1202), (409, 1200))
    running = {"id": stream, "state": "running"}
    assert client.get("/_api/transaction") == {"transactions": [running]}
    path = f"/_api/transaction/{stream}"
    assert client.good("PUT", path)["result"]["status"] == "committed"
    assert client.get(path)["result"]["status"] == "committed"
    assert client.refused("DELETE", path)[:2] == (400, 1653)
    assert sorted(client.query("FOR d IN c RETURN d._key")) == ["a", "b", "d"]


def test_an_aborted_stream_transaction(client: Client) -> None:
    """Nothing of it is left; an unknown one is a 1655."""
    client.collection("c")
    body = {"collections": {"exclusive": ["c"]}}
    stream = client.good("POST", "/_api/transaction/begin", body)["result"]["id"]
    client.good("POST", "/_api/document/c", {}, headers={"x-arango-trx-id": stream})
    assert client.good("DELETE", f"/_api/transaction/{stream}")["result"]["status"] == "aborted"
    assert client.query("FOR d IN c RETURN d") == []
    assert client.refused("PUT", "/_api/transaction/1")[:2] == (404, 1655)
    assert client.refused("GET", "/_api/transaction/nix")[:2] == (400, 10)
    gone = {"x-arango-trx-id": "1"}
    assert client.refused("POST", "/_api/document/c", {}, headers=gone)[:2] == (404, 1655)


# ---- the server about itself


def test_version_and_role(client: Client, sandbox: SandboxProcess) -> None:
    """The version is one of 3.12, with the sandbox's own details."""
    told = client.get("/_api/version?details=true")
    assert told["version"].startswith("3.12.")
    assert told["license"] == "community"
    assert told["details"]["arangolab-sandbox"] == "true"
    assert told["details"]["pid"] == sandbox.pid
    assert client.get("/_admin/server/role")["role"] == "SINGLE"
    assert client.get("/_admin/status")["serverInfo"]["role"] == "SINGLE"
    assert client.get("/_api/engine")["name"] == "rocksdb"


def test_metrics(client: Client) -> None:
    """Prometheus text with contexts, connections, threads, descriptors; arangolab reads it."""
    client.script("function () {}")
    reply = client.ask("GET", "/_admin/metrics")
    assert reply.headers["content-type"].startswith("text/plain")
    found = {
        family.name: family.samples[0].value
        for family in text_string_to_metric_families(reply.text)
    }
    assert found["arangodb_v8_context_max"] == 4
    assert found["arangodb_v8_context_free"] >= 1
    assert found["arangodb_v8_context_enter_failures"] == 0
    assert found["arangodb_client_connection_statistics_client_connections"] >= 1
    assert found["arangodb_process_statistics_number_of_threads"] >= 2
    assert found["arangodb_process_statistics_resident_set_size"] > 10_000_000
    assert 5 < found["arangodb_file_descriptors_current"] < found["arangodb_file_descriptors_limit"]
    assert set(from_text(reply.text).values) >= {
        "v8_context_busy", "client_connection_statistics_client_connections",
        "scheduler_low_prio_queue_last_dequeue_time", "file_descriptors_limit",
    }  # fmt: skip
    assert from_text(reply.text).times.keys() == {
        f"client_connection_statistics_{name}_time" for name in ("queue", "request", "total")
    }
    assert client.ask("GET", "/_admin/metrics/v2").status_code == 200
    system = client.get("/_admin/statistics")["system"]
    assert system["numberOfThreads"] >= 2


@pytest.mark.slow
def test_the_log(make_sandbox: Callable[..., SandboxProcess]) -> None:
    """Waits given up are in it, as ArangoDB words them, by level; levels can be set."""
    sandbox = make_sandbox(v8_contexts=1, v8_wait_s=0.01, transaction_delay_s=1.5)
    client = Client(sandbox)
    assert client.get("/_admin/log/entries") == {"total": 0, "messages": []}
    busy = threading.Thread(target=lambda: Client(sandbox).script("function () {}"))
    busy.start()
    until(lambda: 'context_busy{role="SINGLE"} 1' in client.ask("GET", "/_admin/metrics").text)
    assert client.script("function () {}").status_code == 500
    busy.join(20)
    told = client.get("/_admin/log/entries?level=warning")
    assert told["total"] >= 1
    assert told["messages"][0]["topic"] == "v8"
    assert "giving up waiting for unused V8" in told["messages"][0]["message"]
    assert client.get("/_admin/log/entries?upto=error")["total"] == 0
    assert client.get("/_admin/log/entries?upto=2&size=1&search=giving")["total"] >= 1
    assert client.get("/_admin/log/entries?level=1&start=0") == {"total": 0, "messages": []}
    assert client.get("/_admin/log/entries?sort=desc&offset=99")["messages"] == []
    assert client.get("/_admin/log/entries?start=99")["total"] == 0
    assert client.get("/_admin/log/entries?search=nothing+such")["total"] == 0
    assert client.refused("GET", "/_admin/log/entries?upto=loud")[1] == 400


def test_echo(client: Client) -> None:
    """A request is told as it came."""
    told = client.good("PUT", "/_admin/echo?a=1", {"b": 2}, headers={"X-Mine": "c"})
    shown = [told[name] for name in ("requestType", "parameters", "requestBody", "database")]
    assert shown == ["PUT", {"a": "1"}, '{"b": 2}', client.database]
    assert told["headers"]["x-mine"] == "c"


def test_where_it_listens(client: Client, sandbox: SandboxProcess) -> None:
    """The endpoint tells the truth, in the database _system."""
    assert client.at("_system").get("/_api/endpoint") == [{"endpoint": sandbox.url}]
    assert client.refused("GET", "/_api/endpoint")[:2] == (403, 1230)


def test_what_there_is_none_of(client: Client) -> None:
    """Clients that list and clear what the sandbox never has find nothing."""
    for path in ("job/done", "job/pending", "query/current", "query/slow", "foxx", "tasks"):
        assert client.get("/_api/" + path) == []
    for path in ("view", "analyzer", "aqlfunction"):
        assert client.get("/_api/" + path)["result"] == []
    for path in ("job/all", "query/slow"):
        assert client.good("DELETE", "/_api/" + path)["error"] is False
    assert "uuid" in client.get("/_api/key-generators")["keyGenerators"]
    assert client.get("/_admin/server/mode")["mode"] == "default"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{ 1: "World" }', "Expecting '\"' or '}'"),
        (b'{"a": nix}', "Expecting digit"),
        (b"{} {}", "Expecting EOF"),
    ],
)
def test_bad_json_is_told_in_arangodbs_words(client: Client, body: bytes, said: str) -> None:
    """People look for these words."""
    assert client.refused("POST", "/_api/cursor", body) == (400, 600, f"VPackError error: {said}")


def test_what_is_unknown_is_refused_by_name(client: Client) -> None:
    """Paths, methods and options that the sandbox does not know are named in the refusal."""
    for path in ("/_api/nix", "/_admin/options", "/_admin/log/level", "/_api/query-cache/entries"):
        assert client.refused("GET", path) == (404, 404, f"unknown path '{path}'")
    for method in ("PATCH", "BREW"):
        assert client.refused(method, "/_api/version")[:2] == (405, 405)
    later = {"x-arango-async": "store"}
    status, number, message = client.refused("GET", "/_api/version", headers=later)
    assert (status, number) == (501, 9)
    assert "x-arango-async" in message
    assert client.ask("GET", "/_api/version", headers={"x-arango-async": "false"}).ok


def test_odd_names_and_texts(client: Client) -> None:
    """Keys that must be quoted in a URL, and any Unicode, come back as they went."""
    client.collection("c")
    key, text = "a:b@c%d+e", "snow\u2603 \U0001f600 \u0000"
    client.good("POST", "/_api/document/c", {"_key": key, "t": text, "n": 2**70})
    found = client.get("/_api/document/c/a%3Ab%40c%25d%2Be")
    assert (found["_key"], found["t"]) == (key, text)
