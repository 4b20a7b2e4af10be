"""What was recorded on a real server, played on the sandbox.

A recording either is reproduced (status, errorNum, message, names and types of all fields, all
values that do not depend on the machine), or the sandbox refuses it by name, or its reason is
given here.  The same holds for recordings that come later: they need no line of code.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import Any

import pytest

from arangolab.sandbox.aql.functions import FUNCTIONS
from tests.conformance import report
from tests.conformance.comparing import differences
from tests.conformance.conftest import Note
from tests.conformance.recordings import (
    MISSING,
    Exchange,
    Query,
    exchanges,
    queries,
)
from tests.conformance.report import Outcome
from tests.conformance.shell import Shell

EXCHANGES = exchanges()
QUERIES = queries()

RANDOM = ("UUID(", "RAND(", "RANDOM_TOKEN(", "DATE_NOW(")
REFUSALS = (1501, 1540, 1541, 1582)
ON_PURPOSE = {
    "/_api/query/rules": "the sandbox has few of ArangoDB's optimizer rules",
    "/_api/engine": "index types that the sandbox refuses are not listed",
    "/_api/explain": "the plan shown is the sandbox's own, with fewer details",
    "/_api/version": "the sandbox passes for the community edition",
    "profile: 2": "the plan shown is the sandbox's own, with fewer details",
}
"""What a script asks for that is meant to be answered otherwise, and why."""


def _judged(exchange: Exchange, shell: Shell) -> tuple[str, str]:
    """One of ``report.KINDS``, and the differences."""
    replies = shell.play(exchange.setup)
    first = replies[0]
    found = []
    if exchange.status != first.status:
        found.append(f"status {exchange.status} recorded, {first.status} here")
    found += [f"header {name} missing" for name in exchange.headers if name not in first.headers]
    if len(exchange.bodies) > len(replies):
        found.append(f"{len(exchange.bodies)} replies recorded, {len(replies)} here")
    any_document = ".any()" in exchange.setup
    for body, reply in zip(exchange.bodies, replies, strict=False):
        found += differences(body, reply.body, varies=any_document)
    if not found:
        return report.REPRODUCED, ""
    if "arangolab sandbox" in str(first.body):
        return report.REFUSED, first.body["errorMessage"]
    for path, why in ON_PURPOSE.items():
        if path in exchange.setup:
            return report.ON_PURPOSE, f"{why} ({found[0]})"
    return report.MISS, "; ".join(found[:4])


def _refused_or(kind: str, told: dict[str, Any]) -> tuple[str, str]:
    if told["errorNum"] in REFUSALS:
        return report.REFUSED, told["errorMessage"]
    return kind, told["errorMessage"]


def _answered(query: Query, shell: Shell, database: str) -> tuple[str, str]:
    """One of ``report.KINDS``, and the differences."""
    told = shell.query(database, query.text, query.binds)
    if told["error"]:
        return _refused_or(report.MISS, told)
    found = list(differences(query.result, told["result"]))
    if found and any(name in query.text for name in RANDOM):
        return report.VARIES, found[0]
    if found and re.search(r"\bK_\w*PATHS\b", query.text):
        return report.ON_PURPOSE, f"paths of the same weight come in another order ({found[0]})"
    if found and "\\\\" in query.text:
        again = shell.query(database, query.text.replace("\\\\", "\\"), query.binds)
        if not again["error"] and not list(differences(query.result, again["result"])):
            return report.ON_PURPOSE, "recorded with its backslashes doubled"
    return (report.MISS, "; ".join(found[:4])) if found else (report.REPRODUCED, "")


def _family(query: Query) -> str:
    """A query's group: its data set, else the family of the first function that it calls."""
    called = re.findall(r"\b([A-Z][A-Z0-9_]*)\s*\(", query.text.upper())
    known = [FUNCTIONS[name] for name in called if name in FUNCTIONS]
    if query.dataset:
        return query.dataset
    if known:
        return known[0].call.__module__.rpartition(".")[2]
    return "functions that the sandbox refuses" if called else "statements and operators"


@pytest.mark.skipif(not EXCHANGES, reason=MISSING)
@pytest.mark.parametrize("exchange", EXCHANGES, ids=lambda exchange: exchange.name)
def test_recorded_exchange(shell: Shell, note: Note, exchange: Exchange) -> None:
    """The replies have the recorded status, headers, fields and values."""
    kind, reason = _judged(exchange, shell)
    note(Outcome("Golden HTTP", exchange.group, exchange.name, kind, reason))
    _conclude(kind, reason)


@pytest.fixture(scope="module")
def database(shell: Shell) -> Callable[[str], str]:
    """The database that holds a data set, filled when it is first asked for."""

    @functools.cache
    def filled(dataset: str) -> str:
        if not dataset:
            return "_system"
        shell.load(dataset, name := f"golden_{dataset}")
        return name

    return filled


@pytest.mark.skipif(not QUERIES, reason=MISSING)
@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.name)
def test_recorded_query(
    shell: Shell, note: Note, database: Callable[[str], str], query: Query
) -> None:
    """The query gives the recorded result."""
    kind, reason = _answered(query, shell, database(query.dataset))
    note(Outcome("Golden AQL", _family(query), query.name, kind, reason))
    _conclude(kind, reason)


def _conclude(kind: str, reason: str) -> None:
    if kind == report.MISS:
        pytest.fail(reason, pytrace=False)
    if kind != report.REPRODUCED:
        pytest.skip(f"{kind}: {reason}")


@pytest.mark.skipif(not EXCHANGES or not QUERIES, reason=MISSING)
def test_most_is_reproduced(outcomes: list[Outcome]) -> None:
    """At least 70 of 83 exchanges and 160 of 228 queries, or the same share of other recordings."""
    for suite, all_of_them, least in (
        ("Golden HTTP", EXCHANGES, 70 / 83),
        ("Golden AQL", QUERIES, 160 / 228),
    ):
        kinds = [outcome.kind for outcome in outcomes if outcome.suite == suite]
        if len(kinds) == len(all_of_them):
            assert kinds.count(report.REPRODUCED) / len(kinds) >= least
