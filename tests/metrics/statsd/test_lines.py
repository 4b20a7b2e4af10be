"""The statsd grammar and arithmetic, against what the reference server was seen to do."""

from __future__ import annotations

import math
import statistics

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from arangolab.metrics.sample import Sample
from arangolab.metrics.statsd.aggregate import Aggregate, timer_statistics
from arangolab.metrics.statsd.lines import Metric, parse, plain


def totals(text: str) -> dict[str, float]:
    """The samples of one interval of one second, by name."""
    aggregate = Aggregate()
    aggregate.add(parse(text.encode())[0])
    return by_name(aggregate.flush(1.0, 1.0))


def by_name(samples: list[Sample]) -> dict[str, float]:
    """The samples' values."""
    return {sample.name: sample.value for sample in samples}


@pytest.mark.parametrize(
    ("line", "key", "value"),
    [
        ("hits:1|c", "hits", 1.0),
        ("multi:1|c:2|c:3|c", "multi", 6.0),
        ("sampled:2|c|@0.1", "sampled", 20.0),
        ("tag:1|c|#a:b,c:d", "tag;a=b;c=d", 1.0),
        ("tail:1|c|T1656581400", "tail", 1.0),
        ("tail:1|c|c:ci-1", "tail", 1.0),
        ("tail:1|c|@0.5|#env:prod|c:ci-1|T1656581400", "tail;env=prod", 2.0),
        ("a b/c$d:1|c", "a_b-cd", 1.0),
        ("down:-3|c", "down", -3.0),
        ("float:1.5e1|c", "float", 15.0),
        ("half:.5|c", "half", 0.5),
    ],
)
def test_counter_lines(line: str, key: str, value: float) -> None:
    """A counter's values add up, each divided by its sample rate; keys are made safe."""
    assert totals(line)[f"{key}.count"] == pytest.approx(value)


@pytest.mark.parametrize(
    "line",
    [
        "nothing",
        "no_type:1",
        "no_value:|c",
        "word:abc|c",
        "hex:0x10|c",
        "space: 5 |c",
        "negative:-1|ms",
        "unknown:1|zz",
        "carriage:1|c\r",
        "rate:1|c|@0",
        "rate:1|c|@-1",
        "rate:1|c|@2",
        "rate:1|c|@x",
        "rate:1|c|@nan",
        "third:1|c|",
        "nan:nan|g",
        "inf:inf|g",
        "huge:1e999|g",
        ":1|c",
        "empty_member:|s",
        "colon:1|c:",
        "long" * 200 + ":1|c",
    ],
)
def test_bad_lines_are_counted(line: str) -> None:
    """What cannot be understood is one bad line; the good line beside it counts."""
    metrics, lines, bad = parse(f"{line}\ngood:1|c".encode())
    assert (lines, bad) == (2, 1)
    assert metrics[-1] == Metric("good", 1.0, "c")


def test_the_good_values_of_a_bad_line_count() -> None:
    """One bad value makes the line bad, not the values beside it."""
    metrics, lines, bad = parse(b"m:1|c:x|c:3|c")
    assert ([m.value for m in metrics], lines, bad) == ([1.0, 3.0], 1, 1)


def test_empty_lines_are_no_lines() -> None:
    """A trailing newline, as many clients send it, is neither a line nor bad."""
    assert parse(b"\n\na:1|c\n") == ([Metric("a", 1.0, "c")], 1, 0)


@settings(deadline=None)
@given(st.binary(max_size=300))
@example(b"a:1|c|c:x:y\xff|#")
def test_no_packet_raises(packet: bytes) -> None:
    """Whatever arrives is parsed into finite values and counts that fit."""
    metrics, lines, bad = parse(packet)
    assert 0 <= bad <= lines
    assert all(math.isfinite(m.value) and 0 < m.rate <= 1 and m.key for m in metrics)


@settings(deadline=None)
@given(st.text("ab:|@#.cgmsT0159-+\n", max_size=80))
def test_nothing_like_a_line_raises(text: str) -> None:
    """Near misses of the grammar neither raise nor break the arithmetic."""
    aggregate = Aggregate()
    aggregate.add(parse(text.encode())[0])
    aggregate.flush(1.0, 1.0)


plain_lines = st.from_regex(r"[a-z.]{1,3}:[0-9]{1,3}(\.[0-9]{1,2})?\|(c|g|ms)", fullmatch=True)


@settings(deadline=None)
@given(st.lists(st.one_of(plain_lines, plain_lines, st.text("a:1|cgms\n", max_size=6)), max_size=5))
@example(["a:1|c", ""])
@example(["", "a:1|c"])
@example(["a:1|c\n"])
@pytest.mark.slow
def test_the_shortcut_comes_to_the_same(lines: list[str]) -> None:
    """A packet that it takes is understood the same with all care; it takes what is plain."""
    packet = "\n".join(lines).encode()
    found = plain(packet)
    if found is not None:
        careful, slow, fast = parse(packet), Aggregate(), Aggregate()
        assert careful[1:] == (len(found), 0)
        slow.add(careful[0])
        fast.add_plain(found)
        assert slow.flush(1.0, 1.0) == fast.flush(1.0, 1.0)


@settings(deadline=None)
@given(st.lists(plain_lines, min_size=1, max_size=5), st.sampled_from(["", "\n"]))
@pytest.mark.slow
def test_the_shortcut_takes_what_is_plain(lines: list[str], end: str) -> None:
    """With a line break at the end or without."""
    assert plain(("\n".join(lines) + end).encode()) is not None


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 1000)), max_size=30), st.data())
def test_it_does_not_matter_how_lines_are_packed(
    values: list[tuple[str, int]], data: st.DataObject
) -> None:
    """One line a packet or many: the interval comes to the same."""
    kinds = data.draw(
        st.lists(st.sampled_from(["c", "ms"]), min_size=len(values), max_size=len(values))
    )
    lines = [
        f"{key}{kind}:{value}|{kind}" for (key, value), kind in zip(values, kinds, strict=True)
    ]
    cut = data.draw(st.integers(0, len(lines)))
    whole, parts = Aggregate(), Aggregate()
    whole.add(parse("\n".join(lines).encode())[0])
    for packet in ("\n".join(lines[:cut]), "\n".join(lines[cut:])):
        parts.add(parse(packet.encode())[0])
    assert whole.flush(1.0, 1.0) == parts.flush(1.0, 1.0)


@settings(deadline=None)
@given(st.lists(st.integers(-1000, 1000), min_size=1))
def test_counters_sum(values: list[int]) -> None:
    """A counter is the sum of what came, and per second in the interval's length."""
    found = totals("\n".join(f"n:{value}|c" for value in values))
    assert found["n.count"] == sum(values)
    assert found["n.per_s"] == sum(values)


@settings(deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 1000), st.booleans()), min_size=1))
def test_gauges_are_set_or_moved(changes: list[tuple[bool, int, bool]]) -> None:
    """Without a sign a gauge is set; with one it moves from where it was (0 at first)."""
    level, lines = 0, []
    for signed, amount, up in changes:
        lines.append(f"g:{'' if not signed else '+' if up else '-'}{amount}|g")
        level = amount if not signed else level + (amount if up else -amount)
    assert totals("\n".join(lines))["g"] == level


def test_timer_statistics_are_the_reference_servers() -> None:
    """The values 1..100, as seen at the reference server."""
    found = timer_statistics([float(n) for n in range(100, 0, -1)])
    assert found == {
        "lower": 1, "upper": 100, "sum": 5050, "mean": 50.5, "median": 50.5, "p50": 50, "p95": 95,
        "p99": 99,
    }  # fmt: skip
    assert timer_statistics([1.0, 2.0], [99.9])["p99_9"] == 2


@settings(deadline=None)
@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=60))
def test_timer_statistics_are_ordered(values: list[float]) -> None:
    """The order is lower, p50, p95, upper, all of them values that came; the mean is Python's."""
    found = timer_statistics(values)
    assert found["lower"] <= found["p50"] <= found["p95"] <= found["upper"]
    assert {found["p50"], found["p95"]} <= set(values)
    assert found["mean"] == pytest.approx(statistics.fmean(values))


def test_a_timer_without_values_is_a_gap() -> None:
    """After the flush a timer counts 0 and says nothing else; a counter is 0; a gauge stays."""
    aggregate = Aggregate()
    aggregate.add(parse(b"t:5|ms\nt:7|ms|@0.5\nc:1|c\ng:4|g\nu:a|s\nu:b|s\nu:a|s")[0])
    first = by_name(aggregate.flush(1.0, 2.0))
    assert first["t.count"] == 3
    assert first["t.mean_ms"] == 6
    assert first["c.per_s"] == 0.5
    assert first["u"] == 2
    assert by_name(aggregate.flush(2.0, 2.0)) == {
        "t.count": 0, "t.per_s": 0, "c.count": 0, "c.per_s": 0, "g": 4, "u": 0,
    }  # fmt: skip


def test_long_members_of_a_set_differ_still() -> None:
    """They are kept as their hash."""
    assert totals(f"u:{'x' * 5000}a|s\nu:{'x' * 5000}b|s\nu:{'x' * 5000}a|s")["u"] == 2


def test_gauges_of_workers_are_summed() -> None:
    """``clients.w0`` and ``clients.w1`` make ``clients``, unless somebody sends that himself."""
    assert totals("clients.w0:2|g\nclients.w1:3|g")["clients"] == 5
    assert totals("clients.w0:2|g\nclients:9|g")["clients"] == 9


@pytest.mark.parametrize(
    "text",
    [
        "a:1e308|c|@1e-300\na:-1e308|c|@1e-300",
        "x.w0:1e308|g\nx.w1:1e308|g",
        "g:1e308|g\ng:+1e308|g",
        "t:1e308|ms\nt:1e308|ms\nt:1|ms|@1e-320",
    ],
)
def test_what_no_number_can_hold_is_left_out(text: str) -> None:
    """Numbers of the grammar may add up to more than that: told is what is finite."""
    assert all(math.isfinite(value) for value in totals(f"{text}\nn:1|c").values())
    assert totals(f"{text}\nn:1|c")["n.count"] == 1
