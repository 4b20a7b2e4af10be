"""Notebooks executed with parameters, in a kernel of their own."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from arangolab import finding
from arangolab.errors import FindingError
from tests.support import until


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
    """Parameters replace the notebook's; the kernel works where the result goes, seen by nobody."""
    source = notebook(
        tmp_path,
        new_code_cell("import os; print(greeting, os.environ['WHO'], os.getcwd())"),
        new_code_cell("print('JPY_SESSION_NAME' in os.environ)"),
    )
    out = tmp_path / "result" / "out.ipynb"
    out.parent.mkdir()
    finding.execute(
        source,
        out,
        parameters={"greeting": "bonjour"},
        env={**os.environ, "WHO": "monde", "JPY_SESSION_NAME": "open.ipynb"},
    )
    assert [o.text for o in outputs(out)] == [f"bonjour monde {out.parent}\n", "False\n"]


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
    sentence = r"^Cell 3 of the notebook failed: ZeroDivisionError: division by zero\. Try: open"
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
    assert caught == ["Cell 2 of the notebook was interrupted."]
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
