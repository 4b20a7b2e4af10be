"""What is measured beside the run itself."""

from __future__ import annotations

import pytest

from arangolab.errors import InputError
from arangolab.measuring import Measuring, taken_in


def test_options_of_measuring_are_put_together() -> None:
    """What a notebook gives beside the fields of a plan."""
    given = {"title": "x", "collectd": True, "percentiles": [50, 99.9]}
    assert taken_in(given) == {
        "title": "x",
        "measuring": Measuring(collectd=True, percentiles=(50.0, 99.9)),
    }
    assert taken_in({"title": "x"}) == {"title": "x"}


def test_both_ways_at_once_are_refused() -> None:
    """One of them would be lost."""
    with pytest.raises(InputError, match="Both measuring and collectd are given"):
        taken_in({"measuring": Measuring(), "collectd": True})
