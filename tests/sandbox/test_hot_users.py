"""Eight clients on five hot users, by JavaScript and by stream transactions: nothing is lost."""

from __future__ import annotations

import collections
import random
import threading
from typing import Any

import pytest

from arangolab.sandbox.launcher import SandboxProcess
from tests.sandbox.client import Client, new_database

CLIENTS, ROUNDS, USERS = 8, 60, 5
COUNT = """FOR u IN user FILTER u._key == @key
  UPDATE u WITH {counter: u.counter + 1, check: u.counter + 1} IN user RETURN NEW.counter"""
SCRIPT = f"""function (params) {{
  const db = require('@arangodb').db;
  const counter = db._query(`{COUNT}`, {{key: params.key}}).toArray()[0];
  db.log.insert({{user: params.key, counter}});
  if (params.fails) throw 'doh!';
  return counter;
}}"""


class Worker:
    """One client, and what it was told."""

    def __init__(self, client: Client, seed: int) -> None:
        self.client = client
        self.random = random.Random(seed)  # noqa: S311
        self.counted: collections.Counter[str] = collections.Counter()
        self.errors: collections.Counter[int] = collections.Counter()
        self.dirty: list[Any] = []

    def run(self) -> None:
        """Count logins; some are rolled back on purpose, and every reader must see whole ones."""
        for number in range(ROUNDS):
            key = f"u{self.random.randrange(USERS)}"
            fails = number % 5 == 4
            work = self.by_script if self.random.random() < 0.5 else self.by_stream
            if work(key, fails):
                self.counted[key] += 1
            self.look(key)

    def by_script(self, key: str, fails: bool) -> bool:
        """Whether a JavaScript transaction committed."""
        reply = self.client.script(SCRIPT, {"key": key, "fails": fails}, write=["user", "log"])
        return self.went_well(reply)

    def by_stream(self, key: str, fails: bool) -> bool:
        """Whether a stream transaction committed."""
        body = {"collections": {"write": ["user", "log"]}}
        trx = self.client.good("POST", "/_api/transaction/begin", body)["result"]["id"]
        header = {"x-arango-trx-id": trx}
        query = {"query": COUNT, "bindVars": {"key": key}}
        reply = self.client.ask("POST", "/_api/cursor", query, headers=header)
        if self.went_well(reply):
            logged = {"user": key, "counter": reply.json()["result"][0]}
            self.client.ask("POST", "/_api/document/log", logged, headers=header)
            if not fails:
                done = self.client.ask("PUT", f"/_api/transaction/{trx}")
                return self.went_well(done)
        self.client.ask("DELETE", f"/_api/transaction/{trx}")
        return False

    def went_well(self, reply: Any) -> bool:
        """Whether it did; its errorNum is counted otherwise."""
        if reply.status_code < 400:
            return True
        self.errors[reply.json()["errorNum"]] += 1
        return False

    def look(self, key: str) -> None:
        """In one query, the user and what was logged of the user must agree."""
        text = """LET u = DOCUMENT('user', @key) LET logged = (
            FOR l IN log FILTER l.user == @key COLLECT WITH COUNT INTO n RETURN n)[0]
            RETURN [u.counter, u.check, logged]"""
        seen = self.client.query(text, key=key)[0]
        if len(set(seen)) != 1:
            self.dirty.append(seen)


@pytest.mark.slow
def test_no_update_is_lost_and_no_read_is_dirty(sandbox: SandboxProcess) -> None:
    """Counters equal what was committed, also rolled-back work leaves nothing, conflicts are 1200.

    Each writer may fail with 1200 (conflict) or 1650 (thrown on purpose), with nothing else.
    """
    base = new_database(sandbox)
    base.collection("user", *({"_key": f"u{i}", "counter": 0, "check": 0} for i in range(USERS)))
    base.collection("log")
    clients = [Client(sandbox, base.database) for _ in range(CLIENTS)]
    workers = [Worker(client, seed) for seed, client in enumerate(clients)]
    threads = [threading.Thread(target=worker.run) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    counted = sum((worker.counted for worker in workers), collections.Counter())
    errors = sum((worker.errors for worker in workers), collections.Counter())
    assert [worker.dirty for worker in workers] == [[]] * CLIENTS
    rows = base.query("FOR u IN user RETURN [u._key, u.counter, u.check]")
    assert sorted(rows) == [[f"u{i}", counted[f"u{i}"], counted[f"u{i}"]] for i in range(USERS)]
    assert base.query("RETURN LENGTH(log)") == [counted.total()]
    assert errors.keys() <= {1200, 1650}
    assert errors[1200] > 0
    assert errors[1650] > 0
    print(f"\n{counted.total()} committed, {dict(errors)} refused")


@pytest.mark.slow
def test_a_thousand_updates_of_one_document_at_once(sandbox: SandboxProcess) -> None:
    """Some are told 1200, as by ArangoDB; all others count."""
    base = new_database(sandbox)
    base.collection("c", {"_key": "hot", "n": 0})
    statuses: collections.Counter[int] = collections.Counter()
    begun = threading.Barrier(50)

    def work() -> None:
        client = Client(sandbox, base.database)
        client.query("RETURN 1")
        begun.wait()
        for _ in range(20):
            body = {"query": "FOR d IN c FILTER d._key == 'hot' UPDATE d WITH {n: d.n + 1} IN c"}
            statuses[client.ask("POST", "/_api/cursor", body).status_code] += 1

    threads = [threading.Thread(target=work) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert set(statuses) == {201, 409}
    assert base.query("FOR d IN c RETURN d.n") == [statuses[201]]
    print(f"\n{dict(statuses)}")
