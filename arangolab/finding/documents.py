"""nbformat, the library of notebook files, without what takes it three seconds to load."""

from __future__ import annotations

import importlib
import sys
from typing import Any, Final

UNUSED: Final = "rfc3987_syntax"
"""A grammar of international addresses: jsonschema parses it wherever it finds it, and Jupyter
installs it; no schema of a notebook asks for such an address."""


def nbformat() -> Any:
    """The module; to be asked for before nbclient, nbconvert and papermill, which load it too."""
    if "jsonschema" in sys.modules or UNUSED in sys.modules:
        return importlib.import_module("nbformat")
    sys.modules[UNUSED] = None  # type: ignore[assignment]  # as if it were not installed
    try:
        return importlib.import_module("nbformat")
    finally:
        del sys.modules[UNUSED]
