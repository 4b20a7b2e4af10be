"""Messages survive the pipe."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arangolab.injector.protocol import (
    End,
    Fatal,
    FirstError,
    Go,
    Interval,
    Message,
    Pace,
    Ready,
    Stop,
    decode,
    encode,
)
from tests.injector.drive import pace, setup_for

EXAMPLES: list[Message] = [
    Go(t0_monotonic_s=12.5),
    pace(2.5, 10.0, 20.25),
    Stop(drain_s=3.0),
    Ready(pid=1),
    Interval(t_s=1.0, intended=3, errors={"500/4 transaction": 2}, histograms={"service": "abc"}),
    FirstError(t_s=1.0, kind="a", step="b", status=500, error_num=4, message="c\nd"),
    Fatal(message="no", hint="yes"),
    End(reason="stopped"),
]


@pytest.mark.parametrize("message", EXAMPLES, ids=lambda m: m.type)
def test_each_message_comes_back_as_it_was(message: Message) -> None:
    """One line each way."""
    line = encode(message)
    assert line.count(b"\n") == 1
    assert decode(line) == message


def test_a_setup_comes_back_as_it_was() -> None:
    """Addresses stay a tuple, although JSON has none."""
    sent = setup_for("http://a:1", scenario_source="x = 1\n")
    assert decode(encode(sent)) == sent


@given(st.floats(0, 1e6), st.floats(0, 1e9), st.floats(0, 1e5), st.integers(0, 63))
def test_the_schedule_travels_without_rounding(
    anchor_s: float, anchor_count: float, rate_per_s: float, index: int
) -> None:
    """Every injector computes with the very numbers the runner computed with."""
    sent = pace(rate_per_s, anchor_s, anchor_count, index=index, of=64)
    got = decode(encode(sent))
    assert isinstance(got, Pace)
    assert got == sent


@pytest.mark.parametrize("line", [b"{}", b'{"type": "nonsense"}', b"not json"])
def test_what_is_no_message_is_refused(line: bytes) -> None:
    """A stray line is an error, never half a message."""
    with pytest.raises(ValueError, match=r".+"):
        decode(line)


def test_fields_of_a_later_version_are_passed_over() -> None:
    """An injector of another version may say more."""
    line = json.dumps({"type": "ready", "pid": 7, "mood": "good"})
    assert decode(line) == Ready(pid=7)


def test_a_password_does_not_show_when_a_setup_is_printed() -> None:
    """Tracebacks and logs hold reprs."""
    assert "secret" not in repr(setup_for("http://a:1", password="secret"))
