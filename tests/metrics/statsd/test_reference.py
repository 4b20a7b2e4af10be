"""The receiver against the reference statsd server: recorded figures, and side by side."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from arangolab.metrics.statsd.aggregate import Aggregate
from arangolab.metrics.statsd.lines import parse
from tests.metrics.statsd.reference import Reference, package
from tests.support import require

VECTORS: dict[str, Any] = json.loads(Path(__file__).with_name("vectors.json").read_text())


def ours(packets: list[str]) -> dict[str, float]:
    """The interval's figures by name, and ``bad`` for the lines not understood."""
    aggregate, bad = Aggregate((50, 95, 99)), 0
    for packet in packets:
        metrics, _, of_packet = parse(packet.encode())
        bad += of_packet
        aggregate.add(metrics)
    samples = aggregate.flush(1.0, 1.0)
    return {"bad": bad, **{s.name: s.value for s in samples if not s.name.endswith(".per_s")}}


def theirs(told: dict[str, Any]) -> dict[str, float]:
    """The same, out of what the reference server tells."""
    found: dict[str, float] = {"bad": told["counters"].pop("statsd.bad_lines_seen")}
    for key, value in told["counters"].items():
        if not key.startswith("statsd."):
            found[f"{key}.count"] = value
    found |= {k: v for k, v in told["gauges"].items() if not k.startswith("statsd.")}
    found |= told["sets"]
    for key, timer in told["timers"].items():
        found[f"{key}.count"] = timer["count"]
        for name in ("lower", "upper", "sum", "mean", "median"):
            found[f"{key}.{name}_ms"] = timer[name]
        for percent in (50, 95, 99):
            # a percentile of so few values that none is within it is not told
            found[f"{key}.p{percent}_ms"] = timer.get(f"upper_{percent}", timer["lower"])
    return found


@pytest.mark.parametrize("name", VECTORS)
def test_recorded_figures_of_the_reference_server(name: str) -> None:
    """The same lines come to the same."""
    vector = VECTORS[name]
    assert ours(vector["packets"]) == pytest.approx(theirs(vector["told"]))


@pytest.fixture
def reference(tmp_path: Path) -> Iterator[Reference]:
    """The server itself, where node and its package are there."""
    require("statsd", bool(package()))
    server = Reference(tmp_path)
    yield server
    server.close()


def test_side_by_side_with_the_reference_server(reference: Reference) -> None:
    """Two thousand random lines of all kinds, good and bad."""
    draw = random.Random(2)  # noqa: S311
    packets = ["\n".join(_line(draw) for _ in range(draw.randint(1, 8))) for _ in range(450)]
    reference.send(*packets)
    told = theirs(reference.interval())
    assert ours(packets) == pytest.approx(told)
    assert told["bad"] > 50


def _line(draw: random.Random) -> str:
    key = draw.choice("abcdefgh")
    number = draw.choice([draw.randint(0, 999), round(draw.uniform(0, 50), 3)])
    rate = draw.choice(["", "", "|@0.5", "|@0.1"])
    return draw.choice(
        [
            *(f"t{key}:{number}|ms{rate}", f"c{key}:{number}|c{rate}", f"c{key}:-{number}|c"),
            *(f"g{key}:{number}|g", f"g{key}:+{number}|g", f"g{key}:-{number}|g"),
            *(f"s{key}:{number}|s", f"c{key}:1|c:2|c", f"c{key}:1|c|#a:{key}"),
            *(f"x{key}", f"x{key}:|c", f"x{key}:1|c|", f"x{key}:-1|ms"),
        ]
    )
