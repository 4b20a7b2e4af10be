"""Who listens on a port of this host, and where another host finds this one."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

SERVER: Final = "arangod"
"""What ArangoDB's process is called."""
FORWARDERS: Final = frozenset({"docker-proxy", "rootlessport", "slirp4netns", "pasta"})
"""Programs that listen for a server in a container."""
_LISTEN: Final = "0A"
"""State of a listening socket in /proc/net/tcp (proc(5))."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A process that may be the server."""

    pid: int
    uid: int
    command: str
    """Its words, a space between."""


def this_host(name: str) -> bool:
    """Whether the name or address is one of this host's."""
    try:
        found = {str(info[4][0]) for info in socket.getaddrinfo(name, None)}
    except OSError:
        return False
    return bool(found) and all(_is_ours(address) for address in found)


def address_towards(name: str) -> str | None:
    """Our address as that host sees it; None when there is no way to it, or it is this one."""
    try:
        if not name or this_host(name):
            return None
        family, kind, _, _, address = socket.getaddrinfo(name, 9, type=socket.SOCK_DGRAM)[0]
        with socket.socket(family, kind) as probe:
            probe.connect(address)  # nothing is sent: it only chooses the way
            return str(probe.getsockname()[0])
    except OSError:
        return None


def listener_pid(port: int) -> int | None:
    """The process that serves the TCP port; None when it cannot be told.

    Of another account's socket, and of a container's port, the kernel does not tell the process:
    then it is the one process called arangod that fits.
    """
    pids = _listeners(port)
    serving = [pid for pid in pids if _name(pid) not in FORWARDERS]
    if serving:
        return min(serving)
    uid = None if pids else _owner(port)
    return chosen(_called(SERVER), uid, port)


def chosen(candidates: Iterable[Candidate], uid: int | None, port: int) -> int | None:
    """The only one of that account (None: of any), or the only one that names the port."""
    fitting = [one for one in candidates if uid in (None, one.uid)]
    if len(fitting) > 1:
        fitting = [one for one in fitting if f":{port}" in one.command]
    return fitting[0].pid if len(fitting) == 1 else None


def _listeners(port: int) -> set[int]:
    """The processes that listen on the port, as far as they may be seen."""
    import psutil

    try:
        connections = psutil.net_connections(kind="tcp")
    except psutil.Error:
        return set()
    return {
        c.pid
        for c in connections
        if c.status == psutil.CONN_LISTEN and c.laddr and c.laddr.port == port and c.pid
    }


def _owner(port: int) -> int | None:
    """The account whose socket listens on the port; None when there is no such socket here."""
    for file in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in _text(Path(file)).splitlines()[1:]:
            fields = line.split()
            if fields[3] == _LISTEN and int(fields[1].rpartition(":")[2], 16) == port:
                return int(fields[7])
    return None


def _called(name: str) -> Iterator[Candidate]:
    """All processes of that name."""
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit() or _name(int(folder.name)) != name:
            continue
        try:
            uid = folder.stat().st_uid
        except OSError:
            continue
        command = _text(folder / "cmdline").replace("\0", " ")
        yield Candidate(int(folder.name), uid, command)


def _name(pid: int) -> str:
    return _text(Path(f"/proc/{pid}/comm")).strip()


def _text(file: Path) -> str:
    try:
        return file.read_text(errors="replace")
    except OSError:
        return ""


def _is_ours(address: str) -> bool:
    if ipaddress.ip_address(address.partition("%")[0]).is_loopback:
        return True
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((address, 0))
        except OSError:
            return False
    return True
