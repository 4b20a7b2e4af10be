"""A finding made of a run: a folder to be given away."""

from __future__ import annotations

import json
import os
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from arangolab import finding, lab, open_run
from arangolab.errors import FindingError
from arangolab.finding import redaction, words
from arangolab.finding.summary import main_run, read, sha256_of

EXAMPLE = Path(__file__).parents[2] / "notebooks" / "findings"
HOST = "db7.example.org"


@pytest.fixture(scope="module")
def run_elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run whose server is on a host with a name."""
    file = tmp_path_factory.mktemp("run") / "ramp.sqlite"
    file.write_bytes((EXAMPLE / "ramp.sqlite").read_bytes())
    with sqlite3.connect(file) as db:
        for name, old, new in (
            ("server", "127.0.0.1", HOST),
            ("host", '"vm"', '"bench-3"'),
            ("runner", '"vm"', '"bench-3"'),
        ):
            db.execute(
                "UPDATE meta SET value = replace(value, ?, ?) WHERE name = ?", (old, new, name)
            )
        text = f"No /proc of {HOST}: not {HOST}.net, and no other-{HOST}."
        db.execute("INSERT INTO events (t_s, kind, text) VALUES (1, 'left_out', ?)", (text,))
    return file


@pytest.fixture(scope="module")
def made(run_elsewhere: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A finding without host names."""
    before = Path.cwd()
    os.chdir(tmp_path_factory.mktemp("work"))
    try:
        yield lab.finding(
            open_run(run_elsewhere),
            "Four contexts",
            conclusion=f"On {HOST} it is *eight* a second.",
            redact=True,
        )
    finally:
        os.chdir(before)


@pytest.mark.slow
def test_a_finding_is_notebook_page_and_run_file(made: finding.Finding) -> None:
    """The notebook was executed and says title, conclusion, verdict, objective and versions."""
    assert {file.name for file in made.notebook.parent.iterdir()} == {
        "ramp.ipynb", "ramp.html", "ramp.sqlite",
    }  # fmt: skip
    assert made.notebook.parent.name == "finding-ramp"
    document = nbformat.read(made.notebook, as_version=4)
    nbformat.validate(document)
    code = [cell for cell in document.cells if cell.cell_type == "code"]
    assert all(cell.execution_count for cell in code)
    assert not [o for cell in code for o in cell.outputs if o.output_type == "error"]
    text = made.notebook.read_text()
    for said in (
        "Four contexts",
        "*eight* a second",
        "sustains 8 login/s",
        "errors&lt;1%",
        "pyArango",
    ):
        assert said in text
    assert "arangolab rerun ramp.ipynb --url" in text
    told = main_run(made.summary)
    assert told["run_file"]["sha256"] == sha256_of(made.run_file)
    assert told["run_file"]["sha256"] in text
    assert made.summary["title"] == "Four contexts"


@pytest.mark.slow
def test_the_page_holds_the_run_file_and_the_figures(made: finding.Finding) -> None:
    """A small run file can be saved from the page; programs find the summary there."""
    page = made.page.read_text()
    assert page.count("plotly.js v") == 1
    cells = nbformat.read(made.notebook, as_version=4).cells
    shown = [cell.source for cell in cells if cell.source.startswith("show(")]
    assert {"five_graphs", "step_overview"} <= {source[5:].partition("(")[0] for source in shown}
    assert page.count('Plotly.newPlot("plot-') == len(shown)
    assert '<a download="ramp.sqlite.gz" href="data:application/gzip;base64,' in page
    told = page.split('id="arangolab-finding">')[1].split("</script>")[0]
    assert json.loads(told)["main"] == "ramp.sqlite"


@pytest.mark.slow
def test_no_host_name_is_left(made: finding.Finding) -> None:
    """Stand-ins are in their place; names that merely contain one are others."""
    for file in made.notebook.parent.iterdir():
        data = file.read_bytes().replace(b"db7.example.org.net", b"").replace(
            b"other-db7.example.org", b"")  # fmt: skip
        assert HOST.encode() not in data, file
        assert b"bench-3" not in data, file
    (url,) = main_run(made.summary)["environment"]["server"]["urls"]
    assert re.fullmatch(r"http://server-1:\d+", url)
    assert main_run(made.summary)["environment"]["host"]["name"] == "host-1"
    assert "No /proc of server-1: not db7.example.org.net" in made.notebook.read_text()


@pytest.mark.slow
def test_an_executed_notebook_is_redacted_with_its_run_files(
    run_elsewhere: Path, tmp_path: Path
) -> None:
    """The hashes are those of the copies; the originals stay."""
    runs = [open_run(run_elsewhere)]
    told = finding.summary.summarize(runs, kind="notebook", title=f"At {HOST}")
    notebook = run_elsewhere.with_suffix(".ipynb")
    nbformat.write(nbformat.v4.new_notebook(metadata={"arangolab": told}), notebook)
    copy = redaction.redact_notebook(notebook, tmp_path / "given")
    assert read(copy)["title"] == "At server-1"
    file = copy.with_name("ramp.sqlite")
    assert main_run(read(copy))["run_file"]["sha256"] == sha256_of(file)
    assert HOST in open_run(run_elsewhere).server["urls"][0]
    assert open_run(file).verdict == open_run(run_elsewhere).verdict


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    """A folder with something in it is refused."""
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(FindingError, match="is not empty; nothing is overwritten"):
        finding.make(open_run(EXAMPLE / "ramp.sqlite"), out=tmp_path)


def test_words_show_what_a_server_says_and_run_none_of_it(tmp_path: Path) -> None:
    """A message with markup in it stays text."""
    file = tmp_path / "ramp.sqlite"
    file.write_bytes((EXAMPLE / "ramp.sqlite").read_bytes())
    with sqlite3.connect(file) as db:
        bad = "<img src=x onerror=alert(1)>"
        db.execute("INSERT INTO events (t_s, kind, text) VALUES (2, 'error', ?)", (bad,))
    assert "&lt;img src=x" in words.small_print(open_run(file))


def test_a_run_without_verdict_says_how_it_ended() -> None:
    """The sliders' run has steps of no planned length."""
    said = words.verdict(open_run(EXAMPLE / "by_hand.sqlite"))
    assert said
    assert "sandbox" in said.lower()
