"""JavaScript transactions in a bounded pool of real JavaScript contexts (quickjs-ng).

    pool = Contexts(4, wait_s=60.0)           # SandboxError if the engine fails its self-test
    with pool.entered() as context:           # ArangoError 4 when none becomes free in time
        result = context.run(action, params_json, host)

``host(operation, arguments_json) -> answer_json`` is how a script reaches the database.

quickjs-ng refuses Python callbacks while a time limit is set.  The way around it: the script
frees a callable as its first step; who watches it clears the flag, while the interrupt handler
stays armed.  That rests on behaviour nobody documents, hence the exact pin and ``self_test``.
The limit counts CPU time of the whole process.
"""

from __future__ import annotations

import collections
import contextlib
import importlib.resources
import json
import queue
import threading
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import quickjs

from arangolab.errors import SandboxError
from arangolab.sandbox.faults import ArangoError

Host = Callable[[str, str], str]


class Context:
    """One JavaScript context, made when it is first needed; used by one thread at a time."""

    def __init__(self, memory_bytes: int = 128 << 20, cpu_limit_s: float = 60.0) -> None:
        self.cpu_limit_s, self._memory_bytes = cpu_limit_s, memory_bytes
        self._engine: Any = None
        self._go: Any = None
        self._watched: Any = None
        self._host: Any = None

    def _armed(self) -> Any:
        """The script's side, whose first step starts the clock and allows callbacks again."""
        if self._engine is None:
            self._engine = quickjs.Context()
            self._engine.set_memory_limit(self._memory_bytes)
            self._engine.set_max_stack_size(1 << 20)
            self._engine.add_callable("__host", self._answer)
            boot = importlib.resources.files(__package__).joinpath("boot.js")
            self._go = self._engine.eval(boot.read_text(encoding="utf-8"))
        engine, armed = self._engine, lambda: None
        self._watched = weakref.ref(armed, lambda _: engine.set_time_limit(-1))
        engine.add_callable("__arm", armed)
        engine.set_time_limit(self.cpu_limit_s)
        return self._go

    def _answer(self, operation: str, arguments: str) -> str:
        """What the script gets back; an exception in here would corrupt the engine."""
        try:
            return str(self._host(operation, arguments))
        except BaseException as error:
            wrong = ArangoError(4, f"{type(error).__name__}: {error}")
            return json.dumps((error if isinstance(error, ArangoError) else wrong).to_dict())

    def run(self, action: str, params: str, host: Host) -> Any:
        """What the action returns; ArangoError, 1650 when it was killed for time or memory."""
        self._host = host
        try:
            answer = json.loads(self._armed()(action, params))  # with halves of surrogate pairs
            if answer.get("interrupted"):
                raise MemoryError(answer["errorMessage"])
        except Exception as error:  # killed, or out of memory: never use this engine again
            self._engine = self._go = self._watched = None  # breaks the cycle that keeps its memory
            raise ArangoError(1650, f"JavaScript was stopped: {error}") from None
        finally:
            self._host = None
        if answer.get("error"):
            raise ArangoError(answer["errorNum"], str(answer["errorMessage"]), answer["code"])
        return answer.get("result")


class Contexts:
    """At most ``maximum`` contexts; who waited longest gets the next free one."""

    def __init__(self, maximum: int, wait_s: float = 60.0, cpu_limit_s: float = 60.0) -> None:
        self.maximum, self.wait_s, self.cpu_limit_s = maximum, wait_s, cpu_limit_s
        self.gave_up: Callable[[str], None] = lambda _: None
        """Told, in words, of each that could not enter."""
        self.enter_failures = 0
        """How often nobody could enter a context in time."""
        self.alive = 1
        """Contexts that exist, in use or free."""
        self._lock = threading.Lock()
        self._free = [*(Context() for _ in range(maximum - 1)), self_test()]
        self._waiters = collections.OrderedDict[queue.SimpleQueue[Context], None]()

    @property
    def busy(self) -> int:
        """Contexts in use."""
        return self.maximum - len(self._free)

    @property
    def waiting(self) -> int:
        """Threads that wait for a context."""
        return len(self._waiters)

    @contextlib.contextmanager
    def entered(self) -> Iterator[Context]:
        """Hold a context; ArangoError 4 when there is none for ``wait_s`` seconds."""
        waiter: queue.SimpleQueue[Context] = queue.SimpleQueue()
        self._waiters[waiter] = None
        self._serve()
        try:
            context = waiter.get(timeout=min(self.wait_s, threading.TIMEOUT_MAX))
        except queue.Empty:
            with self._lock:
                gives_up = self._waiters.pop(waiter, waiter) is None
                self.enter_failures += gives_up
            if gives_up:
                said = "giving up waiting for unused V8 executors for 'transaction' operation"
                told = f"executors: {self.alive}/{self.maximum}, busy: {self.busy}"
                self.gave_up(f"{said} after {self.wait_s:.6f} s - {told}")
                raise ArangoError(4, "could not acquire v8 context", 500) from None
            context = waiter.get()  # served at the very end
        context.cpu_limit_s = self.cpu_limit_s
        try:
            yield context
        finally:
            self._serve(context)

    def _serve(self, *returned: Context) -> None:
        with self._lock:
            self._free.extend(returned)
            while self._free and self._waiters:
                self._waiters.popitem(last=False)[0].put(self._free.pop())
            self.alive = max(self.alive, self.busy)


def self_test() -> Context:
    """A context that has shown what the sandbox relies on; SandboxError otherwise."""

    def said(context: Context, action: str) -> Any:
        try:
            return context.run(action, "1", lambda what, _: f'{{"result": "{what}"}}')
        except ArangoError as error:
            return error.message[:22]

    good = Context()
    echo = "(one) => require('@arangodb').db._name() + one"
    greedy = "() => { const a = []; while (true) a.push('x'.repeat(9999)); }"
    stopped = said(Context(cpu_limit_s=0.05), "() => { while (true); }")
    found = [stopped, said(Context(8 << 20, 5.0), greedy), said(good, echo), said(good, echo)]
    if found == ["JavaScript was stopped"] * 2 + ["database1"] * 2:
        return good
    raise SandboxError(
        f"The JavaScript engine failed its self-test ({found}).",
        hint="install the exact version of quickjs-ng that arangolab asks for.",
    )
