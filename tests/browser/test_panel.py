"""The panel as its user sees it: JupyterLab in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from arangolab.runfile.reader import open_run
from tests.browser.lab import (
    ask,
    chromium_page,
    jupyterlab,
    need_chromium,
    open_notebook,
    shot,
    theme,
)
from tests.support import until

pytestmark = pytest.mark.slow

POINTS = """() => Math.max(0, ...[...document.querySelectorAll('.js-plotly-plot')]
  .flatMap(plot => plot.data.map(trace => (trace.x || []).length)))"""
SEEN = """() => [...document.querySelectorAll('.jp-OutputArea-output')]
  .filter(e => e.checkVisibility({visibilityProperty: true}))
  .map(e => e.innerText).join(' ').replaceAll(/\\s+/g, ' ')"""
WIDER = """() => [...document.querySelectorAll('.jp-OutputArea-output')]
  .filter(e => e.checkVisibility({visibilityProperty: true}))
  .filter(e => e.scrollWidth > e.clientWidth + 1).length"""
BUTTON = "button.jupyter-button:has-text('{}')".format
DEAD = "Error displaying widget"


@pytest.fixture(scope="module")
def lab(
    tmp_path_factory: pytest.TempPathFactory, loaded_sandbox: Any
) -> Iterator[tuple[Path, str]]:
    """A JupyterLab for all tests: its folder and URL."""
    need_chromium()
    folder = tmp_path_factory.mktemp("lab")
    with jupyterlab(folder, {"ARANGOLAB_URL": loaded_sandbox.url}) as base:
        yield folder, base


class Sheet:
    """A notebook of one cell that makes a panel, open in a browser."""

    def __init__(self, lab: tuple[Path, str], page: Any, name: str) -> None:
        self.folder, self.base = lab
        self.page = page
        self.name = name
        self.asked: list[str] = []
        cell = new_code_cell(
            "import arangolab\n"
            "panel = arangolab.Panel(\n"
            f"    users=(1, 1000), rate_per_s=3, path='{name}.sqlite', title='By hand'\n"
            ")\n"
            "panel"
        )
        kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)"}
        notebook = new_notebook(cells=[cell], metadata={"kernelspec": kernel})
        nbformat.write(notebook, self.folder / f"{name}.ipynb")
        page.on("request", lambda request: self.asked.append(request.url))
        self.open()

    def open(self) -> None:
        """Open it; a kernel is started if there is none."""
        open_notebook(self.page, self.base, f"{self.name}.ipynb")

    def run_cell(self) -> None:
        """Run the cell and wait for the panel."""
        self.page.locator(".jp-Cell .jp-InputArea-editor").first.click()
        self.page.keyboard.press("Shift+Enter")
        self.page.wait_for_selector("text=Nothing runs.", timeout=90_000)

    def start(self) -> None:
        """Press Start and wait for curves."""
        self.page.click(BUTTON("Start"))
        self.page.wait_for_selector("text=has been running for", timeout=90_000)
        self.page.wait_for_function(f"({POINTS})() >= 3", timeout=90_000)

    def seen(self) -> str:
        """The text that is to be seen in the cell's output."""
        return str(self.page.evaluate(SEEN))

    def see(self, text: str) -> None:
        """Wait until the text is seen."""
        until(lambda: text in self.seen(), 90)

    def save(self) -> None:
        """Save, and wait until it is on disk."""
        file = self.folder / f"{self.name}.ipynb"
        before = file.stat().st_mtime_ns
        self.page.keyboard.press("Control+s")
        until(lambda: file.stat().st_mtime_ns > before)

    def restart_kernel(self) -> None:
        """As by JupyterLab's shortcut, and its question answered."""
        self.page.locator(".jp-Cell .jp-InputArea-editor").first.click()
        for key in ("Escape", "0", "0"):
            self.page.keyboard.press(key)
        self.page.click(".jp-Dialog .jp-mod-accept")

    def close(self) -> None:
        """End the kernel, and with it what it started."""
        for session in ask(self.base, "GET", "sessions"):
            if self.name in session["path"]:
                ask(self.base, "DELETE", f"sessions/{session['id']}")


@pytest.fixture
def sheet(lab: tuple[Path, str], request: pytest.FixtureRequest) -> Iterator[Sheet]:
    """A notebook with a panel, on a narrow page."""
    with chromium_page(1000, 1400) as page:
        made = Sheet(lab, page, f"n{abs(hash(request.node.name)) % 10**6}")
        yield made
        made.close()


def test_start_move_stop_save_and_come_back(sheet: Sheet) -> None:
    """Curves grow while it runs, a typed rate is taken, all of it is there in a saved notebook."""
    page = sheet.page
    sheet.run_cell()
    sheet.start()
    named = {"name": "Arrival rate, scenarios/s"}
    assert page.get_by_role("slider", **named).count() == 1, "a handle without a name"
    rate = page.get_by_role("spinbutton", **named)
    rate.fill("8")
    rate.press("Enter")
    sheet.see("8 per second asked for, 8 started")
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
    run = open_run(sheet.folder / f"{sheet.name}.sqlite")
    assert [step.rate_per_s for step in run.steps()] == [3.0, 8.0]
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


def test_a_page_that_is_loaded_anew_shows_the_run_that_goes_on(sheet: Sheet) -> None:
    """Whole graphs, living sliders; what is finished there stays to be seen."""
    sheet.run_cell()
    sheet.start()
    sheet.save()
    sheet.page.reload()
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
