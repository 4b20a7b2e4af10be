"""``arangolab endure``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from arangolab import dataset
from arangolab.cli import statuses
from arangolab.cli.endure import status_of
from arangolab.sandbox.launcher import SandboxProcess
from arangolab.target import Target
from tests.cli.command import arangolab


@pytest.mark.parametrize(
    ("met", "valid", "limited", "status"),
    [
        (True, True, False, statuses.MET),
        (False, True, False, statuses.NOT_MET),
        (False, True, True, statuses.NOT_MET),
        (False, False, True, statuses.INJECTOR_LIMITED),
        (False, False, False, statuses.INVALID),
    ],
)
def test_the_status_tells_how_it_went(met: bool, valid: bool, limited: bool, status: int) -> None:
    """As for the capacity."""
    assert status_of({"met": met, "valid": valid, "injector_limited": limited}) == status


@pytest.mark.parametrize(
    ("words", "what"),
    [
        ((), "No scenario is named"),
        (("login",), "Either --rate or --capacity"),
        (("login", "--rate", "5", "--capacity", "7"), "Either --rate or --capacity"),
        (("login", "--capacity", "much"), "neither a rate nor a run file"),
        (("--attach", "none.sqlite"), "none.sqlite"),
    ],
)
def test_bad_values_are_told(words: tuple[str, ...], what: str) -> None:
    """In one sentence, before anything runs."""
    said = arangolab("endure", *words)
    assert said.status in (1, 2)
    assert what in said.err


@pytest.mark.slow
def test_detached_and_attached(sandbox: SandboxProcess, tmp_path: Path) -> None:
    """The command ends at once and says where; another has the result, as one JSON object."""
    dataset.load(Target(urls=(sandbox.url,)), users=500)
    file = tmp_path / "run.sqlite"
    begun = arangolab(
        "endure", "login", "--capacity", "20", "--load", "0.5", "--duration", "20", "--detach",
        "--warm-up", "0", "--users", "1:500", "--url", sandbox.url, "--out", str(file),
    )  # fmt: skip
    assert (begun.status, begun.out) == (0, f"{file}\n")
    said = arangolab("endure", "--attach", str(file), "--json")
    figures = json.loads(said.out)
    assert figures["rate_per_s"] == 10
    assert figures["sustained"] is True
    assert said.status == (statuses.MET if figures["met"] else statuses.NOT_MET)
    assert {"name", "slope_per_h", "low_per_h", "to_limit_s"} <= set(figures["drifts"][0])
