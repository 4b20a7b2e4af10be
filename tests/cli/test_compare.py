"""``arangolab compare`` in a pipeline."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from arangolab.cli.compare import status_of
from arangolab.comparison import compare
from tests.cli.command import arangolab
from tests.comparison.told import Json, ramp, search, summary

EXAMPLE = Path(__file__).parents[2] / "notebooks" / "findings"


@pytest.mark.parametrize(
    ("other", "status"),
    [
        (ramp(8, 9), 0),
        (ramp(4, 8), 0),
        (ramp(1, 2), 3),
        (search("injector_limited", None, 4.0, None), 4),
        (summary(objective={}), 5),
    ],
)
def test_the_exit_status_says_whether_it_became_worse(other: Json, status: int) -> None:
    """No worse, worse, injector-limited, not to be compared."""
    assert status_of(compare(summary(), other)) == status


@pytest.mark.slow
def test_a_finding_is_held_against_a_run_file(tmp_path: Path) -> None:
    """As text, as JSON, with its exit status; mistakes are one sentence."""
    notebook, worse = EXAMPLE / "part3_capacity.ipynb", tmp_path / "worse.sqlite"
    said = arangolab("compare", str(notebook), str(EXAMPLE / "ramp.sqlite"))
    assert said.status == 0, said.err
    assert "the intervals of the capacity overlap" in said.out
    shutil.copy(EXAMPLE / "ramp.sqlite", worse)
    with sqlite3.connect(worse) as file:
        verdict = json.loads(
            file.execute("SELECT value FROM meta WHERE name='verdict'").fetchone()[0]
        )
        verdict |= {"sustained_per_s": 1.0, "failed_per_s": 2.0}
        file.execute("UPDATE meta SET value = ? WHERE name = 'verdict'", (json.dumps(verdict),))
    said = arangolab("compare", str(notebook), str(worse), "--json")
    assert said.status == 3
    assert json.loads(said.out)["word"] == "worse"
    said = arangolab("compare", str(notebook), str(tmp_path / "none.sqlite"))
    assert said.status == 1
    assert said.err.startswith("arangolab: ")
