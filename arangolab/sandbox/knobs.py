"""The sandbox's knobs: one table, from which its options, their checks and their help are made.

    knobs = Knobs(v8_contexts=2, query_delay_s=0.1)     # InputError when a value cannot be used

Each makes one resource give out for a real reason; ``shows`` says which indicator and graph tell.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Final

from arangolab.errors import InputError
from arangolab.sandbox.faults import check
from arangolab.sandbox.traffic import resident_bytes

_BLOCK: Final = bytes(1 << 16)
_ENDLESS: Final = 1e15
_CONTEXTS: Final = "V8 contexts (graph V8 contexts)"
_CPU: Final = "CPU (graph CPU of the server)"
_ERRORS: Final = "errors, by number (graph Timings and errors)"
_FILES: Final = "file descriptors (graph Threads and files)"
_MEMORY: Final = "memory (graph Memory)"
_QUEUE: Final = "the scheduler's threads and queue (graph Threads and files; the evidence's own)"
_TIMES: Final = "times (graph Timings and errors)"


def _knob(default: float, does: str, shows: str, low: float = 0, high: float = _ENDLESS) -> Any:
    return field(default=default, metadata={"does": does, "shows": shows, "low": low, "high": high})


@dataclass(frozen=True, slots=True, kw_only=True)
class Knobs:
    """What limits or burdens a sandbox; 0 switches a burden or a limit off."""

    v8_contexts: int = _knob(4, "JavaScript transactions that run at a time", _CONTEXTS, 1, 1024)
    v8_wait_s: float = _knob(60.0, "how long one waits for a context; then errorNum 4", _CONTEXTS)
    transaction_delay_s: float = _knob(0.0, "each JavaScript holds its context longer", _CONTEXTS)
    js_time_limit_s: float = _knob(60.0, "CPU time of a JavaScript, then 1650", _ERRORS, 0.001)
    commit_delay_s: float = _knob(0.0, "each writer holds its keys longer: more 1200", _ERRORS)
    maximal_threads: int = _knob(128, "most threads; beyond, requests queue", _QUEUE, 1, 10_000)
    maximal_queue_size: int = _knob(4096, "longest queue; beyond, 503 with 21003", _QUEUE, 1)
    query_delay_s: float = _knob(0.0, "each AQL query takes longer, at any load", _TIMES)
    query_cpu_s: float = _knob(0.0, "CPU time each AQL query burns on top", _CPU)
    query_memory_bytes: int = _knob(0, "memory each AQL query holds while it runs", _MEMORY)
    memory_limit_bytes: int = _knob(0, "resident memory at which AQL queries get 32", _MEMORY)
    file_descriptors: int = _knob(0, "most descriptors; beyond, nobody is let in", _FILES)
    leak_bytes: int = _knob(0, "memory each AQL query loses for good", _MEMORY)
    ageing_s: float = _knob(0.0, "by how much query-delay grows in a minute", _TIMES)
    collapse_at: int = _knob(0, "so many waiting requests slow all down for good", _TIMES)
    collapse_delay_s: float = _knob(1.0, "by how much each AQL query is slower then", _TIMES)

    def __post_init__(self) -> None:
        for one in fields(self):
            value, low, high = getattr(self, one.name), one.metadata["low"], one.metadata["high"]
            if not (math.isfinite(value) and low <= value <= high):
                range_said = f"from {low:g} to {high:g} are possible"
                why = f"it cannot be below {low:g}" if high == _ENDLESS else range_said
                raise InputError(f"The value of {option(one.name)} cannot be used: {why}.")


def option(name: str) -> str:
    """A knob's name on the command line: ``v8_wait_s`` is ``--v8-wait``."""
    return "--" + name.removesuffix("_s").removesuffix("_bytes").replace("_", "-")


def add_options(parser: argparse.ArgumentParser) -> None:
    """An option for each knob."""
    group = parser.add_argument_group("knobs", "each makes another resource give out first")
    for one in fields(Knobs):
        unit = {"s": "SECONDS", "bytes": "BYTES"}.get(one.name.rpartition("_")[2], "N")
        group.add_argument(
            option(one.name),
            dest=one.name,
            type=type(one.default),
            default=one.default,
            metavar=unit,
            help=f"{one.metadata['does']} ({one.default:g}). Shows in: {one.metadata['shows']}",
        )


def from_options(options: argparse.Namespace) -> Knobs:
    """The knobs as the command line has them; InputError."""
    return Knobs(**{one.name: getattr(options, one.name) for one in fields(Knobs)})


def as_options(given: Mapping[str, float]) -> list[str]:
    """Arguments of a command line that turns these knobs; InputError for one there is not."""
    known = {one.name for one in fields(Knobs)}
    if unknown := given.keys() - known:
        said = f"The sandbox has no knob '{min(unknown)}'."
        raise InputError(said, hint=f"one of {', '.join(sorted(known))}.")
    made = Knobs(**given)  # type: ignore[arg-type]
    return [word for name in given for word in (option(name), str(getattr(made, name)))]


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
