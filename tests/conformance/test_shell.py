"""The small arangosh in which recorded scripts run."""

from __future__ import annotations

import pytest

from tests.conformance.shell import ScriptError, Shell


def test_a_script_sets_up_asks_and_logs(shell: Shell) -> None:
    """Collections, indexes, queries and cursors serve a script as in arangosh."""
    played = shell.play(
        """
        const users = db._create("people", {keyOptions: {type: "padded"}});
        for (let i = 0; i < 5; ++i) { users.save({n: i}); }
        const index = users.ensureIndex({type: "persistent", fields: ["n"], name: "byN"});
        assert(db._index(index.id).name === "byN" && users.index("byN").id === index.id);
        users.updateByExample({n: 4}, {last: true});
        assert(users.removeByExample({n: 3}) === 1 && users.firstExample({n: 4}).last);
        const {aql} = require("@arangodb"), seen = [];
        const cursor = db._query(aql`FOR p IN ${users} FILTER p.n < ${2} SORT p.n RETURN p.n`);
        for (const n of cursor) seen.push(n);
        assertEqual(seen, [0, 1]);
        const statement = db._createStatement("FOR p IN people RETURN p");
        statement.setBatchSize(3);
        assert(statement.execute().toArray().length === 4);
        const response = logCurlRequest("GET", `/_api/collection/${users.name()}/count`);
        logJsonResponse(response);
        db._drop("people");
        """
    )
    assert played.failed == []
    assert [(reply.status, reply.body["count"]) for reply in played.replies] == [(200, 4)]


def test_a_graph_and_its_edges_go_together(shell: Shell) -> None:
    """Removing a vertex through its graph removes its edges."""
    played = shell.play(
        """
        const graphs = require("@arangodb/general-graph");
        const knows = graphs._relation("knows", "people", ["people"]);
        const g = graphs._create("net", [knows], ["other"]);
        const a = g.people.save({_key: "a"}), b = g.people.insert({_key: "b"});
        g.knows.save(a, b, {since: 1});
        g.knows.save("people/b", "people/a", {});
        assert(g.knows.outEdges(a).length === 1 && g.knows.edges([a, b]).length === 2);
        g.people.remove("b");
        logJsonResponse(logCurlRequest("GET", "/_api/collection/knows/count"));
        """
    )
    assert (played.failed, played.replies[0].body["count"]) == ([], 0)


def test_a_stream_transaction_is_used_like_the_database(shell: Shell) -> None:
    """Its collections and queries see what it wrote; others do not before its commit."""
    played = shell.play(
        """
        db._create("people");
        const trx = db._createTransaction({collections: {write: "people"}});
        trx.collection("people").insert({n: 1});
        assert(trx.query("FOR p IN people RETURN p.n").toArray()[0] === 1);
        assert(db.people.count() === 0);
        const headers = {"x-arango-trx-id": trx.id()};
        logJsonResponse(logCurlRequest("GET", "/_api/collection/people/count", "", headers));
        assert(trx.status().status === "running" && trx.commit().status === "committed");
        assert(db.people.count() === 1);
        """
    )
    assert (played.failed, played.replies[0].body["count"]) == ([], 1)


def test_each_script_finds_the_server_empty(shell: Shell) -> None:
    """What a script leaves behind, or breaks off in the middle of, is not in the next one's way."""
    leaving = """
        db._create("left"); db._createDatabase("there"); require("@arangodb/users").save("someone");
        db._createTransaction({collections: {write: "left"}});
        require("@arangodb/graph-examples/example-graph").loadGraph("worldCountry");
        const reply = logCurlRequest("GET", "/_api/database/user");
        logJsonResponse(reply);
        """
    for _ in range(2):
        assert shell.play(leaving).replies[0].body["result"] == ["_system", "there"]


def test_a_script_that_waits_for_ever_is_stopped(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It counts as one that fails."""
    monkeypatch.setattr("tests.conformance.shell.MOST_REQUESTS", 50)
    with pytest.raises(ScriptError, match="too many requests"):
        shell.play("while (db._databases().length) {}")


def test_unknown_data_sets_are_told(shell: Shell) -> None:
    """There is none of that name."""
    with pytest.raises(ScriptError, match="unknown data set nix"):
        shell.load("nix", "golden_nix")


def test_a_script_that_fails_is_no_reply(shell: Shell) -> None:
    """Errors before the first reply, and assertions that do not hold, are told."""
    with pytest.raises(ScriptError, match="collection or view not found: nothing"):
        shell.play("db.nothing.save({}); logJsonResponse(logCurlRequest('GET', '/_api/version'));")
    with pytest.raises(ScriptError, match="no rewire of module strange"):
        shell.play("require('strange').rewire();")
    assert shell.play(
        "logJsonResponse(logCurlRequest('GET', '/_api/version')); assert(false);"
    ).failed
