"""Parameters of scenarios: read from the source, given by name, kept in the plan."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arangolab.errors import InputError, ScenarioError
from arangolab.parameters import Kind, Parameter, Value, assignments, settled, shown
from arangolab.plan import Plan
from arangolab.scenarios.catalogue import BUILT_IN, parameters_of, planned
from arangolab.scenarios.loading import load
from arangolab.scenarios.reading import parameters

VISIT = """
from typing import Literal
from arangolab import scenario

Mode = Literal["hot", "cold"]
DEPTH = 2

@scenario
def visit(session, *, depth: int = DEPTH, share: float = 1, deep=False, mode: Mode = "hot",
          name: "str" = "", cache: dict = {}, _own: int = 3):
    return depth, share, deep, mode, name
"""
CLASS = """
from dataclasses import dataclass
from arangolab import scenario

@scenario
@dataclass
class Visit:
    depth: int = 1
    seen: list[int] | None = None

    def setup(self, db):
        return self.depth

    def run(self, session, *, mode: str = "hot"):
        return self.depth, mode
"""
PLAIN_CLASS = """
class Visit:
    depth: int = 1
    def __init__(self):
        self.twice = 2 * self.depth
    def run(self, session, mode="hot"):
        return self.twice, mode
visit = Visit
"""


def kinds(name: str, source: str) -> dict[str, str]:
    """What each parameter is, in words."""
    return {one.name: one.is_words for one in parameters(name, source)}


def test_they_are_read_from_annotations_and_defaults_without_running_the_source() -> None:
    """Also by names of the module; what is of another type, or begins with _, is none."""
    assert kinds("visit", VISIT + "1 / 0\n") == {
        "depth": "a whole number",
        "share": "a number",
        "deep": "true or false",
        "mode": "hot or cold",
        "name": "a text",
    }
    assert [one.default for one in parameters("visit", VISIT)] == [2, 1.0, False, "hot", ""]


@pytest.mark.parametrize("source", [CLASS, PLAIN_CLASS])
def test_a_class_has_its_fields_and_those_of_run(source: str) -> None:
    """In the injector its object has them, before it is made."""
    assert kinds("visit", source) == {"depth": "a whole number", "mode": "a text"}
    told = load("visit", source, {"depth": 3, "mode": "cold"})
    assert told.play(None) in [(3, "cold"), (6, "cold")]  # type: ignore[arg-type]


def test_setup_gets_what_it_names() -> None:
    """Beside a function by its arguments, in a class by the fields."""
    source = "def setup(db, depth): return depth\ndef visit(session, depth=1): return depth\n"
    made = load("visit", source, {"depth": 4})
    assert made.setup is not None
    assert made.setup(None) == 4
    made = load("visit", CLASS, {"depth": 5, "mode": "hot"})
    assert made.setup is not None
    assert made.setup(None) == 5


@pytest.mark.parametrize("name", BUILT_IN)
def test_each_that_ships_has_a_parameter(name: str) -> None:
    """Which its function takes."""
    known = parameters(name, None)
    assert known
    load(name, None, {one.name: one.default for one in known})


def test_nothing_comes_in_by_reading() -> None:
    """A scenario's source may import what it likes; here it is text."""
    source = "import nobody_has_this\ndef visit(session, depth=1): pass\n"
    assert list(kinds("visit", source)) == ["depth"]


@pytest.mark.parametrize(
    ("head", "sentence"),
    [
        ("depth: int = f()", r"depth of visit \(line 2\) is not a plain value that is a whole"),
        ("depth: int = 1.5", r"line 2\) is not a plain value that is a whole number"),
        ("depth: int = '1'", r"line 2\) is not a plain value that is a whole number"),
        ("mode: Literal['a', 'b'] = 'c'", r"not a plain value that is a or b"),
        ("depth: int", r"The parameter depth of visit \(line 2\) has no default"),
    ],
)
def test_what_cannot_be_a_parameter_is_refused_with_its_line(head: str, sentence: str) -> None:
    """Before a run is begun."""
    with pytest.raises(ScenarioError, match=sentence):
        parameters("visit", f"\ndef visit(session, *, {head}): pass\n")


def test_a_field_and_an_argument_of_one_name_are_refused() -> None:
    """It would not be clear which is meant."""
    source = "class visit:\n  depth: int = 1\n  def run(self, session, depth=2): pass\n"
    with pytest.raises(ScenarioError, match="the parameter depth twice"):
        parameters("visit", source)


@pytest.mark.parametrize(
    ("given_", "sentence"),
    [
        ({"dept": 2}, r"visit has no parameter 'dept'. Try: depth \(a whole number, 2 unless told"),
        ({"depth": "deep"}, "depth of visit cannot be 'deep': it is a whole number"),
        ({"depth": 1.5}, "cannot be 1.5: it is a whole number"),
        ({"depth": True}, "cannot be True"),
        ({"share": float("nan")}, "cannot be nan: it is a number"),
        ({"share": "inf"}, "cannot be 'inf'"),
        ({"deep": 1}, "cannot be 1: it is true or false"),
        ({"mode": "warm"}, "mode of visit cannot be 'warm': it is hot or cold"),
        ({"name": 3}, "cannot be 3: it is a text"),
    ],
)
def test_a_wrong_value_is_one_sentence(given_: dict[str, Any], sentence: str) -> None:
    """Name, scenario, what it is, and how it usually is."""
    with pytest.raises(InputError, match=sentence):
        settled("visit", parameters("visit", VISIT), given_)


VALUES: dict[Kind, st.SearchStrategy[Any]] = {
    "int": st.integers(),
    "float": st.floats(allow_nan=False, allow_infinity=False),
    "bool": st.booleans(),
    "str": st.text().map(str.strip),
}
SOME = st.sampled_from(list(VALUES)).flatmap(lambda k: st.tuples(st.just(k), VALUES[k]))


@given(SOME)
def test_a_value_is_read_back_from_the_text_it_is_shown_as(one: tuple[Kind, Value]) -> None:
    """As --param takes it, whatever its kind; and as itself."""
    kind, value = one
    known = Parameter(name="x", kind=kind, default=value)
    assert known.taken(value) == value
    assert known.taken(assignments([f"x={shown(value)}"])["x"]) == value


@given(st.sampled_from(list(VALUES)), st.text())
def test_any_text_is_taken_or_refused_in_a_sentence(kind: Kind, text: str) -> None:
    """Never another error, never a value of another kind."""
    known = Parameter(name="x", kind=kind, default={"str": "", "bool": False}.get(kind, 0))
    try:
        value = settled("visit", [known], {"x": text})["x"]
    except InputError:
        return
    assert type(value).__name__ == kind


@pytest.mark.parametrize("pair", ["depth", "=2", "a b=1", "login.=1", ""])
def test_what_is_no_assignment_is_refused(pair: str) -> None:
    """With an example."""
    with pytest.raises(InputError, match="not of the form NAME=VALUE"):
        assignments([pair])


def test_the_plan_holds_all_and_tells_the_unusual() -> None:
    """Through JSON, as injectors and run files get it; rerun plays the same again."""
    plan = Plan(**planned("aql_read", {"batch": "10"}))
    assert Plan.from_json(plan.to_json()) == plan
    assert (plan.params, plan.called) == ({"batch": 10}, "aql_read(batch=10)")
    usual = Plan(**planned("aql_read"))
    assert (usual.params, usual.called) == ({"batch": 1}, "aql_read")


def test_in_a_mix_a_name_alone_is_the_one_scenarios_that_has_it() -> None:
    """Where several have it, whose it is must be said."""
    plan = Plan(**planned("login*3, aql_read", {"batch": 10}))
    assert plan.called == "mix with aql_read(batch=10)"
    assert plan.params == {"login.count_groups": True, "aql_read.batch": 10}
    assert Plan.from_json(plan.to_json()) == plan
    both = "transaction, transaction_stream"
    assert set(parameters_of(both)) == {"transaction.updates", "transaction_stream.updates"}
    with pytest.raises(InputError, match=r"Try: transaction.updates or transaction_stream.updates"):
        planned(both, {"updates": 2})
    plan = Plan(**planned(both, {"transaction.updates": 2}))
    assert plan.params == {"transaction.updates": 2, "transaction_stream.updates": 1}
    for wrong in ({"other.updates": 1}, {"depth": 1}):
        with pytest.raises(InputError, match=r"no scenario that is played|no parameter 'depth'"):
            planned(both, wrong)


def test_a_file_may_be_told_too(tmp_path: Path) -> None:
    """Its own defaults are what is usual."""
    (tmp_path / "visit.py").write_text(VISIT)
    made = planned(str(tmp_path / "visit.py"), {"mode": "cold"})
    assert made["scenario_changed"] == ("mode",)
    assert dict(made["scenario_params"])["depth"] == 2
