"""Regular expressions and LIKE, stopped after a time: Python's own would hold all threads."""

from __future__ import annotations

import fnmatch
import functools
import glob
import re
from typing import Any, Final

import regex

from arangolab.sandbox.faults import ArangoError, check

_LIMIT_S: Final = 1.0
_LONGEST: Final = 10_000


def apply(how: str, pattern: str, ignore_case: bool, *given: str) -> Any:
    """Search, fullmatch, split or sub; ArangoError 1543 (it is none), 1500."""
    try:
        return getattr(_compiled(pattern, ignore_case), how)(*given, timeout=_LIMIT_S)
    except TimeoutError:
        raise ArangoError(1500, f"query killed: a pattern took more than {_LIMIT_S:g} s") from None
    except (regex.error, OverflowError, RecursionError, MemoryError):
        raise ArangoError(1543) from None


def found(text: str, pattern: str, ignore_case: bool = False) -> bool:
    """Whether a part of a text is as the expression says."""
    return bool(apply("search", pattern, ignore_case, text))


def like(text: str, pattern: str, ignore_case: bool = False) -> bool:
    """Whether all of a text is LIKE a pattern."""
    return _of_like(pattern, ignore_case).fullmatch(text) is not None


@functools.lru_cache(maxsize=512)
def _compiled(pattern: str, ignore_case: bool) -> Any:
    check(len(pattern) <= _LONGEST, 1543)
    return regex.compile(pattern, regex.IGNORECASE if ignore_case else 0)


@functools.lru_cache(maxsize=512)
def _of_like(pattern: str, ignore_case: bool) -> re.Pattern[str]:
    """% any text, _ one character, a backslash before these; by way of a file name's pattern.

    Those never go back behind a part that was found, so that none takes long.
    """
    signs = re.findall(r"\\[%_\\]|.", pattern, re.DOTALL)
    parts = [{"%": "*", "_": "?"}.get(sign) or glob.escape(sign[-1]) for sign in signs]
    return re.compile(fnmatch.translate("".join(parts)), re.IGNORECASE if ignore_case else 0)
