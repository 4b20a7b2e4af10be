"""The five graphs."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from arangolab.figures import five_graphs, knee, palette, step_overview
from arangolab.figures.marks import CHARACTER_SHARE, TimeUnit
from arangolab.figures.overview import medians
from tests.fake_runs import FakeRun, StepRow, ramp, table

RUN = ramp()


def layout(figure: Any) -> dict[str, Any]:
    """The layout as plain values."""
    plain: dict[str, Any] = figure.to_dict()["layout"]
    return plain


def titles(figure: Any) -> list[str]:
    """Titles of the axes that are shown."""
    axes = [v for k, v in layout(figure).items() if k[1:].startswith("axis")]
    return [a["title"]["text"] for a in axes if a.get("visible", True)]


def test_every_axis_tells_its_unit() -> None:
    """A unit in brackets stands in the title of each axis."""
    found = titles(five_graphs(RUN))
    assert len(found) == 11
    assert all("(" in title for title in found)


def test_there_is_one_time_axis() -> None:
    """All curves share it, so that hovering tells all of them at one time."""
    figure = five_graphs(RUN)
    assert {t.xaxis for t in figure.data} == {"x"}
    assert figure.layout.hovermode == "x unified"
    assert figure.layout.hoversubplots == "axis"


def test_no_trace_is_without_name() -> None:
    """Each trace says what it is, and each curve stands in the legend of its graph."""
    figure = five_graphs(RUN)
    assert all(t.name for t in figure.data)
    assert len({t.name for t in figure.data}) == len(figure.data)
    legends = {t.legend for t in figure.data if t.showlegend}
    assert legends == {"legend", *(f"legend{n}" for n in range(2, 7))}


def test_legends_cover_no_graph() -> None:
    """They stand right of the plots, each at the height of its graph."""
    shown = layout(five_graphs(RUN))
    tops = [
        axis["domain"][1]
        for k, axis in shown.items()
        if k[1:].startswith("axis") and axis.get("domain")
    ]
    for name, legend in shown.items():
        if name.startswith("legend"):
            assert (legend["xref"], legend["x"], legend["xanchor"]) == ("container", 1, "right")
            assert any(legend["y"] == pytest.approx(top) for top in tops)


def test_steps_are_marked_with_their_rates() -> None:
    """A line at each step's begin, its rate above, and a cross where it was not sustained."""
    shown = layout(five_graphs(RUN))
    texts = [a["text"] for a in shown["annotations"]]
    assert texts == ["<b>2/s</b>", "<b>4/s</b>", "<b>6/s</b>", "<b>8/s ✗</b>"]
    lines = [s["x0"] for s in shown["shapes"] if s["type"] == "line"]
    assert lines == [0, 20, 40, 60]
    assert [s["x0"] for s in shown["shapes"] if s["type"] == "rect"] == [60]


def test_many_short_steps_have_no_colliding_labels() -> None:
    """Labels are left out where they would run into the one before; lines are not."""
    steps = [StepRow(n, 10.25 + n, 1, n / 1.0, n + 1.0, None) for n in range(80)]
    shown = layout(five_graphs(FakeRun(frame=RUN.frame, step_rows=steps)))
    assert len(shown["shapes"]) == 80
    places = [label["x"] for label in shown["annotations"]]
    assert len(places) > 5
    apart_s = 80 * CHARACTER_SHARE * len("10.25/s")
    assert all(after - before > apart_s for before, after in pairwise(places))


def test_events_are_marked_and_told() -> None:
    """A server that went is a line and a marker with the words."""
    events = [
        {"time_s": 30.0, "kind": "error", "text": "The server is gone."},
        {"time_s": 31.0, "kind": "step", "text": "not shown"},
        {"time_s": 50.0, "kind": "command", "text": "rate 3.5"},
    ]
    figure = five_graphs(FakeRun(frame=RUN.frame, event_rows=events))
    (shown,) = [t for t in figure.data if t.name == "events"]
    assert list(shown.text) == ["The server is gone.", "rate 3.5"]
    assert [s.x0 for s in figure.layout.shapes] == [30.0]


def test_the_same_thing_has_the_same_colour_in_every_figure() -> None:
    """Colours of the five graphs, of fewer sources, and of the overview agree."""
    few = FakeRun(frame=RUN.frame[RUN.frame["source"] == "injector"])
    colours: dict[str, set[str]] = {}
    for figure in (five_graphs(RUN), five_graphs(few), step_overview(RUN)):
        for trace in figure.data:
            if trace.showlegend is not False and trace.type == "scatter":
                colours.setdefault(trace.name, set()).add(trace.line.color)
    assert colours
    assert all(len(each) == 1 for each in colours.values())


def test_text_is_readable_in_light_and_dark_themes() -> None:
    """The page shows through, and the words stand out from either."""
    figure = five_graphs(RUN)
    assert figure.layout.paper_bgcolor == figure.layout.plot_bgcolor == "rgba(0,0,0,0)"
    assert figure.layout.font.color == palette.TEXT


@pytest.mark.parametrize(
    ("server", "words"),
    [
        ({"local": False}, "no /proc of a remote server"),
        ({"local": True}, "no /proc of the server's process"),
    ],
)
def test_what_is_absent_is_said_in_words(server: dict[str, Any], words: str) -> None:
    """Three graphs without /proc say so; the V8 graph is left out."""
    frame = RUN.frame[RUN.frame["source"] == "injector"]
    figure = five_graphs(FakeRun(frame=frame, server=server))
    texts = [a.text for a in figure.layout.annotations]
    assert [words in text for text in texts] == [True] * 3
    assert not any("V8" in axis.title.text for axis in figure.select_yaxes() if axis.title.text)
    assert figure.layout.height < five_graphs(RUN).layout.height


def test_an_empty_run_is_five_empty_graphs() -> None:
    """Before the first sample there are words, and no error."""
    figure = five_graphs(FakeRun())
    assert len(figure.layout.annotations) == 5
    assert all("no samples yet" in a.text for a in figure.layout.annotations)


@pytest.mark.parametrize("seconds", [1, 2, 3])
def test_the_first_samples_are_drawn(seconds: int) -> None:
    """One sample is a point, two are a line."""
    frame = RUN.frame[RUN.frame["time_s"] <= seconds]
    figure = five_graphs(FakeRun(frame=frame, step_rows=[StepRow(0, 2, 1, 0, None, None)]))
    (threads,) = [t for t in figure.data if t.name == "threads"]
    assert len(threads.x) == seconds
    assert threads.mode == ("lines+markers" if seconds == 1 else "lines")
    assert [a.text for a in figure.layout.annotations] == ["<b>2/s</b>"]


def test_single_points_between_gaps_are_seen() -> None:
    """A value with gaps on both sides is drawn as a point."""
    frame = RUN.frame
    lonely = frame["time_s"].isin([1, 2, 3, 40, 70, 71, 72]) | (frame["name"] != "threads")
    figure = five_graphs(FakeRun(frame=frame[lonely]))
    (threads,) = [t for t in figure.data if t.name == "threads"]
    assert threads.mode == "lines+markers"
    assert np.sum(threads.marker.opacity) == 1


@pytest.mark.parametrize(
    ("title", "expected"),
    [("login", "login (sandbox)"), ("login on the Sandbox", "login on the Sandbox")],
)
def test_the_title_says_sandbox(title: str, expected: str) -> None:
    """The word is put in where it lacks; the verdict stands below."""
    figure = five_graphs(FakeRun(title=title, verdict={"sentence": "It <holds>."}))
    assert figure.layout.title.text == f"<b>{expected}</b>"
    assert figure.layout.title.subtitle.text == "It &lt;holds&gt;."


def test_a_long_title_takes_further_lines_and_the_room_for_them() -> None:
    """None is longer than a narrow page is wide, and the graphs begin below the last."""
    short = five_graphs(FakeRun(title="login (sandbox)")).layout
    long = five_graphs(FakeRun(title="aql_read(batch=7) on the embedded sandbox of the lab")).layout
    lines = long.title.text.split("<br>")
    assert len(lines) == 2
    assert all(len(line) < 60 for line in lines)
    assert long.margin.t - short.margin.t == long.height - short.height > 0


@pytest.mark.parametrize(
    ("span_s", "name"), [(60, "s"), (600, "s"), (601, "min"), (7200, "min"), (36_000, "h")]
)
def test_time_is_told_in_a_fitting_unit(span_s: float, name: str) -> None:
    """Seconds, minutes or hours."""
    assert TimeUnit.of(span_s).name == name


def test_errors_are_zero_and_nothing_else() -> None:
    """Errors are bars, an interval wide, that end at the sample's time."""
    (errors,) = [t for t in five_graphs(RUN).data if t.name == "errors"]
    assert errors.type == "bar"
    assert set(errors.width) == {1.0}
    assert set(errors.offset) == {-1.0}


def test_zero_on_the_logarithmic_axis_is_drawn_and_told() -> None:
    """A step that took 0 ms (whole ones are counted) stays on the sheet, and hovering says 0."""
    frame = table([(float(t), "statsd", "login.read.mean_ms", t % 2, "ms") for t in range(6)])
    (read,) = [t for t in five_graphs(FakeRun(frame=frame)).data if t.name == "read mean"]
    assert list(read.y) == [0.1, 1, 0.1, 1, 0.1, 1]
    assert list(read.customdata) == [0, 1, 0, 1, 0, 1]
    assert "customdata" in read.hovertemplate


def test_a_rate_holds_from_its_sample_on() -> None:
    """The step up is drawn where the step begins, not an interval early."""
    (rate,) = [t for t in five_graphs(RUN).data if t.name == "rate asked for"]
    assert rate.line.shape == "hv"


def test_overview_marks_the_knee() -> None:
    """The sustained rate has a line, the failing ones are shaded and crossed."""
    figure = step_overview(RUN)
    texts = [a.text for a in figure.layout.annotations]
    assert any("knee: sustains 6/s" in text for text in texts)
    assert any("not sustained: 8/s" in text for text in texts)
    (each,) = [t for t in figure.data if t.name == "response p95: each step"]
    assert list(each.marker.symbol) == ["circle", "circle", "circle", "x"]
    assert all("(" in title for title in titles(figure))


def test_a_search_has_one_line_through_its_repeats() -> None:
    """Rates that are near have one point, their median; what has no value is left out."""
    rates, values = [4.0, 8.0, 8.2, 8.3, 9.0], [1.0, 9.0, 2.0, 5.0, None]
    assert medians(rates, values, 1.05) == ([4.0, pytest.approx(24.5 / 3)], [1.0, 5.0])
    assert medians(rates, values, 1.0) == (rates[:4], values[:4])


@pytest.mark.parametrize(("rate", "side"), [(1.0, "left"), (6.0, "center"), (9.5, "right")])
def test_the_words_at_the_knee_stay_on_the_page(rate: float, side: str) -> None:
    """They stand on the side of their line where there is room."""
    found = knee.marks(knee.Knee(rate, None, (rate, rate)), "x3", (0.0, 10.0), (0.0, 1.0))
    assert [label["xanchor"] for label in found["annotations"]] == [side]


def test_indicators_far_from_their_limits_are_named_and_not_drawn() -> None:
    """Below 5 % throughout, an indicator is a word in the legend."""
    figure = step_overview(RUN)
    drawn = {t.uid for t in figure.data if t.legend == "legend33" and t.mode == "lines"}
    assert "share_v8_contexts" in drawn
    (faint,) = [t for t in figure.data if t.uid == "share_faint"]
    words = faint.name.replace("<br>", " ")
    assert faint.showlegend == ("memory maps" in words)
    assert ("share_memory_maps" in drawn) != ("memory maps" in words)


def test_overview_of_unjudged_steps_says_so() -> None:
    """No judged step, no curve, but words."""
    figure = step_overview(FakeRun(step_rows=[StepRow(0, 2, 1, 0, 9, None)]))
    assert not figure.data
    assert "no step was judged" in figure.layout.annotations[0].text
