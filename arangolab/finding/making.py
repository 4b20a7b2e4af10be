"""A finding made of a run: its file, a notebook that was executed on it, and one page for all."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from arangolab.errors import FindingError
from arangolab.finding import documents, redaction, summary, words
from arangolab.finding.execution import Progress, execute
from arangolab.finding.page import export_html
from arangolab.runfile.names import unused
from arangolab.runfile.reader import Run, open_run

MOST_POINTS: Final = 500
"""Of a curve: a finding's size does not depend on how long the run was."""
_SETUP: Final = """import arangolab
from IPython.display import Markdown
from arangolab.figures import evidence_graphs, five_graphs, show, step_overview
from arangolab.finding import words

run = arangolab.open_run(run_file)
Markdown(words.verdict(run))"""
_STEPS: Final = 'run.step_table().style.format(precision=2, thousands=",").hide(axis="index")'
_ERRORS: Final = (
    'run.errors()[["count", "kind", "first_message", "first_s"]]'
    '.style.format(precision=1).hide(axis="index")'
)
_SOURCES: Final = 'run.sources().style.format(precision=3, na_rep="").hide(axis="index")'


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Where a finding is."""

    notebook: Path
    """Executed, with its figures as plotly's JSON and as PNG."""
    page: Path
    """The same as one HTML file, alive without a network."""
    run_file: Path
    """The run, copied beside them."""

    @property
    def summary(self) -> dict[str, Any]:
        """What programs read of it (:mod:`arangolab.finding.summary`)."""
        return summary.read(self.notebook)

    def _repr_html_(self) -> str:
        links = " · ".join(
            f'<a href="{os.path.relpath(file)}" target="_blank">{file.name}</a>'
            for file in (self.page, self.notebook, self.run_file)
        )
        return f"<p>Finding: {links}</p>"


def make(
    run: Run,
    title: str = "",
    *,
    conclusion: str = "",
    out: Path | None = None,
    redact: bool = False,
    progress: Progress | None = None,
) -> Finding:
    """Make a finding of the run in the folder ``out`` (by default ``finding-RUN``, a new one).

    ``title``: by default the run's; ``conclusion``: your own words, Markdown; ``redact``: put
    stand-ins in the place of host names, also in the copy of the run file.  Raises FindingError,
    RunFileError.
    """
    folder = _folder(out or unused(Path(f"finding-{run.path.stem}")))
    names = redaction.names_of(run) if redact else {}
    title = redaction.redact(title or run.title or run.plan.called, names)
    conclusion = redaction.redact(conclusion, names)
    copy = open_run(_copied(run.path, folder / run.path.name))
    if redact:
        redaction.redact_file(copy.path, names)
    notebook = folder / f"{run.path.stem}.ipynb"
    told = summary.summarize([copy], kind="run", title=title, conclusion=conclusion)
    source = folder / f".{run.path.stem}.ipynb"
    try:
        _write(_cells(title, conclusion, notebook.name, told), source)
        execute(
            source, notebook, parameters={}, env=_bare(os.environ), progress=progress, told=told
        )
    finally:
        source.unlink(missing_ok=True)
    page = notebook.with_suffix(".html")
    export_html(notebook, page, title=title)
    return Finding(notebook=notebook, page=page, run_file=copy.path)


def _folder(place: Path) -> Path:
    """The folder; raises FindingError when it holds something already or cannot be made."""
    try:
        place.mkdir(parents=True, exist_ok=True)
        taken = next(place.iterdir(), None)
    except OSError as error:
        raise FindingError(
            f"{place} cannot be used for the finding ({error.strerror}).", hint="another place."
        ) from error
    if taken is not None:
        raise FindingError(f"{place} is not empty; nothing is overwritten.", hint="another place.")
    return place.resolve()


def _copied(file: Path, copy: Path) -> Path:
    """The same bytes where the run is over, else its state now; returns the copy."""
    beside = file.with_name(file.name + "-wal")
    if not beside.exists() or not beside.stat().st_size:
        shutil.copyfile(file, copy)
        return copy
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(copy)) as sink:
        source.backup(sink)
    return copy


def _cells(title: str, conclusion: str, notebook: str, told: Mapping[str, Any]) -> Any:
    """The notebook's cells, as (kind, source)."""
    file = told["runs"][0]["run_file"]
    cells = [
        ("markdown", f"# {title}\n\n{conclusion}".strip()),
        ("parameters", f"run_file = {file['name']!r}  # beside this notebook"),
        ("markdown", "## Verdict"),
        ("code", _SETUP),
        ("markdown", "## The run on one time axis"),
        ("code", f"show(five_graphs(run, points={MOST_POINTS}))"),
    ]
    if (told["runs"][0]["verdict"] or {}).get("evidence_about"):
        cells += [("markdown", "## The evidence"), ("code", "show(evidence_graphs(run))")]
    if len(told["runs"][0]["steps"]):
        cells += [("markdown", "## Step by step"), ("code", "show(step_overview(run))")]
        cells += [("code", _STEPS)]
    if told["runs"][0]["errors"]:
        cells += [("markdown", "## Errors"), ("code", _ERRORS)]
    cells += [
        ("markdown", "## Made with"),
        ("code", "Markdown(words.made_with(run))"),
        ("markdown", "## The small print"),
        ("code", "Markdown(words.small_print(run))"),
    ]
    if told["runs"][0]["sources"]:
        cells += [("code", _SOURCES)]
    again = words.again(notebook, file["name"], file["sha256"])
    return [*cells, ("markdown", f"## Run it again\n\n{again}")]


def _write(cells: Any, file: Path) -> None:
    nbformat = documents.nbformat()
    from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

    made = []
    for number, (kind, source) in enumerate(cells):
        if kind == "markdown":
            cell = new_markdown_cell(source)
        else:
            tags = {"tags": ["parameters"]} if kind == "parameters" else {}
            cell = new_code_cell(source, metadata=tags)
        cell["id"] = f"cell-{number:02d}"
        made.append(cell)
    python = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    nbformat.write(new_notebook(cells=made, metadata={"kernelspec": python}), file)


def _bare(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment without what concerns a server: the kernel only reads a file."""
    return {name: value for name, value in environment.items() if "ARANGOLAB_" not in name}
