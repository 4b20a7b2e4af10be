"""Which of the processes that a collectd watches is taken for the server."""

from __future__ import annotations

import pytest

from arangolab.metrics.collectd.values import Reading, Translator
from arangolab.metrics.collectd.watched import HOLD_S, ServerHost, Watched
from tests.metrics.collectd.test_values import reading


def rss(host: str, process: str, value: float) -> Reading:
    """The resident memory of one process."""
    return reading(f"{host}/processes-{process}/ps_rss", value)


def told(watched: Watched, readings: list[Reading]) -> list[tuple[str, str, float]]:
    """(host, name, value) of what passes at once."""
    passed = watched.take(readings, 0.0, last=True)
    translator = Translator(1000.0)
    translator.server_host = watched.host
    return [(one.host, one.name, one.value) for one in translator.samples(passed)]


@pytest.mark.parametrize(
    ("processes", "expected"),
    [
        (["nginx", "server", "arangod"], "server"),
        (["nginx"], "nginx"),
        (["nginx", "arangod", "sshd"], "arangod"),
    ],
)
def test_one_process_is_the_server_and_the_others_are_named(
    processes: list[str], expected: str
) -> None:
    """Named ``server``, or the only one, or ``arangod``; a second one never adds to its figures."""
    watched = Watched(ServerHost("db1"))
    values = {name: float(n) for n, name in enumerate(processes)}
    found = told(watched, [rss("db1", name, value) for name, value in values.items()])
    assert found == [("db1", "rss_bytes", values[expected])]
    others = ", ".join(sorted(set(processes) - {expected}))
    said = [("left_out", f"collectd watches also {others}: left out.")] if others else []
    assert watched.notes() == said


def test_none_is_taken_for_the_server_where_none_could_be() -> None:
    """They keep names of their own."""
    watched = Watched(ServerHost("db1"))
    found = told(watched, [rss("db1", "nginx", 1.0), rss("db1", "sshd", 2.0)])
    assert found == [("db1", "nginx.rss_bytes", 1.0), ("db1", "sshd.rss_bytes", 2.0)]
    assert watched.notes()[0][1].startswith("collectd watches nginx, sshd: none of them is called")


@pytest.mark.parametrize(
    ("of", "chosen"),
    [
        (ServerHost("db2.example.org"), "db2"),
        (ServerHost("DB2"), "db2"),
        (ServerHost("front", frozenset({"10.0.0.3"})), "db3"),
        (ServerHost("front"), "db1"),
    ],
)
def test_only_the_servers_host_tells_of_the_server(of: ServerHost, chosen: str) -> None:
    """By name, by address, or the first; another host's process has its name before its values."""
    watched = Watched(of)
    watched.heard_from("db3", "10.0.0.3")
    hosts = ["db1", "db2", "db3"]
    found = told(watched, [rss(host, "server", 1.0) for host in hosts])
    assert [host for host, name, _ in found if name == "rss_bytes"] == [chosen]
    assert sum(name == "server.rss_bytes" for _, name, _ in found) == 2
    kind, text = watched.notes()[0]
    assert (kind, chosen in text) == ("warning" if chosen == "db1" else "note", True)


def test_values_wait_until_the_servers_host_is_heard() -> None:
    """What is no process's passes; the first host is not taken while the right one may come."""
    watched = Watched(ServerHost("db2"))
    load = reading("db1/load/load", 1.0)
    assert watched.take([rss("db1", "server", 1.0), load], 0.0) == [load]
    assert watched.take([], HOLD_S / 2) == []
    both = watched.take([rss("db2", "server", 2.0)], HOLD_S / 2)
    assert ([one.value for one in both], watched.host) == ([1.0, 2.0], "db2")
    assert len(watched.take([rss("db1", "server", 3.0)], HOLD_S)) == 1


def test_they_do_not_wait_for_ever_and_it_is_settled_once() -> None:
    """A host that is heard too late does not take over: the series stays that of one process."""
    watched = Watched(ServerHost("db2"))
    assert watched.take([rss("db1", "server", 1.0)], 5.0) == []
    assert len(watched.take([], 5.0 + HOLD_S)) == 1
    late = watched.take([rss("db2", "server", 2.0)], 30.0)
    translator = Translator(1000.0)
    translator.server_host = watched.host
    assert [one.name for one in translator.samples(late)] == ["server.rss_bytes"]
    assert watched.notes()[0][0] == "note"
