"""The panel as its user sees it: JupyterLab in a real browser."""

from __future__ import annotations

import re
import time

import pytest

from arangolab.runfile.reader import open_run
from tests.browser.lab import shot, theme
from tests.browser.sheet import BUTTON, DEAD, POINTS, WIDER, Sheet
from tests.support import until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]  # the first starts JupyterLab

AT_EIGHT = re.compile(r"8 per second asked for, [789](\.\d+)? started")
DRAWN_RATE = """() => [...document.querySelectorAll('.js-plotly-plot')]
  .flatMap(plot => plot._fullData).filter(trace => trace.name === 'rate asked for')
  .map(trace => trace.y[trace.y.length - 1])[0]"""


def test_start_move_stop_save_and_come_back(sheet: Sheet) -> None:
    """Rates moved and typed are followed and drawn, and all is there in a saved notebook."""
    page = sheet.page
    sheet.run_cell()
    sheet.start()
    run = open_run(sheet.folder / f"{sheet.name}.sqlite")
    named = {"name": "Arrival rate, scenarios/s"}
    assert page.get_by_role("slider", **named).count() == 1, "a handle without a name"
    page.get_by_role("slider", **named).press("ArrowRight")
    until(lambda: len(run.steps()) == 2, 10)
    until(lambda: page.evaluate(DRAWN_RATE) == run.steps()[-1].rate_per_s > 2, 10)
    page.get_by_role("slider", **named).press("ArrowLeft")
    until(lambda: page.evaluate(DRAWN_RATE) == run.steps()[-1].rate_per_s == 2, 10)
    rate = page.get_by_role("spinbutton", **named)
    rate.fill("8")
    moved_s = time.monotonic()
    rate.press("Enter")
    until(lambda: run.steps()[-1].rate_per_s == 8, 10)
    followed_s = time.monotonic() - moved_s
    until(lambda: page.evaluate(DRAWN_RATE) == 8, 10)
    drawn_s = time.monotonic() - moved_s
    print(f"8/s in the run file after {followed_s:.2f} s, in the graph after {drawn_s:.2f} s")
    until(lambda: AT_EIGHT.search(sheet.seen()), 90)
    assert page.evaluate(WIDER) == 0, "something in the panel is wider than its cell"
    for dark in (False, True):
        theme(page, dark)
        shot(page, f"panel-running-{'dark' if dark else 'light'}")
    page.click(BUTTON("Finish"))
    page.wait_for_selector(".jp-RenderedPlotly", timeout=120_000)
    sheet.see("Stopped by command.")
    sheet.save()
    sheet.close()
    sheet.open()
    page.wait_for_selector(".jp-RenderedPlotly, .jp-RenderedImage", timeout=120_000)
    sheet.see(f"Recorded in {sheet.name}.sqlite.")
    assert DEAD not in sheet.seen()
    rates = [step.rate_per_s for step in run.steps()]
    assert (rates[0], rates[-1], len(rates)) == (2.0, 8.0, 4)
    outside = [url for url in sheet.asked if not url.startswith((sheet.base, "data:", "blob:"))]
    assert outside == []


def test_a_restarted_kernel_leaves_words_instead_of_dead_sliders(sheet: Sheet) -> None:
    """The page says that the run has ended and where it is; the cell can be run again."""
    sheet.run_cell()
    sheet.start()
    run = open_run(sheet.folder / f"{sheet.name}.sqlite")
    sheet.restart_kernel()
    until(lambda: run.status != "running", 5)
    sheet.see("a run that was going on ended with it")
    assert not sheet.page.locator(BUTTON("Stop")).is_visible()
    assert "has been running" not in sheet.seen()
    assert sheet.page.locator(".js-plotly-plot").first.is_visible()
    sheet.save()
    sheet.open()
    sheet.see(f"What it recorded is in {sheet.name}.sqlite")
    assert DEAD not in sheet.seen()
    sheet.run_cell()
    assert "No sliders here?" not in sheet.seen()


def test_who_closes_the_browser_and_comes_back_sees_the_run_that_goes_on(sheet: Sheet) -> None:
    """Whole graphs, living sliders; what is finished there stays to be seen."""
    sheet.run_cell()
    sheet.start()
    sheet.save()
    sheet.come_back()
    sheet.see("has been running for")
    sheet.page.wait_for_function(f"({POINTS})() >= 5", timeout=90_000)
    assert "no samples yet" not in sheet.seen()
    sheet.page.click(BUTTON("Finish"))
    sheet.see(f"Recorded in {sheet.name}.sqlite.")
    assert sheet.page.locator(BUTTON("Start")).is_disabled()
    assert sheet.page.locator(".js-plotly-plot").first.is_visible()


def test_a_cell_that_is_run_again_shows_one_panel(sheet: Sheet) -> None:
    """The run of the panel before is stopped, and the new one says so."""
    sheet.run_cell()
    sheet.start()
    sheet.run_cell()
    sheet.see("The run of the panel that was here before was stopped")
    run = open_run(sheet.folder / f"{sheet.name}.sqlite")
    until(lambda: run.status == "stopped", 10)
    assert sheet.page.locator(BUTTON("Start")).count() == 1
    sheet.start()
    assert (sheet.folder / f"{sheet.name}-2.sqlite").exists()
