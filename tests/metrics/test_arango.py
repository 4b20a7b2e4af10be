"""The server's own metrics, from the sandbox and from servers that misbehave."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator

import pytest
import requests

from arangolab.metrics import arango
from arangolab.metrics.arango import ArangoSampler, Note, Reachable, rows
from arangolab.metrics.sample import NAMES, Sample
from arangolab.sandbox.launcher import SandboxProcess
from arangolab.target import Target
from tests.metrics.metrics_server import MetricsServer
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
    assert watched.sampler.limits == {"v8_contexts": 4.0}
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


def test_metrics_switched_off_are_left_out_once(watch: Watch) -> None:
    """404: said once, and not asked again."""
    with MetricsServer() as server:
        server.status = 404
        watched = watch(server)
        assert "answers 404" in watched.until_said("left_out")
        until(lambda: not watched.sampler._thread.is_alive())
        assert server.asked == 1


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
    monkeypatch.setattr(arango, "TIMEOUT_S", (0.1, 0.1))
    with MetricsServer() as server:
        server.hang.clear()
        watched = watch(server)
        until(lambda: server.asked)
        began_s = time.monotonic()
        watched.see()
        watched.sampler.close()
        assert time.monotonic() - began_s < 0.05
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


@pytest.mark.parametrize("text", ["", "<html>no metrics</html>", "arangodb_v8_context_max {{{ 4"])
def test_what_is_not_prometheus_text_gives_nothing(text: str) -> None:
    """Whatever comes in the place of metrics does not raise."""
    assert rows(text) == []
