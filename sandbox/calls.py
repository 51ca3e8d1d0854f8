# SPDX-License-Identifier: MIT
"""Numbered logs that the control API reads back: API calls, SNS messages."""

import base64
import collections
import threading
import time


class Log:
    """The last `limit` entries, each with a sequence number from 1 up."""

    def __init__(self, clock, limit=20000):
        self.clock = clock
        self._entries = collections.deque(maxlen=limit)
        self._lock = threading.Lock()
        self._seq = 0

    def add(self, **facts):
        with self._lock:
            self._seq += 1
            entry = {"seq": self._seq, "time": self.clock.now(), **facts}
            self._entries.append(entry)
        return entry

    def since(self, seq=0):
        """The entries after number `seq`, oldest first."""
        with self._lock:
            return [entry for entry in self._entries if entry["seq"] > seq]

    def clear(self):
        """Forget the entries; numbering goes on."""
        with self._lock:
            self._entries.clear()


def call_facts(request, service, region, operation):
    """What the call log keeps of a request, before it is answered."""
    return {
        "service": service,
        "region": region,
        "operation": operation,
        "method": request.method,
        "path": request.path,
        "query": request.query,
        "headers": [list(h) for h in request.headers],
        "body": base64.b64encode(request.body).decode(),
        "received": time.time(),  # unscaled, to measure clients by
        "answered": None,
        "status": None,
        "fault": None,
    }
