"""The books: counts that add up, histograms that lose nothing, kinds that stay few."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arangolab.histogram import Histogram, merge
from arangolab.injector.accounting import MOST_KINDS, MOST_STEPS, Accounting
from arangolab.injector.failure import Failure
from arangolab.injector.traffic import MOST_KINDS as MOST_REPLIES
from arangolab.injector.traffic import Traffic


def traffic(**counts: int) -> Traffic:
    """What went over the wire so far."""
    made = Traffic()
    for name, count in counts.items():
        setattr(made, name, count)
    return made


def failure(kind: str) -> Failure:
    """A failure of a kind."""
    return Failure(kind, "step", 500, 4, "message", self_inflicted=False)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0, 4000) | st.floats(0, 0.01), max_size=300))
def test_counting_many_is_counting_each(values_s: list[float]) -> None:
    """The fast way fills the very same counters."""
    one, all_at_once = Histogram(), Histogram()
    for value in values_s:
        one.record(value)
    all_at_once.record_all(values_s)
    assert all_at_once.encode() == one.encode()
    assert all_at_once.count == one.count


def test_an_interval_holds_what_happened_since_the_last() -> None:
    """Counts begin anew, levels stay."""
    books = Accounting()
    for _ in range(3):
        books.start()
        books.lateness.add(0.001)
    books.shed_one()
    books.end(service_s=0.1, response_s=0.2)
    first = books.interval(1.0, traffic(open=2, opened=5, bytes_sent=100), 7, 1)
    assert (first.intended, first.started, first.shed, first.finished) == (4, 3, 1, 1)
    assert (first.in_flight, first.connections_open, first.connections_opened) == (2, 2, 5)
    assert merge([first.histograms["response"]]).percentile_s(50) == pytest.approx(0.2, rel=1e-3)
    books.end(service_s=0.1, response_s=0.2)
    second = books.interval(2.0, traffic(open=2, opened=6, bytes_sent=150), 9, 2)
    assert (second.intended, second.finished, second.in_flight) == (0, 1, 1)
    assert (second.connections_opened, second.bytes_sent, second.statsd_lines) == (1, 50, 2)
    assert "lateness" not in second.histograms
    assert second.cpu_s >= 0
    assert second.rss_bytes > 1_000_000


def test_intervals_put_together_are_the_whole() -> None:
    """Merged histograms of intervals count every value, however many there were."""
    books = Accounting()
    encoded = []
    for _ in range(3):
        for _ in range(6_000):
            books.start()
            books.end(service_s=0.01, response_s=0.02)
        encoded.append(books.interval(1.0, Traffic()).histograms["service"])
    assert merge(encoded).count == 18_000


def test_the_first_error_of_a_kind_is_told_once() -> None:
    """All are counted."""
    books = Accounting()
    first = books.fail(failure("500/4 transaction"), 1.5)
    assert first is not None
    assert (first.kind, first.message, first.t_s) == ("500/4 transaction", "message", 1.5)
    assert books.fail(failure("500/4 transaction"), 2.0) is None
    assert books.interval(3.0, Traffic()).errors == {"500/4 transaction": 2}
    assert books.interval(4.0, Traffic()).errors == {}
    assert books.fail(failure("500/4 transaction"), 5.0) is None


def test_kinds_and_steps_made_up_without_end_do_not_fill_the_memory() -> None:
    """Beyond a bound they count together, and nothing is lost."""
    books = Accounting()
    for n in range(MOST_KINDS + 50):
        books.fail(failure(f"kind {n}"), 0.0)
        books.step(f"step {n}", 0.1, 0.2)
    interval = books.interval(1.0, Traffic())
    assert len(interval.errors) == MOST_KINDS + 1
    assert sum(interval.errors.values()) == MOST_KINDS + 50
    assert len(interval.histograms) == 2 * (MOST_STEPS + 1)
    assert merge(interval.histograms.values()).count == 2 * (MOST_KINDS + 50)


def test_replies_are_counted_by_kind_and_timed() -> None:
    """Each interval anew; made-up kinds do not fill the memory."""
    books, wire = Accounting(), Traffic()
    for number in range(MOST_REPLIES + 50):
        wire.reply(f"GET {number}", 0.25)
    first = books.interval(1.0, wire)
    assert len(first.replies) == MOST_REPLIES + 1
    assert first.replies["other"] == 50
    assert merge([first.histograms["request"]]).count == MOST_REPLIES + 50
    second = books.interval(2.0, wire)
    assert second.replies == {}
    assert "request" not in second.histograms
