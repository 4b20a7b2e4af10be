"""Document keys and revisions: what is valid, and what the next one is."""

from __future__ import annotations

import itertools
import re
import time
import uuid
from collections.abc import Callable
from typing import Any

from arangolab.sandbox.faults import ArangoError

_KEY = re.compile(r"[a-zA-Z0-9_\-:.@()+,=;$!*'%]{1,254}")
_ID = re.compile(r"[a-zA-Z0-9_][a-zA-Z0-9_\-]*/[a-zA-Z0-9_\-:.@()+,=;$!*'%]{1,254}")
_DIGITS = "-_ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_PAIRS = [a + b for a in _DIGITS for b in _DIGITS]


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
        self._high = (0, "")

    def next(self) -> str:
        """The next revision, 11 characters as ArangoDB writes them."""
        number = next(self._numbers)
        high, text = self._high
        if high != number >> 18:
            high = number >> 18
            text = "".join(_DIGITS[(high >> shift) & 63] for shift in range(42, -6, -6)).lstrip("-")
            self._high = (high, text)
        return text + _PAIRS[(number >> 6) & 4095] + _DIGITS[number & 63]


def generator(
    options: dict[str, Any], tick: Callable[[], int], taken: Callable[[str], bool]
) -> Callable[[], str]:
    """A function that makes the next key, after a collection's keyOptions.

    ``tick`` gives server-wide numbers, ``taken`` says whether a key is in use.  The options'
    ``lastValue`` is kept.
    Raises ArangoError 10 for an unknown type.
    """
    kind = options.get("type", "traditional")
    if kind == "uuid":
        return lambda: str(uuid.uuid4())
    if kind == "autoincrement":
        step = int(options.get("increment", 1))
        last = max(int(options.get("offset", 0)), int(options.get("lastValue", 0)))
        numbers = itertools.count(last + step, step)
        tick = numbers.__next__
    elif kind not in ("traditional", "padded"):
        raise ArangoError(10, f"unknown key generator type '{kind}'")
    form = "016x" if kind == "padded" else "d"

    def free() -> str:
        number = tick()
        while taken(key := format(number, form)):
            number = tick()
        options["lastValue"] = number
        return key

    return free
