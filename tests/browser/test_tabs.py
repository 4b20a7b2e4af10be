"""The panel's other tabs in a real browser: a ramp and a search, from the fields to the verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import arangolab
from arangolab.finding import main_run, read
from arangolab.runfile.reader import Run, open_run
from arangolab.sandbox.launcher import SandboxProcess
from tests.browser.lab import SHOTS, chromium_page, shot, theme
from tests.browser.sheet import BUTTON, WIDER, Sheet
from tests.support import until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]  # the first starts JupyterLab


@pytest.fixture
def sheet(
    lab: tuple[Path, str],
    make_sandbox: Callable[..., SandboxProcess],
    request: pytest.FixtureRequest,
) -> Iterator[Sheet]:
    """A panel on a server whose two V8 contexts give out at some seven logins a second."""
    server = make_sandbox(v8_contexts=2, v8_wait_s=1.0, transaction_delay_s=0.3)
    arangolab.load(arangolab.connect(server.url), users=200)
    with chromium_page(1000, 1400) as page:
        name = f"n{abs(hash(request.node.name)) % 10**6}"
        more = f"target=arangolab.connect('{server.url}')"
        made = Sheet(lab, page, name, users=200, more=more)
        yield made
        made.close()


def ended(sheet: Sheet) -> Run:
    """The run, once it has ended by itself and the panel says so."""
    run = open_run(sheet.folder / f"{sheet.name}.sqlite")
    until(lambda: run.status == "completed", 120)
    sheet.see(f"Recorded in {sheet.name}.sqlite.")
    assert sheet.page.evaluate(WIDER) == 0, "something in the panel is wider than its cell"
    return run


def both(page: Any, name: str) -> None:
    """A picture in each of JupyterLab's themes."""
    for dark in (False, True):
        theme(page, dark)
        shot(page, f"{name}-{'dark' if dark else 'light'}")


def test_a_ramp_tells_its_step_the_time_left_and_what_gave_out(sheet: Sheet) -> None:
    """Of two rates the server stands the first; its graphs are looked at while it burns."""
    sheet.run_cell()
    sheet.choose("Ramp", First_rate="2", Push_by="14", Rates="2", Hold_each="8")
    sheet.page.click(BUTTON("Start"))
    sheet.see("step 1 of 2, 2 scenarios/s; at most ")
    sheet.see("step 2 of 2, 16 scenarios/s; at most ")
    sheet.see("could not acquire v8 context")
    both(sheet.page, "five-graphs-in-a-burn")
    run = ended(sheet)
    assert [step.rate_per_s for step in run.steps()] == [2.0, 16.0]
    assert run.verdict is not None
    sheet.see(run.verdict["sentence"])
    exported_finding_is_alive_offline(sheet, run)


def exported_finding_is_alive_offline(sheet: Sheet, run: Run) -> None:
    """By the panel's button: three files; the page's graphs answer to the mouse, no network."""
    sheet.page.click(BUTTON("Export"))
    sheet.see(f"A finding is in finding-{sheet.name}: {sheet.name}.html opens anywhere")
    folder = sheet.folder / f"finding-{sheet.name}"
    names = [f"{sheet.name}.{end}" for end in ("html", "ipynb", "sqlite")]
    assert sorted(file.name for file in folder.iterdir()) == names
    told = read(folder / f"{sheet.name}.ipynb")
    assert main_run(told)["verdict"]["sentence"] == (run.verdict or {})["sentence"]
    asked: list[str] = []
    page = sheet.page.context.browser.new_context(offline=True).new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.goto((folder / f"{sheet.name}.html").as_uri())
    graphs = page.locator(".js-plotly-plot").first
    graphs.evaluate("plot => plot.scrollIntoView({block: 'start'})")
    box = graphs.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 3, box["y"] + 220, steps=5)
    page.wait_for_selector(".hoverlayer text", state="attached")
    page.mouse.move(0, 0)
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=str(SHOTS / "finding-offline.png"), full_page=True)
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []


def test_a_search_ends_with_a_knee_and_a_verdict(sheet: Sheet) -> None:
    """Its trial and the time left while it goes on, the overview with the capacity at its end."""
    sheet.run_cell()
    sheet.choose("Capacity", First_rate="4", Interval="80", Try_each="2", Hold_near="3")
    sheet.page.get_by_text("overload it once at the end").click()
    sheet.page.click(BUTTON("Start"))
    sheet.see("; about ")  # its trial, and the time left
    run = ended(sheet)
    assert run.capacity is not None
    assert run.verdict is not None
    sheet.see(run.verdict["sentence"])
    sheet.see("knee")
    both(sheet.page, "capacity-with-its-knee")
