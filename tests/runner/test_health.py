"""An injector that is busy or late is told of while it runs, by its number and with what to do."""

from __future__ import annotations

from arangolab.histogram import Histogram
from arangolab.injector.protocol import Interval
from arangolab.runner.health import Health


def told(cpu_s: list[float], late_s: list[float | None] | None = None) -> list[list[str]]:
    """What is said after each interval of a second."""
    health = Health(3)
    late_s = late_s or [None] * len(cpu_s)
    said = []
    for number, (cpu, late) in enumerate(zip(cpu_s, late_s, strict=True), start=1):
        histograms = {}
        if late is not None:
            histogram = Histogram()
            histogram.record(late)
            histograms["lateness"] = histogram.encode()
        said.append(health.hear(Interval(t_s=float(number), cpu_s=cpu, histograms=histograms)))
    return said


def test_a_process_above_four_fifths_of_a_core_is_told_of_once() -> None:
    """With its number, its share, the limit and what to try; again only after it was calm."""
    said = told([0.9] * 8)
    assert [bool(words) for words in said] == [False] * 3 + [True] + [False] * 4
    assert said[3] == [
        "Injector 3 uses 90 % of a core; above 80 % it does not keep its pattern. "
        "Try: one process more, a lower rate, or a cheaper scenario."
    ]
    again = told([0.9] * 4 + [0.2] * 4 + [0.9] * 4)
    assert sum(map(bool, again)) == 2
    hovering = told([0.9] * 4 + [0.75] * 4 + [0.9] * 4)
    assert sum(map(bool, hovering)) == 1


def test_one_busy_interval_is_no_news() -> None:
    """Nor is a busy process that stays below the limit."""
    assert not any(told([0.1, 0.1, 0.1, 1.0, 0.1, 0.1]))
    assert not any(told([0.79] * 10))


def test_lateness_that_grows_is_told_of_before_it_is_too_much() -> None:
    """Three intervals in a row, each later than the one before."""
    said = told([0.1] * 5, [0.001, 0.06, 0.09, 0.12, 0.15])
    assert [bool(words) for words in said] == [False] * 3 + [True, False]
    assert said[3][0].startswith("Injector 3 starts scenarios later and later, up to 120 ms")
    assert not any(told([0.1] * 5, [0.06, 0.055, 0.06, 0.052, 0.058]))
    assert not any(told([0.1] * 5, [0.001, 0.002, 0.003, 0.004, 0.005]))


def test_lateness_beyond_the_limit_is_told_of_at_once() -> None:
    """And again after it was over."""
    said = told([0.1] * 6, [0.3, 0.3, 0.2, 0.01, None, 0.4])
    assert [bool(words) for words in said] == [True, False, False, False, False, True]
    assert "Try: one process more" in said[0][0]
