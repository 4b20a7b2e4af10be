"""Exit statuses of the commands that answer a question, as a pipeline reads them."""

from __future__ import annotations

from typing import Final

MET: Final = 0
"""What was asked for was found, or held."""
NOT_MET: Final = 3
"""The server does not sustain it."""
INJECTOR_LIMITED: Final = 4
"""The injector was the limit: nothing is said about the server."""
INVALID: Final = 5
"""The test cannot be believed, or was ended before it was decided."""

HELP: Final = f"""exit status:
  {MET} met
  {NOT_MET} not met: the server does not sustain it
  {INJECTOR_LIMITED} injector-limited: nothing is said about the server
  {INVALID} invalid, or ended before it was decided
  1 the command could not do its work; 2 a value given cannot be used; 130 Ctrl-C"""
