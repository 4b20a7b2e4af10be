"""Options that several commands share."""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from dataclasses import replace
from pathlib import Path

from arangolab.errors import AccessDenied, InputError
from arangolab.target import DEFAULT_URL, Server, Target, connect, read_password


def add_target(parser: argparse.ArgumentParser, url_help: str = "") -> None:
    """Where the server is and who we are there; never a password."""
    group = parser.add_argument_group(
        "server",
        "The password comes from ARANGOLAB_PASSWORD, from a file, or is asked for.",
    )
    group.add_argument(
        "--url",
        help=url_help
        or f"address of the server; several coordinators by commas (default {DEFAULT_URL})",
    )
    group.add_argument("--user", help="user name (default root; '' where authentication is off)")
    group.add_argument("--database", metavar="NAME", help="database (default _system)")
    group.add_argument(
        "--password-file", type=Path, metavar="FILE", help="a file whose first line is the password"
    )
    group.add_argument(
        "--ca-file", metavar="FILE", help="certificates to trust for https, instead of this host's"
    )


def target_of(options: argparse.Namespace) -> Target:
    """The target that the options and the environment describe."""
    password = read_password(options.password_file) if options.password_file else None
    return Target.from_environment(
        options.url, options.user, options.database, password, options.ca_file
    )


def checked_target(options: argparse.Namespace) -> tuple[Target, Server]:
    """The target and what it is; asks for a password where one is needed and somebody is there.

    Raises TargetError.
    """
    target = target_of(options)
    try:
        return target, connect(target)
    except AccessDenied:
        if given_password(options) is not None or not sys.stdin.isatty():
            raise
    try:
        password = getpass.getpass(f"Password of {target.user} at {target.url}: ")
    except EOFError:
        raise KeyboardInterrupt from None
    target = replace(target, password=password)
    return target, connect(target)


def given_password(options: argparse.Namespace) -> str | None:
    """The password from the file or the environment; None when neither names one."""
    named = ("ARANGOLAB_PASSWORD", "ARANGOLAB_PASSWORD_FILE")
    if options.password_file or any(name in os.environ for name in named):
        return target_of(options).password
    return None


def refuse_without_url(options: argparse.Namespace) -> None:
    """Raise InputError for a user or database without a URL: the sandbox has its own."""
    for name in ("user", "database"):
        if getattr(options, name):
            raise InputError(
                f"--{name} is for a server of yours, and no URL is given.",
                hint=f"--url {DEFAULT_URL}, or leave --{name} out.",
            )


def positive(name: str, text: str) -> float:
    """The option's value as a number above 0."""
    value = number(name, text)
    if not value > 0:
        raise InputError(f"{name} {text} is not above 0.")
    return value


def number(name: str, text: str) -> float:
    """The option's value as a number; raises InputError when it is none."""
    try:
        return float(text)
    except ValueError:
        raise InputError(f"{name} {text!r} is not a number.", hint=f"{name} 5") from None
