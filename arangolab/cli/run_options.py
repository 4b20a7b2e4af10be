"""The options of ``arangolab run``, by what they are about."""

from __future__ import annotations

import argparse
from pathlib import Path

from arangolab.arrivals import KINDS
from arangolab.measuring import PERCENTILES, Measuring, folder_of, parse_percentiles
from arangolab.plan import TRANSPORTS, USER_ORDERS, USUAL, Ramp


def add_load(parser: argparse.ArgumentParser) -> None:
    """How hard, how long, with whom."""
    load = parser.add_argument_group("load")
    rate = USUAL.steps[0].rate_per_s
    load.add_argument(
        "--rate",
        metavar="R",
        default=f"{rate:g}",
        help=f"scenarios started per second (default {rate:g})",
    )
    load.add_argument(
        "--duration", metavar="S", default="60", help="seconds to hold the rate (default 60)"
    )
    _add_ramp(load)
    load.add_argument(
        "--closed",
        type=int,
        default=0,
        metavar="USERS",
        help="instead of a rate: so many users, each of whom starts again once done; "
        "for comparison, it finds no capacity",
    )
    load.add_argument(
        "--think", metavar="S", default="0", help="pause of such a user between scenarios (0)"
    )
    add_objective(load)
    load.add_argument("--p95-max", metavar="MS", help="short for --objective response_p95<MSms")
    add_pattern(load, warm_up_s=0)


def _add_ramp(load: argparse._ArgumentGroup) -> None:
    """How the rate changes."""
    load.add_argument(
        "--ramp",
        metavar="START:STEP:COUNT",
        help="instead of --rate: hold START per second, then STEP more, COUNT times at most; "
        "stops once the server is maxed out; a list of rates by commas will do too",
    )
    load.add_argument(
        "--ramp-down",
        action="store_true",
        help="once it is maxed out, back down the rates until one is sustained again",
    )
    load.add_argument(
        "--add-processes",
        action="store_true",
        help="each step of a ramp comes with one more injector process",
    )
    load.add_argument(
        "--calm",
        metavar="S",
        default="0",
        help="between the steps of a ramp, wait until what is in flight has ended, S seconds at "
        "most (default 0: the next rate follows at once)",
    )
    load.add_argument(
        "--hold",
        metavar="S",
        default=f"{Ramp().hold_s:g}",
        help=f"seconds each step of a ramp is held ({Ramp().hold_s:g})",
    )
    load.add_argument(
        "--rise", metavar="S", default="0", help="seconds in which each rate is reached (default 0)"
    )


def add_objective(group: argparse._ArgumentGroup) -> None:
    """What "sustained" means."""
    group.add_argument(
        "--objective",
        metavar="TEXT",
        default="",
        help='when a rate is sustained: "response_p95<500ms, errors<1%%, in_flight stable" '
        "(response_p50, p95, p99; errors; finished and achieved, each >RATIO; in_flight stable "
        "or any; what is not named keeps its default)",
    )


def add_pattern(load: argparse._ArgumentGroup, *, warm_up_s: float) -> None:
    """How starts are spaced, by whom, for whom, within which bounds."""
    _add_arrivals(load)
    _add_bounds(load, warm_up_s)


def _add_arrivals(load: argparse._ArgumentGroup) -> None:
    users = f"{USUAL.first_user}:{USUAL.last_user}"
    load.add_argument(
        "--arrivals",
        choices=KINDS,
        default=USUAL.arrivals,
        help=f"evenly spaced, or at random as independent users come (default {USUAL.arrivals})",
    )
    load.add_argument(
        "--processes",
        default=str(USUAL.processes),
        metavar="N",
        help=f"injector processes (default {USUAL.processes}); auto: as many as the rate needs on "
        "this host, measured by a few seconds of the scenario",
    )
    load.add_argument(
        "--users", metavar="A:B", default=users, help=f"user range, both included ({users})"
    )
    load.add_argument(
        "--user-order",
        choices=USER_ORDERS,
        default=USUAL.user_order,
        help="round and round the range, each user once (then the run ends), or at random",
    )


def _add_bounds(load: argparse._ArgumentGroup, warm_up_s: float) -> None:
    load.add_argument(
        "--max-in-flight",
        type=int,
        default=USUAL.max_in_flight,
        help="scenarios in flight at most; arrivals beyond are shed and counted "
        f"(default {USUAL.max_in_flight})",
    )
    load.add_argument(
        "--warm-up",
        metavar="S",
        default=f"{warm_up_s:g}",
        help=f"seconds before it counts (default {warm_up_s:g})",
    )
    load.add_argument(
        "--drain",
        metavar="S",
        default=f"{USUAL.drain_s:g}",
        help=f"seconds for what is in flight to end ({USUAL.drain_s:g})",
    )
    load.add_argument(
        "--transport",
        choices=TRANSPORTS,
        default=USUAL.transport,
        help="connections used again, or one for each request as in the blog "
        f"(default {USUAL.transport})",
    )
    load.add_argument(
        "--connect-timeout",
        metavar="S",
        default=f"{USUAL.connect_timeout_s:g}",
        help=f"seconds given to a connection to come up (default {USUAL.connect_timeout_s:g})",
    )
    load.add_argument(
        "--read-timeout",
        metavar="S",
        default=f"{USUAL.read_timeout_s:g}",
        help=f"seconds given to a reply (default {USUAL.read_timeout_s:g}: longer than the "
        "server's own wait for a V8 context, so that its error is heard)",
    )
    load.add_argument(
        "--seed", type=int, default=USUAL.seed, help="of the scenarios' random numbers"
    )


def add_measuring(parser: argparse.ArgumentParser) -> None:
    """What is measured besides, and where else figures go."""
    group = parser.add_argument_group("metrics")
    group.add_argument(
        "--percentiles",
        metavar="P,P,...",
        default=",".join(f"{percent:g}" for percent in PERCENTILES),
        help="of the timings that come by statsd (default 50,95,99)",
    )
    group.add_argument(
        "--process-group",
        action="store_true",
        help="watch the server's whole process group, such as a cluster on this host",
    )
    group.add_argument(
        "--statsd",
        metavar="HOST:PORT",
        default="",
        help="send the statsd lines there too (a collectd, Telegraf, Datadog agent)",
    )
    group.add_argument(
        "--statsd-prefix", metavar="NAME.", default="", help="what the names begin with there"
    )
    group.add_argument(
        "--collectd",
        action="store_true",
        help="start this host's collectd for the run; its files stay beside the run file",
    )
    group.add_argument(
        "--collectd-files",
        metavar="DIR",
        default="",
        help="read the RRD or CSV files of a collectd that runs anyway",
    )
    group.add_argument(
        "--collectd-listen",
        metavar="HOST:PORT",
        default="",
        help="listen for the network plugin of a collectd on the server's host; "
        "arangolab doctor prints what to configure there",
    )


def measuring_of(options: argparse.Namespace) -> Measuring:
    """What the options say of it; raises InputError for percentiles that are no numbers."""
    return Measuring(
        percentiles=parse_percentiles(options.percentiles),
        process_group=options.process_group,
        statsd_to=options.statsd,
        statsd_prefix=options.statsd_prefix,
        collectd=options.collectd,
        collectd_files=folder_of(options.collectd_files),
        collectd_listen=options.collectd_listen,
    )


def add_result(parser: argparse.ArgumentParser) -> None:
    """Where to."""
    out = parser.add_argument_group("result")
    out.add_argument("--out", type=Path, metavar="FILE", help="the run file (default: by date)")
    out.add_argument("--title", default="", help="what stands over the figures")
    out.add_argument("--json", action="store_true", help="print one JSON object on stdout")
