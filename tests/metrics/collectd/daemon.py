"""A real collectd with several writers, for tests."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from arangolab.metrics.collectd.config import Config, command_match


@contextmanager
def collectd(
    folder: Path, *, network_port: int = 0, network_host: str = "127.0.0.1", security: str = "",
    rrd: bool = False, host: str = "lab", namespace: str = "",
) -> Iterator[Config]:  # fmt: skip
    """Runs with csv, and with rrdtool and network where asked; watches this process.

    ``namespace``: the network namespace it runs in (ip-netns).
    """
    command = Path(f"/proc/{os.getpid()}/cmdline").read_bytes()
    config = Config(folder=folder, statsd_port=0, match=command_match(command))
    text = config.text().split("LoadPlugin statsd")[0] + "LoadPlugin processes\n"
    text += config.text().split("LoadPlugin processes\n")[1]
    if rrd:
        text += f'LoadPlugin rrdtool\n<Plugin rrdtool>\n  DataDir "{folder}/rrd"\n'
        text += "  CacheTimeout 0\n</Plugin>\n"
    if network_port:
        text += "<LoadPlugin network>\n  FlushInterval 1\n</LoadPlugin>\n<Plugin network>\n"
        text += f'  <Server "{network_host}" "{network_port}">\n{security}  </Server>\n</Plugin>\n'
    folder.mkdir(parents=True)
    config.file.write_text(text.replace('Hostname "lab"', f'Hostname "{host}"'))
    inside = ["ip", "netns", "exec", namespace] if namespace else []
    command = [*inside, "/usr/sbin/collectd", "-f", "-C", str(config.file)]
    process = subprocess.Popen(command)
    try:
        yield config
    finally:
        process.terminate()
        process.wait(10)


def spend_cpu(seconds: float) -> None:
    """So that there is something to see."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        sum(range(20_000))
        time.sleep(0.005)
