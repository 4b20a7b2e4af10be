"""Scenarios are found by name or path and loaded from their source."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arangolab import scenario as public_scenario
from arangolab.errors import ScenarioError
from arangolab.scenarios.catalogue import BUILT_IN, find, hooks_of, parts_of, planned
from arangolab.scenarios.definition import scenario
from arangolab.scenarios.loading import load
from arangolab.scenarios.rows import Rows, csv_rows

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
    assert load(name, None).play.__doc__


def test_a_file_is_found_by_its_path(tmp_path: Path) -> None:
    """Its name is the file's; the marked function is the scenario."""
    path = tmp_path / "visit_things.py"
    path.write_text(GOOD)
    name, source = find(str(path))
    assert name == "visit_things"
    assert source == GOOD
    assert getattr(load(name, source).play, "__name__", "") == "visit"


def test_a_function_called_like_the_file_needs_no_mark() -> None:
    """Or one called scenario."""
    assert load("visit", "def visit(session): return 7\n").play(None) == 7  # type: ignore[arg-type]
    assert load("other", "def scenario(session): return 8\n").play(None) == 8  # type: ignore[arg-type]


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


CLASS = """
class Visit:
    def __init__(self):
        self.visits = 0

    def setup(self, db):
        return "set up"

    def run(self, session):
        self.visits += 1
        return self.visits

scenario = Visit
"""


def test_a_class_is_made_once_and_run_for_each_start() -> None:
    """Its methods setup and teardown are the scenario's."""
    loaded = load("mine", CLASS)
    assert [loaded.play(None), loaded.play(None)] == [1, 2]  # type: ignore[arg-type]
    assert loaded.setup is not None
    assert loaded.setup(None) == "set up"
    assert loaded.teardown is None


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("class mine:\n    pass\n", "no method run"),
        ("class mine:\n    def __init__(self, x): pass\n", "cannot be made: TypeError"),
        ("def helper(): pass\nfrom arangolab import scenario\n", "0 functions"),
    ],
)
def test_a_class_that_is_no_scenario_is_refused(source: str, why: str) -> None:
    """One sentence says what is missing; the decorator itself is no scenario."""
    with pytest.raises(ScenarioError, match=why):
        load("mine", source)


def test_hooks_are_known_without_running_the_source() -> None:
    """The runner asks whether there are any; it never executes a scenario."""
    assert hooks_of("mine", "1 / 0\ndef setup(db): pass\n") == {"setup"}
    assert hooks_of("mine", CLASS) == {"setup"}
    assert hooks_of("login", None) == frozenset()


def test_a_mix_is_written_with_weights() -> None:
    """``login*3, aql_read``: three logins for each read."""
    parts = parts_of("login*3, aql_read")
    assert [(part.name, part.weight) for part in parts] == [("login", 3), ("aql_read", 1)]
    assert planned("login")["scenario"] == "login"
    mixed = planned("login*3, aql_read")
    assert mixed["scenario"] == "mix"
    assert [(part.name, part.weight) for part in mixed["mix"]] == [("login", 3), ("aql_read", 1)]


@pytest.mark.parametrize("text", ["login*x", "login*0", "login*-1", "login,login", "login,", "*3"])
def test_a_mix_that_is_none_is_refused(text: str) -> None:
    """Weights are whole numbers above 0, names differ."""
    with pytest.raises(ScenarioError):
        parts_of(text)


@settings(deadline=None)
@given(st.integers(1, 40), st.integers(1, 5), st.booleans())
def test_rows_are_shared_without_overlap(size: int, of: int, once: bool) -> None:
    """By the start's number: however many processes, no row twice before all were used."""
    used = []
    for index in range(of):
        source = iter(range(size)) if once else range(size)
        rows = Rows(source, once=once)
        for number in range(index, size + of, of):
            there, row = rows.of(number)
            assert there == (not once or number < size)
            if there and number < size:
                used.append(row)
    assert sorted(used) == list(range(size))


def test_rows_of_a_csv_file_are_dicts(tmp_path: Path) -> None:
    """By the names in the first line; a file that is not there is named."""
    (tmp_path / "people.csv").write_text("name,age\nAnn,30\nBob,31\n")
    assert csv_rows(tmp_path / "people.csv")[1] == {"name": "Bob", "age": "31"}
    with pytest.raises(ScenarioError, match=r"nobody\.csv"):
        csv_rows(tmp_path / "nobody.csv")


def test_data_without_rows_is_refused() -> None:
    """It would feed nobody."""
    with pytest.raises(ScenarioError, match="no rows"):
        Rows([], once=False)


def test_the_public_decorator_is_the_one_of_the_definition() -> None:
    """`from arangolab import scenario` in a file gives what marks a function."""
    assert public_scenario is scenario
