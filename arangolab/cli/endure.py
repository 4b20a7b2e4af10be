"""``arangolab endure``."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arangolab import units
from arangolab.cli import conducting, run_options, statuses
from arangolab.cli import options as shared
from arangolab.errors import InputError
from arangolab.objective import Objective
from arangolab.plan import LOAD_RATIO, Plan, endurance_steps

if TYPE_CHECKING:
    from arangolab.runfile.reader import Run

EXAMPLES = f"""examples:
  arangolab endure login --capacity search.sqlite --duration 3600     75 % of what was found
  arangolab endure login --rate 15 --duration 28800 --detach          it goes on by itself
  arangolab endure --attach login-20260101-120000.sqlite              watch it again; its result
Ctrl-C stops the run; with --attach it only stops watching.
{statuses.HELP}"""


def add_options(parser: argparse.ArgumentParser) -> None:
    """What to hold, how long."""
    parser.epilog = EXAMPLES
    conducting.add_scenario(parser, nargs="?")
    shared.add_target(parser)
    hold = parser.add_argument_group("endurance")
    hold.add_argument("--rate", metavar="R", help="scenarios started per second")
    hold.add_argument(
        "--capacity",
        metavar="RATE|FILE",
        help="instead: a part of this capacity, a number or the run file of a search",
    )
    hold.add_argument(
        "--load",
        metavar="RATIO",
        default=f"{LOAD_RATIO:g}",
        help=f"which part of it (default {LOAD_RATIO:g})",
    )
    hold.add_argument(
        "--duration", metavar="S", default="3600", help="seconds to hold it (default 3600)"
    )
    run_options.add_objective(hold)
    hold.add_argument(
        "--detach", action="store_true", help="start it, say where its file is, and leave it alone"
    )
    hold.add_argument(
        "--attach", type=Path, metavar="FILE", help="watch a run that goes on, instead of one more"
    )
    run_options.add_pattern(parser.add_argument_group("load"), warm_up_s=10)
    run_options.add_measuring(parser)
    run_options.add_result(parser)


def run(options: argparse.Namespace) -> int:
    """Hold it, or watch it being held."""
    from arangolab.runner import handle, steered

    if options.attach is not None:
        attached = steered.attach(options.attach)
        if conducting.follow(attached, stop=False):
            print(f"It goes on: arangolab endure --attach {options.attach}", file=sys.stderr)
            return 130
        return _report(attached.wait(), options, interrupted=False)
    plan = plan_of(options)
    target, _ = shared.checked_target(options)
    plan = conducting.calibrated(options, plan, target)
    live = handle.start(plan, target, options.out)
    if options.detach:
        print(live.path)
        return statuses.MET
    interrupted = conducting.follow(live)
    return _report(live.wait(), options, interrupted=interrupted)


def plan_of(options: argparse.Namespace) -> Plan:
    """The plan that the options describe; raises InputError, ScenarioError, RunFileError."""
    if options.scenario is None:
        raise InputError("No scenario is named.", hint="arangolab endure login --rate 10")
    duration_s = shared.positive("--duration", options.duration)
    return Plan(
        **conducting.common_fields(options),
        steps=endurance_steps(_rate(options), duration_s),
        endurance=True,
        attached=not options.detach,
        objective=Objective.parse(options.objective),
    )


def _rate(options: argparse.Namespace) -> float:
    if (options.rate is None) == (options.capacity is None):
        raise InputError(
            "Either --rate or --capacity says how hard.", hint="--capacity search.sqlite"
        )
    if options.rate is not None:
        return shared.positive("--rate", options.rate)
    part = shared.positive("--load", options.load)
    return part * conducting.rate_or_file("--capacity", options.capacity, low=False)


def _report(found: Run, options: argparse.Namespace, *, interrupted: bool) -> int:
    """Say what came out; the exit status."""
    from arangolab.runfile.outcome import endurance_figures

    figures = endurance_figures(found)
    status = status_of(figures)
    if options.json:
        print(json.dumps(figures))
    else:
        _print(found, figures)
    return conducting.exit_status(found, status, interrupted=interrupted)


def status_of(figures: dict[str, Any]) -> int:
    """The exit status of an endurance run."""
    if figures["met"]:
        return statuses.MET
    if figures["injector_limited"] and not figures["valid"]:
        return statuses.INJECTOR_LIMITED
    return statuses.NOT_MET if figures["valid"] else statuses.INVALID


def _print(found: Run, figures: dict[str, Any]) -> None:
    """The result for people."""
    rows = [("run", found.title), ("endurance", figures["sentence"] or found.ending)]
    for drift in figures["drifts"]:
        show = units.size if drift["unit"].startswith("bytes") else units.number
        moved = f"{show(drift['slope_per_h'])} an hour" if drift["drifts"] else "steady"
        rows.append((drift["name"], f"{show(drift['level'])} {drift['unit']}, {moved}"))
    rows.append(("file", str(found.path)))
    print(conducting.table(rows))
