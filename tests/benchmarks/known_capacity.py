"""The search against a sandbox whose capacity is known: c contexts, d seconds each, c / d a second.

    python -m tests.benchmarks.known_capacity [--repetitions 5] [--setting 0|1|2] [--quick]

Told for each search: the interval, whether it contains c / d, its width, trials and minutes; the
peer is c / d itself.  (A transaction takes a little longer than its delay, so the sandbox can do
slightly less than c / d.)  About 4 minutes a search.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from arangolab import dataset, lab
from arangolab.sandbox.launcher import start
from arangolab.target import Target
from tests.benchmarks.common import options, say

SETTINGS = ((2, 0.1), (4, 0.25), (8, 0.8))
USERS = 2_000


def one(contexts: int, delay_s: float, hold_s: float, folder: Path, seed: int) -> tuple[float, ...]:
    """One search: (low, capacity, high, trials, minutes), and a line about it."""
    truth = contexts / delay_s
    with start(v8_contexts=contexts, transaction_delay_s=delay_s) as server:
        target = Target(urls=(server.url,))
        dataset.load(target, users=USERS)
        live = lab.find_capacity(
            target, start_rate_per_s=1.0, trial_s=hold_s / 2.5, hold_s=hold_s, recovery=False,
            users=(1, USERS), path=folder / f"{contexts}-{seed}.sqlite", seed=seed,
        )  # fmt: skip
        run = live.wait()
    found = run.capacity
    assert found is not None
    low, high = found.low_per_s or 0.0, found.high_per_s or 0.0
    capacity = found.capacity_per_s or 0.0
    invalid = sum(not trial["valid"] for trial in run.meta("trials"))
    say(
        f"  {found.status:8} {capacity:6.2f} [{low:6.2f}, {high:6.2f}] contains {truth:g}: "
        f"{'yes' if low <= truth <= high else 'NO ':3}  width {(high - low) / truth:5.1%}  "
        f"{found.trials} trials, {found.time_used_s / 60:.1f} min, {invalid} trials not valid"
        + (f" ({found.reason})" if found.reason else "")
    )
    return low, capacity, high, found.trials, found.time_used_s / 60


def main() -> None:
    """Print each search, and the hits."""
    asked = options(__doc__ or "", repetitions=5, setting=-1, hold=20.0)
    hold_s = 8.0 if asked.quick else asked.hold
    settings = SETTINGS if asked.setting < 0 else SETTINGS[asked.setting : asked.setting + 1]
    with tempfile.TemporaryDirectory(prefix="arangolab-") as folder:
        for contexts, delay_s in settings:
            truth = contexts / delay_s
            say(f"{contexts} contexts, {delay_s:g} s each: {truth:g} logins a second")
            rows = [
                one(contexts, delay_s, hold_s, Path(folder), seed)
                for seed in range(1, int(asked.repetitions) + 1)
            ]
            hits = sum(low <= truth <= high for low, _, high, _, _ in rows)
            narrow = sum((high - low) / truth <= 0.15 for low, _, high, _, _ in rows)
            say(
                f"  {hits} of {len(rows)} contain it, {narrow} of {len(rows)} are at most 15 % "
                f"wide; median capacity / (c / d) {np.median([r[1] for r in rows]) / truth:.3f}, "
                f"{np.median([r[3] for r in rows]):.0f} trials, "
                f"{np.median([r[4] for r in rows]):.1f} min"
            )


if __name__ == "__main__":
    main()
