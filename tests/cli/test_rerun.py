"""``arangolab export --format finding`` and ``arangolab rerun``: given away, and run again."""

from __future__ import annotations

import os
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from arangolab import open_run
from arangolab.finding import execute, main_run, read
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


CELLS = (
    "import arangolab\n"
    "run = arangolab.start(\n"
    "    arangolab.connect(url), scenario='aql_read', rate_per_s=rate, duration_s=2,\n"
    "    users=(1, users), path='read.sqlite',\n"
    ").wait()",
    "arangolab.five_graphs(run).layout.title.text",
)


@pytest.mark.slow
def test_a_notebook_that_is_a_finding_is_executed_again(
    loaded_sandbox: SandboxProcess, tmp_path: Path
) -> None:
    """With the parameters it had and the server of now; compare holds one against the other."""
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    tagged = new_code_cell("url = None\nrate = 1\nusers = 50", metadata={"tags": ["parameters"]})
    source = new_notebook(cells=[new_markdown_cell("# A lesson"), tagged])
    source.cells += [new_code_cell(cell) for cell in CELLS]
    nbformat.write(source, tmp_path / "lesson.ipynb")
    before, now = first / "lesson.ipynb", second / "lesson.ipynb"
    env = {**os.environ, "ARANGOLAB_URL": loaded_sandbox.url}
    execute(tmp_path / "lesson.ipynb", before, parameters={"rate": 10}, env=env)
    said = arangolab(
        "rerun", str(before), "--url", loaded_sandbox.url, "--out", str(second), timeout_s=160
    )
    assert said.status == 0, said.err
    lines = said.out.splitlines()
    assert lines[-4] == f"Notebook  {now}"
    assert now.with_suffix(".html").exists()
    assert lines[-2].startswith("Before    Sandbox (not ArangoDB): sustains 10 aql_read/s")
    assert lines[-1].startswith("Now       Sandbox (not ArangoDB): ")
    assert read(now)["parameters"] == {"rate": 10}
    assert main_run(read(now))["plan"]["steps"][0]["rate_per_s"] == 10
    assert open_run(second / "read.sqlite").summary()["finished"] == 20
    injected = [c for c in nbformat.read(now, as_version=4).cells if "rate = 10" in c.source]
    assert len(injected) == 1, "parameters are put in once, however often it is run again"
    said = arangolab("compare", str(before), str(now))
    assert said.status in (0, 3), said.err
    assert "aql_read" in said.out


def test_what_is_no_finding_is_said(tmp_path: Path) -> None:
    """In one sentence, before anything is started."""
    file = tmp_path / "plain.ipynb"
    nbformat.write(nbformat.v4.new_notebook(), file)
    said = arangolab("rerun", str(file))
    assert said.status == 1
    assert "is not a finding: it has no summary" in said.err
    assert said.out == ""
