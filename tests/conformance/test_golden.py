"""What was recorded on a real server, played on the sandbox.

A recording either is reproduced (status, errorNum, message, names and types of all fields, all
values that do not depend on the machine), or the sandbox refuses it by name, or its reason is
given here.  The same holds for recordings that come later: they need no line of code.
"""

from __future__ import annotations

import re
from typing import Any

import pytest

from arangolab.sandbox.aql.functions import FUNCTIONS
from tests.conformance import report
from tests.conformance.comparing import differences, header_differences
from tests.conformance.conftest import Note
from tests.conformance.recordings import (
    MISSING,
    Exchange,
    Query,
    exchanges,
    queries,
)
from tests.conformance.report import Outcome
from tests.conformance.shell import Reply, ScriptError, Shell
from tests.support import require

EXCHANGES = exchanges()
QUERIES = queries()
RECORDINGS: list[Exchange | Query] = [*EXCHANGES, *QUERIES]

RANDOM = ("UUID(", "RAND(", "RANDOM_TOKEN(", "DATE_NOW(")
REFUSALS = (1501, 1540, 1541, 1582)
ON_PURPOSE = {
    '"/_api/query"': "only the names of a query's operations are told",
    "/_api/query/rules": "the sandbox has few of ArangoDB's optimizer rules",
    "/_api/engine": "index types that the sandbox refuses are not listed",
    "/_api/explain": "the plan shown is the sandbox's own, with fewer details",
    "/_api/version": "the sandbox passes for the community edition",
    "FOR p IN products REMOVE p IN products": "documents are scanned where keys alone would do",
    "profile: 2": "the plan shown is the sandbox's own, with fewer details",
}
"""What a script asks for that is meant to be answered otherwise, and why."""


def _judged(exchange: Exchange, shell: Shell) -> tuple[str, str]:
    """One of ``report.KINDS``, and the differences."""
    try:
        played = shell.play(exchange.setup)
    except ScriptError as error:
        is_refused = "arangolab sandbox" in str(error)
        return report.REFUSED if is_refused else report.MISS, f"its script fails: {error}"
    found = _differing(exchange, played.replies)
    found += [f"its assertion fails: {words}" for words in played.failed]
    if not found:
        return report.REPRODUCED, ""
    told = played.replies[0].body
    if isinstance(told, dict) and "arangolab sandbox" in str(told.get("errorMessage")):
        return report.REFUSED, told["errorMessage"]
    for path, why in ON_PURPOSE.items():
        if path in exchange.setup:
            return report.ON_PURPOSE, f"{why} ({found[0]})"
    return report.MISS, "; ".join(found[:4])


def _differing(exchange: Exchange, replies: list[Reply]) -> list[str]:
    """In words, where replies are not those that were recorded."""
    found = list(header_differences(exchange.headers, replies[0].headers))
    if len(exchange.replies) != len(replies):
        found.append(f"{len(exchange.replies)} replies recorded, {len(replies)} here")
    any_document = ".any()" in exchange.setup
    for (status, body), reply in zip(exchange.replies, replies, strict=False):
        if status != reply.status:
            found.append(f"status {status} recorded, {reply.status} here")
        found += differences(body, reply.body, varies=any_document)
    return found


def _refused_or(kind: str, told: dict[str, Any]) -> tuple[str, str]:
    if told["errorNum"] in REFUSALS:
        return report.REFUSED, told["errorMessage"]
    return kind, told["errorMessage"]


def _answered(query: Query, shell: Shell, database: str) -> tuple[str, str]:
    """One of ``report.KINDS``, and the differences."""
    told = shell.query(database, query.text, query.binds)
    if told["error"]:
        return _refused_or(report.MISS, told)
    found = list(differences(query.result, told["result"], varying=()))
    if found and any(name in query.text for name in RANDOM):
        return report.VARIES, found[0]
    if found and re.search(r"\bK_\w*PATHS\b", query.text):
        return report.ON_PURPOSE, f"paths of the same weight come in another order ({found[0]})"
    if found and "\\\\" in query.text:
        again = shell.query(database, query.text.replace("\\\\", "\\"), query.binds)
        if not again["error"] and not list(differences(query.result, again["result"], varying=())):
            return report.ON_PURPOSE, "recorded with its backslashes doubled"
    return (report.MISS, "; ".join(found[:4])) if found else (report.REPRODUCED, "")


def _family(query: Query) -> str:
    """A query's group: its data set, else the family of the first function that it calls."""
    called = re.findall(r"\b([A-Z][A-Z0-9_]*)\s*\(", query.text.upper())
    known = [FUNCTIONS[name] for name in called if name in FUNCTIONS]
    if query.dataset:
        return query.dataset
    if known:
        return known[0].family
    return "functions that the sandbox refuses" if called else "statements and operators"


class Player:
    """Plays recordings, each once."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell
        self._known: dict[int, Outcome] = {}

    def outcome(self, recording: Exchange | Query) -> Outcome:
        """How a recording comes out."""
        if id(recording) not in self._known:
            self._known[id(recording)] = self._played(recording)
        return self._known[id(recording)]

    def _played(self, recording: Exchange | Query) -> Outcome:
        if isinstance(recording, Exchange):
            kind, reason = _judged(recording, self._shell)
            return Outcome("Golden HTTP", recording.group, recording.name, kind, reason)
        try:
            kind, reason = _answered(recording, self._shell, self._database(recording.dataset))
        except ScriptError as error:
            kind, reason = report.MISS, str(error)
        return Outcome("Golden AQL", _family(recording), recording.name, kind, reason)

    def _database(self, dataset: str) -> str:
        """The database that holds a data set."""
        return self._shell.load(dataset, f"golden_{dataset}") if dataset else "_system"


@pytest.fixture(scope="module")
def player(shell: Shell) -> Player:
    """Plays recordings on the server of this module."""
    return Player(shell)


@pytest.mark.skipif(not RECORDINGS, reason=MISSING)
@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda recording: recording.name)
def test_recording(player: Player, note: Note, recording: Exchange | Query) -> None:
    """Replies have the recorded status, headers, fields and values; queries the same result."""
    outcome = player.outcome(recording)
    note(outcome)
    if outcome.kind == report.MISS:
        pytest.fail(outcome.reason, pytrace=False)
    if outcome.kind != report.REPRODUCED:
        pytest.skip(f"{outcome.kind}: {outcome.reason}")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("recordings", "least"),
    [(EXCHANGES, 70 / 83), (QUERIES, 160 / 228)],
    ids=["exchanges", "queries"],
)
def test_most_is_reproduced(
    player: Player, recordings: list[Exchange] | list[Query], least: float
) -> None:
    """At least 70 of 83 exchanges and 160 of 228 queries, or that share of other recordings."""
    require("golden", bool(recordings))
    kinds = [player.outcome(recording).kind for recording in recordings]
    assert kinds.count(report.REPRODUCED) / len(kinds) >= least
