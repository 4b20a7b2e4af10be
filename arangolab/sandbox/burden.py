"""What the knobs lay on queries and transactions: time, CPU, memory, age and collapse."""

from __future__ import annotations

import contextlib
import hashlib
import time
from collections.abc import Callable, Iterator

from arangolab.sandbox.faults import ArangoError
from arangolab.sandbox.knobs import Knobs
from arangolab.sandbox.process import resident_bytes


class Burden:
    """The burdens of one server; ``waiting`` tells how many requests wait for a resource."""

    def __init__(self, knobs: Knobs, waiting: Callable[[], int]) -> None:
        self.knobs = knobs
        self.waiting = waiting
        self.collapsed = False
        self._begun_s = time.monotonic()
        self._leaked: list[bytes] = []

    @contextlib.contextmanager
    def query(self) -> Iterator[None]:
        """Around each AQL query; ArangoError 32 when the memory limit is reached."""
        knobs = self.knobs
        if knobs.memory_limit_bytes and resident_bytes() >= knobs.memory_limit_bytes:
            raise ArangoError(32, "AQL: global memory limit exceeded")
        held = b"\1" * knobs.query_memory_bytes
        if knobs.leak_bytes:
            self._leaked.append(b"\1" * knobs.leak_bytes)
        if delay_s := self._delay_s():
            time.sleep(delay_s)
        if knobs.query_cpu_s:
            _burn(knobs.query_cpu_s)
        yield
        del held

    def _delay_s(self) -> float:
        """What a query that begins now takes on top."""
        knobs = self.knobs
        if knobs.collapse_at and not self.collapsed:
            self.collapsed = self.waiting() >= knobs.collapse_at
        delay_s = knobs.query_delay_s + (knobs.collapse_delay_s if self.collapsed else 0)
        return delay_s + knobs.ageing_s * (time.monotonic() - self._begun_s) / 60


def _burn(cpu_s: float) -> None:
    """Use so much CPU time of this thread; others can run beside it on another core."""
    digest, block, until_s = hashlib.sha256(), bytes(1 << 16), time.thread_time() + cpu_s
    while time.thread_time() < until_s:
        digest.update(block)  # gives Python's lock back while it works
