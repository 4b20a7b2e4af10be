"""``arangolab load``."""

from __future__ import annotations

import argparse

from arangolab.cli import options as shared
from arangolab.cli import serving


def add_options(parser: argparse.ArgumentParser) -> None:
    """How many users, and how they share groups."""
    parser.epilog = (
        "example:  arangolab load --url http://127.0.0.1:8529 --users 100000\n"
        "Replaces the collections user, groups and userToGroups. User i is a member of i % 10 "
        "groups."
    )
    shared.add_target(parser)
    parser.add_argument(
        "--users", type=int, default=10_000, help="how many users (default 10000; the blog: 100000)"
    )
    parser.add_argument(
        "--variant",
        choices=("spread", "hot"),
        default="spread",
        help="spread: concurrent logins rarely touch the same group (default); hot: all users "
        "share the same nine groups, an experiment in contention",
    )


def run(options: argparse.Namespace) -> int:
    """Load and check."""
    target, server = shared.checked_target(options)
    found = serving.load(target, options.users, options.variant)
    print(f"Loaded into {server.name} at {target.url}: {found}.")
    return 0
