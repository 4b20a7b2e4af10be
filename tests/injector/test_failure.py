"""What went wrong is said in the server's words, whichever exception carried them."""

from __future__ import annotations

import pytest
from pyArango.theExceptions import (
    AQLQueryError,
    CreationError,
    DocumentNotFoundError,
    TransactionError,
)

from arangolab.injector.failure import CheckFailed, NoReply, Refused, failure_of

V8 = {"code": 500, "error": True, "errorNum": 4, "errorMessage": "could not acquire v8 context"}


@pytest.mark.parametrize(
    ("error", "kind", "message"),
    [
        (TransactionError("x", "function () {}", V8), "500/4 s", V8["errorMessage"]),
        (AQLQueryError("x", "RETURN 1", V8), "500/4 s", V8["errorMessage"]),
        (CreationError("x", V8), "500/4 s", V8["errorMessage"]),
        (DocumentNotFoundError("x", V8), "500/4 s", V8["errorMessage"]),
        (CreationError("no more", b"raw"), "CreationError s", "CreationError: no more. Errors"),
        (Refused(11, "not authorized"), "401/11 s", "not authorized"),
        (NoReply("read timeout", "http://a"), "read timeout s", "read timeout: http://a"),
        (CheckFailed("no row"), "check s", "no row"),
        (KeyError("gone"), "KeyError s", "KeyError: 'gone'"),
        (ValueError(), "ValueError s", "ValueError"),
    ],
)
def test_kind_and_message(error: Exception, kind: str, message: str) -> None:
    """HTTP status/errorNum or a short reason, then the step."""
    found = failure_of(error, "s", contested=False)
    assert found.kind == kind
    assert found.message.startswith(message)
    assert not found.self_inflicted


def test_outside_of_any_step_the_kind_has_none() -> None:
    """Nothing is made up."""
    assert failure_of(KeyError("x"), "", contested=True).kind == "KeyError"


@pytest.mark.parametrize(("contested", "own"), [(True, True), (False, False)])
def test_a_conflict_is_the_tests_own_only_on_a_user_in_flight_twice(
    contested: bool, own: bool
) -> None:
    """Other conflicts are the server's (or the data's) to explain."""
    error = TransactionError("x", "f", {"code": 409, "errorNum": 1200, "errorMessage": "conflict"})
    found = failure_of(error, "t", contested=contested)
    assert found.self_inflicted is own
    assert found.kind.startswith("409/1200 t")


def test_a_long_message_becomes_one_line_of_bounded_length() -> None:
    """Stack traces of a server do not fill the run file."""
    found = failure_of(CheckFailed("a\n" * 5000), "", contested=False)
    assert "\n" not in found.message
    assert len(found.message) <= 500
