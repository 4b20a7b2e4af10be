"""``arangolab rerun``: what a finding found, found again or not."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from arangolab.cli import executing, serving
from arangolab.cli import options as shared
from arangolab.cli.conducting import follow
from arangolab.cli.demo import empty_folder
from arangolab.plan import Plan
from arangolab.scenarios.catalogue import BUILT_IN
from arangolab.target import Target

USERS_MIN = 100


def add_options(parser: argparse.ArgumentParser) -> None:
    """Which finding, where to, which server."""
    parser.epilog = (
        "example:  arangolab rerun finding/ramp.ipynb --url http://127.0.0.1:8529\n"
        "A finding of a run: its scenario is played again at its rates. A guided notebook: its\n"
        "cells are executed again with its parameters. Both run code that is in the finding, so\n"
        "rerun those of people you trust. The last lines tell what was found before, and now."
    )
    parser.add_argument("finding", type=Path, help="a finding's notebook (.ipynb)")
    parser.add_argument(
        "--out", type=Path, help="folder for the new finding (default: finding, finding-2, ...)"
    )
    shared.add_target(parser, "a server of yours instead of the embedded sandbox")


def run(options: argparse.Namespace) -> int:
    """Do it; 1 when it could not be done."""
    from arangolab.finding import main_run, read

    told = read(options.finding)
    before = main_run(told)
    out = empty_folder(options.out)
    with serving.server(options) as target:
        again = _run_again if told["kind"] == "run" else _execute_again
        notebook = again(options.finding, told, target, out)
    now = main_run(read(notebook))
    print(f"Notebook  {notebook}")
    print(f"Page      {notebook.with_suffix('.html')}  (opens offline)")
    print(f"Before    {_sentence(before)}")
    print(f"Now       {_sentence(now)}")
    return 0


def _run_again(finding: Path, told: dict[str, Any], target: Target, out: Path) -> Path:
    """The run's plan, once more; the new finding's notebook."""
    from arangolab.finding import main_run, make
    from arangolab.runner import handle

    before = main_run(told)
    plan = Plan.from_json(json.dumps(before["plan"]))
    if any(part.name in BUILT_IN for part in plan.parts):
        serving.provide_graph(target, max(USERS_MIN, plan.last_user))
    runs = out / "run"
    runs.mkdir()
    live = handle.start(plan, target, runs / before["run_file"]["name"])
    follow(live)
    made = make(
        live.wait(),
        told["title"],
        conclusion=f"{finding.name} was run again.",
        out=out / "finding",
    )
    return made.notebook


def _execute_again(finding: Path, told: dict[str, Any], target: Target, out: Path) -> Path:
    """The notebook's cells, once more, with the parameters it had."""
    from arangolab.finding import export_html

    parameters = {
        name: value for name, value in told["parameters"].items() if name not in ("url", "user")
    }
    notebook = out / finding.name
    executing.execute(finding, notebook, target, parameters)
    export_html(notebook, notebook.with_suffix(".html"), title=told["title"])
    return notebook


def _sentence(run: dict[str, Any]) -> str:
    return str((run["verdict"] or {}).get("sentence") or run["ending"])
