"""``arangolab doctor``: what this machine has, what it lacks, what to do about it."""

from __future__ import annotations

import argparse
import json
import os
from dataclasses import asdict

from arangolab.cli import options as shared
from arangolab.cli.machine import FAIL, Finding, examine

_MARK = {"ok": "ok  ", "warn": "WARN", "fail": "FAIL"}


def add_options(parser: argparse.ArgumentParser) -> None:
    """Which server to look at; the form of the answer."""
    parser.epilog = (
        "example:  arangolab doctor --url http://127.0.0.1:8529\n"
        "Each line is ok, WARN (the lab works, something is missing) or FAIL (it cannot work),\n"
        "with what to do. The exit status is 1 only when a line says FAIL."
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object on stdout")
    shared.add_target(parser, "a server to look at too (default: none but ARANGOLAB_URL)")


def run(options: argparse.Namespace) -> int:
    """Look, and say."""
    findings = examine(shared.target_of(options) if _server_wanted(options) else None)
    works = all(finding.state != FAIL for finding in findings)
    if options.json:
        print(json.dumps({"works": works, "checks": [asdict(finding) for finding in findings]}))
    else:
        _print(findings)
        print("The lab works here." if works else "The lab cannot work here: see FAIL above.")
    return 0 if works else 1


def _server_wanted(options: argparse.Namespace) -> bool:
    return bool(options.url or os.environ.get("ARANGOLAB_URL"))


def _print(findings: list[Finding]) -> None:
    width = max(len(finding.name) for finding in findings)
    for finding in findings:
        print(f"{_MARK[finding.state]}  {finding.name:{width}}  {finding.text}")
        if finding.advice:
            print(f"{'':6}{'':{width}}  -> {finding.advice}")
