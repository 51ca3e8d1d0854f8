# SPDX-License-Identifier: MIT
"""HTTP/1.1 over plain sockets, one thread for each connection.

The framework servers hide the socket, and breaking the socket is what a
sandbox is for: a fault resets a connection, answers half a body, or holds a
request for ever.  So this is HTTP reduced to what AWS clients and health
checkers send (Content-Length or chunked bodies, keep-alive, Expect) and the
handler is given the connection itself.
"""

import email.utils
import socket
import struct
import threading
import time
from http import HTTPStatus

MAX_HEAD = 64 * 1024
MAX_BODY = 128 * 1024 * 1024
IDLE_SECONDS = 65


class BadRequest(Exception):
    """What came in is not HTTP; the connection is closed."""


class Headers(list):
    """(name, value) pairs in wire order, looked up without regard to case."""

    def get(self, name, default=None):
        name = name.lower()
        for key, value in self:
            if key.lower() == name:
                return value
        return default


class Request:
    """One request as it stood on the wire; nothing in it is decoded."""

    def __init__(self, method, target, headers, body):
        self.method = method
        self.target = target
        self.path, _, self.query = target.partition("?")
        self.headers = headers
        self.body = body
        self.keep_alive = headers.get("Connection", "").lower() != "close"


class Connection:
    """An accepted socket: read requests from it, answer them, or break it."""

    def __init__(self, sock, listener):
        self.sock = sock
        self.listener = listener
        self.aborted = False
        self.finished = False
        self._file = sock.makefile("rb")

    def read_request(self):
        """The next request, or None when the peer has gone."""
        line = self._line()
        if not line:
            return None
        try:
            method, target, version = line.decode("latin-1").split()
        except ValueError:
            raise BadRequest(line) from None
        headers = self._headers()
        if headers.get("Expect", "").lower() == "100-continue":
            self.sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        request = Request(method, target, headers, self._body(headers))
        if version == "HTTP/1.0":
            request.keep_alive = False
        return request

    def _line(self):
        line = self._file.readline(MAX_HEAD)
        if len(line) == MAX_HEAD:
            raise BadRequest("line too long")
        return line.rstrip(b"\r\n")

    def _headers(self):
        headers = Headers()
        while line := self._line():
            name, colon, value = line.decode("latin-1").partition(":")
            if not colon or len(headers) > 200:
                raise BadRequest("bad header")
            headers.append((name, value.strip()))
        return headers

    def _body(self, headers):
        if "chunked" in headers.get("Transfer-Encoding", "").lower():
            return self._chunks()
        length = headers.get("Content-Length", "0")
        if not length.isdigit() or int(length) > MAX_BODY:
            raise BadRequest("bad content length")
        return self._exactly(int(length))

    def _chunks(self):
        body = b""
        while True:
            size = int(self._line().split(b";")[0], 16)
            if not 0 <= size <= MAX_BODY - len(body):
                raise BadRequest("body too long")
            body += self._exactly(size)
            if size == 0:
                self._headers()
                return body
            self._line()

    def _exactly(self, length):
        body = self._file.read(length) if length else b""
        if len(body) != length:
            raise ConnectionResetError("request cut short")
        return body

    def send(self, status, headers, body, date, cut=None):
        """Answer; with `cut`, only that many bytes of the body, then close."""
        lines = [f"HTTP/1.1 {status} {reason_phrase(status)}"]
        lines += [f"{name}: {value}" for name, value in headers]
        lines.append(f"Date: {email.utils.formatdate(date, usegmt=True)}")
        if status not in (204, 304):
            if Headers(headers).get("Content-Length") is None:
                lines.append(f"Content-Length: {len(body)}")
        else:
            body = b""
        if self.aborted:
            raise ConnectionResetError("aborted")
        head = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"
        self.sock.sendall(head + (body if cut is None else body[:cut]))
        self.finished = cut is not None

    def peer_has_gone(self, seconds):
        """Wait up to `seconds` for the peer to hang up; True if it did.

        A peer that sends more meanwhile is not looked at again before the
        time is over.
        """
        try:
            self.sock.settimeout(seconds)
            if not self.sock.recv(1, socket.MSG_PEEK):
                return True
            time.sleep(seconds)
            return False
        except TimeoutError:
            return False
        except OSError:
            return True

    def abort(self):
        """Have the connection reset, as a dead process's kernel would.

        Any thread may ask; the thread that serves the connection does it, at
        once when it is reading and before it can answer when it is working.
        """
        self.aborted = True
        try:
            self.sock.setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
            )
            self.sock.shutdown(socket.SHUT_RD)
        except OSError:
            pass

    def close(self):
        """For the serving thread alone."""
        self._file.close()
        self.sock.close()


def reason_phrase(status):
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


class Server:
    """Calls handler(connection, request) for each request of its listeners.

    The handler answers through the connection, or breaks it; a connection it
    leaves open is read again.
    """

    def __init__(self, name, handler):
        self.name = name
        self.handler = handler

    def serve(self, sock, listener):
        """Read requests from an accepted socket until either side closes."""
        connection = Connection(sock, listener)
        listener.connections.add(connection)
        if listener.refuses():  # accepted just before the address died
            connection.abort()
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while not (connection.aborted or connection.finished):
                sock.settimeout(IDLE_SECONDS)
                request = connection.read_request()
                if request is None or connection.aborted:
                    break
                self.handler(connection, request)
                if not request.keep_alive:
                    break
        except (OSError, ValueError, BadRequest):
            pass  # the peer's fault, or ours on purpose
        finally:
            listener.connections.discard(connection)
            connection.close()

    def start(self, sock, listener):
        threading.Thread(
            target=self.serve,
            args=(sock, listener),
            name=self.name,
            daemon=True,
        ).start()
