"""What collectd calls its values, and what arangolab makes of them; and what it sends by UDP."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arangolab.metrics.collectd import typesdb
from arangolab.metrics.collectd.csvdir import CsvTail
from arangolab.metrics.collectd.names import Identifier
from arangolab.metrics.collectd.network import parse
from arangolab.metrics.collectd.typesdb import Kind
from arangolab.metrics.collectd.values import LevelSums, Reading, Translator
from arangolab.metrics.sample import Sample

TYPES = typesdb.load()


def reading(path: str, value: float, *, source: str = "value", kind: Kind = "gauge",
            time_s: float = 1000.0) -> Reading:  # fmt: skip
    """One value of ``host/plugin-instance/type-instance``."""
    host, plugin, name = path.split("/")
    return Reading(Identifier.parse(host, plugin, name), source, kind, time_s, value)


def told(*readings: Reading) -> list[tuple[float, str, float, str]]:
    """(time_s, name, value, unit) of a run that started at 1000."""
    samples = Translator(started_unix_s=1000.0, here="lab").samples(readings)
    return [(s.time_s, s.name, pytest.approx(s.value), s.unit) for s in samples]


@pytest.mark.parametrize(
    ("path", "source", "value", "expected"),
    [
        ("lab/processes-server/ps_count", "threads", 7.0, ("threads", 7.0, "threads")),
        ("lab/processes-server/file_handles", "value", 5.0, ("open_fds", 5.0, "descriptors")),
        ("lab/processes-server/file_handles-mapped", "value", 9.0, ("memory_maps", 9.0, "maps")),
        ("lab/processes-server/ps_rss", "value", 4096.0, ("rss_bytes", 4096.0, "bytes")),
        ("lab/statsd/gauge-clients.w0", "value", 3.0, ("clients.w0", 3.0, "level")),
        ("lab/statsd/gauge-login_us-count", "value", 8.0, ("login.count", 8.0, "events")),
        ("lab/statsd/latency-login-average", "value", 0.25, ("login.mean_ms", 250.0, "ms")),
        ("lab/statsd/latency-login_us-average", "value", 2.5, ("login.mean_ms", 2.5, "ms")),
        ("lab/statsd/latency-a.b_us-percentile-95", "value", 1.0, ("a.b.p95_ms", 1.0, "ms")),
        ("lab/statsd/latency-x-percentile-99.9", "value", 1.0, ("x.p99_9_ms", 1000.0, "ms")),
        ("lab/load/load", "shortterm", 0.5, ("load.load.shortterm", 0.5, "value")),
        ("lab/df-root/df_complex-free", "value", 2.0, ("df-root.df_complex-free", 2.0, "value")),
    ],
)
def test_names_and_units(
    path: str, source: str, value: float, expected: tuple[str, float, str]
) -> None:
    """Those of /proc and of the embedded statsd where they mean the same."""
    assert told(reading(path, value, source=source)) == [(0.0, *expected)]


def test_garbage_is_left_out() -> None:
    """ps_stacksize is 10^14 in collectd 5.12; NaN is a gap."""
    assert told(reading("lab/processes-server/ps_stacksize", 1.4e14)) == []
    assert told(reading("lab/statsd/latency-login-average", float("nan"))) == []


def test_totals_become_rates_and_what_is_not_known_is_a_gap() -> None:
    """The first value, a reset and a long silence give no sample; CPU is told in cores."""
    path = "lab/processes-server/ps_cputime"
    values = [(0, 0.0), (1, 5e5), (2, 1.5e6), (3, 1e5), (4, 2e5), (200, 3e5), (201, 4e5)]
    found = told(
        *(reading(path, v, source="user", kind="derive", time_s=1000.0 + t) for t, v in values)
    )
    assert found == [
        (1.0, "cpu_user_cores", 0.5, "cores"),
        (2.0, "cpu_user_cores", 1.0, "cores"),
        (4.0, "cpu_user_cores", 0.1, "cores"),
        (201.0, "cpu_user_cores", 0.1, "cores"),
    ]


def test_another_host_is_named() -> None:
    """The run's own carries none."""
    samples = Translator(started_unix_s=0.0, here="lab").samples(
        [reading("lab/load/load", 1.0), reading("db7/load/load", 1.0)]
    )
    assert [sample.host for sample in samples] == ["", "db7"]


def test_what_collectd_says_of_a_process_that_is_not_there_is_a_gap() -> None:
    """It tells zeros then; that there is none is kept."""
    path = "lab/processes-server/"
    alive = [
        reading(path + "ps_rss", 4096.0, time_s=1001.0),
        reading(path + "ps_count", 1.0, source="processes", time_s=1001.001),
    ]
    dead = [
        reading(path + "ps_rss", 0.0, time_s=1002.0),
        reading(path + "ps_count", 0.0, source="processes", time_s=1002.001),
        reading(path + "ps_count", 0.0, source="threads", time_s=1002.001),
        reading("lab/statsd/gauge-clients", 0.0, time_s=1002.0),
    ]
    assert [(name, value) for _, name, value, _ in told(*alive, *dead)] == [
        ("rss_bytes", 4096.0),
        ("processes", 1.0),
        ("processes", 0.0),
        ("clients", 0.0),
    ]


def level(time_s: float, worker: int, value: float) -> Sample:
    """A worker's gauge."""
    return Sample(time_s, "collectd", f"clients.w{worker}", value, "level")


def test_the_levels_of_workers_are_summed() -> None:
    """As the embedded receiver does, interval by interval, however short they are."""
    sums = LevelSums()
    levels = [level(1.0, 0, 3.0), level(1.001, 1, 4.0), level(1.25, 0, 5.0), level(1.251, 1, 4.0)]
    other = Sample(2.0, "collectd", "threads", 5.0, "threads")
    found = sums.samples([*levels, other])
    assert [(s.time_s, s.name, s.value) for s in found] == [
        (1.001, "clients", 7.0),
        (1.251, "clients", 9.0),
    ]
    assert [s.value for s in sums.samples([level(1.5, 0, 1.0)])] == [5.0]  # the other's is to come


def test_a_host_without_types_db_knows_what_is_needed() -> None:
    """And lines of it that make no sense are passed over."""
    assert typesdb.parse("# c\nodd\nbad a:NOKIND:0:U\nok v:GAUGE:0:U, w:DERIVE:0:U # x\n") == {
        "ok": (typesdb.DataSource("v", "gauge"), typesdb.DataSource("w", "derive"))
    }
    assert typesdb.load(path=Path("/nowhere"))["ps_cputime"][0].name == "user"


# -- packets --------------------------------------------------------------------------------


def part(number: int, body: bytes) -> bytes:
    """One part of a packet."""
    return struct.pack(">HH", number, len(body) + 4) + body


def text(number: int, words: str) -> bytes:
    """A part of text."""
    return part(number, words.encode() + b"\0")


HEAD = text(0, "db7") + part(8, struct.pack(">Q", 5 << 30)) + text(2, "statsd") + text(4, "gauge")


def gauges(*values: float) -> bytes:
    """A part of gauges."""
    n = len(values)
    return part(6, struct.pack(f">H{n}B", n, *[1] * n) + struct.pack(f"<{n}d", *values))


def test_a_packet_is_read() -> None:
    """Host, time, names stay in force until they are changed."""
    data = HEAD + text(5, "a") + gauges(1.5) + text(5, "b") + gauges(-2.0)
    found = parse(data, TYPES)
    assert [(r.identifier.type_instance, r.value) for r in found.readings] == [
        ("a", 1.5),
        ("b", -2.0),
    ]
    assert {(r.identifier.host, r.time_unix_s) for r in found.readings} == {("db7", 5.0)}
    assert (found.bad, found.refused) == (0, "")


@settings(deadline=None)
@given(st.binary(max_size=400))
def test_random_bytes_are_never_more_than_bad(data: bytes) -> None:
    """Also behind a good beginning, which still counts."""
    parse(data, TYPES)
    found = parse(HEAD + text(5, "a") + gauges(1.5) + data, TYPES)
    assert found.refused or found.readings[0].value == 1.5


@settings(deadline=None)
@given(st.integers(0, 100))
def test_a_packet_cut_off_anywhere_counts_as_bad(cut: int) -> None:
    """Or is whole up to there."""
    data = HEAD + text(5, "a") + gauges(1.5)
    found = parse(data[: min(cut, len(data) - 1)], TYPES)
    assert found.readings == []


# -- files ----------------------------------------------------------------------------------


def test_a_torn_line_waits_for_its_end(tmp_path: Path) -> None:
    """Days roll over; lines that make no sense are counted."""
    folder = tmp_path / "lab" / "statsd"
    folder.mkdir(parents=True)
    tail = CsvTail(folder.parent.parent, TYPES)
    assert tail.poll() == []
    first = folder / "gauge-x-2026-01-01"
    first.write_text("epoch,value\n1.5,1.0\n2.5,2")
    assert [r.value for r in tail.poll()] == [1.0]
    with first.open("a") as file:
        file.write(".0\nnonsense,\n3.5\n")
    (folder / "gauge-x-2026-01-02").write_text("epoch,value\n4.5,nan\n5.5,5.0\n")
    assert [r.value for r in tail.poll() if r.value == r.value] == [2.0, 5.0]
    assert (tail.rows, tail.bad_rows) == (4, 2)
    assert tail.poll() == []


@pytest.mark.parametrize("step_s", [1.0, 10.0, 60.0])
def test_a_hole_is_no_rate(step_s: float) -> None:
    """By collectd's own interval as it shows; the next value is one again."""
    times = [0.0, step_s, 2 * step_s, 3 * step_s, 8 * step_s, 9 * step_s]
    readings = [
        reading("lab/x/derive", time_s, kind="derive", time_s=1000.0 + time_s) for time_s in times
    ]
    first = 2 if step_s > 30 else 1  # longer than three of collectd's usual intervals
    assert [row[0] for row in told(*readings)] == [t for t in times[first:] if t != 8 * step_s]


def test_a_hole_after_the_first_value_is_no_rate() -> None:
    """Before anything shows how often collectd reads."""
    times = (1000.0, 1050.0, 1051.0)
    readings = [reading("lab/x/derive", t, kind="derive", time_s=t) for t in times]
    assert [row[0] for row in told(*readings)] == [51.0]
