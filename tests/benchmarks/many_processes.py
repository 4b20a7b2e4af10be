"""Two and four processes, whose merged accounting must be that of the raw data.

    python -m tests.benchmarks.many_processes [--seconds 10] [--quick]

Every scenario writes its user and how long its step took to a file of its process; the run's totals
and percentiles are compared with those of all lines together (the peer).
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from arangolab.histogram import Histogram
from arangolab.plan import Plan, Step
from arangolab.runner import handle
from arangolab.target import Target
from tests.benchmarks.common import canned, options, say

RANKS, NOISE_RATIO = 0.25, 0.01
"""The raw durations are taken around those that are merged, hence a little longer: a percentile
may be one of a quarter of a percent of the values beside it, and a hundredth off that."""

SOURCE = """
import os, time
from arangolab import scenario
FILE = open(os.path.join({folder!r}, str(os.getpid())), "a", buffering=1 << 16)

@scenario
def noted(session):
    pause = session.rng.expovariate(100)
    from_s = time.monotonic()
    with session.step("pause"):
        session.sleep(pause)
    FILE.write(f"{{session.user}} {{time.monotonic() - from_s}}\\n")
    FILE.flush()
"""


def main() -> None:
    """Print both for one, two and four processes."""
    asked = options(__doc__ or "", seconds=10.0, rate=400.0)
    seconds = min(60.0, asked.seconds / (3 if asked.quick else 1))
    with canned() as server:
        for processes in (1, 2, 4):
            with tempfile.TemporaryDirectory() as folder:
                report(Target(urls=(server.url,)), Path(folder), processes, asked.rate, seconds)


def report(target: Target, folder: Path, processes: int, rate: float, seconds: float) -> None:
    """One run."""
    raw = folder / "raw"
    raw.mkdir()
    plan = Plan(
        scenario="noted", scenario_source=SOURCE.format(folder=str(raw)),
        steps=(Step(rate_per_s=rate, hold_s=seconds),), processes=processes, last_user=10_000,
    )  # fmt: skip
    run = handle.start(plan, target, folder / "run.sqlite").wait()
    lines = {file: file.read_text().splitlines() for file in raw.iterdir()}
    users = [{line.split()[0] for line in found} for found in lines.values()]
    apart = sum(map(len, users)) == len(set().union(*users))
    durations = [float(line.split()[1]) for found in lines.values() for line in found]
    step = run.histogram("step:pause")
    whole = Histogram()
    whole.record_all(durations)
    pairs = [(p, step.percentile_s(p), whole.percentile_s(p)) for p in (50, 95, 99)]
    told = ", ".join(f"p{p} {a * 1e3:.2f} / {b * 1e3:.2f} ms" for p, a, b in pairs)
    same = all(
        whole.percentile_s(p - RANKS) * (1 - NOISE_RATIO)
        <= merged
        <= whole.percentile_s(p + RANKS) * (1 + NOISE_RATIO)
        for p, merged, _ in pairs
    )
    figures = run.summary()
    counted = figures["finished"] == figures["started"] == len(durations) == step.count
    say(
        f"{processes} processes: merged / raw: {figures['finished']} / {len(durations)} "
        f"scenarios, {told}; totals equal: {counted}, "
        f"percentiles too: {same}; users without overlap: {apart}"
    )


if __name__ == "__main__":
    main()
