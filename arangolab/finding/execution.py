"""A notebook executed with parameters, in a kernel of its own."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from arangolab.errors import ArangolabError, FindingError
from arangolab.figures.picture import WATCHED
from arangolab.finding import documents, summary

WIDGET: Final = "application/vnd.jupyter.widget-view+json"
Progress = Callable[[int, int, str, float], None]
"""Called as a cell begins: (its number from 1, cells in all, heading above it, seconds that it
and the cells after it are expected to take)."""


class Interrupt:
    """Lets another thread interrupt the cell that runs, as Jupyter's stop button does."""

    def __init__(self) -> None:
        self._kernel_pid: int | None = None

    def watch(self, kernel_pid: int | None) -> None:
        """Remember which kernel executes."""
        self._kernel_pid = kernel_pid

    def now(self) -> None:
        """Interrupt; nothing happens when no cell runs."""
        if self._kernel_pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._kernel_pid, signal.SIGINT)


def execute(
    notebook: Path,
    out: Path,
    *,
    parameters: Mapping[str, Any],
    env: Mapping[str, str],
    progress: Progress | None = None,
    interrupt: Interrupt | None = None,
    told: Mapping[str, Any] | None = None,
) -> None:
    """Execute the notebook in a kernel of its own and write it, with its outputs, to ``out``.

    ``parameters`` go where papermill puts them: behind the cell tagged ``parameters``.  ``env``
    is the kernel's environment.  The kernel works in the folder of ``out``.  Raises FindingError,
    naming the cell, when one fails or is interrupted; what was executed until then is kept in
    ``out``.  The notebook's metadata get the summary ``told``, by default one of the runs that
    began in that folder meanwhile (see :mod:`arangolab.finding.summary`).
    """
    nbformat = documents.nbformat()
    from nbclient import NotebookClient
    from papermill.iorw import load_notebook_node
    from papermill.parameterize import parameterize_notebook

    document = load_notebook_node(str(notebook))
    if parameters:  # else papermill would put an empty cell in
        document = parameterize_notebook(
            document, dict(parameters), kernel_name="python3", language="python"
        )
    expected_s = _expected_s(document, quick=bool(parameters.get("quick")))

    def begins(cell: Any, cell_index: int) -> None:
        if interrupt is not None:
            interrupt.watch(_kernel_pid(client))
        if progress is not None and cell.cell_type == "code":
            heading = _heading(document.cells[: cell_index + 1])
            left_s = sum(expected_s[cell_index:])
            progress(cell_index + 1, len(document.cells), heading, left_s)

    client = NotebookClient(
        document,
        kernel_name="python3",
        timeout=None,
        store_widget_state=False,
        resources={"metadata": {"path": str(out.parent)}},
        on_cell_start=begins,
    )
    began_unix_s = time.time()
    try:
        _run_to_the_end(client, document, env)
    finally:
        if interrupt is not None:
            interrupt.watch(None)
        _drop_widgets(document)
        if told is None:
            _tell_runs(document, out.parent, began_unix_s, parameters)
        else:
            document.metadata[summary.KEY] = dict(told)
        nbformat.write(document, out)


def _run_to_the_end(client: Any, document: Any, env: Mapping[str, str]) -> None:
    """Execute all cells; raises FindingError when one fails or the kernel dies."""
    from nbclient.exceptions import CellExecutionError, DeadKernelError

    try:
        nobody = {name: value for name, value in env.items() if name != WATCHED}
        client.execute(env=nobody, stderr=subprocess.DEVNULL)
    except CellExecutionError as error:
        raise _failed(document, error) from None
    except DeadKernelError as error:
        raise FindingError(f"The notebook's kernel died ({error}).", hint="more memory.") from error


def _tell_runs(
    document: Any, folder: Path, since_unix_s: float, parameters: Mapping[str, Any]
) -> None:
    """Put the summary of what was run into the notebook's metadata."""
    with contextlib.suppress(ArangolabError, OSError):
        document.metadata[summary.KEY] = summary.summarize(
            summary.runs_since(folder, since_unix_s),
            kind="notebook",
            title=_heading(document.cells[:1]),
            parameters=parameters,
        )


def _kernel_pid(client: Any) -> int | None:
    pid = getattr(client.km.provisioner, "pid", None)
    return None if pid is None else int(pid)


def _drop_widgets(document: Any) -> None:
    """A widget does not outlive its kernel: keep what else an output holds, or nothing."""
    for cell in document.cells:
        if cell.cell_type == "code":
            kept = []
            for output in cell.outputs:
                data = output.get("data", {})
                if data.pop(WIDGET, None) is not None and set(data) <= {"text/plain"}:
                    continue
                kept.append(output)
            cell.outputs = kept
    document.metadata.pop("widgets", None)


def _expected_s(document: Any, *, quick: bool) -> list[float]:
    """What each cell says it takes (metadata arangolab.seconds or .seconds_quick)."""
    key = "seconds_quick" if quick else "seconds"
    return [float(cell.metadata.get("arangolab", {}).get(key, 0.5)) for cell in document.cells]


def _heading(cells: list[Any]) -> str:
    """The last heading of these cells."""
    for cell in reversed(cells):
        if cell.cell_type == "markdown":
            found = re.findall(r"^#+ +(.+)$", cell.source, flags=re.MULTILINE)
            if found:
                return str(found[-1])
    return ""


def _failed(document: Any, error: Any) -> FindingError:
    """Which cell failed, and with what."""
    number = next(
        (
            position
            for position, cell in enumerate(document.cells, 1)
            if cell.cell_type == "code" and any(o.output_type == "error" for o in cell.outputs)
        ),
        0,
    )
    where = f"Cell {number} of the notebook"
    if error.ename in ("KeyboardInterrupt", "CancelledError"):
        return FindingError(f"{where} was interrupted.")
    said = " ".join(f"{error.ename}: {error.evalue}".split()).rstrip(".: ")
    hint = "" if " Try: " in said else "open the notebook and run it step by step."
    return FindingError(f"{where} failed: {said}.", hint=hint)
