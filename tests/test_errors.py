"""Errors are sentences: what happened, and what to try."""

from __future__ import annotations

import pickle

import pytest

from arangolab import errors


def all_kinds() -> list[type[errors.ArangolabError]]:
    """Every class of the tree."""
    found, queue = [], [errors.ArangolabError]
    while queue:
        kind = queue.pop()
        found.append(kind)
        queue.extend(kind.__subclasses__())
    return found


def test_an_error_says_what_happened_and_what_to_try() -> None:
    """In one line."""
    error = errors.Unreachable("Nothing answers at http://x.", hint="start the server.")
    assert str(error) == "Nothing answers at http://x. Try: start the server."
    assert str(errors.RunError("It broke.")) == "It broke."


@pytest.mark.parametrize("kind", all_kinds())
def test_every_error_survives_pickling(kind: type[errors.ArangolabError]) -> None:
    """It may cross a process boundary."""
    error = pickle.loads(pickle.dumps(kind("what", hint="hint")))  # noqa: S301
    assert (type(error), error.what, error.hint) == (kind, "what", "hint")


@pytest.mark.parametrize("kind", all_kinds())
def test_the_tree_is_drawn_in_the_module(kind: type[errors.ArangolabError]) -> None:
    """The picture at the top of errors.py is complete."""
    assert kind.__name__ in (errors.__doc__ or "")
