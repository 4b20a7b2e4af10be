"""Servers from ArangoDB 3.9 to 4.0, as the sandbox imitates them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from arangolab import dataset
from arangolab.errors import ScenarioError
from arangolab.sandbox.launcher import SandboxProcess
from arangolab.target import Target, connect
from tests.runner.runs import scenario, start

pytestmark = pytest.mark.slow

BATCHES = """
def mine(session):
    query = session.db.AQLQuery("FOR i IN 1..25 RETURN i", rawResults=True, batchSize=10)
    session.check(list(query) == list(range(1, 26)), "not all batches came")
"""
OF_OLD = """
def mine(session):
    with session.step("example"):
        session.db.collections["user"].fetchByExample({"counter": 1}, batchSize=1)
"""
JAVASCRIPT = """
def mine(session):
    with session.step("javascript"):
        session.db.transaction({}, "function () { return 1; }")
"""


@pytest.fixture
def speaking(make_sandbox: Callable[..., SandboxProcess]) -> Callable[[str], Target]:
    """A loaded server that speaks like that version."""

    def make(version: str) -> Target:
        server = make_sandbox(options=("--speaks", version))
        target = Target(urls=(server.url,), user=server.user)
        dataset.load(target, users=1_000)
        return target

    return make


@pytest.mark.parametrize("version", ["3.9", "3.10", "3.11", "3.12"])
def test_login_runs_on_servers_with_javascript(
    speaking: Callable[[str], Target], tmp_path: Path, version: str
) -> None:
    """Whichever of them it is."""
    target = speaking(version)
    assert connect(target).version.startswith(version)
    figures = start(target, tmp_path / "run.sqlite", (20, 1)).wait().summary()
    assert (figures["finished"], figures["failed"]) == (20, 0)


def test_what_needs_javascript_is_refused_by_an_arangodb_4(
    speaking: Callable[[str], Target], tmp_path: Path
) -> None:
    """Before the run, with the name of what does the same; that, and batches, do work."""
    target = speaking("4.0")
    with pytest.raises(ScenarioError, match=r"ArangoDB 4\.0\.0, which has none.*login_stream"):
        start(target, tmp_path / "refused.sqlite", (5, 1))
    assert not (tmp_path / "refused.sqlite").exists()
    for name, played in (("stream", {"scenario": "login_stream"}), ("batches", scenario(BATCHES))):
        figures = start(target, tmp_path / f"{name}.sqlite", (20, 1), **played).wait().summary()
        assert (figures["finished"], figures["failed"]) == (20, 0)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (OF_OLD, "ArangoDB 4 no longer has simple queries; instead: AQL"),
        (JAVASCRIPT, "ArangoDB 4 no longer has JavaScript transactions; instead: session.trans"),
    ],
)
def test_what_pyarango_cannot_do_there_is_said(
    speaking: Callable[[str], Target], tmp_path: Path, source: str, words: str
) -> None:
    """As the error's message, with what to use instead."""
    run = start(speaking("4.0"), tmp_path / "run.sqlite", (5, 1), **scenario(source)).wait()
    errors = run.errors()
    assert list(errors["count"]) == [5]
    assert words in errors["first_message"][0]
