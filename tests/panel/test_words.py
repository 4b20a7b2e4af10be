"""What the panel says is plain, complete and safe to show."""

from __future__ import annotations

from dataclasses import asdict
from types import SimpleNamespace

import pytest

from arangolab.capacity import observe
from arangolab.panel import words


def test_a_running_run_is_told_in_a_sentence() -> None:
    """What, since when, how long left, how it goes."""
    now = {"rate_per_s": 4.0, "started_per_s": 4.0, "in_flight": 3.0, "response_p95_ms": 250.0}
    text = words.running(now, scenario="login", since_s=12.0, left="until stopped", errors=1)
    assert text == (
        "login has been running for 12 s, until stopped. 4 per second asked for, 4 started; "
        "3 in flight, response p95 250 ms; 1 error so far."
    )


@pytest.mark.parametrize(
    ("processes", "words_said"),
    [
        (1.0, "so far. The injector uses 31 % of a core."),
        (2.0, "The busiest of 2 injectors uses 31 % of a core."),
    ],
)
def test_what_the_injector_takes_is_told(processes: float, words_said: str) -> None:
    """A tool that is the limit itself must not look like a slow server."""
    now = {"cpu_ratio": 0.31, "processes": processes}
    assert words_said in words.running(now, scenario="x", since_s=1, left="", errors=0)


def test_shed_arrivals_are_said() -> None:
    """The bound on what is in flight is not a secret."""
    text = words.running({"shed_per_s": 2.0}, scenario="x", since_s=1, left="", errors=0)
    assert "Arrivals are being shed" in text


def test_the_sandbox_is_called_what_it_is() -> None:
    """Nobody takes its figures for ArangoDB's."""
    assert "say nothing about ArangoDB" in words.header("the sandbox", "http://x", True, ())
    assert "say nothing" not in words.header("ArangoDB 3.12", "http://x", False, ())


def test_what_is_left_out_of_a_server_is_said() -> None:
    """Such as its /proc, when it is on another host."""
    assert "no /proc" in words.header("ArangoDB 3.12", "http://x", False, ["no /proc"])


@pytest.mark.parametrize(
    "made",
    [
        words.errors([(3, "<b>", "<script>")]),
        words.log([(1.0, "note", "<script>")], ["<script>"]),
        words.state("<script>"),
        words.trouble("<script>"),
    ],
)
def test_what_a_server_says_is_never_html(made: str) -> None:
    """Messages are shown as text."""
    assert "<script>" not in made
    assert "&lt;script&gt;" in made


def test_no_errors_take_no_room() -> None:
    """There is no table without rows."""
    assert words.errors([]) == ""


def test_the_newest_events_come_first_and_old_ones_go() -> None:
    """The log stays short."""
    made = words.log([(float(n), "note", f"event {n}") for n in range(30)], [])
    assert made.index("event 29") < made.index("event 28")
    assert "event 5<" not in made


def test_warnings_are_those_of_the_last_judged_step() -> None:
    """With what to try."""
    warning = {"text": "the injector was busy", "hint": "add a process", "fatal": True}
    steps = [
        SimpleNamespace(rate_per_s=1.0, judgement={"warnings": []}),
        SimpleNamespace(rate_per_s=2.0, judgement={"warnings": [warning]}),
        SimpleNamespace(rate_per_s=3.0, judgement=None),
    ]
    assert words.warnings(steps) == ["2 scenarios/s: the injector was busy. Try: add a process"]


def test_a_rate_held_for_less_than_an_interval_leaves_its_places_empty() -> None:
    """Nothing is known of it but the rate: a slider that goes on at once is no error."""
    observation = asdict(observe([], 0.0, 0.9))
    judgement = {"observation": observation, "sustained": False, "valid": False, "reasons": []}
    step = SimpleNamespace(number=0, rate_per_s=2.0, from_s=0.0, to_s=0.9, judgement=judgement)
    assert observation["in_flight_end"] is None
    assert "2/s" in words.steps([step, step])


def test_events_stand_in_the_order_of_time() -> None:
    """Also where a command was written down after what it led to."""
    made = words.log([(8.2, "step", "second"), (8.0, "command", "first")], [])
    assert made.index("second") < made.index("first")


def test_a_run_that_drains_says_what_is_waited_for() -> None:
    """And how not to wait."""
    text = words.draining({"in_flight": 32.0}, scenario="login", errors=69)
    assert text == (
        "login is stopping: nothing new starts, 32 in flight may end (Stop: at once). "
        "69 errors so far."
    )


def test_a_collection_that_is_missing_comes_with_what_to_try() -> None:
    """A newcomer's first error."""
    assert "load the data set" in words.errors([(6, "404/1203 read_user", "not found: user")])
    assert "load the data set" not in words.errors([(6, "500/4 transaction", "no context")])


def test_lost_widgets_tell_where_the_run_is() -> None:
    """What a saved notebook says in their place."""
    assert "p-2.sqlite" in words.lost("p-2.sqlite")
    assert "sqlite" not in words.lost()
