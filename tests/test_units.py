"""Numbers become text in one place, and read well."""

from __future__ import annotations

import math

import pytest

from arangolab import units


@pytest.mark.parametrize(
    ("value_s", "text"),
    [
        (0, "0 s"),
        (0.0004, "0.4 ms"),
        (0.25, "250 ms"),
        (12.34, "12.3 s"),
        (20, "20 s"),
        (59.99, "1 min 00 s"),
        (245, "4 min 05 s"),
        (7800, "2 h 10 min"),
        (-3, "-3 s"),
        (math.inf, "no end set"),
        (math.nan, "unknown"),
    ],
)
def test_durations_read_as_people_say_them(value_s: float, text: str) -> None:
    """From microseconds to hours."""
    assert units.seconds(value_s) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0 B"), (512, "512 B"), (1500, "1.5 kB"), (2.5e9, "2.5 GB")]
)
def test_sizes_use_powers_of_1000(value: float, text: str) -> None:
    """As disks and networks do."""
    assert units.size(value) == text


def test_rates_and_ratios_have_no_needless_digits() -> None:
    """2 and not 2.0."""
    assert units.rate(2.0) == "2 scenarios/s"
    assert units.rate(2.5, "login") == "2.5 login/s"
    assert units.number(12345.6) == "12,346"
    assert units.percent(0.125) == "12.5 %"
    assert units.percent(math.nan) == "unknown"
