# SPDX-License-Identifier: MIT
"""The authoritative name server: zones.py on the wire, UDP and TCP."""

import asyncio
import struct
import sys

from dnslib import QTYPE, RD, RR, DNSError, DNSRecord, RCODE
from dnslib.dns import CLASS

from . import loopback
from .listener import free_port
from .zones import Answer

MAX_UDP = 512
IDLE_SECONDS = 10
FORMERR, NOTIMP = 1, 4


class NameServer:
    def __init__(self, zones, faults):
        self.zones, self.faults = zones, faults

    def reply(self, packet, limit=None):
        """The reply to a query packet, or None for what is no query."""
        try:
            query = DNSRecord.parse(packet)
        except (DNSError, ValueError, IndexError, struct.error):
            return None
        if query.header.qr:
            return None
        reply = query.reply(ra=0, aa=1)
        if query.header.opcode or len(query.questions) != 1:
            reply.header.rcode = NOTIMP if query.header.opcode else FORMERR
            return reply.pack()
        try:
            answer = self.zones.answer(
                str(query.q.qname), QTYPE.get(query.q.qtype)
            )
        except Exception as error:  # a bug of ours must not go unanswered
            print(f"sandbox: dns {query.q}: {error!r}", file=sys.stderr)
            answer = Answer(RCODE.SERVFAIL)
        reply.header.rcode = answer.rcode
        reply.header.aa = int(answer.rcode != RCODE.REFUSED)
        for record in answer.records:
            reply.add_answer(*_resource(record))
        for record in answer.authority:
            reply.add_auth(*_resource(record))
        packed = reply.pack()
        if limit is not None and (
            len(packed) > limit or self.faults.cuts_dns()
        ):
            # The question stays: who asked looks for it.  dnslib's own
            # truncate() takes it away.
            reply.rr, reply.auth, reply.header.tc = [], [], 1
            packed = reply.pack()
        return packed

    async def start(self, host, port):
        """Serve on host:port, both transports; returns the port."""
        loopback.check(host)
        port = port or free_port([host])
        loop = asyncio.get_running_loop()
        await loop.create_datagram_endpoint(
            lambda: _Udp(self), local_addr=(host, port)
        )
        await asyncio.start_server(
            self._serve_tcp, host, port, reuse_address=True
        )
        return port

    async def _serve_tcp(self, reader, writer):
        try:
            while True:
                async with asyncio.timeout(IDLE_SECONDS):
                    (size,) = struct.unpack("!H", await reader.readexactly(2))
                    packet = await reader.readexactly(size)
                reply = self.reply(packet)
                if reply is None:
                    break
                writer.write(struct.pack("!H", len(reply)) + reply)
                await writer.drain()
        except (asyncio.IncompleteReadError, TimeoutError, ConnectionError):
            pass
        finally:
            writer.close()


class _Udp(asyncio.DatagramProtocol):
    def __init__(self, server):
        self.server = server

    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, addr):
        reply = self.server.reply(data, MAX_UDP)
        if reply is not None:
            self.transport.sendto(reply, addr)


def _resource(record):
    """dnslib's resource records of one (name, type, ttl, value)."""
    name, rtype, ttl, value = record
    zone_line = f"{name} {ttl} IN {rtype} {_absolute(rtype, value)}"
    try:
        return RR.fromZone(zone_line)
    except (DNSError, ValueError, IndexError, KeyError):
        return [
            RR(
                name,
                getattr(QTYPE, rtype, 0),
                CLASS.IN,
                ttl,
                RD(value.encode()),
            )
        ]


def _absolute(rtype, value):
    """Route 53 takes a name's trailing dot as given; zone files do not."""
    if rtype in ("CNAME", "NS", "PTR"):
        return value.rstrip(".") + "."
    if rtype == "SOA":
        words = value.split()
        return " ".join(
            [words[0].rstrip(".") + ".", words[1].rstrip(".") + "."] + words[2:]
        )
    return value
