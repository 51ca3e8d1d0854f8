# SPDX-License-Identifier: MIT
"""Route 53's health checkers: eight regions that really connect.

Each checker probes on its own, unsynchronised with the others, at the check's
RequestInterval; its opinion turns after FailureThreshold equal results in a
row.  The limits are AWS's (4 s to connect, 2 s more to answer, 10 s for TCP),
scaled with the clock but never below what a loaded machine needs.
"""

import asyncio
import functools
import ssl
from http import HTTPStatus

from . import loopback, public

REGIONS = (
    "us-east-1",
    "us-west-1",
    "us-west-2",
    "eu-west-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-northeast-1",
    "sa-east-1",
)
CONNECT_SECONDS, TCP_CONNECT_SECONDS = 4, 10
RESPONSE_SECONDS = 2
# Of real time: below these a busy machine looks like a broken endpoint.
CONNECT_FLOOR, RESPONSE_FLOOR = 0.5, 1.0
SYNC_SECONDS = 0.2
MAX_HEAD, SEARCHED_BYTES = 16384, 5120
ENDPOINT_TYPES = ("HTTP", "HTTPS", "HTTP_STR_MATCH", "HTTPS_STR_MATCH", "TCP")

TIMED_OUT = (
    "Failure: Connection timed out. The endpoint or the internet "
    "connection is down, or requests are being blocked by your "
    "firewall. See Configuring router and firewall rules for Amazon "
    "Route 53 health checks."
)
REFUSED = (
    "Failure: Connection refused. The endpoint is not accepting "
    "connections on the specified port."
)
NO_ANSWER = (
    "Failure: The connection was established, but the endpoint did "
    "not respond within the timeout limit."
)
OUTSIDE = (
    "Failure: Connection timed out. The sandbox does not probe "
    "addresses outside 127.0.0.0/8."
)


class Checker:
    """One checker region's view of one health check."""

    def __init__(self, region):
        self.region = region
        index = REGIONS.index(region)
        self.address = f"15.177.{2 + 4 * index}.{17 + index}"
        self.healthy = True  # until there is data
        self.streak = 0  # results in a row against `healthy`
        self.status = None
        self.checked_at = None
        self.last_failure = None  # (status, when)

    def observe(self, status, threshold, now):
        self.status, self.checked_at = status, now
        if not status.startswith("Success"):
            self.last_failure = status, now
        if status.startswith("Success") == self.healthy:
            self.streak = 0
            return
        self.streak += 1
        if self.streak >= threshold:
            self.healthy, self.streak = not self.healthy, 0


class Checkers:
    def __init__(self, world):
        self.world = world
        self._watched = {}  # check id: (its checkers, their tasks)

    @staticmethod
    def ranges():
        """Where the checkers are, in CIDR notation."""
        return sorted(Checker(region).address + "/32" for region in REGIONS)

    def states(self, check_id):
        return self._watched.get(check_id, ((), ()))[0]

    async def run(self):
        """Watch every endpoint check that exists, for as long as it does."""
        while True:
            self._sync()
            await asyncio.sleep(SYNC_SECONDS)

    def _sync(self):
        checks = {
            c.id: c
            for c in list(self.world.route53.health_checks.values())
            if c.type_ in ENDPOINT_TYPES
        }
        for check_id in set(self._watched) - set(checks):
            for task in self._watched.pop(check_id)[1]:
                task.cancel()
        for check_id, check in checks.items():
            wanted = tuple(check.regions or REGIONS)
            watched = self._watched.get(check_id)
            if watched and {c.region for c in watched[0]} == set(wanted):
                continue
            for task in watched[1] if watched else ():
                task.cancel()
            kept = {c.region: c for c in (watched[0] if watched else ())}
            checkers = [
                kept.get(r) or Checker(r) for r in REGIONS if r in wanted
            ]
            tasks = [
                asyncio.create_task(self._watch(check, checker, i))
                for i, checker in enumerate(checkers)
            ]
            self._watched[check_id] = (checkers, tasks)

    async def _watch(self, check, checker, index):
        clock, interval = self.world.clock, int(check.request_interval or 30)
        # Spread over the interval, the way uncoordinated checkers are.
        await asyncio.sleep(clock.real(interval) * index / len(REGIONS))
        while True:
            started = asyncio.get_running_loop().time()
            if not check.disabled:
                status = await self.probe(check)
                checker.observe(
                    status, int(check.failure_threshold or 3), clock.utc()
                )
            spent = asyncio.get_running_loop().time() - started
            await asyncio.sleep(max(clock.real(interval) - spent, 0.01))

    async def probe(self, check):
        """Probe once; the status text, in Route 53's words."""
        host = check.ip_address or check.fqdn or ""
        shown = public.status_of(self.world, host, check.resource_path or "/")
        if shown is not None:
            return _verdict(shown) if shown else TIMED_OUT
        where = self.world.resolve(
            host, int(check.port or _default_port(check))
        )
        if where is None:
            return (
                "Failure: DNS resolution failed: DNS response error code "
                "NXDOMAIN"
            )
        if not loopback.is_loopback(where[0]):
            return OUTSIDE
        try:
            return await self._talk(check, *where)
        except (ConnectionRefusedError, OverflowError):
            return REFUSED  # OverflowError: mapped past the last port
        except ssl.SSLError:
            return "Failure: The SSL/TLS handshake with the endpoint failed."
        except (ConnectionError, asyncio.IncompleteReadError, OSError):
            return "Failure: The endpoint closed the connection."

    def _connect_limit(self, tcp):
        seconds = TCP_CONNECT_SECONDS if tcp else CONNECT_SECONDS
        return self.world.clock.real(seconds, CONNECT_FLOOR)

    def _response_limit(self):
        return self.world.clock.real(RESPONSE_SECONDS, RESPONSE_FLOOR)

    async def _talk(self, check, address, port):
        tcp = check.type_ == "TCP"
        tls = _unverified() if check.type_.startswith("HTTPS") else None
        name = None
        if tls:
            name = check.fqdn if check.enable_sni and check.fqdn else ""
        try:
            async with asyncio.timeout(self._connect_limit(tcp)):
                reader, writer = await asyncio.open_connection(
                    address, port, ssl=tls, limit=MAX_HEAD, server_hostname=name
                )
        except TimeoutError:
            return TIMED_OUT
        try:
            if tcp:
                return "Success: TCP connection established"
            return await self._get(check, address, reader, writer)
        finally:
            writer.close()

    async def _get(self, check, address, reader, writer):
        writer.write(_request(check, address))
        try:
            async with asyncio.timeout(self._response_limit()):
                head = await reader.readuntil(b"\r\n\r\n")
        except TimeoutError:
            return NO_ANSWER
        except asyncio.LimitOverrunError:
            return "Failure: The response headers are too long."
        status = _status_of(head)
        if status is None:
            return "Failure: The endpoint did not answer in HTTP."
        if 200 <= status < 400 and check.type_.endswith("STR_MATCH"):
            return await self._match(check, reader, status)
        return _verdict(status)

    async def _match(self, check, reader, status):
        body = b""
        try:
            async with asyncio.timeout(self._response_limit()):
                while len(body) < SEARCHED_BYTES:
                    if not (piece := await reader.read(SEARCHED_BYTES)):
                        break
                    body += piece
        except TimeoutError:
            pass
        if (check.search_string or "").encode() in body[:SEARCHED_BYTES]:
            return f"Success: HTTP Status Code {status}, {_phrase(status)}"
        return (
            f"Failure: HTTP Status Code {status}, {_phrase(status)}. The "
            "search string was not found in the response body."
        )


def _default_port(check):
    return 443 if check.type_.startswith("HTTPS") else 80


@functools.cache
def _unverified():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False  # Route 53 does not validate either
    context.verify_mode = ssl.CERT_NONE
    return context


def _request(check, address):
    path = check.resource_path or "/"
    path = path if path.startswith("/") else "/" + path
    return (
        f"GET {path} HTTP/1.1\r\nHost: {check.fqdn or address}\r\n"
        "User-Agent: Amazon-Route53-Health-Check-Service "
        f"(ref {check.id})\r\nConnection: close\r\n\r\n"
    ).encode()


def _status_of(head):
    words = head.split(b"\r\n", 1)[0].split()
    if len(words) < 2 or not words[0].startswith(b"HTTP/1."):
        return None
    return int(words[1]) if words[1].isdigit() else None


def _verdict(status):
    word = "Success" if 200 <= status < 400 else "Failure"
    return f"{word}: HTTP Status Code {status}, {_phrase(status)}"


def _phrase(status):
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"
