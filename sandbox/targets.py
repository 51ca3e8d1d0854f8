# SPDX-License-Identifier: MIT
"""The Lambda targets of load balancers: do they serve, and are they healthy?

Serving is a fact of the moment.  Health is what the target group's own checks
make of it, at their interval and thresholds, and lags behind as it does in
AWS; DescribeTargetHealth and EvaluateTargetHealth see only that.
"""

import collections

from .functions import DOWN, SERVED


class Target:
    """The health of one target group's targets, as its checks see it."""

    def __init__(self):
        self.healthy = True
        self.known = False
        self.streak = 0
        self.next_check = 0.0


def function_of(group):
    """The name of a target group's Lambda function, or None."""
    arn = next(iter(group.targets), "")
    if ":function:" not in arn:
        return None
    return arn.split(":function:")[1].split(":")[0]


class Targets:
    def __init__(self, world):
        self.world = world
        self._targets = collections.defaultdict(Target)

    def call(self, region, function):
        """What becomes of a call of the function: SERVED, THROTTLED, DOWN."""
        if self.world.faults.function_down(region):
            return DOWN
        return self.world.functions.invoke(region, function)

    def serve(self, region, function):
        """True if the function can be run and nothing has taken it down."""
        return self.call(region, function) == SERVED

    def check(self, region, group):
        """Check a group's target if its interval has passed."""
        target, now = self._targets[group.arn], self.world.clock.aws()
        if not (group.targets and group.health_check_enabled):
            target.known = False
            return
        if target.known and now < target.next_check:
            return
        target.next_check = now + int(group.health_check_interval_seconds)
        good = self.serve(region, function_of(group))
        if not target.known:
            target.known, target.healthy, target.streak = True, good, 0
        elif good == target.healthy:
            target.streak = 0
        else:
            target.streak += 1
            limit = int(
                group.healthy_threshold_count
                if good
                else group.unhealthy_threshold_count
            )
            if target.streak >= limit:
                target.healthy, target.streak = good, 0

    def state(self, group):
        """(State, Reason, Description) of a group's registered targets."""
        if not group.health_check_enabled:
            return (
                "unavailable",
                "Target.HealthCheckDisabled",
                "Health checks are not enabled for this target group",
            )
        target = self._targets[group.arn]
        if not target.known:
            return (
                "initial",
                "Elb.InitialHealthChecking",
                "Initial health checks in progress",
            )
        if target.healthy:
            return "healthy", None, None
        return (
            "unhealthy",
            "Target.FailedHealthChecks",
            "Health checks failed",
        )
