"""The panel in a real kernel, against the sandbox."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

from arangolab.dataset import load
from arangolab.runfile.reader import open_run
from arangolab.target import Target

pytestmark = pytest.mark.slow

PLOTLY = "application/vnd.plotly.v1+json"
WIDGET = "application/vnd.jupyter.widget-view+json"


def executed(folder: Path, *cells: str) -> Any:
    """The cells, executed in a kernel that works in the folder."""
    notebook = new_notebook(cells=[new_code_cell(cell) for cell in cells])
    client = NotebookClient(
        notebook,
        timeout=60,
        store_widget_state=False,
        resources={"metadata": {"path": str(folder)}},
    )
    client.execute()
    return notebook


def told(notebook: Any, cell: int) -> str:
    """What the cell printed."""
    return "".join(o.get("text", "") for o in notebook.cells[cell].outputs)


def panel_cell(url: str, more: str = "") -> str:
    """A cell that makes and shows a panel on the server."""
    return (
        "import arangolab\n"
        f"from arangolab.target import Target\ntarget = Target(urls=({url!r},))\n"
        f"panel = arangolab.Panel(target, users=(1, 1000), path='p.sqlite'{more})\n"
        "panel"
    )


def test_a_moved_slider_is_a_command_and_the_end_is_a_picture(
    tmp_path: Path, loaded_sandbox: Any
) -> None:
    """Start, move the rate, finish: the run file tells it all, no widget is left."""
    notebook = executed(
        tmp_path,
        panel_cell(loaded_sandbox.url, ", rate_per_s=5"),
        "panel.controls.start.click()\n"
        "import time\n"
        "while not panel.running: time.sleep(0.05)\n"
        "await panel.hold(1.5)\n"
        "panel.set_rate(10)\n"
        "await panel.hold(1.5)",
        "run = await panel.finish()",
    )
    run = open_run(tmp_path / "p.sqlite")
    assert [step.rate_per_s for step in run.steps()] == [5.0, 10.0]
    assert run.commands()["name"].tolist() == ["rate", "stop"]
    assert run.status == "stopped"
    outputs = notebook.cells[0].outputs
    assert not [o for o in outputs if WIDGET in o.data]
    frozen = [o for o in outputs if PLOTLY in o.data]
    assert len(frozen) == 1
    assert "sandbox" in frozen[0].data["text/plain"]


def test_a_second_start_makes_a_second_file(tmp_path: Path, loaded_sandbox: Any) -> None:
    """Nothing that was recorded is written over."""
    executed(
        tmp_path,
        panel_cell(loaded_sandbox.url),
        "import time\n"
        "for _ in range(2):\n"
        "    panel.start()\n"
        "    panel.stop(drain=False)\n"
        "    panel.live.wait(10)\n"
        "    panel._keeper.done.wait(60)",
    )
    assert sorted(f.name for f in tmp_path.glob("*.sqlite")) == ["p-2.sqlite", "p.sqlite"]


def test_a_panel_made_anew_ends_the_run_of_the_one_before(
    tmp_path: Path, loaded_sandbox: Any
) -> None:
    """A cell that is run again leaves no load behind."""
    notebook = executed(
        tmp_path,
        panel_cell(loaded_sandbox.url),
        "panel.start(); first = panel.live",
        panel_cell(loaded_sandbox.url),
        "print(panel.live, 'Nothing runs.' in panel.controls.state.value)\n"
        "first.wait(10); print(first.alive, first.run.status)",
    )
    assert told(notebook, 3).split() == ["None", "True", "False", "stopped"]


def test_a_server_that_is_not_there_is_a_sentence_in_the_panel(tmp_path: Path) -> None:
    """No traceback for a mistake of the user's."""
    notebook = executed(
        tmp_path,
        panel_cell("http://127.0.0.1:9"),
        "import threading\n"
        "print(panel.controls.header.value)\n"
        "print(panel.controls.state.value)\n"
        "panel.controls.start.click()\n"
        "[thread.join() for thread in threading.enumerate() if thread.name == 'panel']\n"
        "print(panel.controls.state.value)\n"
        "print(panel.controls.start.disabled)",
    )
    text = told(notebook, 1)
    assert text.count("Nothing listens at http://127.0.0.1:9.") == 2
    assert "Traceback" not in text
    assert text.strip().endswith("False")


def test_what_is_set_while_a_run_is_being_started_is_taken(
    tmp_path: Path, loaded_sandbox: Any
) -> None:
    """The slider never shows a rate other than the one that is asked for."""
    executed(
        tmp_path,
        panel_cell(loaded_sandbox.url, ", rate_per_s=2"),
        "begin = panel._keeper.begin\n"
        "def slowly():\n"
        "    live = begin()\n"
        "    panel.set_rate(6)\n"
        "    return live\n"
        "panel._keeper.begin = slowly\n"
        "panel.start()\n"
        "await panel.hold(1.5)\n"
        "await panel.finish()",
    )
    steps = open_run(tmp_path / "p.sqlite").steps()
    assert [step.rate_per_s for step in steps] == [2.0, 6.0]


def test_a_server_that_dies_and_one_that_comes_later(
    tmp_path: Path, make_sandbox: Callable[..., Any]
) -> None:
    """Its errors are counted and told; the panel starts again once it is back."""
    first = make_sandbox()
    load(Target(urls=(first.url,), user=first.user), users=1000)
    port = first.url.rsplit(":", 1)[1]
    notebook = executed(
        tmp_path,
        panel_cell(first.url, ", rate_per_s=5"),
        "import os, signal\n"
        "panel.start()\n"
        "await panel.hold(1)\n"
        f"os.kill({first.pid}, signal.SIGKILL)\n"
        "while 'connection refused' not in panel.controls.errors.value: await panel.hold(0.1)\n"
        "panel.stop(drain=False); panel._keeper.done.wait()\n"
        "print(panel.controls.state.value)\n"
        "print(panel.controls.log.value)\n"
        "panel.controls.start.click()\n"
        "import threading\n"
        "[thread.join() for thread in threading.enumerate() if thread.name == 'panel']\n"
        "print(panel.controls.state.value)",
        f"with arangolab.start_sandbox(port={port}):\n"
        "    panel.start()\n"
        "    await panel.hold(1)\n"
        "    print(panel.controls.state.value)\n"
        "    await panel.finish()",
    )
    text = told(notebook, 1)
    assert "Recorded in p.sqlite." in text
    assert f"process {first.pid} has gone" in text
    assert f"Nothing listens at {first.url}." in text
    assert "login has been running" in told(notebook, 2)


def test_an_empty_user_range_is_a_sentence_in_the_panel(
    tmp_path: Path, loaded_sandbox: Any
) -> None:
    """And nothing is started."""
    notebook = executed(
        tmp_path,
        panel_cell(loaded_sandbox.url).replace("users=(1, 1000)", "users=(1, 100)"),
        "panel.controls.users._fields[0].value = 500\n"
        "try:\n"
        "    panel.start()\n"
        "except arangolab.ArangolabError as error:\n"
        "    print(error)\n"
        "print(panel.controls.state.value)",
    )
    assert told(notebook, 1).count("the user range 500:100 is empty") == 2


def test_a_number_field_takes_more_than_its_slider(tmp_path: Path, loaded_sandbox: Any) -> None:
    """And both show the same."""
    notebook = executed(
        tmp_path,
        panel_cell(loaded_sandbox.url),
        "panel.set_rate(250)\n"
        "rate = panel.controls.rate\n"
        "print(rate.value, rate._slider.value, rate._slider.max, rate._field.value)",
    )
    assert told(notebook, 1).strip() == "250.0 250.0 250.0 250.0"


def test_a_ramp_is_driven_from_its_tab_to_its_verdict(tmp_path: Path, loaded_sandbox: Any) -> None:
    """Steps, progress with the time left, a table of what was judged; the rate is not to be set."""
    notebook = executed(
        tmp_path,
        panel_cell(loaded_sandbox.url, ", arrivals='poisson'"),
        "panel.set_ramp(start=10, step=10, steps=3, hold_s=4)\n"
        "panel.start()\n"
        "controls = panel.controls\n"
        "words = controls.progress.words\n"
        "while panel.running and 'left' not in words.value: await panel.hold(0.1)\n"
        "print(words.value, 0 < controls.progress.bar.value < 1)\n"
        "print('rate may be set:', not controls.rate.widgets[0].disabled)\n"
        "run = await panel.live\n"
        "panel._keeper.done.wait(60)\n"
        "print(controls.steps.value, controls.progress.box.layout.display)",
    )
    run = open_run(tmp_path / "p.sqlite")
    assert run.plan.arrivals == "poisson"
    assert run.plan.stop_when_maxed_out
    assert [step.rate_per_s for step in run.steps()] == [10.0, 20.0, 30.0]
    text = told(notebook, 1)
    assert re.search(r"step \d of 3, \d0 scenarios/s; at most .* left True", text)
    assert "rate may be set: False" in text
    assert ">10/s<" in text
    assert text.strip().endswith("none")


def test_a_detached_run_outlives_its_kernel_and_is_taken_up_again(
    tmp_path: Path, loaded_sandbox: Any
) -> None:
    """The panel of the next kernel shows it from its beginning, steers it and ends it."""
    cell = panel_cell(loaded_sandbox.url, ", rate_per_s=5, detached=True")
    executed(tmp_path, cell, "panel.start(); await panel.hold(1)")
    run = open_run(tmp_path / "p.sqlite")
    assert run.status == "running"
    try:
        notebook = executed(
            tmp_path,
            cell.replace("rate_per_s=5", "rate_per_s=1"),
            "print(panel.running, panel.controls.rate.value, panel.controls.start.disabled)\n"
            "panel.set_rate(8)\n"
            "await panel.hold(1)\n"
            "await panel.finish()",
        )
    finally:
        run.command("stop", {"drain": False})
    assert told(notebook, 1).strip() == "True 5.0 True"
    assert [step.rate_per_s for step in run.steps()] == [5.0, 8.0]
    assert run.status == "stopped"
    assert sorted(f.name for f in tmp_path.glob("*.sqlite")) == ["p.sqlite"]
