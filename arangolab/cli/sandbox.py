"""``arangolab sandbox``."""

from __future__ import annotations

import argparse

from arangolab.sandbox import __main__ as sandbox


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the sandbox's own process."""
    parser.epilog = (
        "example:  arangolab sandbox --v8-contexts 2 --v8-wait 2 --transaction-delay 0.5\n"
        "It runs until Ctrl-C. The root password is ARANGOLAB_PASSWORD (empty if unset)."
    )
    sandbox.add_options(parser)


def run(options: argparse.Namespace) -> int:
    """Serve until told to stop."""
    return sandbox.serve(options)
