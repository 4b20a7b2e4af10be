"""The functions of AQL: a table per family, all in ``registry.FUNCTIONS``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from arangolab.sandbox.aql.context import BadArgument
from arangolab.sandbox.aql.functions import arrays, dates, numbers, text  # noqa: F401 - fill it
from arangolab.sandbox.aql.functions.registry import FUNCTIONS

_THEMSELVES = (
    "AVERAGE LENGTH COUNT_DISTINCT MAX MIN SORTED_UNIQUE STDDEV STDDEV_SAMPLE SUM UNIQUE "
    "VARIANCE VARIANCE_SAMPLE"
)
AGGREGATES: Final[dict[str, str]] = {
    **{name: name for name in _THEMSELVES.split()},
    "AVG": "AVERAGE",
    "COUNT": "LENGTH",
    "COUNT_UNIQUE": "COUNT_DISTINCT",
    "PUSH": "",
}
"""Functions that COLLECT AGGREGATE knows, and the function over an array behind each."""


def scalar(name: str) -> Callable[[Any], Any]:
    """A function of one argument that gives null where the argument is bad."""
    call = FUNCTIONS[name].call

    def reduce(values: Any) -> Any:
        try:
            return call(values)
        except BadArgument:
            return None

    return reduce
