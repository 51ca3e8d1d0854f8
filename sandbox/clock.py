# SPDX-License-Identifier: MIT
"""The one clock of the sandbox.

Two different questions, two different answers.  *How long does it take?* is
scaled: with speed 60 a health check's interval of 30 AWS seconds passes in
half a real second.  *What time is it?* is not: every timestamp that leaves the
sandbox is the machine's wall clock, because clients compare it with theirs
and sign with it.  `skew` moves the sandbox's idea of the time (not of
durations), to play a client whose clock is wrong.
"""

import time
from datetime import datetime, timezone


class Clock:
    def __init__(self, speed=1.0, skew=0.0, wall=time.time):
        if speed <= 0:
            raise ValueError("speed must be positive")
        self.speed = speed
        self.skew = skew
        self._wall = wall
        self._wall_origin = self._aws_origin = wall()

    def now(self):
        """Seconds since the epoch, as the outside world is told."""
        return self._wall() + self.skew

    def utc(self):
        return datetime.fromtimestamp(self.now(), timezone.utc)

    def real(self, aws_seconds, floor=0.0):
        """How many real seconds `aws_seconds` take, at least `floor`."""
        return max(aws_seconds / self.speed, floor)

    def aws(self, wall=None):
        """The AWS time, in seconds, of a wall-clock instant (default: now).

        It runs `speed` times as fast as the wall clock and starts with it, so
        that periods and minutes can be counted on it.
        """
        if wall is None:
            wall = self._wall()
        return self._aws_origin + (wall - self._wall_origin) * self.speed

    def set_speed(self, speed):
        """Change speed without letting AWS time jump."""
        if speed <= 0:
            raise ValueError("speed must be positive")
        wall = self._wall()
        self._aws_origin, self._wall_origin = self.aws(wall), wall
        self.speed = speed
