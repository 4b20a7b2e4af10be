"""What a page of metrics says, in the words of each version."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arangolab.metrics.arango.names import LIMITS, METRICS, STATISTICS
from arangolab.metrics.arango.page import Page, Times, from_statistics, from_text

TEXT = """# HELP arangodb_v8_context_busy Number of V8 contexts currently busy
# TYPE arangodb_v8_context_busy gauge
arangodb_v8_context_busy{role="SINGLE"} 3
# TYPE arangodb_scheduler_low_prio_queue_last_dequeue_time gauge
arangodb_scheduler_low_prio_queue_last_dequeue_time{role="SINGLE"} 120
# TYPE arangodb_rocksdb_write_stalls_total counter
arangodb_rocksdb_write_stalls_total{role="SINGLE"} 7
# TYPE arangodb_file_descriptors_limit gauge
arangodb_file_descriptors_limit{role="SINGLE"} 65535
# TYPE arangodb_client_connection_statistics_request_time histogram
arangodb_client_connection_statistics_request_time_bucket{le="0.01",role="SINGLE"} 8
arangodb_client_connection_statistics_request_time_bucket{le="0.05",role="SINGLE"} 9
arangodb_client_connection_statistics_request_time_bucket{le="+Inf",role="SINGLE"} 10
arangodb_client_connection_statistics_request_time_count{role="SINGLE"} 10
arangodb_client_connection_statistics_request_time_sum{role="SINGLE"} 0.75
# TYPE arangodb_unheard_of gauge
arangodb_unheard_of 1
"""


def test_a_page_of_3_12_is_read() -> None:
    """Levels, totals, limits and histograms; what is not wanted is passed over."""
    page = from_text(TEXT)
    assert page.values == {
        "v8_context_busy": 3,
        "scheduler_low_prio_queue_last_dequeue_time": 120,
        "rocksdb_write_stalls": 7,
        "file_descriptors_limit": 65535,
    }
    buckets = ((0.01, 8.0), (0.05, 9.0), (float("inf"), 10.0))
    assert page.times == {"client_connection_statistics_request_time": Times(0.75, 10, buckets)}
    assert page.limits() == {"open_fds": 65535}


def test_memory_maps_are_told_by_servers_that_count_them() -> None:
    """With their limit, which the kernel sets."""
    text = "# TYPE arangodb_memory_maps_current gauge\narangodb_memory_maps_current 700\n"
    text += "# TYPE arangodb_memory_maps_limit gauge\narangodb_memory_maps_limit 65530\n"
    page = from_text(text)
    assert page.values["memory_maps_current"] == 700
    assert page.limits() == {"memory_maps": 65530}


def test_names_of_before_3_8_are_known() -> None:
    """Counters had no _total then, and RocksDB's no arangodb_."""
    old = "# TYPE rocksdb_write_stalls counter\nrocksdb_write_stalls 7\n"
    assert from_text(old).values == {"rocksdb_write_stalls": 7}
    old = "# TYPE arangodb_v8_context_enter_failures counter\n"
    old += "arangodb_v8_context_enter_failures 2\n"
    assert from_text(old).values == {"v8_context_enter_failures": 2}


def test_a_family_with_several_labels_is_summed() -> None:
    """A cluster's page has a line per role or shard."""
    text = "# TYPE arangodb_scheduler_queue_length gauge\n"
    text += 'arangodb_scheduler_queue_length{a="1"} 2\narangodb_scheduler_queue_length{a="2"} 3\n'
    assert from_text(text).values == {"scheduler_queue_length": 5}


def test_the_cgroup_counts_as_the_limit_where_both_are_told() -> None:
    """Effective cores go before the host's."""
    name = "arangodb_server_statistics"
    text = f"# TYPE {name}_cpu_cores gauge\n{name}_cpu_cores 16\n"
    text += f"# TYPE {name}_effective_cpu_cores gauge\n{name}_effective_cpu_cores 2\n"
    assert from_text(text).limits() == {"cores": 2}


def test_the_older_statistics_tell_the_same() -> None:
    """By the same keys; what is absent, or no number, is left out."""
    page = from_statistics(
        {
            "system": {"userTime": 1.5, "numberOfThreads": 30, "residentSize": None},
            "client": {"httpConnections": 4, "queueTime": {"sum": 0.5, "count": 10, "counts": []}},
            "server": {"v8Context": {"max": 16, "busy": 2}, "physicalMemory": 8e9},
        }
    )
    assert page.values == {
        "process_statistics_user_time": 1.5,
        "process_statistics_number_of_threads": 30,
        "client_connection_statistics_client_connections": 4,
        "v8_context_max": 16,
        "v8_context_busy": 2,
        "server_statistics_physical_memory": 8e9,
    }
    assert page.times == {"client_connection_statistics_queue_time": Times(0.5, 10)}
    assert page.limits() == {"v8_contexts": 16, "memory_bytes": 8e9}


def test_statistics_lead_to_names_that_there_are() -> None:
    """No line of that table leads nowhere."""
    assert set(STATISTICS.values()) <= set(METRICS) | set(LIMITS)


@pytest.mark.parametrize("text", ["", "<html>no metrics</html>", "arangodb_v8_context_max {{{ 4"])
def test_what_is_not_prometheus_text_gives_nothing(text: str) -> None:
    """Whatever comes in the place of metrics does not raise."""
    assert from_text(text) == Page()


@given(st.text() | st.sampled_from(TEXT.splitlines()).map(lambda line: line[: len(line) // 2]))
def test_any_text_is_survived(text: str) -> None:
    """Torn lines too."""
    from_text(text + "\n" + TEXT)


KEYS = st.sampled_from(["system", "client", "userTime", "totalTime", "sum", "count"])
PLAIN = st.none() | st.integers() | st.text()


@given(st.recursive(PLAIN, lambda inner: st.dictionaries(KEYS, inner)))
@pytest.mark.slow
def test_any_json_is_survived(said: object) -> None:
    """Whatever the server puts there."""
    from_statistics(said)
