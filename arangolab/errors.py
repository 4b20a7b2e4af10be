"""Every error arangolab raises on purpose, in one tree.

    ArangolabError
    ├── InputError          a value the user gave cannot be used (rates, ranges, options)
    ├── TargetError         the server under test
    │   ├── Unreachable         nothing answers at that address
    │   ├── NotArangoDB         something answers, but it is not ArangoDB
    │   ├── AccessDenied        user or password refused
    │   └── NoSuchDatabase      the database does not exist there
    ├── DataSetError        the graph could not be loaded, or is not what it should be
    ├── ScenarioError       a scenario cannot be loaded or used
    ├── RunFileError        a run file cannot be opened or read
    ├── RunError            a run could not be conducted
    ├── SandboxError        the embedded server could not be started
    └── FindingError        a notebook could not be executed or exported

``str(error)`` is one line: what happened, and what to try.  The command line prints it and
exits with 1 (2 for InputError); a notebook's cell shows it without a traceback, the panel in its
log.
"""

from __future__ import annotations

import os
import traceback


class ArangolabError(Exception):
    """What went wrong and what to try, as two separate sentences."""

    def __init__(self, what: str, *, hint: str = "") -> None:
        super().__init__(what, hint)
        self.what = what
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.what} Try: {self.hint}" if self.hint else self.what

    def _render_traceback_(self) -> list[str]:
        """What IPython shows of it: one sentence, unless ARANGOLAB_DEBUG asks for more."""
        if os.environ.get("ARANGOLAB_DEBUG"):
            return traceback.format_exception(self)
        return [f"{type(self).__name__}: {self}"]

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.what, self.hint))


def _rebuild(kind: type[ArangolabError], what: str, hint: str) -> ArangolabError:
    return kind(what, hint=hint)


class InputError(ArangolabError, ValueError):
    """A value the user gave cannot be used."""


class TargetError(ArangolabError):
    """The server under test cannot be used."""


class Unreachable(TargetError):
    """Nothing answers at the address."""


class NotArangoDB(TargetError):
    """Something answers, but it is not ArangoDB."""


class AccessDenied(TargetError):
    """The server refused user or password."""


class NoSuchDatabase(TargetError):
    """The server does not have the database."""


class DataSetError(ArangolabError):
    """The graph could not be loaded, or is not what it should be."""


class ScenarioError(ArangolabError):
    """A scenario cannot be loaded or used."""


class RunFileError(ArangolabError):
    """A run file cannot be opened or read."""


class RunError(ArangolabError):
    """A run could not be conducted."""


class SandboxError(ArangolabError):
    """The embedded server could not be started."""


class FindingError(ArangolabError):
    """A notebook could not be executed or exported."""


def of_kind(kind: str, what: str, hint: str = "") -> ArangolabError:
    """An error by its class's name, as another process told it; RunError for an unknown one."""
    found = globals().get(kind)
    if isinstance(found, type) and issubclass(found, ArangolabError):
        return _rebuild(found, what, hint)
    return RunError(what, hint=hint)
