"""A JupyterLab of its own, and a page of Chromium that shows it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from tests.support import require, until

CHROMIUM = "/usr/bin/chromium"
TOKEN = "seen-on-loopback-only"
SHOTS = Path(__file__).parents[2] / "build" / "screenshots"
WIDGETS = "jupyterapp.shell.currentWidget.content.widgets"
RUN_ALL = """() => { window.allWereRun = false;
  jupyterapp.commands.execute('notebook:run-all-cells').then(() => window.allWereRun = true); }"""
LOOKS_APART_MS = 250
"""plotly.js waits for 100 ms before it takes a new width."""
QUIET = """area => {
  const figures = [...area.querySelectorAll('.jp-RenderedPlotly')];
  const pictures = figures.filter(e => !e.querySelector('.main-svg'));
  pictures.forEach(e => e.querySelector('img').dispatchEvent(new MouseEvent('mouseenter')));
  if (pictures.length) return false;
  const places = [...area.querySelectorAll('.main-svg, .main-svg text')].map(e => {
    const box = e.getBoundingClientRect();
    return [box.x, box.y, box.width, box.height];
  });
  const before = area.lookedLast;
  return (area.lookedLast = JSON.stringify(places)) === before;
}"""
SHOW = """number => jupyterapp.shell.currentWidget.content.scrollToItem(number, 'start', 0)"""


def need_chromium() -> None:
    """Skip the test where there is no Chromium, or fail where it is said to be there."""
    require("chromium", Path(CHROMIUM).exists())


@contextmanager
def chromium_page(width: int = 1200, height: int = 1000, **context: Any) -> Iterator[Any]:
    """A page of a headless Chromium; ``context``: options such as ``offline``."""
    from playwright.sync_api import sync_playwright

    need_chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        page = browser.new_context(
            viewport={"width": width, "height": height}, **context
        ).new_page()
        try:
            yield page
        finally:
            browser.close()


@contextmanager
def jupyterlab(folder: Path, env: dict[str, str] | None = None) -> Iterator[str]:
    """JupyterLab on the folder; its base URL.  Ends with the block."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    own = folder / ".jupyter"
    paths = {
        "JUPYTER_CONFIG_DIR": str(own / "config"),
        "JUPYTER_RUNTIME_DIR": str(own / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(own / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(own / "workspaces"),
    }
    process = subprocess.Popen(
        [
            sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1", "--allow-root",
            f"--port={port}", "--ServerApp.port_retries=0", f"--IdentityProvider.token={TOKEN}",
            "--LabApp.news_url=None", "--LabApp.expose_app_in_browser=True",
            f"--ServerApp.root_dir={folder}",
        ],
        env={**os.environ, **paths, **(env or {})},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        until(lambda: _answers(port), timeout_s=150)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


def open_notebook(page: Any, base: str, name: str) -> None:
    """Open the notebook and wait until its kernel is idle."""
    page.goto(f"{base}/lab/tree/{name}?token={TOKEN}&reset")
    page.wait_for_selector(".jp-NotebookPanel", timeout=120_000)
    page.wait_for_selector("text=Python 3 (ipykernel) | Idle", timeout=120_000)
    refuse_news = page.get_by_role("button", name="No", exact=True)
    if refuse_news.count():
        refuse_news.first.click()


def run_all(page: Any, timeout_s: float) -> None:
    """Run all cells, as JupyterLab's menu does, and wait until the last one has ended."""
    page.evaluate(RUN_ALL)
    page.wait_for_function("() => window.allWereRun", timeout=timeout_s * 1000)


def outputs(page: Any) -> Iterator[tuple[int, Any]]:
    """(number of the cell, its output area in view), of each code cell that shows something."""
    for number in range(page.evaluate(f"{WIDGETS}.length")):
        page.evaluate(SHOW, number)
        page.wait_for_timeout(100)  # the cell is put on the page
        area = page.locator(f".jp-Cell[data-windowed-list-index='{number}'] .jp-Cell-outputArea")
        if area.count() and (area.bounding_box() or {"height": 0})["height"] > 5:
            settled(page, area)
            yield number, area


def settled(page: Any, area: Any) -> None:
    """Wait until its figures are drawn, and two looks find them laid out the same.

    Of a figure that JupyterLab has drawn before it shows a picture, until that is pointed at.
    """
    page.wait_for_function(QUIET, arg=area.element_handle(), polling=LOOKS_APART_MS, timeout=60_000)


def theme(page: Any, dark: bool) -> None:
    """Change JupyterLab's theme, as its settings menu does."""
    name = "JupyterLab Dark" if dark else "JupyterLab Light"
    command = "name => jupyterapp.commands.execute('apputils:change-theme', {theme: name})"
    page.evaluate(command, name)
    light = "false" if dark else "true"
    page.wait_for_selector(f"body[data-jp-theme-light='{light}']", state="attached")


def shot(page: Any, name: str) -> Path:
    """A picture of the first cell's whole output, kept under build/screenshots for people."""
    return shot_of(page, page.locator(".jp-Cell .jp-Cell-outputArea").first, name)


def shot_of(page: Any, output: Any, name: str) -> Path:
    """The same of an output area that may be higher than the page."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    file = SHOTS / f"{name}.png"
    size = page.viewport_size
    needed = int(output.bounding_box()["height"]) + 300
    if needed > size["height"]:
        page.set_viewport_size({**size, "height": needed})
        page.wait_for_timeout(500)  # the page lays itself out anew
    output.scroll_into_view_if_needed()
    output.screenshot(path=str(file))
    page.set_viewport_size(size)
    return file


def ask(base: str, method: str, path: str) -> Any:
    """Ask Jupyter's own API."""
    connection = HTTPConnection(base.removeprefix("http://"), timeout=20)
    try:
        connection.request(method, f"/api/{path}?token={TOKEN}")
        return json.loads(connection.getresponse().read() or "null")
    finally:
        connection.close()


def _answers(port: int) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}/api", timeout=2) as reply:
            return bool(reply.status == 200)
    except OSError:
        return False
