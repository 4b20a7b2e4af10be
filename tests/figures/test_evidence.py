"""A graph for each line of evidence."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from arangolab.figures import evidence_graphs
from arangolab.timespent import Times, spent
from tests.fake_runs import FakeRun, ramp

TIMES = spent(
    Times(lateness_ms=1, service_ms=100, steps_ms={"a": 90}),
    Times(lateness_ms=1, service_ms=900, steps_ms={"a": 880}),
)


def told(run: FakeRun, about: str) -> str:
    """The line of evidence about a thing."""
    assert run.verdict is not None
    return dict(zip(run.verdict["evidence_about"], run.verdict["evidence"], strict=True))[about]


def words(figure: Any) -> str:
    """What stands over the graphs."""
    return " ".join(one.text for one in figure.layout.annotations).replace("<br>", " ")


def test_what_was_at_its_limit_and_what_rose_have_a_graph_each() -> None:
    """Below its line of evidence; what stayed below its limit has none."""
    run = ramp()
    figure = evidence_graphs(run)
    found = words(figure)
    assert all(told(run, about) in found for about in ("v8_contexts", "errors", "threads"))
    assert told(run, "memory") not in found
    assert len(figure.layout.annotations) == 4
    assert "sandbox" in figure.layout.title.text


def test_limit_breach_and_failing_step_are_marked() -> None:
    """The dashed line is the limit, the dotted one the moment things went wrong."""
    run = ramp()
    assert run.verdict is not None
    figure = evidence_graphs(run)
    limits = [trace for trace in figure.data if trace.name == "limit"]
    assert [list(trace.y) for trace in limits] == [[4.0, 4.0]]
    lines = {shape.x0 for shape in figure.layout.shapes if shape.type == "line"}
    assert lines == {run.verdict["breach_s"]}
    failed = next(s for s in run.steps() if s.judgement and not s.judgement["sustained"])
    shaded = {(s.x0, s.x1) for s in figure.layout.shapes if s.type == "rect"}
    assert shaded == {(failed.from_s, failed.to_s)}


def test_where_the_time_went_is_two_bars_of_parts() -> None:
    """Before, and in the step that was not sustained."""
    run = ramp()
    assert run.verdict is not None
    run.verdict["time_spent"] = [asdict(one) for one in TIMES]
    bars = [trace for trace in evidence_graphs(run).data if trace.type == "bar"]
    assert [bar.name for bar in bars] == ["step a", "between the steps", "the injector's lateness"]
    assert list(bars[0].y) == ["then", "before"]
    assert list(bars[0].x) == [880, 90]


def test_a_run_without_evidence_says_so() -> None:
    """No verdict, or none that rests on a limit."""
    for run in (FakeRun(), ramp(rates=(1, 2))):
        assert "rests on no graph" in words(evidence_graphs(run))
