"""Exchanges recorded on a real server, played on the sandbox.

Each recording holds the script that led to it; it is run here against the sandbox, in a small
imitation of arangosh (shell.js), and the first reply compared: status, errorNum, message, and
the names and types of all fields.  The recordings are no part of the project: without their
folder (ARANGOLAB_GOLDEN, by default ../shared/golden) these tests are skipped.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import quickjs

from tests.sandbox.client import Client

ROOT = Path(__file__).parents[2]
GOLDEN = Path(os.environ.get("ARANGOLAB_GOLDEN", ROOT.parent / "shared" / "golden"))
SHELL = Path(__file__).with_name("shell.js").read_text(encoding="utf-8")
RECORDS = [
    json.loads(line)
    for path in sorted(GOLDEN.glob("*http*.jsonl"))
    for line in path.open(encoding="utf-8")
]

OUT_OF_REACH = {
    "RestQueryRules": "the sandbox has no optimizer rules to list",
    "RestEngine": "geo, fulltext and inverted indexes are refused, so they are not listed",
    "RestCursorProfileQuery": "queries are not profiled",
    "RestExplainEmpty": "the plan is the sandbox's own, with fewer details",
    "RestExplainOptimizerRules": "the plan is the sandbox's own, with fewer details",
    "RestExplainWarning": "the plan is the sandbox's own, with fewer details",
}
"""Exchanges that are meant to differ, and why."""

VARYING = {"keyOptions.lastValue"}


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    """A server of its own: the recordings use _system and well-known names."""
    from arangolab.sandbox.launcher import start

    with start() as process:
        yield Client(process)


def play(client: Client, script: str) -> list[dict[str, Any]]:
    """Run a recording's script; the replies of what it logs."""
    context = quickjs.Context()

    def http(method: str, path: str, body: str, headers: str) -> str:
        path = path if path.startswith("/_db/") else "/_db/_system" + path
        url = client.url + path
        reply = client.session.request(
            method, url, data=body.encode(), headers=json.loads(headers), timeout=30
        )
        try:
            parsed = reply.json()
        except ValueError:
            parsed = None
        told = {"code": reply.status_code, "headers": dict(reply.headers), "body": reply.text}
        return json.dumps({**told, "parsedBody": parsed})

    context.add_callable("__http", http)
    context.eval(SHELL)
    failed = ""
    try:
        context.eval("(function () {" + script + "\n})()")
    except quickjs.JSException as error:
        failed = str(error)
    replies: list[dict[str, Any]] = json.loads(context.eval("JSON.stringify(__replies)"))
    assert replies, failed
    return replies


def first_json(body: Any) -> Any:
    """The first JSON value of a recorded body, which may be text with several replies."""
    if not isinstance(body, str):
        return body
    try:
        return json.JSONDecoder().raw_decode(body.lstrip())[0]
    except ValueError:
        return None


def kind(value: Any) -> str:
    """The JSON type of a value."""
    if isinstance(value, bool):
        return "bool"
    return "number" if isinstance(value, int | float) else type(value).__name__


def differences(want: Any, got: Any, path: str = "") -> Iterator[str]:
    """Where names or types of fields differ."""
    if kind(want) != kind(got):
        yield f"{path}: {kind(want)} recorded, {kind(got)} here"
    elif isinstance(want, dict):
        for name in sorted(want.keys() | got.keys()):
            inside = f"{path}.{name}".lstrip(".")
            if name not in got or name not in want:
                yield f"{inside}: {'missing' if name not in got else 'additional'}"
            elif name in ("errorNum", "errorMessage", "code", "hasMore") and not path:
                if want[name] != got[name]:
                    yield f"{inside}: {want[name]!r} recorded, {got[name]!r} here"
            else:
                yield from differences(want[name], got[name], inside)
    elif isinstance(want, list) and want and got:
        yield from differences(want[0], got[0], f"{path}[]")


def check(record: dict[str, Any], reply: dict[str, Any]) -> list[str]:
    """All that differs between a recording and a reply."""
    found = []
    if record["status"] != reply["code"]:
        found.append(f"status {record['status']} recorded, {reply['code']} here")
    found += differences(first_json(record["body"]), reply["parsedBody"])
    names = {name.lower() for name in reply["headers"]}
    found += [f"header {name} missing" for name in record["headers"] if name.lower() not in names]
    return [one for one in found if one.partition(":")[0] not in VARYING]


@pytest.mark.skipif(not RECORDS, reason="the recordings are not here (ARANGOLAB_GOLDEN)")
@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record["name"])
def test_recorded_exchange(client: Client, record: dict[str, Any]) -> None:
    """The reply has the recorded status, error, headers and fields."""
    if record["name"] in OUT_OF_REACH:
        pytest.skip(OUT_OF_REACH[record["name"]])
    assert check(record, play(client, record["setup"])[0]) == []
