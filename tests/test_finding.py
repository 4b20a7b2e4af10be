"""A finding: notebooks executed with parameters, and pages that open offline."""

from __future__ import annotations

import json
import os
import re
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from arangolab import finding, open_run
from arangolab.errors import FindingError
from tests.support import require, until

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
FIGURE = {
    "data": [{"type": "scatter", "x": [1, 2, 3], "y": [2, 1, 3], "name": "</script><b>"}],
    "layout": {"height": 300, "title": {"text": "three points"}},
}


def notebook(place: Path, *cells: Any) -> Path:
    """A notebook with these cells after one tagged ``parameters``."""
    first = new_code_cell("greeting = 'hello'", metadata={"tags": ["parameters"]})
    file = place / "source.ipynb"
    nbformat.write(new_notebook(cells=[first, *cells]), file)
    return file


def outputs(file: Path) -> list[Any]:
    """All outputs of an executed notebook."""
    cells = nbformat.read(file, as_version=4).cells
    return [output for cell in cells if cell.cell_type == "code" for output in cell.outputs]


@pytest.mark.slow
def test_parameters_environment_and_folder(tmp_path: Path) -> None:
    """Parameters replace those of the notebook; the kernel works where the result goes."""
    source = notebook(
        tmp_path, new_code_cell("import os; print(greeting, os.environ['WHO'], os.getcwd())")
    )
    out = tmp_path / "result" / "out.ipynb"
    out.parent.mkdir()
    finding.execute(
        source, out, parameters={"greeting": "bonjour"}, env={**os.environ, "WHO": "monde"}
    )
    assert outputs(out)[0].text == f"bonjour monde {out.parent}\n"


@pytest.mark.slow
def test_progress_names_cell_heading_and_time_left(tmp_path: Path) -> None:
    """Called as each code cell begins."""
    takes = {"arangolab": {"seconds": 7, "seconds_quick": 2}}
    source = notebook(
        tmp_path, new_markdown_cell("## Counting\n\ntext"), new_code_cell("1", metadata=takes)
    )
    said: list[tuple[int, int, str, float]] = []
    finding.execute(
        source,
        tmp_path / "out.ipynb",
        parameters={"quick": True},
        env=os.environ,
        progress=lambda *told: said.append(told),
    )
    assert said[-1] == (4, 4, "Counting", 2.0)


@pytest.mark.slow
def test_a_failing_cell_is_named_and_the_rest_kept(tmp_path: Path) -> None:
    """What was executed until then is in the file; cells behind it did not run."""
    source = notebook(
        tmp_path, new_code_cell("print('before')"), new_code_cell("1 / 0"), new_code_cell("2")
    )
    out = tmp_path / "out.ipynb"
    sentence = r"^Cell 4 of the notebook failed: ZeroDivisionError: division by zero\. Try: open"
    with pytest.raises(FindingError, match=sentence):
        finding.execute(source, out, parameters={}, env=os.environ)
    assert [output.output_type for output in outputs(out)] == ["stream", "error"]


@pytest.mark.slow
def test_a_dead_kernel_is_said(tmp_path: Path) -> None:
    """Killed for want of memory, say."""
    source = notebook(tmp_path, new_code_cell("import os; os.kill(os.getpid(), 9)"))
    with pytest.raises(FindingError, match="kernel died"):
        finding.execute(source, tmp_path / "out.ipynb", parameters={}, env=os.environ)


@pytest.mark.slow
def test_an_interrupt_ends_the_cell_and_keeps_the_rest(tmp_path: Path) -> None:
    """As Jupyter's stop button does."""
    source = notebook(
        tmp_path,
        new_code_cell("print('here', flush=True); open('began', 'w')\nimport time; time.sleep(60)"),
    )
    out, interrupt, caught = tmp_path / "out.ipynb", finding.Interrupt(), []

    def work() -> None:
        try:
            finding.execute(source, out, parameters={}, env=os.environ, interrupt=interrupt)
        except FindingError as error:
            caught.append(str(error))

    thread = threading.Thread(target=work)
    thread.start()
    until((tmp_path / "began").exists)
    interrupt.now()
    thread.join(20)
    assert caught == ["Cell 3 of the notebook was interrupted."]
    assert outputs(out)[0].text == "here\n"


@pytest.mark.slow
def test_widgets_do_not_outlive_their_kernel(tmp_path: Path) -> None:
    """A dead widget is dropped, what else the output holds is kept, no widget state is stored."""
    source = notebook(
        tmp_path,
        new_code_cell("import ipywidgets; display(ipywidgets.IntSlider())"),
        new_code_cell(
            "display({'text/html': '<b>kept</b>', 'application/vnd.jupyter.widget-"
            "view+json': {'model_id': 'x'}}, raw=True)"
        ),
    )
    out = tmp_path / "out.ipynb"
    finding.execute(source, out, parameters={}, env=os.environ)
    assert [output.data for output in outputs(out)] == [{"text/html": "<b>kept</b>"}]
    assert "widgets" not in nbformat.read(out, as_version=4).metadata


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


def test_the_example_is_a_finding() -> None:
    """Its run file opens, its notebook says the same verdict, has pictures and no error."""
    place = Path(__file__).parents[1] / "notebooks" / "findings"
    run = open_run(place / "ramp.sqlite")
    assert run.verdict is not None
    assert run.status == "completed"
    found = outputs(place / "part3_capacity.ipynb")
    said = [output.data.get("text/markdown", "") for output in found if "data" in output]
    assert any(run.verdict["sentence"] in text for text in said)
    assert "error" not in {output.output_type for output in found}
    assert sum({finding.PLOTLY, "image/png"} <= set(o.get("data", {})) for o in found) == 3
