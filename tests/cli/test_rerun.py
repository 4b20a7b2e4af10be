"""``arangolab export --format finding`` and ``arangolab rerun``: given away, and run again."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from arangolab import open_run
from arangolab.finding import main_run, read
from arangolab.plan import Plan, Step
from arangolab.runner import handle
from arangolab.sandbox.launcher import SandboxProcess
from arangolab.target import Target
from tests.cli.command import arangolab

SOURCE = """
def tiny(session, *, number: int = 1):
    rows = session.db.AQLQuery(f"RETURN {number}", rawResults=True)
    session.check(list(rows) == [2], "it was told nothing")
"""


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_finding_is_made_and_run_again(sandbox: SandboxProcess, tmp_path: Path) -> None:
    """Its scenario, source and parameters, travels with it; before and now are said last."""
    target = Target(urls=(sandbox.url,), user=sandbox.user)
    plan = Plan(
        scenario="tiny",
        scenario_source=SOURCE,
        scenario_params={"number": 2},
        scenario_changed=("number",),
        steps=(Step(rate_per_s=10, hold_s=2),),
    )
    run = handle.start(plan, target, tmp_path / "tiny.sqlite").wait()
    first, second = tmp_path / "first", tmp_path / "second"
    words = ("--format", "finding", "--title", "Tiny", "--out", str(first))
    said = arangolab("export", str(run.path), *words, timeout_s=240)
    assert said.status == 0, said.err
    assert [Path(line).name for line in said.out.splitlines()] == [
        "tiny.ipynb", "tiny.html", "tiny.sqlite",
    ]  # fmt: skip
    words = ("--url", sandbox.url, "--out", str(second))
    said = arangolab("rerun", str(first / "tiny.ipynb"), *words, timeout_s=240)
    assert said.status == 0, said.err
    before, now = said.out.splitlines()[-2:]
    assert before.startswith("Before    Sandbox (not ArangoDB): ")
    assert now.startswith("Now       Sandbox (not ArangoDB): ")
    told = main_run(read(second / "finding" / "tiny.ipynb"))
    assert told["plan"]["scenario_source"] == SOURCE
    again = open_run(second / "finding" / "tiny.sqlite").summary()
    assert (again["finished"], again["failed"], again["params"]) == (20, 0, {"number": 2})


def test_what_is_no_finding_is_said(tmp_path: Path) -> None:
    """In one sentence, before anything is started."""
    file = tmp_path / "plain.ipynb"
    nbformat.write(nbformat.v4.new_notebook(), file)
    said = arangolab("rerun", str(file))
    assert said.status == 1
    assert "is not a finding: it has no summary" in said.err
    assert said.out == ""
