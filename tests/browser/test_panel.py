"""The panel as its user sees it: JupyterLab in a real browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from arangolab.runfile.reader import open_run
from tests.browser.lab import chromium_page, jupyterlab, need_chromium, open_notebook
from tests.support import until

pytestmark = pytest.mark.slow

CELL = """import arangolab
panel = arangolab.Panel(users=(1, 1000), rate_per_s=3, path="p.sqlite", title="By hand")
panel"""
POINTS = """() => Math.max(0, ...[...document.querySelectorAll('.js-plotly-plot')]
  .flatMap(plot => plot.data.map(trace => (trace.x || []).length)))"""


def test_start_move_stop_save_and_come_back(tmp_path: Path, loaded_sandbox: Any) -> None:
    """Curves grow while it runs, a typed rate is taken, the graphs are there after a reload."""
    need_chromium()
    notebook = new_notebook(
        cells=[new_code_cell(CELL)],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3 (ipykernel)"}},
    )
    nbformat.write(notebook, tmp_path / "panel.ipynb")
    asked: list[str] = []
    env = {"ARANGOLAB_URL": loaded_sandbox.url}
    with jupyterlab(tmp_path, env) as base, chromium_page(1000, 1400) as page:
        page.on("request", lambda request: asked.append(request.url))
        open_notebook(page, base, "panel.ipynb")
        page.locator(".jp-Cell").first.click()
        page.keyboard.press("Shift+Enter")
        button = "button.jupyter-button:has-text('{}')".format
        page.click(button("Start"), timeout=30_000)
        page.wait_for_function(f"({POINTS})() >= 3", timeout=30_000)
        rate = page.locator("input[type=number]").first
        rate.fill("8")
        rate.press("Enter")
        page.wait_for_selector("text=8 per second asked for", timeout=20_000)
        overflow = page.evaluate(
            "() => [...document.querySelectorAll('.jp-OutputArea-output')]"
            ".filter(e => e.scrollWidth > e.clientWidth + 1).length"
        )
        assert overflow == 0, "something in the panel is wider than its cell"
        page.click(button("Stop"))
        page.wait_for_selector("text=Stopped by command.", timeout=30_000)
        until(lambda: page.evaluate("() => !!document.querySelector('.jp-RenderedPlotly')"), 60)
        page.keyboard.press("Control+s")
        page.wait_for_timeout(1500)  # JupyterLab tells no one when a file is on disk
        page.reload()
        page.wait_for_selector(".jp-RenderedPlotly, .jp-RenderedImage", timeout=60_000)
    run = open_run(tmp_path / "p.sqlite")
    assert [step.rate_per_s for step in run.steps()] == [3.0, 8.0]
    outside = [url for url in asked if not url.startswith((base, "data:", "blob:"))]
    assert outside == []
