"""What went wrong in a scenario, dug out of whatever exception said so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

CONFLICT = 1200
"""ArangoDB's errorNum of a write-write conflict."""
NOT_UNIQUE = 1210
"""ArangoDB's errorNum of a key (or unique value) that is there already: the test chose it."""

NOT_TRUSTED = "not trusted"
"""Reason of a NoReply: nobody we trust vouches for the server's certificate."""


class NoReply(Exception):
    """No usable reply came: ``reason`` in two or three words, ``detail`` in full."""

    def __init__(self, reason: str, detail: str = "", *, status: int = 0) -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.status = status


class Refused(Exception):
    """The server answered 401: user, password or token are not (or no longer) good."""

    def __init__(self, error_num: int, message: str) -> None:
        super().__init__(message)
        self.errors = {"code": 401, "errorNum": error_num, "errorMessage": message}


class Rejected(Exception):
    """The server answered with an error of its own."""

    def __init__(self, said: Any) -> None:
        self.errors: dict[str, Any] = said if isinstance(said, dict) else {}
        super().__init__(str(self.errors.get("errorMessage", said)))


class CheckFailed(Exception):
    """The scenario's own check of a result did not hold."""


@dataclass(frozen=True, slots=True)
class Failure:
    """One scenario's failure."""

    kind: str
    """What groups failures: HTTP status/errorNum or a short reason, and the step."""
    step: str
    """Step in which it happened; empty outside of any."""
    status: int
    """HTTP status; 0 when there was no reply."""
    error_num: int
    """ArangoDB's errorNum; 0 when there was none."""
    message: str
    """The server's errorMessage, or what the exception says; one line."""
    self_inflicted: bool
    """The test's own doing: a conflict on a user whom it was driving twice at once, or a key that
    it used before."""


def failure_of(error: BaseException, step: str, *, contested: bool) -> Failure:
    """Describe the error of a step.

    ``contested``: the user was in flight twice, so that a write-write conflict is the test's.
    """
    what, status, error_num, message = _cause(error)
    own = _OWN.get(error_num, "") if contested or error_num == NOT_UNIQUE else ""
    kind = f"{what} {step}".rstrip() + own
    return Failure(kind, step, status, error_num, _one_line(message), bool(own))


_OWN = {CONFLICT: " (same user twice)", NOT_UNIQUE: " (key used before)"}


def _cause(error: BaseException) -> tuple[str, int, int, str]:
    """(short reason, HTTP status, errorNum, message)."""
    if isinstance(error, NoReply):
        return error.reason, error.status, 0, str(error)
    if isinstance(error, CheckFailed):
        return "check", 0, 0, str(error)
    said: Any = getattr(error, "errors", None)
    if isinstance(said, dict) and "errorNum" in said:
        status, error_num = _number(said.get("code")), _number(said.get("errorNum"))
        return f"{status}/{error_num}", status, error_num, str(said.get("errorMessage", ""))
    text = str(error)
    name = type(error).__name__
    return name, 0, 0, f"{name}: {text}" if text else name


def error_num_of(error: BaseException) -> int:
    """ArangoDB's errorNum of an error; 0 when it has none."""
    return _cause(error)[2]


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def _one_line(text: str, longest: int = 500) -> str:
    line = " ".join(text.split())
    return line if len(line) <= longest else line[: longest - 1] + "…"
