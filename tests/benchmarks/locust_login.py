"""The same login for Locust, as users in a closed loop; prints its own CPU at the end."""

from __future__ import annotations

import json
import os
import sys
import time

from locust import FastHttpUser, HttpUser, constant, events, task

from arangolab.scenarios.login import COLLECTIONS, COUNT_LOGIN, READ_USER

BASE = HttpUser if os.environ["LOCUST_USER"] == "HttpUser" else FastHttpUser
HEADERS = {"Content-Type": "application/json"}
_done, _from = 0, (0.0, 0.0)


class Login(BASE):  # type: ignore[misc, valid-type]
    """One user."""

    wait_time = constant(0)

    @task
    def login(self) -> None:
        """The two requests of a login, their replies parsed and checked."""
        global _done
        read = {"query": READ_USER, "bindVars": {"key": "user_1"}}
        reply = self.client.post("/_db/_system/_api/cursor", data=json.dumps(read), headers=HEADERS)
        assert len(reply.json()["result"]) == 1
        params = {"key": "user_1", "now": int(time.time() * 1000)}
        work = {"collections": COLLECTIONS, "action": COUNT_LOGIN, "params": params}
        reply = self.client.post(
            "/_db/_system/_api/transaction", data=json.dumps(work), headers=HEADERS
        )
        assert reply.json()["result"]["updateUser"]["writes"] == 1
        _done += 1


@events.spawning_complete.add_listener
def begin(**_: object) -> None:
    """All users are there."""
    global _from, _done
    _done, _from = 0, (time.monotonic(), time.process_time())


@events.test_stopping.add_listener
def end(**_: object) -> None:
    """Say what it took."""
    took_s, cpu_s = time.monotonic() - _from[0], time.process_time() - _from[1]
    found = {"per_s": _done / took_s, "cpu_ms": cpu_s / max(1, _done) * 1e3}
    sys.stdout.write("RESULT " + json.dumps(found) + "\n")
    sys.stdout.flush()
