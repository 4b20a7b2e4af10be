"""Better, worse, or it cannot be told."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from arangolab import compare, open_run
from arangolab.errors import FindingError, InputError, RunFileError
from arangolab.finding import summary as findings
from tests.comparison.told import Json, ramp, search, steps, summary

EXAMPLE = Path(__file__).parents[2] / "notebooks" / "findings"
LOOSE: Json = {"capacity": {"sustained_per_s": 4.0, "failed_per_s": None, "search": None}}

TOLD: Json = summary(
    scenario={"name": "login", "sha256": None, "params": {"batch": 10}},
    plan={"scenario_changed": ["batch"]},
)


def held(*rows: tuple[float, str, float]) -> Json:
    """A run that came to no limit."""
    return summary("b.sqlite", steps=steps(*rows), **LOOSE)


@pytest.mark.parametrize(
    ("other", "word", "reason"),
    [
        (ramp(8, 10), "better", "the capacity is higher: 4 to 8/s before, 8 to 10/s now"),
        (ramp(10, None), "better", "4 to 8/s before, at least 10/s now"),
        (ramp(2, 4), "worse", "the capacity is lower: 4 to 8/s before, 2 to 4/s now"),
        (ramp(None, 2), "worse", "below 2/s now"),
        (ramp(6, 10), "cannot tell", "the intervals of the capacity overlap"),
        (ramp(4, 8), "cannot tell", "overlap: 4 to 8/s before, 4 to 8/s now"),
        (search("found", 9.0, 8.5, 9.6), "better", "9/s [8.5, 9.6] now"),
        (search("found", 3.0, 2.8, 3.3), "worse", "3/s [2.8, 3.3] now"),
        (search("found", 7.9, 7.4, 8.3), "cannot tell", "overlap"),
        (search("not_reached", None, 40.0, None), "better", "at least 40/s now"),
    ],
)
def test_capacities_are_held_against_each_other_with_their_intervals(
    other: Json, word: str, reason: str
) -> None:
    """Only intervals that do not overlap decide."""
    found = compare(summary(), other)
    assert found.word == word
    assert found.comparable
    assert reason in found.outcomes[0].reason
    assert reason in found.sentence


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        (summary(server={"sandbox": True}), "one is of the sandbox, the other of an ArangoDB"),
        (summary(scenario={"name": "aql_read", "sha256": None}), "the scenarios differ: login and"),
        (summary(scenario={"name": "login", "sha256": "ab" * 32}), "login (abababab)"),
        (
            TOLD,
            "the scenarios were told otherwise: batch not told and 10",
        ),
        (summary(objective={"error_ratio_max": 0.5}), "the objectives differ"),
        (summary(status="died", ending="It died."), "a.sqlite is not to be judged by: It died."),
        (summary(verdict=None, steps=[]), "no step was judged"),
        (search("invalid", None, None, None), "not to be judged by"),
        (search("stopped", 4.0, 3.0, 5.0), "ended before its time"),
    ],
)
def test_what_is_not_alike_or_not_valid_is_not_compared(other: Json, reason: str) -> None:
    """Whatever the capacities are."""
    found = compare(summary(), other)
    assert (found.word, found.comparable) == ("cannot tell", False)
    assert reason in found.outcomes[0].reason


@pytest.mark.parametrize(
    "other",
    [
        search("injector_limited", None, 4.0, None),
        summary(
            steps=steps((2, "not valid", 50.0)), verdict={"believable": False, "sentence": "None."}
        ),
    ],
)
def test_an_injector_that_was_the_limit_is_said_to_be_so(other: Json) -> None:
    """It is no result of the server's."""
    (found,) = compare(summary(), other).outcomes
    assert found.injector_limited
    assert "injector-limited" in found.reason


@pytest.mark.parametrize(
    ("rows", "word", "comparable"),
    [
        (((2.0, "sustained", 70.0), (4.0, "sustained", 100.0)), "worse", True),
        (((2.0, "sustained", 70.0), (4.0, "sustained", 61.0)), "cannot tell", True),
        (((2.0, "sustained", 20.0), (4.0, "sustained", 30.0)), "better", True),
        (((3.0, "sustained", 70.0),), "cannot tell", False),
    ],
)
def test_without_a_limit_the_times_at_common_rates_decide(
    rows: tuple[Any, ...], word: str, comparable: bool
) -> None:
    """If all of them changed by more than the tolerance, in one direction."""
    before = held((2.0, "sustained", 50.0), (4.0, "sustained", 60.0))
    found = compare(before, held(*rows))
    assert (found.word, found.comparable) == (word, comparable)
    assert "no limit was reached" in found.sentence
    assert compare(before, held(*rows), p95_tolerance=9.0).word == "cannot tell"


def test_differences_around_the_runs_come_first_and_are_told_in_words() -> None:
    """Versions, limits, hosts; what is alike is left out."""
    newer = {"name": "ArangoDB 3.12.6", "limits": {"memory_bytes": 4e9}}
    found = compare(summary(), summary("b.sqlite", server=newer), ramp(8, None))
    rows = {one.name: one.values for one in found.differences}
    assert rows == {
        "server": ("ArangoDB 3.12.5", "ArangoDB 3.12.6", "ArangoDB 3.12.5"),
        "limit of memory_bytes": ("8 GB", "4 GB", "8 GB"),
    }
    text = str(found)
    assert text.index("What differs") < text.index("Capacity") < text.index("Response time")
    assert [one.word for one in found.outcomes] == ["cannot tell", "better"]
    assert found.word == "cannot tell"


def test_one_that_is_worse_makes_all_worse() -> None:
    """A pipeline asks for the worst."""
    assert compare(summary(), ramp(8, 9), ramp(1, 2)).word == "worse"


def test_a_comparison_shows_itself_in_notebooks_and_as_json() -> None:
    """Names from outside are escaped; infinity is null."""
    found = compare(summary("<i>.sqlite"), ramp(9, None))
    page = found._repr_html_()
    assert "&lt;i&gt;.sqlite" in page
    assert "<i>" not in page
    assert repr(found) == "<Comparison of 2 runs: better>"
    told = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert told["word"] == "better"
    assert [run["high_per_s"] for run in told["runs"]] == [8.0, None]
    assert told["runs"][0]["steps"][2]["response_p95_ms"] == 900.0


@pytest.mark.slow
def test_run_files_runs_and_findings_are_all_read() -> None:
    """The example finding is its own search."""
    file, notebook = EXAMPLE / "search.sqlite", EXAMPLE / "part3_capacity.ipynb"
    found = compare(notebook, str(file), open_run(file))
    assert found.comparable
    assert found.word == "cannot tell"
    assert found.sentence.startswith("Sandbox (not ArangoDB). ")
    assert found.subjects[0].interval == found.subjects[1].interval
    assert findings.of_run(open_run(file))["run_file"]["name"] == "search.sqlite"


def test_what_cannot_be_compared_is_one_sentence(tmp_path: Path) -> None:
    """Too few, not there, not a finding."""
    with pytest.raises(InputError, match=r"nothing to compare\. Try: two"):
        compare(summary())
    with pytest.raises(InputError, match="tolerance of 0"):
        compare(summary(), summary(), p95_tolerance=0)
    with pytest.raises(RunFileError):
        compare(tmp_path / "no.sqlite", summary())
    shutil.copy(EXAMPLE.parent / "part3_capacity.ipynb", tmp_path / "plain.ipynb")
    with pytest.raises(FindingError):
        compare(tmp_path / "plain.ipynb", summary())
