# SPDX-License-Identifier: MIT
"""What will happen later, carried out when somebody looks.

Nothing can be told from the outside about the time between two calls, so no
thread runs in it: each call first carries out what has become due, in the
order in which it became due, and hands each event the time of its own.  An
event may belong to a link between two regions; while that is cut it is held.
"""

import heapq
import itertools


class Timeline:
    def __init__(self, clock):
        self.clock = clock
        self._due = []  # heap of (when, number, link, action)
        self._held = []  # those whose time came while their link was cut
        self._numbers = itertools.count()
        self._cut = frozenset()

    def after(self, seconds, action, link=None):
        """Call action(when) in `seconds` of AWS time."""
        when = self.clock.aws() + seconds
        heapq.heappush(self._due, (when, next(self._numbers), link, action))

    def settle(self):
        now = self.clock.aws()
        while self._due and self._due[0][0] <= now:
            event = heapq.heappop(self._due)
            when, _, link, action = event
            if link in self._cut:
                self._held.append(event)
            else:
                action(when)

    def cut(self, links, delay):
        """From now on exactly these links are cut; what was held on others
        goes on in its old order, `delay` seconds from now."""
        self.settle()
        self._cut = frozenset(links)
        held, self._held = self._held, []
        for event in held:
            if event[2] in self._cut:
                self._held.append(event)
            else:
                self.after(delay, event[3], event[2])

    def waiting(self):
        """How many events are still to come."""
        return len(self._due) + len(self._held)
