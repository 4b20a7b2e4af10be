"""``arangolab capacity``: one JSON object, and an exit status for a pipeline."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from arangolab import dataset
from arangolab.cli import statuses
from arangolab.cli.capacity import status_of
from arangolab.sandbox.launcher import SandboxProcess
from arangolab.search import Result
from arangolab.target import Target
from tests.cli.command import arangolab


def result(status: str, capacity: float | None = None, low: float | None = None) -> Result:
    """A search's result."""
    return Result(
        status=status, capacity_per_s=capacity, low_per_s=low, high_per_s=None, confidence=0.95,
        trials=9, time_used_s=100.0,
    )  # type: ignore[arg-type]  # fmt: skip


@pytest.mark.parametrize(
    ("found", "least", "status"),
    [
        (result("found", 20, 19), None, statuses.MET),
        (result("found", 20, 19), 20, statuses.MET),
        (result("found", 20, 19), 21, statuses.NOT_MET),
        (result("wide", 20, 15), 18, statuses.MET),
        (result("not_sustained"), None, statuses.NOT_MET),
        (result("not_reached", None, 50), None, statuses.MET),
        (result("not_reached", None, 50), 60, statuses.NOT_MET),
        (result("injector_limited", None, 40), None, statuses.INJECTOR_LIMITED),
        (result("injector_limited", None, 40), 30, statuses.MET),
        (result("injector_limited", None, 40), 80, statuses.INJECTOR_LIMITED),
        (result("invalid"), None, statuses.INVALID),
        (result("stopped", 20, 10), 5, statuses.INVALID),
        (None, None, statuses.INVALID),
    ],
)
def test_the_status_tells_what_was_found(
    found: Result | None, least: float | None, status: int
) -> None:
    """Met, not met, injector-limited and invalid are told apart."""
    assert status_of(found, least) == status


def test_help_names_the_statuses() -> None:
    """A pipeline's author finds them where the options are."""
    said = arangolab("capacity", "--help")
    assert "4 injector-limited" in said.out
    assert "3 not met" in said.out


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("--objective", "speed<3"), "speed<3"),
        (("--at-least", "many"), "neither a rate nor a run file"),
        (("--hold", "0"), "--hold 0 is not above 0"),
    ],
)
def test_bad_values_are_told_before_anything_runs(words: tuple[str, ...], what: str) -> None:
    """One sentence, status 2."""
    said = arangolab("capacity", "login", *words)
    assert (said.status, said.out) == (2, "")
    assert what in said.err


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_json_is_one_object(make_sandbox: Callable[..., SandboxProcess], tmp_path: Path) -> None:
    """As in a pipeline: capacity, interval, verdict, steps; and the file serves the next time."""
    server = make_sandbox(v8_contexts=2, transaction_delay_s=0.1)
    dataset.load(Target(urls=(server.url,)), users=1_000)
    file = tmp_path / "run.sqlite"
    said = arangolab(
        "capacity", "login", "--objective", "response_p95<500ms, errors<1%, in_flight stable",
        "--json", "--start", "8", "--trial", "5", "--hold", "8", "--width", "0.4", "--users",
        "1:1000", "--no-recovery", "--at-least", "60", "--url", server.url, "--out", str(file),
        timeout_s=280,
    )  # fmt: skip
    assert said.out.count("\n") == 1
    figures: dict[str, Any] = json.loads(said.out)
    assert said.status == statuses.NOT_MET, said.err
    assert figures["low_per_s"] <= figures["capacity_per_s"] <= figures["high_per_s"]
    assert 8 < figures["capacity_per_s"] < 24
    assert figures["valid"] is True
    assert figures["met"] is False
    assert figures["verdict"]["resource"] == "v8_contexts"
    assert figures["verdict"]["evidence"]
    assert len(figures["steps"]) == figures["trials"]
    assert {"rate_per_s", "sustained", "valid", "reasons"} <= set(figures["steps"][0])
    assert "response_p95<500ms" in figures["objective"]
