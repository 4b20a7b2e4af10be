"""Pages one after the other as samples."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arangolab.metrics.arango.growth import Growth, quantile_s
from arangolab.metrics.arango.page import Page, Times
from arangolab.metrics.register import NAMES

CPU = "process_statistics_user_time"
WORK = "client_connection_statistics_request_time"


def told(growth: Growth, page: Page, time_s: float) -> dict[str, float]:
    """The samples' values by name; each has its registered unit."""
    samples = growth.samples(page, time_s)
    assert all(NAMES[s.source, s.name][0] == s.unit for s in samples)
    return {s.name: s.value for s in samples}


def test_levels_at_once_totals_from_the_second_page() -> None:
    """CPU seconds become cores in use."""
    growth = Growth()
    assert told(growth, Page({CPU: 10.0, "v8_context_busy": 2}), 1.0) == {"v8_contexts_busy": 2}
    assert told(growth, Page({CPU: 11.5}), 3.0) == {"cpu_user_cores": 0.75}


def test_a_restart_is_a_gap() -> None:
    """A total that fell gives no rate, and the next one counts from there."""
    growth = Growth()
    told(growth, Page({CPU: 10.0}), 1.0)
    assert told(growth, Page({CPU: 0.5}), 2.0) == {}
    assert told(growth, Page({CPU: 1.0}), 3.0) == {"cpu_user_cores": 0.5}


def test_a_histogram_is_told_by_interval() -> None:
    """Mean and 95th percentile of what came in between alone."""
    growth = Growth()
    bounds = (0.01, 0.1, float("inf"))
    before = Times(5.0, 100, tuple(zip(bounds, (90.0, 95.0, 100.0), strict=True)))
    after = Times(5.2, 110, tuple(zip(bounds, (90.0, 105.0, 110.0), strict=True)))
    assert told(growth, Page(times={WORK: before}), 1.0) == {}
    values = told(growth, Page(times={WORK: after}), 2.0)
    assert values["request_work_mean_ms"] == pytest.approx(20)
    assert values["request_work_p95_ms"] == pytest.approx(10 + 90 * 0.95)


def test_an_interval_without_requests_tells_no_times() -> None:
    """Nothing came: nothing is told, not zero."""
    growth = Growth()
    page = Page(times={WORK: Times(5.0, 100)})
    told(growth, page, 1.0)
    assert told(growth, page, 2.0) == {}


@given(st.lists(st.floats(0.0, 9.0), min_size=1, max_size=200))
def test_a_quantile_lies_in_the_bucket_of_the_exact_one(values: list[float]) -> None:
    """Against numpy: never off by more than the bucket is wide."""
    bounds = (0.01, 0.1, 0.5, 1.0, 5.0, 10.0)
    buckets = [(bound, float(sum(v <= bound for v in values))) for bound in bounds]
    exact = float(np.percentile(values, 95, method="inverted_cdf"))
    found = quantile_s(buckets, 0.95)
    assert found is not None
    upper = min(bound for bound in bounds if exact <= bound)
    lower = max((bound for bound in bounds if bound < upper), default=0.0)
    assert lower <= found <= upper


def test_beyond_the_last_bound_that_bound_is_told() -> None:
    """More is not known."""
    assert quantile_s([(0.01, 0.0), (float("inf"), 10.0)], 0.95) == 0.01
    assert quantile_s([], 0.95) is None
    assert quantile_s([(1.0, 0.0)], 0.95) is None
