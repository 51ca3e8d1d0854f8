# SPDX-License-Identifier: MIT
"""Numbered logs that the control API reads back: API calls, SNS messages."""

import collections
import threading


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
