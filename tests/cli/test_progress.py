"""The line that says how things stand."""

from __future__ import annotations

import io

from arangolab.cli.progress import StatusLine


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Yes."""
        return True


def test_a_terminal_has_one_line_written_over() -> None:
    """What a longer text left is blanked; the line is empty in the end."""
    stream = Terminal()
    line = StatusLine(stream)
    line.show("a longer text")
    line.show("short")
    line.clear()
    assert "\n" not in stream.getvalue()
    assert stream.getvalue().split("\r")[2] == "short        "
    assert stream.getvalue().split("\r")[3].strip() == ""


def test_without_a_terminal_there_are_lines_now_and_then() -> None:
    """Plain lines, rare unless asked for at once; nothing to clear."""
    stream = io.StringIO()
    line = StatusLine(stream)
    line.show("first")
    line.show("too soon")
    line.show("urgent", now=True)
    line.clear()
    assert stream.getvalue() == "first\nurgent\n"
