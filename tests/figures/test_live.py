"""The figure of a run that is going on, and what a notebook keeps of it."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from arangolab.figures import LiveFigure, five_graphs
from arangolab.figures.picture import PLOTLY_MIME, bundle, png
from tests.fake_runs import FakeRun, StepRow, ramp

RUN = ramp()


def play(live: LiveFigure, every_s: int = 10, to_s: int = 80) -> None:
    """Feed the run as its runner would have written it."""
    frame = RUN.frame
    for end in range(every_s, to_s + 1, every_s):
        new = frame[(frame["time_s"] > end - every_s) & (frame["time_s"] <= end)]
        live.update(new, steps=steps_until(end), events=RUN.events())


def steps_until(end: float) -> list[StepRow]:
    """The steps as they stood then."""
    return [
        s if s.to_s and s.to_s <= end else StepRow(s.number, s.rate_per_s, 1, s.from_s, None, None)
        for s in RUN.step_rows
        if s.from_s < end
    ]


def by_name(figure: Any) -> dict[str, Any]:
    """Traces that show something."""
    return {t.name: t for t in figure.data if t.showlegend is not False}


def test_live_shows_what_the_finished_figure_shows() -> None:
    """Fed bit by bit it ends as the five graphs of the whole run."""
    live = LiveFigure(RUN.title, RUN.server, expected_s=80)
    play(live)
    live.update(subtitle=str((RUN.verdict or {})["sentence"]))
    seen, whole = by_name(live.widget), by_name(five_graphs(RUN))
    assert set(seen) == set(whole)
    for name, trace in whole.items():
        assert list(seen[name].y) == pytest.approx(list(trace.y), nan_ok=True)
        assert seen[name].yaxis == trace.yaxis
    plain = live.figure().layout
    for part in ("shapes", "annotations", "title", "yaxis", "yaxis11", "yaxis10", "height"):
        assert plain[part] == five_graphs(RUN).layout[part], part


def test_a_page_that_comes_later_gets_the_figure_as_it_is() -> None:
    """Not as it was when it began: a page may be loaded anew while a run goes on."""
    live = LiveFigure(RUN.title, RUN.server)
    play(live)
    told = live.widget.get_state()
    traces = {trace["name"]: trace for trace in told["_widget_data"]}
    assert set(by_name(live.widget)) <= set(traces)
    assert traces["threads"]["y"]["shape"] == (80,)
    assert told["_widget_layout"]["shapes"]


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


def test_one_update_is_one_message_once_all_curves_are_there() -> None:
    """Data and marks travel together, so that the browser draws once."""
    live = LiveFigure(RUN.title, RUN.server)
    play(live, to_s=40)
    sent: list[str] = []
    live.widget.observe(lambda change: sent.append(change["name"]) if change["new"] else None)
    frame = RUN.frame
    live.update(frame[(frame["time_s"] > 40) & (frame["time_s"] <= 41)])
    messages = [name for name in sent if name.startswith("_py2js")]
    assert messages == ["_py2js_update"]


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
    if "image/png" not in made:
        pytest.skip("no Chrome here")
    assert made["image/png"].startswith("iVBOR")
