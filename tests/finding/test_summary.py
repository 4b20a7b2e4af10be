"""A finding in figures, for programs."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from arangolab import finding, open_run
from arangolab.errors import FindingError
from arangolab.finding.summary import main_run, of_run, read, summarize

EXAMPLE = Path(__file__).parents[2] / "notebooks" / "findings"

AS_IF_RUN_NOW = """
import shutil, sqlite3, time
shutil.copy(BY_HAND, 'new.sqlite')
with sqlite3.connect('new.sqlite') as db:
    db.execute("UPDATE meta SET value = ? WHERE name = 'started_unix_s'", (str(time.time()),))
"""


def outputs(file: Path) -> list[Any]:
    """All outputs of an executed notebook."""
    cells = nbformat.read(file, as_version=4).cells
    return [output for cell in cells if cell.cell_type == "code" for output in cell.outputs]


def test_the_example_is_a_finding() -> None:
    """Its run file opens, its notebook says the same verdict, has pictures and no error."""
    place = Path(__file__).parents[2] / "notebooks" / "findings"
    run = open_run(place / "ramp.sqlite")
    assert run.verdict is not None
    assert run.status == "completed"
    found = outputs(place / "part3_capacity.ipynb")
    said = [output.data.get("text/markdown", "") for output in found if "data" in output]
    assert any(run.verdict["sentence"] in text for text in said)
    assert "error" not in {output.output_type for output in found}
    assert sum({finding.PLOTLY, "image/png"} <= set(o.get("data", {})) for o in found) == 4
    told = main_run(read(place / "part3_capacity.ipynb"))
    assert told["run_file"]["name"] == "search.sqlite"
    assert told["verdict"] == open_run(place / "search.sqlite").verdict
    assert told["capacity"]["search"]["low_per_s"] < 8 < told["capacity"]["search"]["high_per_s"]


def test_a_run_in_figures() -> None:
    """Capacity, steps, objective, environment and plan; the file by its hash; valid JSON."""
    run = open_run(EXAMPLE / "ramp.sqlite")
    told = json.loads(json.dumps(of_run(run), allow_nan=False))
    assert told["capacity"] == {"sustained_per_s": 8.0, "failed_per_s": 9.0, "search": None}
    assert [step["rate_per_s"] for step in told["steps"]] == [1, 2, 3, 4, 5, 6, 7, 8, 9]
    assert told["steps"][-1]["judgement"] == "not sustained"
    assert told["objective"]["error_ratio_max"] == 0.01
    assert told["environment"]["server"]["version"] == "3.12.10"
    assert told["plan"]["scenario"] == told["scenario"]["name"] == "login"
    digest = hashlib.sha256((EXAMPLE / "ramp.sqlite").read_bytes()).hexdigest()
    assert told["run_file"]["sha256"] == digest


def test_the_main_run_is_the_last_that_found_rate_and_limit() -> None:
    """The sliders' run is told of as well."""
    runs = [open_run(EXAMPLE / name) for name in ("ramp.sqlite", "by_hand.sqlite")]
    told = summarize(runs, kind="notebook", title="Part III")
    assert [run["run_file"]["name"] for run in told["runs"]] == ["by_hand.sqlite", "ramp.sqlite"]
    assert main_run(told)["title"] == "Part III, ramp (sandbox)"


@pytest.mark.parametrize("metadata", [{}, {"arangolab": {}}, {"arangolab": None}])
def test_what_is_no_finding_is_said(metadata: dict[str, Any], tmp_path: Path) -> None:
    """A notebook like any other."""
    file = tmp_path / "a.ipynb"
    nbformat.write(new_notebook(metadata=metadata), file)
    with pytest.raises(FindingError, match="is not a finding: it has no summary"):
        read(file)


def test_a_finding_of_a_later_format_is_said(tmp_path: Path) -> None:
    """Rather than misread."""
    file = tmp_path / "a.ipynb"
    nbformat.write(new_notebook(metadata={"arangolab": {"format": 99}}), file)
    with pytest.raises(FindingError, match=r"has the format 99; .* up to 1"):
        read(file)


@pytest.mark.slow
def test_an_executed_notebook_tells_of_its_runs(tmp_path: Path) -> None:
    """Of those that began meanwhile, in its folder, and of no others."""
    (tmp_path / "old.sqlite").write_bytes((EXAMPLE / "ramp.sqlite").read_bytes())
    source = tmp_path / "source.ipynb"
    copy = AS_IF_RUN_NOW.replace("BY_HAND", repr(str(EXAMPLE / "by_hand.sqlite")))
    nbformat.write(new_notebook(cells=[new_code_cell(copy)]), source)
    finding.execute(source, tmp_path / "out.ipynb", parameters={}, env={})
    told = read(tmp_path / "out.ipynb")
    assert (told["kind"], told["main"]) == ("notebook", "new.sqlite")
    assert [run["run_file"]["name"] for run in told["runs"]] == ["new.sqlite"]
