"""Figures as a browser lays them out, whatever was measured."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pandas as pd
import plotly.offline
import pytest

from arangolab.figures import LiveFigure, evidence_graphs, step_overview
from arangolab.histogram import Histogram
from tests.browser.lab import chromium_page, need_chromium
from tests.fake_runs import FakeRun, ramp, table

PAGE = "<body style='margin: 0'><div id='box'><div id='figure'></div></div></body>"
DRAW = """async ([figure, width]) => {
  document.getElementById('box').style.width = width + 'px';
  Plotly.purge('figure');
  await Plotly.newPlot('figure', figure.data, figure.layout);
}"""
CROWDED = """() => {
  const box = element => element.getBoundingClientRect();
  const all = query => [...document.querySelectorAll(query)].map(e => [e.textContent, box(e)]);
  const meet = (a, b) => a.left < b.right - 1 && b.left < a.right - 1
    && a.top < b.bottom - 1 && b.top < a.bottom - 1;
  const page = box(document.getElementById('box'));
  const titles = [...document.querySelectorAll('g[class^=g-y]')].filter(e => e.textContent);
  const ticks = all('g[class$=tick] text'), legends = all('g.infolayer > g[class^=legend]');
  return titles.flatMap(element => {
    const at = box(element), words = element.textContent, found = [];
    if (element.hasAttribute('transform')) found.push(`${words}: moved`);
    if (at.left < page.left || at.right > page.right) found.push(`${words}: cut off`);
    for (const [text, other] of [...ticks, ...legends])
      if (meet(at, other)) found.push(`${words}: over ${text}`);
    return found;
  });
}"""
TITLES = "() => [...document.querySelectorAll('g[class^=g-y]')].filter(e => e.textContent).length"
RUN = ramp()
STEPS = ("read", "INSERT_RELATION_OF_A_USER_TO_A_GROUP", "W" * 40)
MORE = (
    ("arango", "v8_enter_failures_per_s"),
    ("arango", "scheduler_queue_length"),
    ("injector", "server_queue_p95_ms"),
    *(("statsd", f"login.{label}.mean_ms") for label in STEPS),
)


@pytest.fixture(scope="module")
def page() -> Iterator[Any]:
    """A page with plotly.js and nothing else."""
    need_chromium()
    with chromium_page(1300, 1000) as made:
        made.set_content(PAGE)
        made.add_script_tag(content=plotly.offline.get_plotlyjs())
        yield made


def times(factor: float) -> FakeRun:
    """The run with all that was measured so many times as large, and in every graph a curve."""
    more = table([(float(t), *key, 7.0, "") for t in range(80) for key in MORE])
    frame = pd.concat([RUN.frame, more])
    steps = [replace(step, judgement=grown(step.judgement, factor)) for step in RUN.step_rows]
    return replace(RUN, frame=frame.assign(value=frame["value"] * factor), step_rows=steps)


def grown(judgement: Any, factor: float) -> Any:
    """Its observation in figures so many times as large; spans of time stay."""
    seen = {
        name: value * factor
        if isinstance(value, int | float) and not name.endswith("_s")
        else value
        for name, value in judgement["observation"].items()
    }
    return {**judgement, "observation": seen}


def figures(run: FakeRun) -> dict[str, Any]:
    """All that a verdict shows: the graphs with what stands below them, the evidence."""
    live = LiveFigure(run.title, run.server)
    taken = Histogram()
    taken.record_all([0.01, 0.02, 0.5])
    shares = {step.from_s: {"v8_contexts": 0.8} for step in run.step_rows}
    live.update(
        run.frame,
        steps=run.step_rows,
        latency={"service": taken, "response": taken},
        shares=shares,
    )
    return {"graphs": live.figure(), "evidence": evidence_graphs(run), "steps": step_overview(run)}


@pytest.mark.slow
@pytest.mark.parametrize("factor", [1e-4, 1, 300, 2e5])
def test_titles_stay_where_they_can_be_read(page: Any, factor: float) -> None:
    """Beside narrow and wide labels: on the page, over no label, into no legend."""
    for name, figure in figures(times(factor)).items():
        plain = json.loads(figure.to_json())
        for width in (700, 1200):
            page.evaluate(DRAW, [plain, width])
            assert page.evaluate(TITLES) > 2
            assert page.evaluate(CROWDED) == [], f"{name}, {width} px"


@pytest.mark.slow
def test_a_title_that_leaves_the_page_is_noticed(page: Any) -> None:
    """With the margin of a figure without labels the same look finds what is wrong."""
    narrow = figures(times(1))["graphs"].update_layout(margin={"l": 40, "r": 190})
    page.evaluate(DRAW, [json.loads(narrow.to_json()), 1200])
    found = page.evaluate(CROWDED)
    assert any(one.endswith("moved") for one in found)
