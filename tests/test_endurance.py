"""What a long hold came to, out of samples that were made up."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

import numpy as np
import pytest

from arangolab.cli import statuses
from arangolab.cli.endure import status_of
from arangolab.endurance import Drift, Endurance, assess
from arangolab.objective import Objective
from arangolab.plan import endurance_steps

HOURS = 2.0
GOOD = {"sustained": True, "valid": True, "reasons": (), "warnings": ()}
BAD = {**GOOD, "sustained": False, "reasons": ("9 of 90 scenarios failed",)}
LIMITED = {**BAD, "valid": False, "reasons": ("injector-limited: no core left",)}


def windows(*judgements: dict[str, Any] | None) -> list[dict[str, Any]]:
    """Windows of a hold at 15/s, HOURS long in all."""
    length_s = HOURS * 3600 / len(judgements)
    return [
        {"rate_per_s": 15.0, "from_s": n * length_s, "to_s": (n + 1) * length_s, "judgement": one}
        for n, one in enumerate(judgements)
    ]


def outcome(
    *judgements: dict[str, Any] | None,
    objective: Objective | None = None,
    asked_s: float = HOURS * 3600,
    **per_h: float,
) -> Endurance:
    """Of a server with 100 MB, 50 descriptors, 20 ms; ``per_h``: what each gains in an hour."""
    random = np.random.default_rng(1)
    times_s = np.arange(1.0, HOURS * 3600)
    levels = {
        ("proc", "rss_bytes"): (1e8, 1e6),
        ("proc", "open_fds"): (50.0, 3.0),
        ("injector", "response_p50_ms"): (20.0, 5.0),
        ("injector", "response_p95_ms"): (40.0, 9.0),
    }

    def fetch(source: str, name: str) -> tuple[Any, Any]:
        if (source, name) not in levels:
            return np.empty(0), np.empty(0)
        level, noise = levels[source, name]
        wave = noise * np.sin(times_s / 500)  # what varies slowly is no drift
        grown = per_h.get(name, 0.0) * times_s / 3600
        return times_s, level + wave + grown + random.normal(0, noise, len(times_s))

    limits = {"memory_bytes": 1e9, "open_fds": 1024}
    return assess(
        windows(*judgements), fetch, limits, objective or Objective(),
        asked_s=asked_s, scenario="login",
    )  # fmt: skip


def drift(found: Endurance, name: str) -> Drift:
    """That of the name."""
    return next(d for d in found.drifts if d.name == name)


def test_a_steady_server_holds() -> None:
    """Nothing drifts, though samples vary, fast and slowly."""
    found = outcome(GOOD, GOOD, GOOD)
    assert found.met
    assert not any(d.drifts for d in found.drifts)
    assert {"memory", "open_fds", "response_p50"} <= {d.name for d in found.drifts}
    assert found.sentence == "15 login/s were sustained for 2 h 00 min. Nothing rises."


def test_a_leak_is_told_with_the_time_to_its_limit() -> None:
    """50 MB an hour from 200 MB at the end: 16 hours to 1 GB, with an interval that holds it."""
    found = outcome(GOOD, GOOD, rss_bytes=50e6)
    memory = drift(found, "memory")
    assert memory.drifts
    assert memory.low_per_h <= 50e6 <= memory.high_per_h
    assert memory.to_limit_s == pytest.approx(16 * 3600, rel=0.1)
    assert found.met  # not within as long again
    assert "Rising: memory +" in found.sentence
    assert "at its limit of 1 GB in" in found.sentence


def test_what_would_be_exhausted_soon_is_no_pass() -> None:
    """400 descriptors an hour: at 1,024 within half an hour."""
    found = outcome(GOOD, GOOD, open_fds=400)
    assert found.sustained
    assert not found.met
    assert found.exhausts == "open_fds"
    assert "It would not last: file descriptors +" in found.sentence


def test_a_server_that_becomes_slower_is_no_pass() -> None:
    """Every window met the objective, and yet."""
    found = outcome(GOOD, GOOD, response_p50_ms=10, response_p95_ms=10)
    assert found.sustained
    assert found.slower
    assert not found.met
    assert "The server became slower: response time p50 +" in found.sentence
    assert drift(found, "response_p50").to_limit_s is None
    limited = outcome(
        GOOD, GOOD, objective=Objective.parse("response_p95<100ms"), response_p95_ms=10
    )
    assert drift(limited, "response_p95").to_limit_s == pytest.approx(4 * 3600, rel=0.2)


def test_one_bad_window_is_not_averaged_away() -> None:
    """From when on, and why."""
    found = outcome(GOOD, GOOD, GOOD, BAD)
    assert not found.met
    assert found.valid
    assert found.failed_from_s == 1.5 * 3600
    assert "from 1 h 30 min on 9 of 90 scenarios failed" in found.sentence


def test_a_limited_injector_claims_nothing() -> None:
    """Unless a valid window failed besides."""
    found = outcome(GOOD, LIMITED)
    assert not found.valid
    assert found.injector_limited
    assert found.sentence.startswith("Nothing is said about 15 login/s: injector-limited")
    assert outcome(BAD, LIMITED).valid


def test_a_hold_that_was_cut_short_is_no_pass() -> None:
    """Stopped after half of the time: how much was held of what was asked."""
    found = outcome(GOOD, GOOD, asked_s=2 * HOURS * 3600)
    assert (found.met, found.valid, found.held_s) == (False, False, HOURS * 3600)
    assert found.sentence == (
        "Nothing is said about 15 login/s: only 2 h 00 min of the 4 h 00 min asked for were held "
        "and judged."
    )
    assert status_of(asdict(found)) == statuses.INVALID
    broken = outcome(GOOD, BAD, asked_s=2 * HOURS * 3600)
    assert (broken.met, broken.valid) == (False, True)


def test_a_window_that_was_not_judged_is_no_pass() -> None:
    """Only the judged ones count as held."""
    found = outcome(GOOD, GOOD, GOOD, None)
    assert (found.met, found.sustained, found.valid) == (False, False, False)
    assert found.held_s == 0.75 * HOURS * 3600
    assert "only 1 h 30 min of the 2 h 00 min asked for" in found.sentence
    assert "no window was judged" in outcome(None, None).sentence


@pytest.mark.parametrize("duration_s", [5, 60, 3600, 8 * 3600])
def test_windows_tile_the_time(duration_s: float) -> None:
    """Equal lengths, none below 20 s where there is time, none above 10 minutes."""
    steps = endurance_steps(7, duration_s)
    assert math.fsum(s.hold_s or 0 for s in steps) == pytest.approx(duration_s)
    assert {s.rate_per_s for s in steps} == {7}
    assert min(duration_s, 13) <= (steps[0].hold_s or 0) <= 601
