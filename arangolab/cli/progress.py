"""What the terminal says while a run goes on: one line, written over, or plain lines."""

from __future__ import annotations

import shutil
import sys
import time
from typing import Final, TextIO

PLAIN_EVERY_S: Final = 5.0
"""Without a terminal a line is written this often."""


class StatusLine:
    """One line that changes; on something that is not a terminal, a new line now and then."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._live = self._stream.isatty()
        self._next_s = 0.0
        self._shown = ""

    def show(self, text: str, *, now: bool = False) -> None:
        """Show the text; ``now``: even where lines are rare."""
        if self._live:
            width = shutil.get_terminal_size().columns - 1
            self._stream.write("\r" + text[:width].ljust(min(width, len(self._shown))))
            self._shown = text
        elif now or time.monotonic() >= self._next_s:
            self._next_s = time.monotonic() + PLAIN_EVERY_S
            self._stream.write(text + "\n")
        self._stream.flush()

    def note(self, text: str) -> None:
        """A line that stays."""
        self.clear()
        self._stream.write(text + "\n")
        self._stream.flush()

    def clear(self) -> None:
        """Leave the line empty for what is printed next."""
        if self._live and self._shown:
            self._stream.write("\r" + " " * len(self._shown) + "\r")
            self._stream.flush()
        self._shown = ""
