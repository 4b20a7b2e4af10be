"""`arangolab demo --quick`: from nothing to a finding that opens offline."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest

from arangolab.runfile.reader import open_run
from arangolab.sandbox import launcher
from tests.browser.lab import chromium_page
from tests.support import require

PASSWORD = "only-for-this-test"

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """The finding's folder, and what the command said: on a server by URL, with a password."""
    out = tmp_path_factory.mktemp("demo") / "finding"
    with launcher.start(
        password=PASSWORD, v8_contexts=4, v8_wait_s=1.5, transaction_delay_s=0.5
    ) as server:
        began_s = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-m", "arangolab", "demo", "--quick", "--out", str(out)],
            capture_output=True,
            text=True,
            timeout=280,
            env=os.environ | {"ARANGOLAB_URL": server.url, "ARANGOLAB_PASSWORD": PASSWORD},
        )
    print(f"arangolab demo --quick took {time.monotonic() - began_s:.0f} s")
    return out, done


def test_it_succeeds_and_its_last_line_names_rate_and_cause(
    demo: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    """The sandbox has four V8 contexts of half a second each, as demo's own: 8 logins a second."""
    _, done = demo
    assert done.returncode == 0, done.stderr
    last = done.stdout.strip().splitlines()[-1]
    assert last.startswith("Sandbox (not ArangoDB): sustains 6 login/s; at 10 login/s V8 contexts")


def test_the_password_is_nowhere(
    demo: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    """Neither in a file of the finding nor in what was said."""
    out, done = demo
    assert not [file for file in out.iterdir() if PASSWORD.encode() in file.read_bytes()]
    assert PASSWORD not in done.stdout + done.stderr


def test_it_shows_progress_with_what_is_left(
    demo: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    """Which step, which rate, how long: in plain lines where there is no terminal."""
    _, done = demo
    assert "loading" in done.stderr
    assert "step 2 of" in done.stderr
    assert "scenarios/s" in done.stderr
    assert "left" in done.stderr
    assert "\r" not in done.stderr.replace("\r\n", "\n") or "documents" in done.stderr


def test_the_notebook_was_executed_without_an_error_and_holds_no_widget(
    demo: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    """Every code cell ran; figures are stored as plotly's JSON."""
    out, _ = demo
    notebook = nbformat.read(out / "part3_capacity.ipynb", as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.execution_count for cell in code)
    outputs = [output for cell in code for output in cell.outputs]
    assert [o for o in outputs if o.output_type == "error"] == []
    assert [o for o in outputs if "widget-view" in str(o.get("data", {}).keys())] == []
    plots = [o for o in outputs if "application/vnd.plotly.v1+json" in o.get("data", {})]
    assert len(plots) == 4


def test_the_run_files_open_with_sqlite(
    demo: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    """Without arangolab, and each is one file."""
    out, _ = demo
    files = sorted(file.name for file in out.glob("*.sqlite*"))
    names = ["by_hand", "endurance", "hot", "ramp", "search", "spread"]
    assert files == [f"{name}.sqlite" for name in names]
    with sqlite3.connect(out / "ramp.sqlite") as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        tables = {name for (name,) in db.execute("SELECT name FROM sqlite_master")}
    assert {"meta", "samples", "series", "intervals", "errors", "steps", "events"} <= tables
    shell = shutil.which("sqlite3")
    require("sqlite3", shell is not None)
    told = subprocess.run(
        [str(shell), str(out / "ramp.sqlite"), ".tables"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "samples" in told.stdout


def test_clients_threads_and_descriptors_rise_when_the_contexts_give_out(
    demo: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    """And the first error says which resource it was."""
    out, _ = demo
    run = open_run(out / "by_hand.sqlite")
    wide = run.wide()
    calm, burning = run.steps()
    for name in ("injector.in_flight", "proc.threads", "proc.open_fds", "proc.memory_maps"):
        before = wide.loc[: calm.to_s, name].max()
        assert wide.loc[burning.from_s :, name].max() > before, name
    assert run.errors()["first_message"].iloc[0] == "could not acquire v8 context"


def test_the_page_draws_its_graphs_with_the_network_off(
    demo: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    """It asks for nothing, throws nothing, and each figure has its curves."""
    out, _ = demo
    asked: list[str] = []
    broken: list[str] = []
    with chromium_page(offline=True) as page:
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: broken.append(str(error)))
        page.goto((out / "part3_capacity.html").as_uri())
        page.wait_for_function("document.querySelectorAll('.js-plotly-plot').length === 4")
        curves = page.evaluate(
            "[...document.querySelectorAll('.js-plotly-plot')]"
            ".map(plot => plot.querySelectorAll('.scatterlayer .trace').length)"
        )
    assert all(count >= 3 for count in curves)
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []
    assert broken == []
