"""Document keys and revisions: what is valid, and what the next one is."""

from __future__ import annotations

import binascii
import itertools
import re
import time
import uuid
from collections.abc import Callable
from typing import Any

from arangolab.sandbox.faults import ArangoError

_KEY = re.compile(r"[a-zA-Z0-9_\-:.@()+,=;$!*'%]{1,254}")
_ID = re.compile(r"[a-zA-Z0-9_][a-zA-Z0-9_\-]*/" + _KEY.pattern)
_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_IN_ORDER = bytes.maketrans(_LETTERS + b"+/", b"-_" + _LETTERS)


def check_key(key: object) -> str:
    """The key, or ArangoError 1221."""
    if type(key) is str and _KEY.fullmatch(key):
        return key
    raise ArangoError(1221)


def is_document_id(value: object) -> bool:
    """Whether value has the form collection/key."""
    return type(value) is str and _ID.fullmatch(value) is not None


class Revisions:
    """Gives each write a new, ever greater ``_rev``; safe in many threads."""

    def __init__(self) -> None:
        self._numbers = itertools.count((time.time_ns() // 1_000_000) << 20)

    def next(self) -> str:
        """The next revision, 11 characters as ArangoDB writes them."""
        digits = binascii.b2a_base64(next(self._numbers).to_bytes(9, "big"), newline=False)
        return digits.translate(_IN_ORDER).decode()[1:]


def generator(
    options: dict[str, Any], tick: Callable[[], int], taken: Callable[[str], bool]
) -> Callable[[], str]:
    """A function that makes the next key, after a collection's keyOptions.

    ``tick`` gives server-wide numbers, ``taken`` says whether a key is in use.  The options'
    ``lastValue`` is kept.  Raises ArangoError 10 for an unknown type.
    """
    kind = options["type"]
    if kind == "uuid":
        return lambda: str(uuid.uuid4())
    if kind == "autoincrement":
        step = int(options.get("increment", 1))
        last = max(int(options.get("offset", 0)), int(options.get("lastValue", 0)))
        tick = itertools.count(last + step, step).__next__
    elif kind not in ("traditional", "padded"):
        raise ArangoError(10, f"unknown key generator type '{kind}'")

    def free() -> str:
        number = tick()
        while taken(key := f"{number:016x}" if kind == "padded" else str(number)):
            number = tick()
        options["lastValue"] = number
        return key

    return free
