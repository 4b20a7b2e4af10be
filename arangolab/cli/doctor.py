"""``arangolab doctor``: what this machine has, what it lacks, what to do about it."""

from __future__ import annotations

import argparse
import json
import os
from dataclasses import asdict
from socket import gethostname
from typing import Final
from urllib.parse import urlsplit

from arangolab.cli import options as shared
from arangolab.cli.machine import FAIL, Finding, examine
from arangolab.listening import address_towards
from arangolab.measuring import address_of
from arangolab.metrics.collectd.config import remote_lines
from arangolab.metrics.collectd.network import PORT
from arangolab.target import Target

ANY: Final = ("0.0.0.0", "::")  # noqa: S104 - what a user may ask to listen on
CONF: Final = "/etc/collectd/collectd.conf.d/arangolab.conf"
_MARK = {"ok": "ok  ", "warn": "WARN", "fail": "FAIL"}


def add_options(parser: argparse.ArgumentParser) -> None:
    """Which server to look at; the form of the answer."""
    parser.epilog = (
        "example:  arangolab doctor --url http://127.0.0.1:8529\n"
        "Each line is ok, WARN (the lab works, something is missing) or FAIL (it cannot work),\n"
        "with what to do. The exit status is 1 only when a line says FAIL."
    )
    parser.add_argument(
        "--collectd-listen",
        metavar="HOST:PORT",
        default="",
        help="also print what to add to collectd.conf on the server's host, so that its collectd "
        "sends to arangolab run --collectd-listen HOST:PORT (unasked for a server elsewhere)",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object on stdout")
    shared.add_target(parser, "a server to look at too (default: none but ARANGOLAB_URL)")


def run(options: argparse.Namespace) -> int:
    """Look, and say."""
    target = shared.target_of(options) if _server_wanted(options) else None
    listen = _listen(options.collectd_listen, target)
    findings = examine(target)
    works = all(finding.state != FAIL for finding in findings)
    if options.json:
        said = {"works": works, "checks": [asdict(finding) for finding in findings]}
        print(json.dumps(said | {"collectd_conf": remote_lines(*listen) if listen else None}))
    else:
        _print(findings)
        if listen:
            _print_lines(options.collectd_listen, *listen)
        print("The lab works here." if works else "The lab cannot work here: see FAIL above.")
    return 0 if works else 1


def _server_wanted(options: argparse.Namespace) -> bool:
    return bool(options.url or os.environ.get("ARANGOLAB_URL"))


def _listen(asked: str, target: Target | None) -> tuple[str, int] | None:
    """Where a collectd is to send to: as asked, else (the server is on another host) to here."""
    here = address_towards(urlsplit(target.url).hostname or "") if target is not None else None
    if not asked:
        return (here, PORT) if here else None
    host, port = address_of(asked)
    return (here or gethostname() if host in ANY else host), port


def _print_lines(asked: str, host: str, port: int) -> None:
    where = asked or (f"[{host}]:{port}" if ":" in host else f"{host}:{port}")
    print(f"\nFor {CONF} on the server's host (then restart collectd there), with")
    print(f"arangolab run ... --collectd-listen {where} here:\n")
    print(remote_lines(host, port) + "\n")


def _print(findings: list[Finding]) -> None:
    width = max(len(finding.name) for finding in findings)
    for finding in findings:
        print(f"{_MARK[finding.state]}  {finding.name:{width}}  {finding.text}")
        if finding.advice:
            print(f"{'':6}{'':{width}}  -> {finding.advice}")
