"""The server's own metrics, scraped in a thread of its own."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Protocol

from arangolab.metrics.arango.growth import Growth
from arangolab.metrics.arango.page import Page, from_statistics, from_text
from arangolab.metrics.note import Note
from arangolab.metrics.quality import Quality
from arangolab.metrics.sample import Sample

if TYPE_CHECKING:
    import requests

PAGES: Final = ("/_admin/metrics", "/_admin/metrics/v2", "/_admin/statistics")
"""Asked for in this order until one is there: 3.8 and later, 4.0, before 3.6."""
TIMEOUT_S: Final = (2.0, 5.0)
"""Seconds for the connection and for the whole reply."""
MOST_BYTES: Final = 8 << 20
"""A larger page is not read: a cluster's has some hundred kilobytes."""
SILENT_AFTER: Final = 2
"""Scrapes in a row without a reply after which the server is said not to answer."""
ABSENT: Final = frozenset({404, 405, 501})
DENIED: Final = frozenset({401, 403})
"""Answers that will not change for this user."""


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


class Missed(Exception):
    """A scrape gave nothing that can be used."""


class ArangoSampler:
    """Scrapes each interval; a server that hangs delays nobody but this thread."""

    def __init__(self, target: Reachable, interval_s: float, now_s: Callable[[], float]) -> None:
        """``now_s``: seconds since the run's start."""
        self._target = target
        self._base = target.urls[0].rstrip("/")
        self._interval_s = interval_s
        self._now_s = now_s
        self._lock = threading.Lock()
        self._samples: list[Sample] = []
        self._notes: list[Note] = []
        self._growth = Growth()
        self._page = 0
        self._misses = 0
        self._answers = self._lost = 0
        self._reply_s = self._cpu_s = 0.0
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

    def quality(self) -> Quality:
        """How far the samples can be trusted."""
        fresh_s = "descriptors each 60 s unless the server is told otherwise"
        return Quality(
            source="arango",
            what=f"scrapes of {PAGES[min(self._page, len(PAGES) - 1)]}",
            clock="monotonic, the runner's, when the reply has come",
            resolution=f"intervals of {self._interval_s:g} s; {fresh_s}",
            delay_s=self._reply_s / self._answers if self._answers else None,
            received=self._answers,
            lost=self._lost,
            cpu_s=self._cpu_s,
        )

    def _scrape(self) -> None:
        import requests
        import urllib3

        session = requests.Session()
        session.trust_env = False
        session.verify = self._target.ca_file or True
        if self._target.user:
            session.auth = (self._target.user, self._target.password)
        due_s = time.monotonic()
        with session:
            while not self._stop.wait(max(0.0, due_s - time.monotonic())):
                due_s = max(due_s + self._interval_s, time.monotonic())
                try:
                    if not self._once(session):
                        return
                except (requests.RequestException, urllib3.exceptions.HTTPError, Missed) as error:
                    said = isinstance(error, Missed)
                    self._missed(str(error) if said else type(error).__name__)
                self._cpu_s = time.thread_time()

    def _once(self, session: requests.Session) -> bool:
        """Scrape once; False: there is nothing to be had, ever."""
        asked_s = time.monotonic()
        path = PAGES[self._page]
        status, body = self._get(session, self._base + path)
        if status in ABSENT:
            return self._next_page(session, f"{self._base} has none of {', '.join(PAGES)}")
        if status in DENIED:
            self._leave_out(f"{self._base}{path} answers {status} to user {self._target.user!r}")
            return False
        if status != 200:
            raise Missed(f"{self._base}{path} answers {status}")
        page = _understood(path, body)
        if not self._answers and not page.values and not page.times:
            return self._next_page(session, f"{self._base}{path} holds none that are known")
        self._answered(time.monotonic() - asked_s)
        with self._lock:
            self.limits |= page.limits()
            self._samples += self._growth.samples(page, self._now_s())
        return True

    def _next_page(self, session: requests.Session, why: str) -> bool:
        """Scrape the next page instead; False when there is none."""
        self._page += 1
        if self._page < len(PAGES):
            return self._once(session)
        self._leave_out(why)
        return False

    def _get(self, session: requests.Session, url: str) -> tuple[int, bytes]:
        """(status, body); raises Missed when it is too long or takes too long."""
        due_s = time.monotonic() + TIMEOUT_S[1]
        body = bytearray()
        with session.get(url, timeout=TIMEOUT_S, allow_redirects=False, stream=True) as reply:
            while block := reply.raw.read1(1 << 16, decode_content=True):
                body += block
                if len(body) > MOST_BYTES:
                    raise Missed(f"{url} is longer than {MOST_BYTES >> 20} MiB")
                if time.monotonic() > due_s or self._stop.is_set():
                    raise Missed(f"{url} takes longer than {TIMEOUT_S[1]:g} s")
            return reply.status_code, bytes(body)

    def _missed(self, why: str) -> None:
        self._misses += 1
        self._lost += 1
        if self._misses == SILENT_AFTER:
            self._note("error", f"The server does not tell its metrics ({why}).")

    def _answered(self, took_s: float) -> None:
        if self._misses >= SILENT_AFTER:
            self._note("note", "The server tells its metrics again.")
        self._misses = 0
        self._answers += 1
        self._reply_s += took_s

    def _leave_out(self, why: str) -> None:
        self._note("left_out", f"The server's own metrics are left out: {why}.")

    def _note(self, kind: str, text: str) -> None:
        with self._lock:
            self._notes.append((kind, text))


def _understood(path: str, body: bytes) -> Page:
    """Raises Missed when the body is not what the page should hold."""
    text = body.decode("utf-8", "replace")
    if not path.endswith("statistics"):
        return from_text(text)
    try:
        return from_statistics(json.loads(text))
    except ValueError as error:
        raise Missed(f"{path} is not JSON") from error
