"""``arangolab``: finds the command, runs it, and says errors in one sentence."""

from __future__ import annotations

import argparse
import contextlib
import importlib
import os
import signal
import sys
import traceback
from collections.abc import Sequence
from typing import Any, Final

from arangolab import __version__
from arangolab.errors import ArangolabError, InputError

COMMANDS: Final = {
    "demo": "the main job: sandbox, data, the Part III notebook, a finding",
    "lab": "open JupyterLab on the notebooks, ready to run",
    "sandbox": "start the embedded server",
    "load": "load the graph of users and groups",
    "run": "run a scenario at a rate, or ramp it up",
    "capacity": "find the highest rate that meets an objective",
    "endure": "hold a part of the capacity for long: does anything drift?",
    "compare": "hold runs or findings against the first: better, worse, or it cannot be told",
    "export": "turn a run into a finding, CSV, JSON or a page of graphs",
    "rerun": "run a finding again, on the same server or another",
    "doctor": "check this machine and the server",
}

EXIT_ERROR: Final = 1
"""The command could not do its work."""
EXIT_USAGE: Final = 2
"""A value given cannot be used (argparse's own status too)."""
EXIT_INTERRUPTED: Final = 130
"""Ctrl-C: 128 + SIGINT, as shells have it."""
EXIT_TERMINATED: Final = 143
"""128 + SIGTERM."""


def parser(only: str | None = None) -> argparse.ArgumentParser:
    """The parser of the whole command line; ``only``: fill in this command's options alone."""
    top = argparse.ArgumentParser(
        prog="arangolab",
        description="A laboratory for capacity experiments on ArangoDB: how many scenarios per "
        "second does a server sustain, and what gives out first?",
        epilog="A first try, without a server of your own:  arangolab demo --quick",
    )
    top.add_argument("--version", action="version", version=f"arangolab {__version__}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, summary in COMMANDS.items():
        command = commands.add_parser(
            name,
            help=summary,
            description=summary[0].upper() + summary[1:] + ".",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        if only in (None, name):
            _module(name).add_options(command)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; the process's exit status."""
    words = list(sys.argv[1:] if argv is None else argv)
    wanted = next((word for word in words if word in COMMANDS), "")
    options = parser(only=wanted).parse_args(words)
    signal.signal(signal.SIGTERM, _terminate)
    try:
        return int(_module(options.command).run(options))
    except InputError as error:
        return _say(error, EXIT_USAGE)
    except ArangolabError as error:
        return _say(error, EXIT_ERROR)
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_ERROR
    except Exception as error:
        return _unexpected(error)


def _terminate(*_: object) -> None:
    """SIGTERM ends what was started on the way out."""
    raise SystemExit(EXIT_TERMINATED)


def _module(name: str) -> Any:
    return importlib.import_module(f"arangolab.cli.{name}")


def _say(error: ArangolabError, status: int) -> int:
    print(f"arangolab: {error}", file=sys.stderr)
    return status


def _unexpected(error: Exception) -> int:
    if os.environ.get("ARANGOLAB_DEBUG"):
        traceback.print_exception(error)
    else:
        print(
            f"arangolab: {type(error).__name__}: {error}. This is a defect: please report it "
            "with what ARANGOLAB_DEBUG=1 shows.",
            file=sys.stderr,
        )
    return EXIT_ERROR


if __name__ == "__main__":
    sys.exit(main())
