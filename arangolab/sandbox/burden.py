"""What the knobs lay on queries and transactions: time, CPU, memory, age and collapse."""

from __future__ import annotations

import contextlib
import hashlib
import time
from collections.abc import Callable, Iterator
from typing import Final

from arangolab.sandbox.faults import ArangoError
from arangolab.sandbox.knobs import Knobs
from arangolab.sandbox.process import resident_bytes

_BLOCK: Final = bytes(1 << 16)
_LAID_ON_QUERIES: Final = (
    "query_delay_s",
    "query_cpu_s",
    "query_memory_bytes",
    "memory_limit_bytes",
    "leak_bytes",
    "ageing_s",
    "collapse_at",
)


class Burden:
    """The burdens of one server."""

    def __init__(self, knobs: Knobs) -> None:
        self.knobs = knobs
        self.waiting: Callable[[], int] = lambda: 0
        """How many requests wait for a thread or a context."""
        self.collapsed = False
        self._begun_s = time.monotonic()
        self._leaked: list[bytes] = []
        self._is_light = not any(getattr(knobs, name) for name in _LAID_ON_QUERIES)

    @contextlib.contextmanager
    def query(self) -> Iterator[None]:
        """Around each AQL query; ArangoError 32 when the memory limit is reached."""
        if self._is_light:
            yield
            return
        knobs = self.knobs
        if 0 < knobs.memory_limit_bytes <= resident_bytes():
            raise ArangoError(32, "AQL: global memory limit exceeded")
        held = b"\1" * knobs.query_memory_bytes
        if knobs.leak_bytes:
            self._leaked.append(b"\1" * knobs.leak_bytes)
        time.sleep(self.query_delay_s())
        burn(knobs.query_cpu_s)
        yield
        del held

    def query_delay_s(self) -> float:
        """What a query that begins now takes on top."""
        knobs = self.knobs
        delay_s = knobs.query_delay_s
        delay_s += knobs.ageing_s * (time.monotonic() - self._begun_s) / 60
        if knobs.collapse_at and not self.collapsed:
            self.collapsed = self.waiting() >= knobs.collapse_at
        return delay_s + (knobs.collapse_delay_s if self.collapsed else 0)


def burn(cpu_s: float) -> None:
    """Use so much CPU time of this thread; others can run beside it on another core."""
    if not cpu_s:
        return
    digest, until_s = hashlib.sha256(), time.thread_time() + cpu_s
    while time.thread_time() < until_s:
        digest.update(_BLOCK)  # gives Python's lock back while it works
