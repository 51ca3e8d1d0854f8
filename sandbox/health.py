# SPDX-License-Identifier: MIT
"""What Route 53 makes of its observations: the health of each check.

Rules from the Route 53 developer guide, "How Route 53 determines whether a
health check is healthy".  No probing happens here: the checkers say what they
saw, the alarms say what the metric data says, and this combines them.
"""

from .alarms import ALARM, INSUFFICIENT_DATA

HEALTHY_PERCENT = 18  # healthy if MORE than this share of checkers says so


class Health:
    def __init__(self, world):
        self.world = world
        self._last_known = {}  # CLOUDWATCH_METRIC check: its last status

    def is_healthy(self, check_id):
        """The check's status as DNS sees it; None if there is no such check."""
        check = self.world.route53.health_checks.get(check_id)
        return None if check is None else self._status(check, depth=0)

    def percentage(self, check):
        """The share of checkers that say healthy, or None without any."""
        states = self.world.checkers.states(check.id)
        if not states:
            return None
        return 100.0 * sum(s.healthy for s in states) / len(states)

    def _status(self, check, depth):
        # A check that is switched off counts as healthy; with Inverted, the
        # documented way to take an endpoint out of service, as unhealthy.
        healthy = True if check.disabled else self._raw(check, depth)
        return healthy != bool(check.inverted)

    def _raw(self, check, depth):
        if check.type_ == "CALCULATED":
            return self._calculated(check, depth)
        if check.type_ == "CLOUDWATCH_METRIC":
            return self._metric(check)
        if check.type_ == "RECOVERY_CONTROL":
            return self.world.recovery.is_on(check.routing_control_arn)
        states = self.world.checkers.states(check.id)
        if not states:
            return True  # new: healthy until there is data
        return 100 * sum(s.healthy for s in states) > HEALTHY_PERCENT * len(
            states
        )

    def _calculated(self, check, depth):
        threshold = int(check.health_threshold or 0)
        checks = self.world.route53.health_checks
        children = [checks[c] for c in check.children or () if c in checks]
        if depth > 8:  # a circle of calculated checks
            return threshold == 0
        return sum(self._status(c, depth + 1) for c in children) >= threshold

    def _metric(self, check):
        # The alarm's data stream is what counts, never its state: setting the
        # state by hand must not move DNS.
        # And by the copy of the alarm's settings that the check has.
        alarm = self.world.alarms.find(check.alarm_identifier)
        verdict = (
            self.world.alarms.verdict_of_copy(
                alarm.region_name, check.cloud_watch_alarm_configuration
            )
            if alarm
            else INSUFFICIENT_DATA
        )
        if verdict == INSUFFICIENT_DATA:
            policy = check.insufficient_data_health_status or "LastKnownStatus"
            if policy == "LastKnownStatus":
                return self._last_known.get(check.id, True)
            return policy == "Healthy"
        self._last_known[check.id] = verdict != ALARM
        return verdict != ALARM

    def refresh(self):
        """Look at each metric check, so that the last known status is known
        even if nobody asked meanwhile."""
        for check in list(self.world.route53.health_checks.values()):
            if check.type_ == "CLOUDWATCH_METRIC":
                self._metric(check)

    def publish(self, metrics):
        """Route 53's own metrics, which exist in us-east-1 only."""
        for check in list(self.world.route53.health_checks.values()):
            dimensions = {"HealthCheckId": check.id}
            metrics.put(
                "us-east-1",
                "AWS/Route53",
                "HealthCheckStatus",
                1.0 if self._status(check, 0) else 0.0,
                dimensions,
            )
            percentage = self.percentage(check)
            if percentage is not None and not check.disabled:
                metrics.put(
                    "us-east-1",
                    "AWS/Route53",
                    "HealthCheckPercentageHealthy",
                    percentage,
                    dimensions,
                    "Percent",
                )
