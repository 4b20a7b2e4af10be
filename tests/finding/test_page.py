"""An executed notebook as one page that opens offline."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from arangolab import finding
from arangolab.errors import FindingError
from tests.support import require

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
FIGURE = {
    "data": [{"type": "scatter", "x": [1, 2, 3], "y": [2, 1, 3], "name": "</script><b>"}],
    "layout": {"height": 300, "title": {"text": "three points"}},
}


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """A page with text, a formula-free table, a figure twice, and what a cell printed."""
    plot = new_output("display_data", {finding.PLOTLY: FIGURE, "text/plain": "a figure"})
    code = new_code_cell("draw()", outputs=[plot, new_output("stream", text="printed\n")])
    file = tmp_path / "executed.ipynb"
    text = new_markdown_cell("# A finding\n\n| a | b |\n|---|---|\n| 1 | 2 |")
    nbformat.write(new_notebook(cells=[text, code, new_code_cell("again()", outputs=[plot])]), file)
    out = tmp_path / "page.html"
    finding.export_html(file, out, title="A finding")
    return out


@pytest.mark.slow
def test_a_page_asks_for_nothing(page: Path) -> None:
    """No script, style, picture or frame from anywhere; plotly.js is in it, once."""
    html = page.read_text()
    tags = re.sub(r"(<script[^>]*>).*?</script>", r"\1", html, flags=re.DOTALL)
    far = r"[\"']?(?:https?:)?//"
    assert not re.findall(rf"<(?:script|link|img|iframe)[^>]*(?:src|href)={far}", tags)
    assert not re.findall(rf"@import|url\({far}", tags)
    assert html.count("plotly.js v") == 1
    assert html.count('Plotly.newPlot("plot-') == 2
    assert "<title>A finding</title>" in html


def test_a_figures_text_cannot_end_its_script(page: Path) -> None:
    """A run's title is shown, never run."""
    assert "</script><b>" not in page.read_text()


def test_what_is_no_notebook_is_said(tmp_path: Path) -> None:
    """Missing, or not a notebook."""
    file = tmp_path / "a.ipynb"
    for content in (None, "not json", json.dumps({"a": 1})):
        if content is not None:
            file.write_text(content)
        with pytest.raises(FindingError, match="cannot be read as a notebook"):
            finding.export_html(file, tmp_path / "a.html", title="")


@pytest.fixture
def browser() -> Iterator[Any]:
    """Chromium without a network."""
    require("chromium", Path(CHROMIUM).exists())
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        context = started.new_context(offline=True, viewport={"width": 1300, "height": 900})
        yield context
        started.close()


@pytest.mark.slow
def test_a_page_draws_its_figures_offline(browser: Any, page: Path) -> None:
    """Both figures show their points, wide, without an error or a request to anywhere."""
    tab, trouble = browser.new_page(), []
    tab.on("pageerror", lambda error: trouble.append(str(error)))
    near = ("file:", "data:", "blob:")
    tab.on("request", lambda asked: asked.url.startswith(near) or trouble.append(asked.url))
    tab.goto(page.as_uri())
    tab.wait_for_selector("#plot-2 .scatterlayer .trace", state="attached", timeout=10_000)
    assert tab.locator(".scatterlayer .trace").count() == 2
    assert tab.locator("#plot-0 .main-svg").first.bounding_box()["width"] > 900
    assert tab.locator(".jp-InputPrompt:visible, .jp-OutputPrompt:visible").count() == 0
    assert trouble == []
