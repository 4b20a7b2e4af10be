"""Scenarios are found by name or path and loaded from their source."""

from __future__ import annotations

from pathlib import Path

import pytest

from arangolab import scenario as public_scenario
from arangolab.errors import ScenarioError
from arangolab.scenarios.definition import BUILT_IN, find, load, scenario

GOOD = """
from arangolab import scenario

def helper(session):
    return 1

@scenario
def visit(session):
    return helper(session) + 1
"""


@pytest.mark.parametrize("name", BUILT_IN)
def test_each_built_in_is_found_and_says_what_it_does(name: str) -> None:
    """By its name alone, without source."""
    assert find(name) == (name, None)
    assert load(name, None).__doc__


def test_a_file_is_found_by_its_path(tmp_path: Path) -> None:
    """Its name is the file's; the marked function is the scenario."""
    path = tmp_path / "visit_things.py"
    path.write_text(GOOD)
    name, source = find(str(path))
    assert name == "visit_things"
    assert source == GOOD
    function = load(name, source)
    assert getattr(function, "__name__", "") == "visit"


def test_a_function_called_like_the_file_needs_no_mark() -> None:
    """Or one called scenario."""
    assert load("visit", "def visit(session): return 7\n")(None) == 7  # type: ignore[arg-type]
    assert load("other", "def scenario(session): return 8\n")(None) == 8  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["nonsense", "no/such/file.py", "scenario.txt"])
def test_what_is_not_there_is_named(name: str) -> None:
    """With what there is."""
    with pytest.raises(ScenarioError, match=name):
        find(name)


def test_a_syntax_error_comes_with_its_place(tmp_path: Path) -> None:
    """Before a run is begun."""
    path = tmp_path / "broken.py"
    path.write_text("x = 1\ndef f(:\n")
    with pytest.raises(ScenarioError, match=r"line 2, column 7"):
        find(str(path))


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("1 / 0\n", "ZeroDivisionError"),
        ("x = 1\n", "0 functions"),
        (GOOD + "\n@scenario\ndef again(session): pass\n", "2 functions"),
    ],
)
def test_a_source_that_is_no_scenario_is_refused(source: str, why: str) -> None:
    """One sentence says why."""
    with pytest.raises(ScenarioError, match=why):
        load("mine", source)


def test_the_public_decorator_is_the_one_of_the_definition() -> None:
    """`from arangolab import scenario` in a file gives what marks a function."""
    assert public_scenario is scenario
