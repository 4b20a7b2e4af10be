"""The figure of a run that is going on, and what a notebook keeps of it."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from arangolab import indicators
from arangolab.figures import LiveFigure, five_graphs, step_overview
from arangolab.figures.picture import PLOTLY_MIME, bundle, png
from arangolab.histogram import Histogram
from tests.fake_runs import FakeRun, StepRow, ramp
from tests.support import require

RUN = ramp()


def play(
    live: LiveFigure, every_s: int = 10, to_s: int = 80, rows: Sequence[StepRow] = RUN.step_rows
) -> None:
    """Feed the run as its runner would have written it."""
    frame = RUN.frame
    for end in range(every_s, to_s + 1, every_s):
        new = frame[(frame["time_s"] > end - every_s) & (frame["time_s"] <= end)]
        live.update(new, steps=steps_until(end, rows), events=RUN.events())


def steps_until(end: float, rows: Sequence[StepRow]) -> list[StepRow]:
    """The steps as they stood then."""
    return [
        s if s.to_s and s.to_s <= end else StepRow(s.number, s.rate_per_s, 1, s.from_s, None, None)
        for s in rows
        if s.from_s < end
    ]


def by_name(figure: Any) -> dict[str, Any]:
    """Traces on the time axis that show something."""
    return {t.name: t for t in figure.data if t.showlegend is not False and t.xaxis == "x"}


def test_live_shows_what_the_finished_figure_shows() -> None:
    """Fed bit by bit it ends as the five graphs of the whole run."""
    steps = [replace(step, judgement=None) for step in RUN.step_rows]
    run = replace(RUN, step_rows=steps)
    live = LiveFigure(RUN.title, RUN.server)
    play(live, rows=steps)
    live.update(subtitle=str((RUN.verdict or {})["sentence"]))
    seen, whole = by_name(live.widget), by_name(five_graphs(run))
    assert set(seen) == set(whole)
    for name, trace in whole.items():
        assert list(seen[name].y) == pytest.approx(list(trace.y), nan_ok=True)
        assert seen[name].yaxis == trace.yaxis
    plain = live.figure().layout
    for part in ("shapes", "annotations", "title", "yaxis", "yaxis11", "yaxis10", "height"):
        assert plain[part] == five_graphs(run).layout[part], part


def test_a_page_that_comes_later_gets_the_figure_as_it_is() -> None:
    """Not as it was when it began: a page may be loaded anew while a run goes on."""
    live = LiveFigure(RUN.title, RUN.server)
    play(live)
    told = live.widget.get_state()
    traces = {t["name"]: t for t in told["_widget_data"] if t["xaxis"] == "x"}
    assert set(by_name(live.widget)) <= set(traces)
    assert traces["threads"]["y"]["shape"] == (80,)
    assert told["_widget_layout"]["shapes"]


def test_latencies_add_up_below_the_time_axis() -> None:
    """Service and response time as one distribution of the whole run, percentiles marked."""
    live = LiveFigure(RUN.title, RUN.server)
    play(live, to_s=10)
    alone = live.widget.layout.height
    for times_s in ((0.01, 0.02), (0.02, 0.5)):
        made = Histogram()
        made.record_all(times_s)
        live.update(latency={"service": made, "response": made})
    seen = {trace.name: trace for trace in live.widget.data}
    response = seen["response time"]
    assert sum(response.y) == pytest.approx(100.0)
    assert response.x[0] <= 10 < 500 <= response.x[-1]
    assert "p50 20 ms" in seen["response percentiles"].text
    assert live.widget.layout.height > alone
    assert live.widget.layout.yaxis50.domain[1] < live.widget.layout.yaxis11.domain[0]
    kept = {trace.name: trace for trace in live.figure().data}
    assert list(kept["response time"].y) == list(response.y)


def test_judged_steps_are_an_overview_with_its_knee() -> None:
    """From the second rate on; each indicator stands against its limit."""
    live = LiveFigure(RUN.title, RUN.server)
    play(live, to_s=20)
    assert not [t for t in live.widget.data if t.xaxis == "x3"]
    shares = {
        step.from_s: indicators.shares(RUN.frame, RUN.server["limits"], (step.from_s, step.to_s))
        for step in RUN.step_rows
        if step.to_s is not None
    }
    live.update(shares=shares)
    play(live)
    rows = {t.name: t for t in live.widget.data if t.xaxis == "x3"}
    whole = {t.name: t for t in step_overview(RUN).data}
    assert set(rows) == set(whole)
    assert list(rows["response p95"].y) == list(whole["response p95"].y)
    contexts = rows["V8 contexts"].y
    assert contexts[-1] == pytest.approx(100.0)
    assert contexts[0] < contexts[-1]
    texts = [a.text for a in live.widget.layout.annotations]
    assert any("knee: sustains 6/s" in text for text in texts)


def test_zoom_and_hidden_curves_are_kept() -> None:
    """Updates touch neither ranges nor what the reader hid."""
    live = LiveFigure(RUN.title, RUN.server)
    play(live, to_s=40)
    live.widget.layout.xaxis.range = [10, 20]
    by_name(live.widget)["threads"].visible = "legendonly"
    play(live)
    assert tuple(live.widget.layout.xaxis.range) == (10, 20)
    assert by_name(live.widget)["threads"].visible == "legendonly"
    assert live.widget.layout.uirevision == "kept"


def long_run(live: LiveFigure, to_s: int, from_s: int = 0) -> None:
    """A thread count each 10 s, and a step that goes on."""
    rows = [(float(t), "proc", "threads", 40.0 + t % 7) for t in range(from_s, to_s + 1, 10)]
    live.update(rows, steps=[StepRow(0, 5.0, 1, 100.0, None, None)])


def test_the_unit_of_the_time_axis_follows_the_runs_length() -> None:
    """Seconds, minutes, hours: curves, marks and words alike; the figure kept in the end too."""
    live = LiveFigure("login", {})
    for to_s, unit, seconds in ((600, "s", 1), (3600, "min", 60), (11_000, "h", 3600)):
        long_run(
            live, to_s, from_s=0 if to_s == 600 else int(live._store.series()[KEY][0][-1]) + 10
        )
        layout = live.widget.layout
        assert layout.xaxis.title.text == f"time since the start ({unit})"
        assert by_name(live.widget)["threads"].x[-1] == pytest.approx(to_s / seconds)
        assert layout.shapes[0].x0 == pytest.approx(100 / seconds)
        assert live.figure().layout.xaxis.title.text == layout.xaxis.title.text


KEY = ("proc", "threads")


def test_a_reader_who_zoomed_in_sees_the_same_stretch_in_the_new_unit() -> None:
    """Minutes 2 to 5 are 120 to 300 s; heights that were chosen stay as they are."""
    live = LiveFigure("login", {})
    long_run(live, 600)
    live.widget.layout.xaxis.range = [120, 300]
    live.widget.layout.yaxis9.range = [38, 50]
    long_run(live, 700, from_s=610)
    assert tuple(live.widget.layout.xaxis.range) == pytest.approx((2, 5))
    assert live.widget.layout.xaxis.autorange is False
    assert tuple(live.widget.layout.yaxis9.range) == (38, 50)


def test_a_curve_that_ended_stays_where_it_was() -> None:
    """The line of the cores is left out once it would flatten the use, and moves with the unit."""
    live = LiveFigure("login", {"limits": {"cores": 4}})
    live.update([(t, "proc", "cpu_user_cores", 3.0) for t in (1.0, 300.0)])
    before = by_name(live.widget)["cores available"].x
    assert list(before) == [1.0, 300.0]
    live._view = replace(live._view, server={})
    live.update([(660.0, "proc", "cpu_user_cores", 3.0)])
    assert list(by_name(live.widget)["cores available"].x) == pytest.approx([1 / 60, 5.0])


def test_what_a_page_is_told_is_what_a_page_gets_that_comes_later() -> None:
    """Updates change the widget's own state, markers of lone points included."""
    live = LiveFigure("login", {})
    live.update([(t, "injector", "response_p95_ms", 5.0) for t in (1.0, 2.0, 3.0, 4.0, 5.0)])
    live.update([(60.0, "injector", "response_p95_ms", 0.01)])
    told = {t["name"]: t for t in live.widget.get_state()["_widget_data"] if "name" in t}
    trace = told["response p95"]
    assert trace["mode"] == "lines+markers"
    assert trace["marker"]["opacity"]["shape"] == (7,)
    assert "customdata" in trace["hovertemplate"]
    assert by_name(live.widget)["response p95"].customdata[-1] == pytest.approx(0.01)


def drawn_by_a_page(live: LiveFigure) -> None:
    """A page says that it drew the figure as it began."""
    at_first = [{"uid": trace.uid} for trace in live.widget.data if trace.name in FIRST]
    told = {"trace_deltas": at_first, "trace_edit_id": live.widget._last_trace_edit_id}
    live.widget._js2py_traceDeltas = told


FIRST = {trace.name for trace in LiveFigure().widget.data}


def test_a_page_that_still_loads_is_told_all_once_it_draws() -> None:
    """What is sent to it before is lost there: nothing is, and then the rest at once."""
    live = LiveFigure(RUN.title, RUN.server)
    sent: list[tuple[str, Any]] = []
    live.widget.observe(
        lambda change: sent.append((change["name"], change["new"])) if change["new"] else None
    )
    play(live, to_s=40)
    assert not [name for name, _ in sent if name.startswith("_py2js")]
    drawn_by_a_page(live)
    told = {name: new for name, new in sent if name.startswith("_py2js")}
    assert list(told) == ["_py2js_addTraces", "_py2js_update"]
    names = {trace["name"] for trace in told["_py2js_addTraces"]["trace_data"]}
    assert names | FIRST == {trace.name for trace in live.widget.data}
    assert told["_py2js_update"]["layout_data"]["shapes"]
    assert told["_py2js_update"]["style_traces"] == [0]


def test_one_update_is_one_message_once_all_curves_are_there() -> None:
    """Data and marks travel together, so that the browser draws once."""
    live = LiveFigure(RUN.title, RUN.server)
    drawn_by_a_page(live)
    play(live, to_s=40)
    sent: list[str] = []
    live.widget.observe(lambda change: sent.append(change["name"]) if change["new"] else None)
    frame = RUN.frame
    live.update(frame[(frame["time_s"] > 40) & (frame["time_s"] <= 41)])
    messages = [name for name in sent if name.startswith("_py2js")]
    assert messages == ["_py2js_update"]


@pytest.mark.parametrize("before", [0, 7, 31])
def test_a_page_that_just_drew_is_asked_for_its_width_at_once(before: int) -> None:
    """However many updates went by while it loaded: autosize is off and on in the next two."""
    live = LiveFigure("login", {})
    for t_s in range(before):
        live.update([(float(t_s), "proc", "threads", 1.0)])
    drawn_by_a_page(live)
    asked = []
    for t_s in (100.0, 101.0):
        live.update([(t_s, "proc", "threads", 1.0)])
        asked.append(live.widget.layout.autosize)
    assert asked == [False, True]


def test_updates_may_come_from_any_thread() -> None:
    """Two threads feed one figure; nothing is lost."""
    live = LiveFigure(RUN.title, RUN.server)
    names = [RUN.frame[RUN.frame["source"] == s] for s in ("proc", "injector")]
    threads = [threading.Thread(target=live.update, args=(part,)) for part in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seen = by_name(live.widget)
    assert len(seen["threads"].x) == len(seen["clients in flight"].x) == 80


def test_without_a_browser_the_bundle_keeps_json_and_text(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    """No Chrome, no PNG, no error."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("BROWSER_PATH", str(tmp_path / "none"))
    live = LiveFigure(RUN.title, RUN.server)
    made = live.freeze("five graphs", timeout_s=0.01)
    assert set(made) == {PLOTLY_MIME, "text/plain"}
    assert made["text/plain"] == "five graphs"
    assert made[PLOTLY_MIME]["data"]


def test_a_browser_that_hangs_is_not_waited_for() -> None:
    """A picture that takes longer than allowed is left out."""
    assert png(five_graphs(FakeRun()), timeout_s=0.01) is None


@pytest.mark.slow
def test_a_picture_is_in_the_bundle_where_chrome_is_found() -> None:
    """PNG beside plotly's JSON, so that GitHub and mail show something."""
    made = bundle(five_graphs(RUN), "text")
    require("chromium", "image/png" in made)
    assert made["image/png"].startswith("iVBOR")
