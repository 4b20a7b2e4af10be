"""A notebook of one cell that makes a panel, open in a browser."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

from tests.browser.lab import ask, open_notebook
from tests.support import until

POINTS = """() => Math.max(0, ...[...document.querySelectorAll('.js-plotly-plot')]
  .flatMap(plot => plot.data.map(trace => (trace.x || []).length)))"""
SEEN = """() => [...document.querySelectorAll('.jp-OutputArea-output')]
  .filter(e => e.checkVisibility({visibilityProperty: true}))
  .map(e => e.innerText).join(' ').replaceAll(/\\s+/g, ' ')"""
WIDER = """() => [...document.querySelectorAll('.jp-OutputArea-output')]
  .filter(e => e.checkVisibility({visibilityProperty: true}))
  .filter(e => e.scrollWidth > e.clientWidth + 1).length"""
BUTTON = "button.jupyter-button:has-text('{}')".format
DEAD = "Error displaying widget"


class Sheet:
    """A notebook of one cell that makes a panel, open in a browser."""

    def __init__(
        self, lab: tuple[Path, str], page: Any, name: str, users: int = 1000, more: str = ""
    ) -> None:
        """``more``: further arguments of the panel."""
        self.folder, self.base = lab
        self.page = page
        self.name = name
        self.asked: list[str] = []
        cell = new_code_cell(
            "import arangolab\n"
            "panel = arangolab.Panel(\n"
            f"    users=(1, {users}), rate_per_s=2, path='{name}.sqlite', title='Logins', {more}\n"
            ")\n"
            "panel"
        )
        kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)"}
        notebook = new_notebook(cells=[cell], metadata={"kernelspec": kernel})
        nbformat.write(notebook, self.folder / f"{name}.ipynb")
        page.on("request", lambda request: self.asked.append(request.url))
        self.open()

    def open(self) -> None:
        """Open it; a kernel is started if there is none."""
        open_notebook(self.page, self.base, f"{self.name}.ipynb")

    def run_cell(self) -> None:
        """Run the cell and wait for the panel."""
        self.page.locator(".jp-Cell .jp-InputArea-editor").first.click()
        self.page.keyboard.press("Shift+Enter")
        self.page.wait_for_selector("text=Nothing runs.", timeout=90_000)

    def start(self) -> None:
        """Press Start and wait for curves."""
        self.page.click(BUTTON("Start"))
        self.page.wait_for_selector("text=has been running for", timeout=90_000)
        self.page.wait_for_function(f"({POINTS})() >= 3", timeout=90_000)

    def choose(self, tab: str, **values: str) -> None:
        """Bring a tab to the front and fill in its fields (by the first words of their names)."""
        self.page.get_by_role("tab", name=tab, exact=True).click()
        for words, value in values.items():
            name = re.compile(f"^{words.replace('_', ' ')}", re.IGNORECASE)
            field = self.page.get_by_role("spinbutton", name=name)
            field.fill(value)
            field.press("Enter")

    def come_back(self) -> None:
        """Close the browser's window and open the notebook in a new one."""
        context = self.page.context
        self.page.close()
        self.page = context.new_page()
        self.open()

    def seen(self) -> str:
        """The text that is to be seen in the cell's output."""
        return str(self.page.evaluate(SEEN))

    def see(self, text: str, timeout_s: float = 90) -> None:
        """Wait until the text is seen."""
        until(lambda: text in self.seen(), timeout_s)

    def save(self) -> None:
        """Save, and wait until it is on disk."""
        file = self.folder / f"{self.name}.ipynb"
        before = file.stat().st_mtime_ns
        self.page.keyboard.press("Control+s")
        until(lambda: file.stat().st_mtime_ns > before)

    def restart_kernel(self) -> None:
        """As by JupyterLab's shortcut, and its question answered."""
        self.page.locator(".jp-Cell .jp-InputArea-editor").first.click()
        for key in ("Escape", "0", "0"):
            self.page.keyboard.press(key)
        self.page.click(".jp-Dialog .jp-mod-accept")

    def close(self) -> None:
        """End the kernel, and with it what it started."""
        for session in ask(self.base, "GET", "sessions"):
            if self.name in session["path"]:
                ask(self.base, "DELETE", f"sessions/{session['id']}")
