"""JavaScript transactions in a bounded pool of real JavaScript contexts (quickjs-ng).

    pool = Contexts(4, wait_s=60.0)           # SandboxError if the engine fails its self-test
    with pool.entered() as context:           # ArangoError 4 when none becomes free in time
        result = context.run(action, params_json, host)

``host(operation, arguments_json) -> answer_json`` is how a script reaches the database.

quickjs-ng refuses Python callbacks while a time limit is set.  The way around it: the script
frees a callable as its first step; its ``__del__`` clears the flag, while the interrupt handler
stays armed.  That rests on behaviour nobody documents, hence the exact pin and ``self_test``.
The limit counts CPU time of the whole process.
"""

from __future__ import annotations

import collections
import contextlib
import importlib.resources
import json
import threading
from collections.abc import Callable, Iterator
from typing import Any, Final

import orjson

from arangolab.errors import SandboxError
from arangolab.sandbox.faults import ArangoError

try:
    import quickjs
except ImportError as error:
    raise SandboxError(
        f"The JavaScript engine cannot be loaded ({error}).",
        hint="install quickjs-ng for this platform (it comes with arangolab where there is one).",
    ) from error

Host = Callable[[str, str], str]

MEMORY_BYTES: Final = 128 << 20
_STACK_BYTES: Final = 1 << 20
_WRAP: Final = """
(function (run) {
  const global = globalThis;
  global.__go = function (source, params) { delete global.__arm; return run(source, params); };
})((%s)(globalThis, __host));
delete globalThis.__host;
"""


class Context:
    """One JavaScript context; used by one thread at a time."""

    def __init__(self, memory_bytes: int = MEMORY_BYTES) -> None:
        self._context = context = quickjs.Context()
        context.set_memory_limit(memory_bytes)
        context.set_max_stack_size(_STACK_BYTES)
        self._host: Host = _nowhere
        context.add_callable("__host", self._answer)
        context.eval(_WRAP % _boot())
        self._go = context.get("__go")
        context.eval("delete globalThis.__go")

        class Arm:
            """Freed by the script: from then on the clock runs and callbacks are allowed."""

            def __call__(self) -> None:
                """Never called."""

            def __del__(self) -> None:
                context.set_time_limit(-1)

        self._arm = Arm

    def _answer(self, operation: str, arguments: str) -> str:
        """What the script gets back; an exception in here would corrupt the engine."""
        try:
            return self._host(operation, arguments)
        except ArangoError as error:
            return json.dumps(error.to_dict())
        except BaseException as error:
            return json.dumps(ArangoError(4, f"{type(error).__name__}: {error}").to_dict())

    def run(self, action: str, params: str, host: Host, cpu_limit_s: float = 60.0) -> Any:
        """What the action returns; ArangoError with its errorNum, quickjs.JSException if killed."""
        self._host = host
        try:
            self._context.add_callable("__arm", self._arm())
            self._context.set_time_limit(cpu_limit_s)
            answer = _decoded(self._go(action, params))
        finally:
            self._host = _nowhere
        if not answer.get("error"):
            return answer.get("result")
        if answer.get("interrupted"):
            raise quickjs.JSException(answer["errorMessage"])
        number = answer["errorNum"]
        known = ArangoError(number if type(number) is int and 0 < number < 1 << 16 else 1650)
        status = int(answer.get("code") or 0) or known.status
        raise ArangoError(known.error_num, str(answer["errorMessage"]), status)

    def close(self) -> None:
        """Break the cycle that would keep the context's memory until a garbage collection."""
        self._go = None
        self._arm = None  # type: ignore[assignment]
        self._context = None


def _nowhere(_operation: str, _arguments: str) -> str:
    raise ArangoError(4, "no transaction")


def _decoded(answer: str) -> dict[str, Any]:
    try:
        return dict(orjson.loads(answer))
    except orjson.JSONDecodeError:
        return dict(json.loads(answer))


def _boot() -> str:
    return importlib.resources.files(__package__).joinpath("boot.js").read_text(encoding="utf-8")


class _Waiter:
    """A thread that waits for a context."""

    __slots__ = ("context", "wake")

    def __init__(self) -> None:
        self.wake = threading.Lock()
        self.wake.acquire()
        self.context: Context | None = None


class Contexts:
    """At most ``maximum`` contexts; who waited longest gets the next free one."""

    def __init__(self, maximum: int, *, wait_s: float = 60.0, cpu_limit_s: float = 60.0) -> None:
        if maximum < 1:
            raise SandboxError(
                f"{maximum} JavaScript contexts are too few.", hint="--v8-contexts 1 or more."
            )
        self.maximum = maximum
        self.wait_s = wait_s
        self.cpu_limit_s = cpu_limit_s
        self.gave_up: Callable[[str], None] = lambda _: None
        """Told, in words, of each that could not enter."""
        self.enter_failures = 0
        """How often nobody could enter a context in time."""
        self.busy = 0
        """Contexts in use."""
        self._lock = threading.Lock()
        self._free = [self_test()]
        self._waiters: collections.deque[_Waiter] = collections.deque()

    @property
    def alive(self) -> int:
        """Contexts that exist, in use or free."""
        return self.busy + len(self._free)

    @property
    def waiting(self) -> int:
        """Threads that wait for a context."""
        return len(self._waiters)

    @contextlib.contextmanager
    def entered(self) -> Iterator[Entered]:
        """Hold a context; ArangoError 4 when there is none for ``wait_s`` seconds."""
        held = Entered(self._acquire(), self.cpu_limit_s)
        try:
            yield held
        finally:
            self._release(held.context)

    def _acquire(self) -> Context | None:
        with self._lock:
            if self.busy < self.maximum and not self._waiters:
                self.busy += 1
                return self._free.pop() if self._free else None
            waiter = _Waiter()
            self._waiters.append(waiter)
        if waiter.wake.acquire(timeout=min(self.wait_s, threading.TIMEOUT_MAX)):
            return waiter.context
        with self._lock:
            if waiter in self._waiters:
                self._waiters.remove(waiter)
                self.enter_failures += 1
                self.gave_up(
                    "giving up waiting for unused V8 executors for 'transaction' operation after "
                    f"{self.wait_s:.6f} s - executors: {self.alive}/{self.maximum}, "
                    f"idle: {len(self._free)}, busy: {self.busy}, waiting: {self.waiting}"
                )
                raise ArangoError(4, "could not acquire v8 context", 500)
        return waiter.context

    def _release(self, context: Context | None) -> None:
        with self._lock:
            if self._waiters:
                waiter = self._waiters.popleft()
                waiter.context = context
                waiter.wake.release()
                return
            self.busy -= 1
            if context is not None:
                self._free.append(context)


class Entered:
    """The right to run one action at a time; the context itself is made when first needed."""

    def __init__(self, context: Context | None, cpu_limit_s: float) -> None:
        self.context = context
        self._cpu_limit_s = cpu_limit_s

    def run(self, action: str, params: str, host: Host) -> Any:
        """What the action returns; ArangoError, 1650 when it was killed for time or memory."""
        context = self.context or Context()
        self.context = None
        try:
            result = context.run(action, params, host, self._cpu_limit_s)
        except ArangoError:
            self.context = context
            raise
        except Exception as error:  # killed, or out of memory: never use this context again
            context.close()
            raise ArangoError(1650, f"JavaScript was stopped: {error}") from None
        self.context = context
        return result


def self_test() -> Context:
    """A context that has shown what the sandbox relies on; SandboxError otherwise."""
    try:
        endless, greedy, good = Context(), Context(8 << 20), Context()
        _must_fail(endless, "function () { while (true); }", 0.05)
        _must_fail(
            greedy, "function () { const a = []; while (true) a.push('x'.repeat(9999)); }", 5
        )
        echo = "function (p) { return require('@arangodb').db._name() + p.a; }"
        for _ in range(2):
            got = good.run(echo, '{"a": 1}', lambda operation, _: f'{{"result": "{operation}"}}')
            if got != "database1":
                raise SandboxError(f"The JavaScript engine's self-test gave {got!r}.")
    except (quickjs.JSException, ArangoError, AttributeError, TypeError) as error:
        raise SandboxError(
            f"The JavaScript engine failed its self-test ({error}).",
            hint="install the exact version of quickjs-ng that arangolab asks for.",
        ) from error
    return good


def _must_fail(context: Context, action: str, cpu_limit_s: float) -> None:
    try:
        context.run(action, "null", _nowhere, cpu_limit_s)
    except (quickjs.JSException, ArangoError, MemoryError):
        context.close()
        return
    raise SandboxError("The JavaScript engine does not keep its limits of time and memory.")
