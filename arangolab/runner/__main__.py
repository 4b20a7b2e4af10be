"""The runner's process: an order on stdin, a run, and no longer life than its parent's."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
import traceback
from typing import Any, Final

from arangolab.errors import ArangolabError
from arangolab.runner.asked import Asked
from arangolab.runner.conductor import Conductor
from arangolab.runner.order import Order

GRACE_S: Final = 1.6
"""Seconds an orderly end may take once the parent is gone; then the process just ends."""
POLL_S: Final = 0.25
PARENT_GONE: Final = "The process that started it went away; the run was ended with what it had."


def main() -> int:
    """0 when the run was conducted, 1 when it could not begin or broke."""
    parent = os.getppid()
    order = Order.from_line(sys.stdin.buffer.readline())
    asked = Asked()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _: _told_to_end(asked, number))
    if order.plan.attached:
        threading.Thread(target=_until_stdin_ends, args=(asked,), daemon=True).start()
    threading.Thread(
        target=_guard, args=(asked, parent if order.plan.attached else None, order), daemon=True
    ).start()
    try:
        ending = Conductor(order, asked).conduct(lambda: _say(ready=True, path=str(order.path)))
    except ArangolabError as error:
        _say(error=error.what, hint=error.hint, kind=type(error).__name__)
        return 1
    except Exception as error:
        traceback.print_exc()
        _say(error=f"The runner broke: {type(error).__name__}: {error}.", hint="", kind="RunError")
        return 1
    _say(ended=ending.status, sentence=ending.sentence)
    return 0


def _told_to_end(asked: Asked, number: int) -> None:
    because = f"The runner was told to end ({signal.Signals(number).name})."
    asked.stop(because)
    if not asked.begun:  # nothing to be ended in order; the injectors end with their stdin
        _say(error=because, hint="", kind="RunError")
        os._exit(1)


def _until_stdin_ends(asked: Asked) -> None:
    while os.read(0, 65536):
        pass
    _parent_gone(asked)


def _guard(asked: Asked, parent: int | None, order: Order) -> None:
    """End with the parent, and at the deadline whatever happens."""
    deadline_s = time.monotonic() + order.plan.deadline_s + 60.0
    while time.monotonic() < deadline_s:
        if parent is not None and os.getppid() != parent:
            _parent_gone(asked)
        time.sleep(POLL_S)
    asked.stop("The run's deadline passed.")
    time.sleep(30.0)
    os._exit(4)


def _parent_gone(asked: Asked) -> None:
    asked.stop(PARENT_GONE)
    time.sleep(GRACE_S)
    os._exit(3)


def _say(**what: Any) -> None:
    """One line to the parent, if it is still there."""
    try:
        sys.stdout.write(json.dumps(what) + "\n")
        sys.stdout.flush()
    except OSError:
        return


if __name__ == "__main__":
    status = main()
    sys.stderr.flush()
    os._exit(status)
