"""The server's own metrics (``/_admin/metrics``), scraped in a thread of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final, Protocol

from arangolab.metrics.sample import Sample

GAUGES: Final[dict[str, tuple[str, str]]] = {
    # ArangoDB's name: (ours, unit)
    "arangodb_v8_context_max": ("v8_contexts_max", "contexts"),
    "arangodb_v8_context_alive": ("v8_contexts_alive", "contexts"),
    "arangodb_v8_context_busy": ("v8_contexts_busy", "contexts"),
    "arangodb_v8_context_free": ("v8_contexts_free", "contexts"),
    "arangodb_scheduler_queue_length": ("scheduler_queue_length", "requests"),
    "arangodb_client_connection_statistics_client_connections": (
        "client_connections",
        "connections",
    ),
}
COUNTERS: Final[dict[str, tuple[str, str]]] = {
    "arangodb_v8_context_enter_failures": ("v8_enter_failures_per_s", "1/s"),
}
TIMEOUT_S: Final = (2.0, 5.0)
"""Seconds for the connection and for the reply."""
SILENT_AFTER: Final = 2
"""Scrapes in a row without a reply after which the server is said not to answer."""
NEVER: Final = frozenset({401, 403, 404, 405, 501})
"""Answers that will not change: metrics are switched off, or not for this user."""

Note = tuple[str, str]
"""(kind of event, text)."""


class Reachable(Protocol):
    """What is needed of a target."""

    @property
    def urls(self) -> tuple[str, ...]:
        """Base URLs of the server's coordinators; the first is scraped."""

    @property
    def user(self) -> str:
        """User name; empty where authentication is off."""

    @property
    def password(self) -> str:
        """The user's password."""

    @property
    def ca_file(self) -> str | None:
        """Certificates to trust instead of this host's."""


class ArangoSampler:
    """Scrapes each interval; a server that hangs delays nobody but this thread."""

    def __init__(self, target: Reachable, interval_s: float, now_s: Callable[[], float]) -> None:
        """``now_s``: seconds since the run's start."""
        self._target = target
        self._interval_s = interval_s
        self._now_s = now_s
        self._lock = threading.Lock()
        self._samples: list[Sample] = []
        self._notes: list[Note] = []
        self._totals: dict[str, tuple[float, float]] = {}
        self._misses = 0
        self._stop = threading.Event()
        self.limits: dict[str, float] = {}
        """Limits the server tells of itself, by the name of the indicator."""
        self._thread = threading.Thread(target=self._scrape, name="arango-metrics", daemon=True)
        self._thread.start()

    def take(self) -> tuple[list[Sample], list[Note]]:
        """(samples, what is to be said) since the last call."""
        with self._lock:
            taken = (self._samples, self._notes)
            self._samples, self._notes = [], []
        return taken

    def close(self) -> None:
        """Stop scraping; does not wait for a reply that is due."""
        self._stop.set()

    def _scrape(self) -> None:
        import requests

        session = requests.Session()
        session.trust_env = False
        session.verify = self._target.ca_file or True
        if self._target.user:
            session.auth = (self._target.user, self._target.password)
        url = self._target.urls[0].rstrip("/") + "/_admin/metrics"
        due_s = time.monotonic()
        with session:
            while not self._stop.wait(max(0.0, due_s - time.monotonic())):
                due_s = max(due_s + self._interval_s, time.monotonic())
                try:
                    reply = session.get(url, timeout=TIMEOUT_S, allow_redirects=False)
                except requests.RequestException as error:
                    self._missed(type(error).__name__)
                    continue
                if reply.status_code in NEVER:
                    self._leave_out(f"{url} answers {reply.status_code}")
                    return
                if reply.status_code != 200:
                    self._missed(f"{url} answers {reply.status_code}")
                    continue
                self._answered()
                self._read(reply.text)

    def _read(self, text: str) -> None:
        time_s = self._now_s()
        found = [Sample(time_s, "arango", name, value, unit) for name, value, unit in rows(text)]
        with self._lock:
            for sample in found:
                self._samples += self._as_rate(sample) if sample.unit == "total" else [sample]
                if sample.name == "v8_contexts_max":
                    self.limits["v8_contexts"] = sample.value

    def _as_rate(self, total: Sample) -> list[Sample]:
        """The growth of a counter a second; nothing the first time and after a reset."""
        before = self._totals.get(total.name)
        self._totals[total.name] = (total.time_s, total.value)
        if before is None or total.value < before[1] or total.time_s <= before[0]:
            return []
        per_s = (total.value - before[1]) / (total.time_s - before[0])
        return [Sample(total.time_s, "arango", total.name, per_s, "1/s")]

    def _missed(self, why: str) -> None:
        self._misses += 1
        if self._misses == SILENT_AFTER:
            self._note("error", f"The server does not tell its metrics ({why}).")

    def _answered(self) -> None:
        if self._misses >= SILENT_AFTER:
            self._note("note", "The server tells its metrics again.")
        self._misses = 0

    def _leave_out(self, why: str) -> None:
        self._note("left_out", f"The server's own metrics are left out: {why}.")

    def _note(self, kind: str, text: str) -> None:
        with self._lock:
            self._notes.append((kind, text))


def rows(text: str) -> list[tuple[str, float, str]]:
    """(our name, value, unit) of what is known in Prometheus text; unit ``total`` for counters.

    Raises nothing: lines that are not Prometheus text are passed over.
    """
    from prometheus_client.parser import text_string_to_metric_families

    found = []
    try:
        for family in text_string_to_metric_families(_wanted_lines(text)):
            value = sum(sample.value for sample in family.samples)
            if family.name in GAUGES:
                name, unit = GAUGES[family.name]
                found.append((name, value, unit))
            elif family.name.removesuffix("_total") in COUNTERS:
                found.append((COUNTERS[family.name.removesuffix("_total")][0], value, "total"))
    except ValueError:
        return found
    return found


def _wanted_lines(text: str) -> str:
    """The lines of the metrics wanted: a server has 290 families, parsing all takes its time."""
    names = (*GAUGES, *COUNTERS)
    return "".join(line + "\n" for line in text.splitlines() if any(n in line for n in names))
