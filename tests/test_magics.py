"""``%%scenario``: scenarios written in a notebook's cells."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell

import arangolab
from arangolab import open_run
from arangolab.errors import InputError, ScenarioError
from arangolab.sandbox.launcher import SandboxProcess
from arangolab.scenarios import written
from arangolab.scenarios.catalogue import parts_of
from arangolab.target import Target

VISIT = """def visit(session):
    with session.step("read"):
        rows = session.db.AQLQuery("RETURN 1", rawResults=True)
    session.timing("told", 7.0)
    session.check(len(rows) == 1, "no row came back")
"""


@pytest.fixture
def shell() -> Iterator[Any]:
    """An IPython shell in which arangolab's extension is loaded."""
    made = InteractiveShell.instance()
    made.run_line_magic("load_ext", "arangolab")
    yield made
    made.user_ns.pop("target", None)
    written._kept.clear()


def test_a_scenario_in_a_cell_is_known_by_its_name(
    shell: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """To runs and in mixes; its steps are told, its source is the cell's text."""
    shell.run_cell_magic("scenario", "visit", VISIT)
    said = 'Scenario visit: steps read. Play it as scenario="visit".\n'
    assert capsys.readouterr().out == said
    mine, other = parts_of("visit*2, aql_read")
    assert (mine.name, mine.source, mine.weight) == ("visit", "\n" + VISIT, 2)
    assert other.source is None


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("def visit(session)\n    pass\n", r"not valid Python: expected ':' \(line 2, column 19\)"),
        ("x = 1\n", "has 0 functions that could be played"),
        ("def visit():\n    pass\n", r"visit \(line 2\) takes 0 arguments"),
        ("def visit(session, user):\n    pass\n", r"visit \(line 2\) takes 2 arguments"),
        ("class visit:\n    pass\n", r"has no method run\(session\)"),
        ("@scenario\ndef visit(session):\n    pass\n", "uses @scenario without importing it"),
        (
            "import arangolab as a\n@a.scenario\ndef b(s): pass\n@a.scenario\ndef c(s): pass\n",
            "has 2 functions",
        ),
    ],
)
def test_a_mistake_is_said_with_its_line_and_nothing_is_kept(
    shell: Any, source: str, sentence: str
) -> None:
    """Lines are counted as in the cell, from the magic's own."""
    with pytest.raises(ScenarioError, match=sentence):
        shell.run_cell_magic("scenario", "visit", source)
    assert written.names() == ()


@pytest.mark.parametrize(
    "source",
    [
        "def scenario(session): pass\n",
        "class visit:\n    def run(self, session): pass\n",
        "import arangolab\n@arangolab.scenario(rows=[1])\ndef other(session): pass\n",
        "from arangolab import scenario\n@scenario(rows=[1], once=True)\ndef other(s, x=1): pass\n",
    ],
)
def test_all_ways_to_write_one_are_taken(shell: Any, source: str) -> None:
    """The same as in files."""
    shell.run_cell_magic("scenario", "visit", source)
    assert written.names() == ("visit",)


def test_names_that_ship_are_refused(shell: Any) -> None:
    """Or one would not know which is played."""
    with pytest.raises(ScenarioError, match="login is the name of a scenario that ships"):
        shell.run_cell_magic("scenario", "login", VISIT)
    with pytest.raises(ScenarioError, match="'a-b' cannot be a scenario's name"):
        shell.run_cell_magic("scenario", "a-b", VISIT)
    with pytest.raises(UsageError):
        shell.run_cell_magic("scenario", "", VISIT)


def test_a_target_must_be_one(shell: Any) -> None:
    """The variable may hold anything."""
    shell.user_ns["target"] = "http://127.0.0.1:8529"
    with pytest.raises(InputError, match="The variable target holds no target"):
        shell.run_cell_magic("scenario", "visit --dry-run", VISIT)


def test_a_mistake_is_one_sentence_in_a_notebook(
    shell: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """No traceback; what went wrong, and what to try."""
    result = shell.run_cell("%%scenario visit\nx = 1\n")
    assert isinstance(result.error_in_exec, ScenarioError)
    shown = capsys.readouterr().out
    assert shown.startswith("ScenarioError: The scenario visit has 0 functions")
    assert len(shown.strip().splitlines()) == 1


@pytest.mark.slow
def test_a_dry_run_plays_it_once(
    shell: Any, loaded_sandbox: SandboxProcess, capsys: pytest.CaptureFixture[str]
) -> None:
    """Against the target in the variable; times and steps, or what went wrong."""
    shell.user_ns["target"] = Target(urls=(loaded_sandbox.url,), user=loaded_sandbox.user)
    shell.run_cell_magic("scenario", "visit --dry-run --user 3", VISIT)
    said = capsys.readouterr().out.splitlines()
    assert said[1].startswith("User 3 played visit, and it ended well in ")
    assert [line.split(":")[0] for line in said[2:]] == ["  read", "  told"]
    assert said[3] == "  told: 7 ms"
    shell.run_cell_magic("scenario", "visit --dry-run", VISIT.replace("== 1", "== 2"))
    failed = capsys.readouterr().out.splitlines()[1]
    assert failed.startswith("User 1 played visit, and it failed in ")
    assert failed.endswith("no row came back")


@pytest.mark.slow
def test_a_run_holds_the_cells_text(
    shell: Any, loaded_sandbox: SandboxProcess, tmp_path: Path
) -> None:
    """It is shipped with the plan and stored with the run."""
    target = Target(urls=(loaded_sandbox.url,), user=loaded_sandbox.user)
    shell.run_cell_magic("scenario", "visit", VISIT)
    path = tmp_path / "run.sqlite"
    live = arangolab.start(target, scenario="visit", rate_per_s=20, duration_s=0.5, path=path)
    assert live.wait().summary()["finished"] == 10
    assert open_run(path).plan.scenario_source == "\n" + VISIT
