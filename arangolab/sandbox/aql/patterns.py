"""Regular expressions and LIKE, stopped after a time: Python's own would hold all threads."""

from __future__ import annotations

import functools
import re
from typing import Any, Final

import regex

from arangolab.sandbox.aql.context import BadArgument
from arangolab.sandbox.faults import fault

_LIMIT_S: Final = 1.0
_LONGEST: Final = 10_000


def apply(how: str, pattern: str, ignore_case: bool, *given: str) -> Any:
    """Search, fullmatch, split or sub; BadArgument (1543) if it is none, ArangoError 1500."""
    try:
        if len(pattern) > _LONGEST:
            raise OverflowError
        compiled = regex.compile(pattern, regex.IGNORECASE if ignore_case else 0)
        return getattr(compiled, how)(*given, timeout=_LIMIT_S)
    except TimeoutError:
        raise fault(1500, after=f": a pattern took more than {_LIMIT_S:g} s") from None
    except (regex.error, OverflowError, RecursionError, MemoryError):
        raise BadArgument(1543) from None


def found(text: str, pattern: str, ignore_case: bool = False) -> bool:
    """Whether a part of a text is as the expression says."""
    return bool(apply("search", pattern, ignore_case, text))


def like(text: str, pattern: str, ignore_case: bool = False) -> bool:
    """Whether all of a text is LIKE a pattern."""
    return bool(apply("fullmatch", _of_like(pattern), ignore_case, text))


@functools.lru_cache(maxsize=512)
def _of_like(pattern: str) -> str:
    """The expression for % any text, _ one character, a backslash before these."""
    signs = re.findall(r"\\[%_\\]|.", pattern, re.DOTALL)
    parts = [{"%": ".*", "_": "."}.get(sign) or re.escape(sign[-1]) for sign in signs]
    return "(?s)" + "".join(parts)
