"""The panel's controls: an editor of a plan."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from arangolab.cli.main import parser
from arangolab.errors import InputError
from arangolab.measuring import Measuring
from arangolab.panel import Panel
from arangolab.panel.controls import Controls
from arangolab.panel.plans import later, plan_of
from arangolab.plan import USUAL, Objective, Plan, Ramp, Search, Step
from arangolab.scenarios import written
from arangolab.scenarios.catalogue import BUILT_IN, planned
from arangolab.target import Target

VISIT = """
from typing import Literal
from arangolab import scenario

@scenario
def visit(session, *, depth: int = 2, share: float = 0.5, deep: bool = False,
          mode: Literal["hot", "cold"] = "hot", name: str = ""): ...
"""


def controls(plan: Plan | None = None, scenario: str = "login", mode: str = "rate") -> Controls:
    """Controls with the built-in scenarios and the given one."""
    given_ = plan or replace(USUAL, **planned(scenario))
    names = list(dict.fromkeys((*BUILT_IN, scenario)))
    return Controls(given_, scenarios=names, scenario=scenario, mode=mode)


def test_what_nobody_set_is_the_usual_plan() -> None:
    """The same as of the command line and the functions; a rate by hand goes on until stopped."""
    assert plan_of(controls()) == replace(USUAL, **planned("login"))


def test_the_defaults_of_the_ramp_and_the_search_are_theirs() -> None:
    """Stated once, in the schedule."""
    assert plan_of(controls(mode="ramp")).steps == Ramp().held()
    searched = plan_of(controls(mode="capacity"))
    assert searched.search == Search()
    assert searched.warm_up_s == Search().warm_up_s


SHOWN = controls()
"""Filled in again and again: to make one takes longer than to fill it in."""
WHOLE = st.integers(1, 50)
SECONDS = st.integers(1, 4000).map(lambda n: n / 4)
RATES = st.integers(0, 400).map(lambda n: n / 8)
COMMON = st.fixed_dictionaries(
    {
        "title": st.sampled_from(["", "Before the index"]),
        "arrivals": st.sampled_from(["constant", "poisson"]),
        "first_user": WHOLE,
        "last_user": st.integers(100, 90_000),
        "user_order": st.sampled_from(["cyclic", "once", "random"]),
        "processes": st.integers(1, 8),
        "max_in_flight": st.integers(50, 5000),
        "drain_s": SECONDS,
        "transport": st.sampled_from(["pooled", "grequests"]),
        "connect_timeout_s": SECONDS,
        "read_timeout_s": SECONDS,
        "seed": st.integers(0, 10**6),
        "think_s": SECONDS,
        "attached": st.booleans(),
        "measuring": st.builds(
            Measuring,
            percentiles=st.lists(st.integers(1, 99).map(float), max_size=4).map(tuple),
            process_group=st.booleans(),
            collectd=st.booleans(),
            statsd_to=st.sampled_from(["", "127.0.0.1:8125"]),
            statsd_prefix=st.sampled_from(["", "lab."]),
            collectd_listen=st.sampled_from(["", "[::1]:25826"]),
        ),
    }
)
OBJECTIVES = st.builds(
    Objective, response_p95_ms_max=st.one_of(st.none(), WHOLE.map(float)),
    in_flight_stable=st.booleans(),
)  # fmt: skip
BY_HAND = st.fixed_dictionaries(
    {
        "steps": st.tuples(
            st.builds(Step, rate_per_s=RATES, hold_s=st.one_of(st.none(), SECONDS), rise_s=SECONDS)
        ),
        "warm_up_s": SECONDS,
    }
)
RAMPS = st.builds(
    lambda ramp, processes, **more: {**more, "steps": ramp.held(processes), "processes": processes},
    st.one_of(
        st.builds(
            Ramp, start_per_s=RATES, push_per_s=RATES, steps=st.integers(1, 12), hold_s=SECONDS,
            rise_s=SECONDS, add_processes=st.booleans(),
        ),
        st.builds(
            Ramp, rates_per_s=st.lists(RATES, min_size=2, max_size=6).map(tuple), hold_s=SECONDS
        ),
    ),
    st.integers(1, 8),
    objective=OBJECTIVES,
    calm_s=SECONDS,
    ramp_down=st.booleans(),
    stop_when_maxed_out=st.just(True),
    warm_up_s=SECONDS,
)  # fmt: skip
SEARCHES = st.builds(
    lambda search, **more: {**more, "search": search, "steps": (search.first,)},
    st.builds(
        Search, start_rate_per_s=st.integers(1, 40).map(lambda n: n / 4), trial_s=SECONDS,
        rate_max_per_s=st.one_of(st.none(), st.integers(20, 99).map(float)), hold_s=SECONDS,
        width_ratio=st.integers(1, 99).map(lambda n: n / 100), trials_max=st.integers(2, 99),
        calm_s=SECONDS, recovery=st.booleans(),
    ),
    objective=OBJECTIVES,
    warm_up_s=SECONDS,
)  # fmt: skip


@settings(deadline=None, max_examples=25, phases=(Phase.explicit, Phase.generate))
@given(COMMON, st.one_of(BY_HAND, RAMPS, SEARCHES))
def test_a_plan_that_is_shown_is_the_plan_that_is_set(
    common: dict[str, Any], kind: dict[str, Any]
) -> None:
    """Whatever a run was started with elsewhere, the panel shows all of it and does it again."""
    told = planned("aql_read", {"batch": 5})
    plan = Plan(**{**common, **told, **kind})
    shown = SHOWN
    shown.follow(plan, [])
    assert shown.scenario.value == "aql_read"
    assert plan_of(shown) == plan
    assert later(shown, plan) == []


def test_fields_follow_the_scenario(monkeypatch: pytest.MonkeyPatch) -> None:
    """Number, text, checkbox, dropdown; what both scenarios have keeps what was set."""
    monkeypatch.setitem(written._kept, "visit", VISIT)
    made = controls(scenario="visit")
    kinds = [type(field.widget).__name__ for field in made.params._fields.values()]
    assert kinds == ["IntText", "FloatText", "Checkbox", "Dropdown", "Text"]
    made.params.set({"depth": 7, "mode": "cold"})
    made.params._fields["share"].widget.value = 0.25
    assert plan_of(made).params == {
        "depth": 7, "share": 0.25, "deep": False, "mode": "cold", "name": "",
    }  # fmt: skip
    made.scenario.set("login")
    assert list(made.params.values) == ["count_groups"]
    made.params.set({"count_groups": False})
    made.scenario.set("login_stream")
    assert plan_of(made).params == {"count_groups": False}


def test_a_mix_has_the_fields_of_its_scenarios() -> None:
    """Each with the scenario's name before its own."""
    made = controls(scenario="login*3, aql_read")
    assert list(made.params.values) == ["login.count_groups", "aql_read.batch"]
    made.params.set({"aql_read.batch": 10})
    assert plan_of(made).called == "mix with aql_read(batch=10)"


def test_while_a_run_goes_on_its_settings_are_shown_and_cannot_be_set() -> None:
    """Parameters and all that is folded away; the button that unfolds it may be pressed."""
    made = controls()
    made.allow(start=False, stop=True, finish=True)
    widgets = [field.widget for field in (*made.params._fields.values(), *made.more.fields)]
    assert all(widget.disabled for widget in widgets)
    assert not made.more.fold.disabled
    made.scenario.set("aql_read")
    assert made.params._fields["batch"].widget.disabled


def test_more_is_folded_until_its_button_is_pressed() -> None:
    """The panel is as short as before."""
    more = controls().more
    assert more.box.children[1].layout.display == "none"
    more.fold.value = True
    assert more.box.children[1].layout.display == ""


def test_what_is_no_percentile_or_no_folder_is_a_sentence() -> None:
    """As on the command line."""
    for name, text, sentence in (
        ("_percentiles", "50, many", "'50, many' are not numbers"),
        ("_files", "/no/such", "There is no folder /no/such"),
        ("_statsd", "nowhere", "'nowhere' is not of the form HOST:PORT"),
    ):
        made = controls()
        getattr(made.more, name).set(text)
        with pytest.raises(InputError, match=sentence):
            plan_of(made)


def test_a_closed_loop_starts_nothing_of_itself() -> None:
    """As on the command line: no rate beside its users."""
    made = controls()
    made.more._loop.set(4)
    plan = plan_of(made)
    assert (plan.loop_users, plan.steps[0].rate_per_s) == (4, 0.0)


def test_a_panel_takes_what_start_takes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """collectd, statsd, percentiles, parameters; a value that no run can have is refused."""
    monkeypatch.chdir(tmp_path)
    nowhere = Target(urls=("http://127.0.0.1:9",))
    panel = Panel(
        nowhere, scenario="aql_read", params={"batch": 3}, duration_s=5, collectd=True,
        percentiles=(50, 99.9), seed=4, objective="errors<2%",
    )  # fmt: skip
    plan = plan_of(panel.controls)
    assert plan.params == {"batch": 3}
    assert plan.steps[0].hold_s == 5
    assert plan.measuring == Measuring(collectd=True, percentiles=(50.0, 99.9))
    assert plan.seed == 4
    for wrong in ({"processes": 0}, {"params": {"batches": 3}}, {"arrivals": "rare"}):
        with pytest.raises(InputError):
            Panel(nowhere, **wrong)


ELSEWHERE = {
    "--p95-max": "Sustained means", "--json": "the panel itself", "--rate": "Arrival rate",
    "--ramp": "the tab", "--out": "Run file", "--url": "target", "--user": "target",
    "--database": "target", "--password-file": "target", "--ca-file": "target", "--help": "tips",
    "--param": "a field each", "--users": "User range", "--objective": "Sustained means",
    "--statsd": "_statsd", "--collectd-files": "_files", "--closed": "_loop",
}  # fmt: skip


def test_whatever_run_can_be_told_the_panel_can_be_told() -> None:
    """Each option of ``arangolab run`` is set by the panel, or it is named here where it is."""
    options = parser(only="run")._subparsers._group_actions[0].choices["run"]._actions  # type: ignore[union-attr,index,call-overload]
    asked = {words[-1] for one in options if (words := one.option_strings)}
    set_here = set(plan_of(controls()).__slots__) | set(Measuring.__slots__)
    set_here |= {"hold", "rise", "duration", "add_processes", "think", "calm", "warm_up", "drain"}
    unset = {
        option
        for option in asked - set(ELSEWHERE)
        if option[2:].replace("-", "_") not in set_here
        and option[2:].replace("-", "_") + "_s" not in set_here
    }
    assert not unset
