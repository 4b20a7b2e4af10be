"""The guided notebooks: how they are kept, and that they run by themselves."""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path
from typing import Any

import nbformat
import pytest

from arangolab import finding, notebooks, open_run
from arangolab.errors import ArangolabError
from arangolab.finding.summary import read

ROOT = Path(__file__).parents[1]
BARE = {name: value for name, value in os.environ.items() if not name.startswith("ARANGOLAB_")}


def cells_of(name: str, kind: str) -> list[Any]:
    """The notebook's cells of that kind."""
    document = nbformat.read(notebooks.path(name), as_version=4)
    return [cell for cell in document.cells if cell.cell_type == kind]


def test_all_notebooks_are_guided_ones_and_come_with_the_package() -> None:
    """None is forgotten, here or in the wheel."""
    there = {file.stem for file in (ROOT / "notebooks").glob("*.ipynb")}
    assert there == set(notebooks.NAMES)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    packed = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    assert {f"notebooks/{name}.ipynb" for name in notebooks.NAMES} <= set(packed)


@pytest.mark.parametrize("name", notebooks.NAMES)
def test_a_notebook_is_kept_without_outputs_and_takes_parameters(name: str) -> None:
    """The same parameters in each; one cell tells which server."""
    nbformat.validate(nbformat.read(notebooks.path(name), as_version=4))
    code = cells_of(name, "code")
    assert not any(cell.outputs or cell.execution_count for cell in code)
    (parameters,) = (c for c in code if "parameters" in c.metadata.get("tags", []))
    given: dict[str, Any] = {}
    exec(parameters.source, given)  # noqa: S102
    assert {"url", "user", "quick", "users", "out_dir"} <= set(given)
    assert given["url"] is None
    assert given["quick"] is False
    elsewhere = [c for c in code if re.search(r"^(?:quick|users|out_dir) *=", c.source, re.M)]
    assert elsewhere == [parameters]


@pytest.mark.parametrize("name", notebooks.NAMES)
def test_exercises_have_folded_answers(name: str) -> None:
    """Each exercise has one, and opens by a click."""
    text = "\n".join(cell.source for cell in cells_of(name, "markdown"))
    exercises = len(re.findall(r"^#+ Exercise", text, re.M))
    assert exercises >= 3
    assert text.count("<details><summary>Answer</summary>") == exercises
    assert text.count("</details>") == exercises


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_lesson_runs_by_itself(tmp_path: Path) -> None:
    """On the sandbox, from top to bottom, without an error; its runs are told of.

    Part I is executed in JupyterLab, and by Binder's steps; Part III by ``arangolab demo``.
    """
    name = "part2_transactions"
    runs = {"part2_before.sqlite", "part2_after.sqlite", "part2_as_a_stream.sqlite"}
    out = tmp_path / f"{name}.ipynb"
    parameters = {"quick": True, "users": 2_000}
    finding.execute(notebooks.path(name), out, parameters=parameters, env=BARE)
    code = [c for c in nbformat.read(out, as_version=4).cells if c.cell_type == "code"]
    assert all(cell.execution_count for cell in code)
    outputs = [output for cell in code for output in cell.outputs]
    assert {output.output_type for output in outputs} <= {
        "stream",
        "display_data",
        "execute_result",
    }
    assert not [o for o in outputs if o.get("name") == "stderr"]
    told = read(out)
    assert {run["run_file"]["name"] for run in told["runs"]} == runs
    for file in runs:
        assert open_run(tmp_path / file).summary()["failed"] == 0
    assert "sandbox, not" in outputs[-2].data["text/markdown"]


def test_copies_leave_what_is_there(tmp_path: Path) -> None:
    """Nobody's notes are overwritten."""
    mine = tmp_path / "part1_monitoring.ipynb"
    mine.write_text("mine")
    copies = notebooks.copy_to(tmp_path)
    assert [copy.stem for copy in copies] == list(notebooks.NAMES)
    assert mine.read_text() == "mine"
    assert copies[1].read_bytes() == notebooks.path("part2_transactions").read_bytes()


def test_a_missing_notebook_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installation without them."""
    monkeypatch.setattr(notebooks, "_PACKAGE", tmp_path / "package")
    with pytest.raises(ArangolabError, match="install arangolab again"):
        notebooks.folder()
