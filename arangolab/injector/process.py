"""The injector's process from its first message to its last."""

from __future__ import annotations

import gc
import os
import traceback
from collections.abc import Callable, Sequence
from typing import Any, Final

from arangolab.errors import ArangolabError, ScenarioError
from arangolab.injector.client import connect
from arangolab.injector.engine import Engine
from arangolab.injector.inbox import Inbox
from arangolab.injector.protocol import End, Errand, Fatal, Setup, encode
from arangolab.injector.watch import Watch
from arangolab.scenarios.loading import Scenario, load

_FLUSH_OUT_S: Final = 2.0


def run(watch: Watch) -> int:
    """The process's work; its exit status."""
    inbox = Inbox(watch)
    try:
        setup = inbox.get()
        if not isinstance(setup, Setup):
            raise ArangolabError(f"The first message was {setup.type!r} instead of a setup.")
        watch.end_after(setup.deadline_s)
        scenarios = [load(part.name, part.source, part.params) for part in setup.parts]
        db, transport = connect(setup)
        if setup.errand:
            errand(setup.errand, scenarios, db)
            watch.send(encode(End(reason=f"{setup.errand} done")))
        else:
            engine = Engine(setup, scenarios, db, transport, watch, broke=_broke(watch))
            gc.collect()
            gc.freeze()  # what is there now stays; collections then cost next to nothing
            engine.run(inbox)
    except Exception as error:
        _give_up(watch, error)
        return 1
    watch.flush(_FLUSH_OUT_S)
    return 0


def errand(kind: Errand, scenarios: Sequence[Scenario], db: Any) -> None:
    """Call the scenarios' setup, or teardown; raises ScenarioError when one fails."""
    for one in scenarios:
        hook = one.setup if kind == "setup" else one.teardown
        if hook is None:
            continue
        try:
            hook(db)
        except Exception as error:
            raise ScenarioError(
                f"The {kind} of the scenario {one.name} failed: {type(error).__name__}: {error}.",
                hint="call it by hand to see where.",
            ) from error


def _give_up(watch: Watch, error: BaseException) -> None:
    """Say what happened, as the last message."""
    if isinstance(error, ArangolabError):
        last = Fatal(message=error.what, hint=error.hint, kind=type(error).__name__)
    else:
        traceback.print_exception(error)
        last = Fatal(
            message=f"The injector failed: {type(error).__name__}: {error}.",
            hint="report this with what the injector wrote to stderr.",
        )
    watch.send(encode(last))
    watch.flush(_FLUSH_OUT_S)


def _broke(watch: Watch) -> Callable[[BaseException], None]:
    """A part of the engine failed: say so and end, rather than measure something else."""

    def end(error: BaseException) -> None:
        _give_up(watch, error)
        os._exit(1)

    return end
