"""``arangolab capacity``."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

from arangolab import units
from arangolab.cli import conducting, run_options, statuses
from arangolab.cli import options as shared
from arangolab.objective import Objective
from arangolab.plan import Plan, Search

if TYPE_CHECKING:
    from arangolab.runfile.reader import Run
    from arangolab.search import Result

_USUAL = Search()
EXAMPLES = f"""examples:
  arangolab capacity login --objective "response_p95<500ms, errors<1%, in_flight stable"
  arangolab capacity login --at-least 20 --json           in a pipeline: is it 20 a second?
  arangolab capacity login --at-least earlier.sqlite      no less than an earlier search found
{statuses.HELP}"""


def add_options(parser: argparse.ArgumentParser) -> None:
    """What to run, what "sustained" means, how thoroughly to search."""
    parser.epilog = EXAMPLES
    conducting.add_scenario(parser)
    shared.add_target(parser)
    search = parser.add_argument_group("search")
    run_options.add_objective(search)
    search.add_argument(
        "--at-least",
        metavar="RATE|FILE",
        help="met only if the capacity is at least so many a second, or at least the lower end of "
        "what the search in that run file found",
    )
    for name, value, text in (
        ("--start", _USUAL.start_rate_per_s, "first rate, doubled while it is sustained"),
        ("--max-rate", None, "no rate above it is tried"),
        ("--trial", _USUAL.trial_s, "seconds a rate is held at first"),
        ("--hold", _USUAL.hold_s, "seconds a rate near the capacity is held"),
        ("--width", _USUAL.width_ratio, "content with an interval of this part of the capacity"),
        ("--trials", _USUAL.trials_max, "rates tried at most"),
        ("--calm", _USUAL.calm_s, "seconds for what is in flight to end before the next rate"),
    ):
        usual = "" if value is None else f" (default {value:g})"
        default = None if value is None else f"{value:g}"
        search.add_argument(name, metavar="N", default=default, help=text + usual)
    search.add_argument(
        "--no-recovery",
        action="store_true",
        help="do not overload the server at the end to see whether it recovers",
    )
    run_options.add_pattern(parser.add_argument_group("load"), warm_up_s=5)
    run_options.add_measuring(parser)
    run_options.add_result(parser)


def run(options: argparse.Namespace) -> int:
    """Search; the exit status says whether it was found, and is enough."""
    from arangolab.runfile.outcome import capacity_figures
    from arangolab.runner import handle

    given = options.at_least
    least = None if given is None else conducting.rate_or_file("--at-least", given, low=True)
    plan = plan_of(options)
    target, _ = shared.checked_target(options)
    plan = conducting.calibrated(options, plan, target)
    live = handle.start(plan, target, options.out)
    interrupted = conducting.follow(live)
    found = live.wait()
    status = status_of(found.capacity, least)
    figures = {**capacity_figures(found), "at_least_per_s": least, "met": status == statuses.MET}
    if options.json:
        print(json.dumps(figures))
    else:
        _print(found, figures)
    return conducting.exit_status(found, status, interrupted=interrupted)


def plan_of(options: argparse.Namespace) -> Plan:
    """The plan that the options describe; raises InputError, ScenarioError."""
    number = shared.positive
    most = None if options.max_rate is None else number("--max-rate", options.max_rate)
    search = Search(
        start_rate_per_s=number("--start", options.start),
        rate_max_per_s=most,
        trial_s=number("--trial", options.trial),
        hold_s=number("--hold", options.hold),
        width_ratio=number("--width", options.width),
        trials_max=round(number("--trials", options.trials)),
        calm_s=shared.number("--calm", options.calm),
        recovery=not options.no_recovery,
    )
    return Plan(
        **conducting.common_fields(options),
        steps=(search.first,),
        search=search,
        objective=Objective.parse(options.objective),
    )


def status_of(result: Result | None, least: float | None) -> int:
    """The exit status of a result, where ``least`` a second were asked for."""
    if result is None:
        return statuses.INVALID
    shown = result.capacity_per_s or result.low_per_s or 0.0
    if least is not None and result.status != "stopped" and shown >= least:
        return statuses.MET
    match result.status:
        case "injector_limited":
            return statuses.INJECTOR_LIMITED
        case "invalid" | "stopped":
            return statuses.INVALID
        case "not_sustained":
            return statuses.NOT_MET
    return statuses.MET if least is None else statuses.NOT_MET


def _print(run: Run, figures: dict[str, Any]) -> None:
    """The result for people."""
    rows = [("run", run.title), ("capacity", figures["sentence"] or run.ending)]
    for step in figures["steps"]:
        how = "not valid" if not step["valid"] else "sustained" if step["sustained"] else "too much"
        why = f": {'; '.join(step['reasons'])}" if step["reasons"] else ""
        rows.append((step["kind"], f"{units.number(step['rate_per_s'])}/s {how}{why}"))
    verdict = figures["verdict"]
    rows += [("verdict", verdict["sentence"] or "none")]
    rows += [("", line) for line in verdict["evidence"]]
    if figures["at_least_per_s"] is not None:
        asked = f"at least {units.number(figures['at_least_per_s'])} a second"
        rows.append(("asked for", f"{asked}: {'met' if figures['met'] else 'not met'}"))
    rows.append(("file", str(run.path)))
    print(conducting.table(rows))
