"""The server's own metrics, from the sandbox and from servers that misbehave."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator

import pytest
import requests

from arangolab.metrics.arango import sampler as module
from arangolab.metrics.arango.sampler import MOST_BYTES, ArangoSampler, Reachable
from arangolab.metrics.note import Note
from arangolab.metrics.register import NAMES
from arangolab.metrics.sample import Sample
from arangolab.sandbox.launcher import SandboxProcess
from arangolab.target import Target
from tests.metrics.arango.metrics_server import MetricsServer
from tests.support import until


class Watched:
    """A sampler and all it has said."""

    def __init__(self, sampler: ArangoSampler) -> None:
        self.sampler = sampler
        self.samples: list[Sample] = []
        self.notes: list[Note] = []

    def see(self) -> Watched:
        """Take what is new."""
        samples, notes = self.sampler.take()
        self.samples += samples
        self.notes += notes
        return self

    def until_said(self, kind: str) -> str:
        """The text of the first note of the kind."""
        return until(lambda: next((text for k, text in self.see().notes if k == kind), ""))


Watch = Callable[[Reachable], Watched]


@pytest.fixture
def watch() -> Iterator[Watch]:
    """Start samplers that scrape often."""
    with contextlib.ExitStack() as stack:

        def make(target: Reachable) -> Watched:
            began_s = time.monotonic()
            sampler = ArangoSampler(target, 0.02, lambda: time.monotonic() - began_s)
            stack.callback(sampler.close)
            return Watched(sampler)

        yield make


def test_the_sandbox_tells_its_contexts(sandbox: SandboxProcess, watch: Watch) -> None:
    """Contexts, limits and counters come under their registered names and units."""
    target = Target(urls=(sandbox.url,), user=sandbox.user, password=sandbox.password)
    watched = watch(target)
    until(lambda: len([s for s in watched.see().samples if s.name == "v8_contexts_busy"]) > 2)
    assert {"v8_contexts_max", "v8_contexts_alive", "v8_contexts_busy", "v8_contexts_free"} <= {
        s.name for s in watched.samples
    }
    assert all(NAMES["arango", s.name][0] == s.unit for s in watched.samples)
    assert watched.sampler.limits["v8_contexts"] == 4
    assert watched.sampler.limits["open_fds"] >= 256
    assert watched.notes == []


def test_counters_become_rates(watch: Watch) -> None:
    """A counter's growth a second; the user is who the target names."""
    with MetricsServer() as server:
        watched = watch(server)
        name = "v8_enter_failures_per_s"
        until(lambda: len([s for s in watched.see().samples if s.name == name]) > 3)
        assert all(s.value > 0 for s in watched.samples if s.name == name)
        expected = requests.Request("GET", "http://x", auth=("root", "secret")).prepare()
        assert server.authorization == expected.headers["Authorization"]


def test_a_counter_that_was_reset_gives_no_negative_rate(watch: Watch) -> None:
    """The server was restarted: the first value after it counts from there."""
    with MetricsServer() as server:
        watched = watch(server)
        until(lambda: server.failures > 3)
        server.failures = 0
        until(lambda: server.failures > 3)
        assert all(s.value >= 0 for s in watched.see().samples)


def test_metrics_that_are_nowhere_are_left_out_once(watch: Watch) -> None:
    """404 on all three pages: said once, and not asked again."""
    with MetricsServer() as server:
        server.status = 404
        watched = watch(server)
        assert "/_admin/statistics" in watched.until_said("left_out")
        until(lambda: not watched.sampler._thread.is_alive())
        assert server.asked == ["/_admin/metrics", "/_admin/metrics/v2", "/_admin/statistics"]


def test_a_page_without_anything_known_is_said(watch: Watch) -> None:
    """As of something in between that answers everything with a page of its own."""
    with MetricsServer() as server:
        server.text = "{}"
        watched = watch(server)
        assert "/_admin/statistics holds none that are known" in watched.until_said("left_out")
        assert server.asked == ["/_admin/metrics", "/_admin/metrics/v2", "/_admin/statistics"]


def test_metrics_refused_are_left_out_once(watch: Watch) -> None:
    """401: said with the user's name, never the password."""
    with MetricsServer() as server:
        server.status = 401
        watched = watch(server)
        text = watched.until_said("left_out")
        assert "answers 401 to user 'root'" in text
        assert "secret" not in text
        until(lambda: not watched.sampler._thread.is_alive())
        assert len(server.asked) == 1


@pytest.mark.parametrize("path", ["/_admin/metrics/v2", "/_admin/statistics"])
def test_the_other_pages_stand_in(watch: Watch, path: str) -> None:
    """ArangoDB 4 may have the second alone, one of before 3.6 the third."""
    with MetricsServer() as server:
        server.only = path
        if path.endswith("statistics"):
            server.text = '{"server": {"v8Context": {"busy": 2}}}'
        watched = watch(server)
        until(lambda: [s for s in watched.see().samples if s.name == "v8_contexts_busy"])
        assert watched.notes == []
        assert watched.sampler.quality().what == f"scrapes of {path}"


def test_a_huge_page_is_not_read(watch: Watch) -> None:
    """It is missed, in words; the next ones are asked for all the same."""
    with MetricsServer() as server:
        server.text = "# a comment\n" * (MOST_BYTES // 12 + 10)
        watched = watch(server)
        assert "longer than 8 MiB" in watched.until_said("error")
        server.text = None
        watched.until_said("note")
        assert watched.sampler.quality().lost >= 2


def test_a_page_that_drips_is_given_up(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    """The time is bounded as a whole, not from byte to byte."""
    monkeypatch.setattr(module, "TIMEOUT_S", (0.3, 0.3))
    with MetricsServer() as server:
        server.drip_s = 0.05
        assert "takes longer than 0.3 s" in watch(server).until_said("error")


def test_scrapes_are_counted_and_costed(watch: Watch) -> None:
    """What came, what did not, how long replies take, and the CPU of asking."""
    with MetricsServer() as server:
        watched = watch(server)
        until(lambda: watched.sampler.quality().received > 3)
        quality = watched.sampler.quality()
        assert quality.lost == 0
        assert quality.cpu_s is not None
        assert quality.cpu_s > 0
        assert quality.delay_s is not None
        assert 0 < quality.delay_s < 1


def test_an_overloaded_server_is_asked_again(watch: Watch) -> None:
    """503 may pass: an error in words after two of them, and a word once it is over."""
    with MetricsServer() as server:
        server.status = 503
        watched = watch(server)
        assert "answers 503" in watched.until_said("error")
        server.status = 200
        assert "again" in watched.until_said("note")
        until(lambda: watched.see().samples)
        assert [kind for kind, _ in watched.notes] == ["error", "note"]


def test_a_server_that_hangs_delays_nobody(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    """take() and close() return at once while a reply is due; the silence is noted."""
    monkeypatch.setattr(module, "TIMEOUT_S", (5.0, 5.0))
    with MetricsServer() as server:
        server.hang.clear()
        watched = watch(server)
        until(lambda: server.asked)
        began_s = time.monotonic()
        watched.see()
        watched.sampler.close()
        assert time.monotonic() - began_s < 2.5
    monkeypatch.setattr(module, "TIMEOUT_S", (0.1, 0.1))
    with MetricsServer() as server:
        server.hang.clear()
        assert "does not tell" in watch(server).until_said("error")


def test_a_server_that_dies_and_comes_back(watch: Watch) -> None:
    """Both are said once; sampling goes on."""
    with MetricsServer() as server:
        watched = watch(server)
        until(lambda: watched.see().samples)
    watched.until_said("error")
    seen = len(watched.see().samples)
    with MetricsServer(server.port):
        watched.until_said("note")
        until(lambda: len(watched.see().samples) > seen)
