# SPDX-License-Identifier: MIT
"""The law that nothing here leaves 127.0.0.0/8, enforced in one place.

The sandbox embeds libraries that would gladly talk to the world: moto posts
to SNS subscribers, boto3 looks for instance metadata, a health check names
any address it likes.  So the rule is not a convention that each caller keeps
but an audit hook that the interpreter runs before every bind, connect, send
and name lookup of the process.
"""

import ipaddress
import socket
import sys

LOOPBACK = ipaddress.ip_network("127.0.0.0/8")

# The audit events that name an address, and where their arguments hold it.
_ADDRESS_AT = {
    "socket.bind": 1,
    "socket.connect": 1,
    "socket.sendto": 1,
    "socket.sendmsg": 1,
}
_HOST_AT = {"socket.getaddrinfo": 0, "socket.gethostbyname": 0}


class NotLoopback(OSError):
    """Somebody tried to reach past this machine."""


def is_loopback(host):
    """True for an IPv4 literal inside 127.0.0.0/8; names are not looked up."""
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    try:
        return ipaddress.ip_address(host) in LOOPBACK
    except ValueError:
        return False


def check(host):
    """Raise NotLoopback unless `host` is an address of this machine."""
    if host != "localhost" and not is_loopback(host):
        raise NotLoopback(f"the sandbox stays inside 127.0.0.0/8: {host!r}")


def _audit(event, args):
    if event in _HOST_AT:
        check(args[_HOST_AT[event]])
    elif event in _ADDRESS_AT:
        if args[0].family == socket.AF_UNIX:
            return
        address = args[_ADDRESS_AT[event]]
        if address is not None:
            check(address[0])


def enforce():
    """Install the hook; it cannot be removed for the life of the process."""
    sys.addaudithook(_audit)
