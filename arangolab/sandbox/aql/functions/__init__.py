"""The functions of AQL: a table per family, all in ``registry.FUNCTIONS``."""

from arangolab.sandbox.aql.functions import arrays, dates, numbers, text
from arangolab.sandbox.aql.functions.registry import FUNCTIONS, aggregate, applied, checked

__all__ = ["FUNCTIONS", "aggregate", "applied", "arrays", "checked", "dates", "numbers", "text"]
