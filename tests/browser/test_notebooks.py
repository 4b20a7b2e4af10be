"""The guided notebooks as a reader runs them: in JupyterLab, from top to bottom.

Part I by default; ``--in-browser=all`` runs all three, ``--full`` with the parameters of a reader
who has time (some twenty minutes in all).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest

from arangolab import notebooks, open_run
from tests.browser.lab import (
    ask,
    chromium_page,
    jupyterlab,
    need_chromium,
    open_notebook,
    outputs,
    run_all,
    shot_of,
)
from tests.browser.sheet import DEAD
from tests.support import until

PART_III = notebooks.NAMES[-1]
CUT_OFF = """area => [...area.querySelectorAll('.jp-RenderedPlotly')]
  .filter(e => e.scrollWidth > e.clientWidth + 1).length"""
TITLES_MOVED = """area => [...area.querySelectorAll('g[class^=g-y][transform]')].length"""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """The notebooks asked for on the command line."""
    asked = metafunc.config.getoption("--in-browser")
    names = notebooks.NAMES if asked == "all" else asked.split(",")
    metafunc.parametrize("name", names)


def copied(name: str, folder: Path, *, quick: bool) -> Path:
    """A copy, its cell of parameters edited as a reader would."""
    document = nbformat.read(notebooks.path(name), as_version=4)
    for cell in document.cells:
        if quick and "parameters" in cell.metadata.get("tags", ()):
            cell.source = cell.source.replace("quick = False", "quick = True")
    copy = folder / f"{name}.ipynb"
    nbformat.write(document, copy)
    return copy


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_a_notebook_runs_to_its_end_in_jupyterlab(
    name: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """No cell fails or complains, nothing is asked of another host, no figure is cut off."""
    need_chromium()
    full = request.config.getoption("--full")
    file = copied(name, tmp_path, quick=not full)
    asked: list[str] = []
    with jupyterlab(tmp_path, {"ARANGOLAB_URL": ""}) as base, chromium_page(1280, 1000) as page:
        page.on("request", lambda request: asked.append(request.url))
        open_notebook(page, base, file.name)
        run_all(page, 3000 if full else 300)
        seen_to_the_end(page, name)
        before = file.stat().st_mtime_ns
        page.keyboard.press("Control+s")
        until(lambda: file.stat().st_mtime_ns > before)
        for session in ask(base, "GET", "sessions"):
            ask(base, "DELETE", f"sessions/{session['id']}")
    code = [c for c in nbformat.read(file, as_version=4).cells if c.cell_type == "code"]
    assert all(cell.execution_count for cell in code)
    outcome = [out for cell in code for out in cell.outputs]
    assert not [out for out in outcome if out.output_type == "error" or out.get("name") == "stderr"]
    assert any("sandbox, not" in out.get("data", {}).get("text/markdown", "") for out in outcome)
    runs = sorted(tmp_path.glob("*.sqlite"))
    assert len(runs) > 1
    if name != PART_III:  # which loads until it fails
        assert all(open_run(run).summary()["failed"] == 0 for run in runs)
    assert [url for url in asked if not url.startswith((base, "data:", "blob:"))] == []


def seen_to_the_end(page: Any, name: str) -> None:
    """Go through what each cell shows, and keep a picture of the figures."""
    shown = 0
    for number, area in outputs(page):
        assert DEAD not in area.inner_text()
        assert area.evaluate(CUT_OFF) == 0, f"cell {number} has a figure that is cut off"
        assert area.evaluate(TITLES_MOVED) == 0, f"cell {number} has titles pushed into its ticks"
        if area.locator(".jp-RenderedPlotly").count():
            shot_of(page, area, f"{name}-{number:02d}")
        shown += 1
    assert shown > 10
