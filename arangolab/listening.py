"""Who listens on a port of this host, and where another host finds this one."""

from __future__ import annotations

import ipaddress
import socket


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
    """The process that listens on the TCP port; None when it cannot be told."""
    import psutil

    try:
        connections = psutil.net_connections(kind="tcp")
    except psutil.Error:
        return None
    pids = {
        c.pid
        for c in connections
        if c.status == psutil.CONN_LISTEN and c.laddr and c.laddr.port == port and c.pid
    }
    return min(pids) if pids else None


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
