# SPDX-License-Identifier: MIT
"""A listening address that can die the way real ones do.

    open     accepts and serves
    refused  nothing listens: a SYN is answered by a reset, and the
             connections that existed are reset
    dropped  packets vanish: a SYN is never answered, and the connections
             that existed stall

Silence is made with a listening socket whose backlog is full: the kernel
drops further SYNs, which is exactly what a firewall or a dead region does to
a client.  No privileges and no packet filter are needed.
"""

import select
import socket
import threading

from . import loopback

OPEN, REFUSED, DROPPED = "open", "refused", "dropped"
MAX_FILLERS = 8


class Listener:
    def __init__(self, host, port, server, state=OPEN):
        loopback.check(host)
        self.host = host
        self.port = port
        self.server = server
        self.state = REFUSED
        self.connections = set()
        self._lock = threading.RLock()
        self._socket = None
        self._fillers = []
        self.turn(state)

    def turn(self, state, spare=None):
        """Change the state; `spare` is a connection still to be answered."""
        with self._lock:
            if state == self.state:
                return
            self._unlisten()
            self.state = state
            if state == OPEN:
                self._listen()
            elif state == DROPPED:
                self._deafen()
            else:
                self._reset_connections(spare)

    def refuses(self):
        return self.state == REFUSED

    def close(self):
        self.turn(REFUSED)

    def _listen(self):
        self._reset_connections(None)  # those that stalled meanwhile
        self._socket = bound(self.host, self.port)
        self.port = self._socket.getsockname()[1]
        self._socket.listen(128)
        threading.Thread(
            target=self._accept,
            args=(self._socket,),
            name=self.server.name,
            daemon=True,
        ).start()

    def _accept(self, listening):
        while True:
            try:
                sock, _ = listening.accept()
            except OSError:
                if listening is not self._socket:
                    return
                continue
            self.server.start(sock, self)

    def _deafen(self):
        self._socket = bound(self.host, self.port)
        self._socket.listen(0)
        for _ in range(MAX_FILLERS):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex((self.host, self.port))
            self._fillers.append(filler)
            if not select.select([], [filler], [], 0.02)[1]:
                return  # this one got no answer: full

    def _unlisten(self):
        listening, self._socket = self._socket, None
        if listening is not None:
            try:
                listening.shutdown(socket.SHUT_RDWR)  # wakes accept()
            except OSError:
                pass
            listening.close()
        for filler in self._fillers:
            filler.close()
        self._fillers = []

    def _reset_connections(self, spare):
        """All at once: a client whose request was on the first one may try
        again on the second, where it would be carried out for nothing."""
        doomed = [c for c in list(self.connections) if c is not spare]
        for connection in doomed:
            connection.aborted = True
        for connection in doomed:
            connection.abort()


def bound(host, port):
    """A TCP socket bound to a loopback address."""
    loopback.check(host)
    sock = socket.socket()
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, port))
    except OSError:
        sock.close()
        raise
    return sock


def free_port(hosts, below=65536):
    """A port that is free on all of `hosts`."""
    while True:
        socks = []
        try:
            probe = socket.socket()
            socks.append(probe)
            probe.bind((hosts[0], 0))
            port = probe.getsockname()[1]
            if port >= below:
                continue
            for host in hosts[1:]:
                other = socket.socket()
                socks.append(other)
                other.bind((host, port))
            return port
        except OSError:
            continue
        finally:
            for sock in socks:
                sock.close()
