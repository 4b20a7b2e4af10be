"""The search for the capacity on 1,000 simulated servers, beside two plainer rules.

    python -m tests.benchmarks.search [--servers 1000] [--quick]

The servers: queues with 1 to 32 places, work and arrivals even or at random, a quarter of them
collapsing under overload, a quarter getting slower all the time (1 % a minute).  The true capacity
is places / mean work, as it is at the end of the search.  Told for each rule: how often its
interval contains that, the interval's width, trials and minutes of load.  The peers, with the same
judgement of the same holds:

* doubling + bisection: double until a hold fails, bisect until the gap is as narrow as asked;
* findmax: a reduced form of NoSQLBench's rule, after its description (docs.nosqlbench.io): the step
  doubles while the rate achieved improves; once it does not, back to the best rate with the first
  step and longer samples; the end is when the nearest rate known to be worse is within one step.

In what the findmax here is reduced, so that its figures are not NoSQLBench's own: the rate
achieved is not measured but set, to the rate asked for where the hold was sustained and to
ACHIEVED_MIN of it where it was not; improvement is therefore decided by the same judgement as for
the other rules, and the two gates (of the rate asked for, of the best so far) never decide by
themselves; a sample is one hold, of the short trial's length at first, doubled up to the full
hold's, with no settling phase of its own; the step's length is the first rate.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from arangolab.plan import Search
from arangolab.search import Probe, Result, Trial, advise
from tests.benchmarks.common import options, say
from tests.simulated import Advisor, Server, find

HOW = Search(trial_s=10.0, hold_s=60.0, recovery=False)
KINDS = ("steady", "noisy", "collapsing", "slowing")
ACHIEVED_MIN, OF_BEST_MIN = 0.8, 0.9


def server(number: int) -> tuple[str, Server, Search]:
    """The ``number``-th server, and a search that starts far below its capacity."""
    random = np.random.default_rng(number)
    kind = KINDS[number % len(KINDS)]
    places = int(random.integers(1, 33))
    made = Server(
        places=places,
        mean_s=float(np.exp(random.uniform(math.log(0.05), math.log(0.5)))),
        cv=0.0 if kind == "steady" else float(random.uniform(0.3, 1.2)),
        poisson=kind != "steady" and bool(random.integers(2)),
        seed=number,
    )
    if kind == "collapsing":
        made.collapse_at = 10.0 * places + 50
    if kind == "slowing":
        made.slower_per_s = 0.01 / 60
    start = made.capacity_per_s / 2 ** random.uniform(1.5, 6)
    return kind, made, replace(HOW, start_rate_per_s=float(f"{start:.2g}"))


def outcome(history: Sequence[Trial], low: float | None, high: float | None) -> Result:
    """A peer's result."""
    return Result(
        status="found", capacity_per_s=low, low_per_s=low, high_per_s=high, confidence=0.0,
        trials=len(history), time_used_s=math.fsum(t.held_s for t in history),
    )  # fmt: skip


def hold(rate: float, how: Search, seconds: float = 0.0) -> Probe:
    """A hold of a peer's."""
    return Probe(rate_per_s=rate, hold_s=seconds or how.hold_s, kind="hold", why="")


def bisection(history: Sequence[Trial], how: Search) -> Probe | Result:
    """Double, then bisect; the last judgement of a rate counts for good."""
    low = max((t.rate_per_s for t in history if t.sustained), default=None)
    high = min((t.rate_per_s for t in history if not t.sustained), default=None)
    if high is not None and low is not None and high <= low * (1 + how.width_ratio):
        return outcome(history, low, high)
    if len(history) >= how.trials_max:
        return outcome(history, low, high)
    if high is None:
        return hold(2 * low if low else how.start_rate_per_s, how)
    return hold((low + high) / 2 if low else high / 2, how)


def findmax(history: Sequence[Trial], how: Search) -> Probe | Result:
    """NoSQLBench's rule, reduced (see above): a hold improves if it is sustained at a higher rate.

    The rate achieved is made out of the judgement, not measured.
    """
    base = how.start_rate_per_s
    best_rate, best, worse = 0.0, 0.0, []
    step, seconds, rate = base, how.trial_s, base
    for trial in history:
        achieved = trial.rate_per_s * (1.0 if trial.sustained else 1 - _behind(trial))
        gates = achieved >= ACHIEVED_MIN * trial.rate_per_s and achieved >= OF_BEST_MIN * best
        if trial.sustained and gates and achieved > best:
            best_rate, best, step = trial.rate_per_s, achieved, 2 * step
        else:
            worse.append(trial.rate_per_s)
            step, seconds = base, min(how.hold_s, 2 * seconds)
        above = [r for r in worse if r > best_rate]
        if above and min(above) - best_rate <= step:
            if step == base:
                return outcome(history, best_rate, min(above))
            step = base
        rate = best_rate + step
    if len(history) >= how.trials_max:
        return outcome(history, best_rate, min((r for r in worse if r > best_rate), default=None))
    return hold(rate, how, seconds)


def _behind(trial: Trial) -> float:
    """Share of the arrivals that a hold that was not sustained left behind, at least."""
    return 1 - ACHIEVED_MIN if not trial.sustained else 0.0


RULES: dict[str, Advisor] = {
    "arangolab": advise,
    "doubling + bisection": bisection,
    "findmax": findmax,
}


def main() -> None:
    """Print the table."""
    asked = options(__doc__ or "", servers=1000)
    count = int(asked.servers) // (10 if asked.quick else 1)
    say(f"{count} simulated servers; objective: the default; interval asked for: "
        f"{HOW.width_ratio:.0%} wide, {HOW.confidence:.0%}")  # fmt: skip
    say(f"{'rule':22} {'servers':10} {'contains':>8} {'decided':>8} {'width':>6} "
        f"{'trials':>6} {'minutes':>8}")  # fmt: skip
    for name, rule in RULES.items():
        rows = []
        for number in range(count):
            kind, one, how = server(number)
            result, history = find(one, how, rule)
            low, high = result.low_per_s or 0.0, result.high_per_s or math.inf
            truth = one.capacity_per_s
            hit = low <= truth <= high and math.isfinite(high)
            width = (high - low) / truth
            decided = result.status == "found" and math.isfinite(high)
            rows.append((kind, hit, decided, width, len(history), sum(t.held_s for t in history)))
        for group in ("all", *KINDS):
            some = [row for row in rows if group in ("all", row[0])]
            say(
                f"{name:22} {group:10} {np.mean([r[1] for r in some]):8.1%} "
                f"{np.mean([r[2] for r in some]):8.1%} "
                f"{np.median([r[3] for r in some]):6.1%} {np.median([r[4] for r in some]):6.0f} "
                f"{np.median([r[5] for r in some]) / 60:8.1f}"
            )


if __name__ == "__main__":
    main()
