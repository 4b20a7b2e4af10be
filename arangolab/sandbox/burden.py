"""What the knobs lay on queries and transactions: time, CPU, memory, age and collapse."""

from __future__ import annotations

import contextlib
import hashlib
import time
from collections.abc import Callable, Iterator

from arangolab.sandbox.faults import check
from arangolab.sandbox.knobs import Knobs
from arangolab.sandbox.traffic import resident_bytes

_BLOCK = bytes(1 << 16)


class Burden:
    """The burdens of one server; ``waiting`` tells how many requests wait for a resource."""

    def __init__(self, knobs: Knobs, waiting: Callable[[], int]) -> None:
        self.knobs = knobs
        self._waiting = waiting
        self._collapsed = False
        self._begun_s = time.monotonic()
        self._leaked: list[bytes] = []

    @contextlib.contextmanager
    def query(self) -> Iterator[None]:
        """Around each AQL query; ArangoError 32 when the memory limit is reached."""
        knobs = self.knobs
        most = knobs.memory_limit_bytes
        check(not most or resident_bytes() < most, 32, "AQL: global memory limit exceeded")
        held = b"\1" * knobs.query_memory_bytes
        if knobs.leak_bytes:
            self._leaked.append(b"\1" * knobs.leak_bytes)
        if knobs.collapse_at and self._waiting() >= knobs.collapse_at:
            self._collapsed = True
        delay_s = knobs.query_delay_s + knobs.ageing_s * (time.monotonic() - self._begun_s) / 60
        if delay_s := delay_s + knobs.collapse_delay_s * self._collapsed:
            time.sleep(delay_s)
        until_s = time.thread_time() + knobs.query_cpu_s
        while knobs.query_cpu_s and time.thread_time() < until_s:
            hashlib.sha256(_BLOCK)  # gives Python's lock back while it works
        yield
        del held
