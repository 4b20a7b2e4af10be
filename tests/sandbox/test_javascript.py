"""JavaScript transactions: what they return, throw and write, and how contexts are shared."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from arangolab.sandbox.faults import ArangoError
from arangolab.sandbox.javascript import Context, Contexts, self_test
from arangolab.sandbox.launcher import SandboxProcess
from tests.sandbox.client import Client
from tests.support import until

DB = "const db = require('@arangodb').db;"


def result(client: Client, body: str, params: object = None, **collections: object) -> object:
    """What ``function (params) { body }`` returns."""
    reply = client.script("function (params) {" + DB + body + "}", params, **collections)
    assert reply.status_code == 200, reply.text
    return reply.json()["result"]


def failure(client: Client, body: str, **collections: object) -> tuple[int, int, str]:
    """(status, errorNum, errorMessage) of ``function (params) { body }``."""
    reply = client.script("function (params) {" + DB + body + "}", **collections)
    said = reply.json()
    return reply.status_code, said["errorNum"], said["errorMessage"]


def test_the_engine_passes_its_self_test() -> None:
    """The pinned engine stops endless loops and memory bombs, and calls back."""
    self_test()


def test_params_reach_the_action_and_its_value_comes_back(client: Client) -> None:
    """JSON goes in and out, undefined becomes null, arrow functions are actions too."""
    given = {"text": "ü\u2028\"'`", "list": [1, 2.5, None, True], "big": 2**40}
    assert result(client, "return params;", given) == given
    assert result(client, "") is None
    assert client.script("(p) => p + 1", 41).json()["result"] == 42


def test_template_strings_and_binds(client: Client) -> None:
    """A query in a template string reads and writes; its cursor tells what it did."""
    client.collection("user", {"_key": "a", "n": 1}, {"_key": "b", "n": 2})
    body = """
      const cursor = db._query(`
        FOR u IN user FILTER u._key == @key UPDATE u WITH {n: u.n + @by} IN user RETURN NEW.n`,
        {key: params.key, by: 10});
      const rows = []; while (cursor.hasNext()) rows.push(cursor.next());
      return {rows, writes: cursor.getExtra().stats.writesExecuted, since: Date.now() > 0};"""
    got = result(client, body, {"key": "b"}, write=["user"])
    assert got == {"rows": [12], "writes": 1, "since": True}
    assert client.query("FOR u IN user SORT u._key RETURN u.n") == [1, 12]


def test_cursors(client: Client) -> None:
    """toArray, next, hasNext, count, forEach and iteration give the rows."""
    body = """
      const q = () => db._query('FOR i IN 1..3 RETURN i');
      const each = []; q().forEach(i => each.push(i));
      const c = q(); const first = c.next();
      return [q().toArray(), first, c.toArray(), c.hasNext(), q().count(), each, [...q()]];"""
    assert result(client, body) == [[1, 2, 3], 1, [2, 3], False, 3, [1, 2, 3], [1, 2, 3]]


def test_collections_have_methods(client: Client) -> None:
    """document, insert, save, update, replace, remove, byExample, exists and count work."""
    client.collection("c", {"_key": "a", "n": 1})
    body = """
      const c = require('internal').db.c;
      c.insert({_key: 'b', n: 2}); c.save({_key: 'x', n: 2});
      const updated = c.update('a', {m: 5}, {returnNew: true}).new.m;
      c.replace({_key: 'b'}, {n: 3}); c.remove('x');
      return [updated, c.count(), c.document('c/b').n, c.exists('x'), c.exists('a')._key,
              db._collection('c').firstExample({n: 3})._key, c.byExample('m', 5, 'n', 1).count(),
              db._collection('nix'), db.nix === undefined];"""
    got = result(client, body, write="c")
    assert got == [5, 2, 3, False, "a", "b", 1, None, True]


def test_a_selector_with_a_revision(client: Client) -> None:
    """A document that changed since it was read is a conflict, unless ``overwrite`` is asked."""
    client.collection("c", {"_key": "a"})
    body = """
      const old = db.c.document('a'); db.c.update(old, {n: 1});
      try { db.c.update(old, {n: 2}) } catch (e) {
        const forced = {overwrite: true, returnNew: true};
        return [e.errorNum, db.c.update(old, {m: 3}, forced).new.n]; }"""
    assert result(client, body, write="c") == [1200, 1]


def test_aql_template_literal(client: Client) -> None:
    """The aql tag makes bind parameters of values and collections."""
    client.collection("c", {"_key": "a"})
    body = "const {aql} = require('@arangodb'); const k = 'a';"
    body += "return db._query(aql`FOR d IN ${db.c} FILTER d._key == ${k} RETURN d._key`).toArray();"
    assert result(client, body, read="c") == ["a"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("throw 'doh!'", (500, 1650, "doh!")),
        ("throw new Error('so')", (500, 1650, "Error: so")),
        ("const e = new ArangoError(); e.errorNum = 1202; e.errorMessage = 'm'; throw e",
         (404, 1202, "m")),
        ("db._query('FOR')", (400, 1501, None)),
        ("db._query('RETURN @a')", (400, 1551, None)),
        ("db._query({query: 'RETURN 1 / 0'}, {failOnWarning: true})", (400, 1562, None)),
        ("db._query('RETURN 1 / 0', {}, {}, {failOnWarning: true})", (400, 1562, None)),
        ("db._query(null)", (400, 1502, None)),
        ("db.c.document('nix')", (404, 1202, "document not found")),
        ("db.c.insert({_key: 'a'})", (409, 1210, None)),
        ("db.d.insert({})", (400, 1652, "unregistered collection used in transaction: d [write]")),
        ("require('fs')", (501, 9, "module 'fs' is not supported by the arangolab sandbox")),
        ("db._createDatabase('x')", (501, 9, None)),
        ("db.c.fulltext('x')", (501, 9, "db.c.fulltext is not supported by the arangolab sandbox")),
        ("db._collection('c').near(1)", (501, 9, None)),
        ("db.c.byExample('nix')", (400, 10, "an example must be an object")),
        ("db.c.remove('a', true)", (400, 10, "options must be an object")),
        ("db.c.document(['a'])",
         (501, 9, "arrays of keys are not supported by the arangolab sandbox")),
        ("require('@arangodb').aql.join([])",
         (501, 9, "aql.join is not supported by the arangolab sandbox")),
        ("require('internal').wait(1)",
         (501, 9, "internal.wait is not supported by the arangolab sandbox")),
        ("const {errors} = require('@arangodb'); errors.ERROR_NIX.code",
         (501, 9, "errors.ERROR_NIX is not supported by the arangolab sandbox")),
        ("db._query('RETURN 1').close()",
         (501, 9, "cursor.close is not supported by the arangolab sandbox")),
        ("db.c.insert({_key: 'b', s: '\\ud800'}); throw 'half a pair'", (500, 1650, "half a pair")),
    ],
)  # fmt: skip
def test_what_is_thrown(client: Client, body: str, expected: tuple[int, int, str | None]) -> None:
    """An uncaught error keeps its errorNum and status; anything else thrown is a 1650."""
    client.collection("c", {"_key": "a"})
    client.collection("d")
    status, number, message = failure(client, body, write=["c"])
    assert (status, number) == expected[:2]
    assert expected[2] in (None, message)


def test_a_caught_error_changes_nothing(client: Client) -> None:
    """A script can catch a database error, read its errorNum, and go on."""
    client.collection("c", {"_key": "a"})
    body = "try { db.c.insert({_key: 'a'}) } catch (e) { return [e.errorNum, e.code] }"
    assert result(client, body, write="c") == [1210, 409]


def test_a_throw_takes_all_writes_back(client: Client) -> None:
    """Nothing of a transaction that throws is left."""
    client.collection("c")
    failure(client, "db.c.insert({_key: 'a'}); throw 'no'", write="c")
    assert client.query("FOR d IN c RETURN d") == []


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"collections": {}, "action": 5}, "action definition"),
        ({"collections": {}, "action": "function ( {"}, "action definition"),
        ({"collections": {}, "action": "1 + 1"}, "action definition"),
        ({"action": "function () {}"}, "collections definition"),
        ({"collections": {"write": 5}, "action": "function () {}"}, "collections definition"),
        ({"collections": {}, "action": "function () {}", "lockTimeout": "x"}, "lockTimeout"),
    ],
)
def test_bad_definitions(client: Client, body: dict[str, object], said: str) -> None:
    """What is no transaction is refused with 400, errorNum 10."""
    status, number, message = client.refused("POST", "/_api/transaction", body)
    assert (status, number) == (400, 10)
    assert said in message


def test_unknown_collection(client: Client) -> None:
    """A declared collection must exist."""
    reply = client.script("function () {}", read=["nix"])
    assert (reply.status_code, reply.json()["errorNum"]) == (404, 1203)


def test_implicit_reads_can_be_forbidden(client: Client) -> None:
    """With allowImplicit false, reading an undeclared collection is a 1652."""
    client.collection("c")
    status, number, _ = failure(client, "return db.c.count()", allowImplicit=False)
    assert (status, number) == (400, 1652)
    assert result(client, "return db.c.count()") == 0


def test_a_context_is_waited_for_and_not_longer() -> None:
    """Who gets no context within the time fails with errorNum 4 and is counted."""
    contexts = Contexts(1, wait_s=0.05)
    with contexts.entered():
        with pytest.raises(ArangoError) as caught, contexts.entered():
            pass
        assert (contexts.busy, contexts.alive, contexts.waiting) == (1, 1, 0)
    assert caught.value.to_dict() == {
        "code": 500,
        "error": True,
        "errorMessage": "could not acquire v8 context",
        "errorNum": 4,
    }
    assert (contexts.enter_failures, contexts.busy) == (1, 0)


def test_who_waits_longest_is_next() -> None:
    """Contexts are handed over in the order of asking; none is lost or made beyond the maximum."""
    contexts = Contexts(1, wait_s=10)
    order: list[int] = []

    def work(number: int) -> None:
        with contexts.entered() as context:
            order.append(number)
            context.run("function () {}", "null", lambda _, __: "{}")

    with contexts.entered():
        threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
        for number, thread in enumerate(threads):
            thread.start()
            until(lambda number=number: contexts.waiting == number + 1, every_s=0.001)
    for thread in threads:
        thread.join(10)
    assert order == list(range(8))
    assert (contexts.busy, contexts.alive) == (0, 1)


def test_endless_loops_and_memory_bombs_end() -> None:
    """A script that never ends or eats all memory is stopped; the pool stays whole."""
    contexts = Contexts(1, wait_s=1, cpu_limit_s=0.05)
    for script in (
        "function () { while (true); }",
        "function () { try { while (true); } catch (e) { return 1 } }",
    ):
        with pytest.raises(ArangoError, match="stopped") as caught, contexts.entered() as context:
            context.run(script, "null", lambda _, __: "{}")
        assert caught.value.error_num == 1650
    contexts.cpu_limit_s = 30.0
    bomb = "function () { const a = []; while (true) a.push(new Array(10000).fill(1.5)); }"
    with pytest.raises(ArangoError), contexts.entered() as context:
        context.run(bomb, "null", lambda _, __: "{}")
    with contexts.entered() as context:
        assert context.run("function () { return 1 }", "null", lambda _, __: "{}") == 1
    assert contexts.busy == 0


@pytest.mark.parametrize(
    "call",
    [
        "JSON.stringify({deep: [new Array(1e8)]})",
        "JSON.stringify({}, new Array(1e8))",
        "new Array(1e8).join()",
        "String([[new Array(1e8)]])",
        "Array.prototype.sort.call({length: 1e8})",
        "[].concat(new Array(1e8))",
        "String.raw({raw: {length: 1e9}})",
        "new Uint8Array(1e8).sort()",
        "'ab'.repeat(1e7).replaceAll('a', 'b')",
        "new Array(1e8)",
        "[new Array(1e8)].flat()",
        "[[[new Array(1e8)]]].flat(Infinity)",
        "[0].flatMap(() => new Array(1e8))",
        "[].concat(Object.assign(new Array(1e8), {raw: []}))",
        "(Function.prototype.apply = function () { return this.call([], new Array(1e8)); },"
        " [].concat(new Array(1e8)))",
        "new Uint8Array(9).set({length: 1e8})",
        "'a'.repeat(1e7).indexOf('a'.repeat(5e6) + 'b')",
    ],
)
def test_what_no_clock_could_stop_is_refused(call: str) -> None:
    """Natives that walk a length refuse one that would take them seconds."""
    with pytest.raises(ArangoError, match="of more than 4194304 elements"):
        Context().run("function () { return " + call + " }", "null", lambda _, __: "{}")


@pytest.mark.parametrize(
    "call",
    [
        "for (const a = new Array(4e6);;) a.reverse()",
        "new Array(4e6).fill(new Array(4e6)).flat()",
        "new Array(4e6).fill(new Array(4e6)).join()",
    ],
)
def test_many_short_natives_are_stopped(call: str) -> None:
    """Natives that take no time one by one are interrupted in their sum."""
    with pytest.raises(ArangoError, match="JavaScript was stopped: InternalError: interrupted"):
        Context(cpu_limit_s=0.2).run("function () { " + call + " }", "null", lambda _, __: "{}")


def test_guarded_natives_do_what_they_did() -> None:
    """Of a usual length, natives give what ECMAScript says; nothing shows that they are guarded."""
    action = """function () {
      const a = [3, 1, 2];
      return [a.slice(1).concat(4, [5]).join('-'), [...a].sort(), `${a}`,
              [[1, , [[2]]], 3].flat(), [[1, , [[2]]], 3].flat(2), a.flatMap(x => [x, [x]]),
              'a,b'.split(','), 'aa'.replaceAll('a', x => x + 1), String.raw`\\n${1}`,
              JSON.stringify({b: a, a: 1}, ['a'], 1), Object.keys([].concat), [].sort.name,
              Array.from(Uint8Array.from([2, 1]).sort()), Object.keys(Array.prototype)];
    }"""
    assert Context().run(action, "null", lambda _, __: "{}") == [
        "1-2-4-5", [1, 2, 3], "3,1,2", [1, [[2]], 3], [1, [2], 3], [3, [3], 1, [1], 2, [2]],
        ["a", "b"], "a1a1", "\\n1",
        '{\n "a": 1\n}', [], "sort", [1, 2], [],
    ]  # fmt: skip


def test_scripts_run_side_by_side(client: Client) -> None:
    """Concurrent increments lose nothing: each succeeds or conflicts with 1200."""
    client.collection("c", {"_key": "a", "n": 0})
    action = "function () {" + DB + "db._query('FOR d IN c UPDATE d WITH {n: d.n + 1} IN c'); }"
    statuses: list[int] = []

    def work() -> None:
        statuses.extend(client.script(action, write="c").status_code for _ in range(20))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert set(statuses) <= {200, 409}
    assert client.query("FOR d IN c RETURN d.n") == [statuses.count(200)]


def test_the_script_cannot_reach_python(client: Client) -> None:
    """No host function, arming function or Python object is visible to a script."""
    body = "return Object.keys(globalThis).concat([typeof __host, typeof __go, typeof __arm]);"
    got = result(client, body)
    assert isinstance(got, list)
    assert got[-3:] == ["undefined"] * 3
    assert not [name for name in got if name.startswith("__")]


def test_delay_is_spent_before_the_snapshot(make_sandbox: Callable[..., SandboxProcess]) -> None:
    """With --transaction-delay a transaction sees what was committed while it slept."""
    sandbox = make_sandbox(v8_contexts=2, transaction_delay_s=0.3)
    client, other = Client(sandbox), Client(sandbox)
    client.collection("c", {"_key": "a", "n": 0})
    replies: list[int] = []

    def work() -> None:
        body = DB + "return db._query('FOR d IN c UPDATE d WITH {m: 1} IN c') && 1"
        replies.append(client.script("function () {" + body + "}", write="c").status_code)

    thread = threading.Thread(target=work)
    begun = time.monotonic()
    thread.start()
    until(lambda: 'busy{role="SINGLE"} 1' in other.ask("GET", "/_admin/metrics").text)
    other.query("FOR d IN c UPDATE d WITH {n: 5} IN c")
    thread.join(10)
    assert time.monotonic() - begun >= 0.3
    assert replies == [200]
    assert other.query("FOR d IN c RETURN [d.n, d.m]") == [[5, 1]]
