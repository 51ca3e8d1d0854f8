# SPDX-License-Identifier: MIT
"""Lambda's physics: functions take their time.

moto keeps the function.  Here is what happens to it over time: Pending before
Active, InProgress after an update, and a role that Lambda does not know yet;
and what becomes of calls when others want more of it than is reserved.
"""

import json
import uuid

SERVICE = "lambda.amazonaws.com"
SETTINGS = {
    # AWS seconds.
    "create_seconds": 2.0,
    "update_seconds": 1.0,
    "role_seconds": 0.0,  # until a new role can be assumed; AWS: some ten
    # How updates end: null is well, else a LastUpdateStatusReasonCode.
    "update_fails": None,
    # What everybody else wants of the functions of a region, as a part of
    # what is reserved for each: with {"us-east-1": 2}, half of it is throttled.
    "load": {},
}
PLAIN = "update_fails"  # taken as it is
CALLS_A_MINUTE = 60  # for each call at a time that is reserved
SERVED, THROTTLED, DOWN = "served", "throttled", "down"


class Functions:
    def __init__(self, world):
        self.world = world
        self.settings = dict(SETTINGS)
        self._turn = 0.0  # of the calls that a throttled function serves

    # -- the control API -------------------------------------------------

    def change(self, spec):
        unknown = set(spec) - set(SETTINGS)
        if unknown:
            raise ValueError(f"unknown: {sorted(unknown)}")
        with self.world.lock:
            for name, value in spec.items():
                if name != PLAIN:
                    value = type(SETTINGS[name])(value)
                    if any(v < 0 for v in _numbers(value)):
                        raise ValueError(f"{name} cannot be negative")
                self.settings[name] = value

    def describe(self):
        return dict(self.settings)

    # -- over time -------------------------------------------------------

    def begin(self, function, what):
        """A create or an update ("State", "LastUpdateStatus") begins."""
        function.landing = what
        function.began_at = self.world.clock.aws()
        function.fails = self.settings["update_fails"]
        # Another revision when it lands, as in AWS.
        function.revisions = [str(uuid.uuid4()), str(uuid.uuid4())]

    def busy_with(self, function):
        """"State", "LastUpdateStatus", or None when all has landed."""
        landing = getattr(function, "landing", None)
        if landing is None:
            return None
        seconds = "create_seconds" if landing == "State" else "update_seconds"
        lands_at = function.began_at + self.settings[seconds]
        return None if self.world.clock.aws() >= lands_at else landing

    def revision(self, function):
        if not hasattr(function, "revisions"):
            function.revisions = [str(uuid.uuid4())]
        return function.revisions[0 if self.busy_with(function) else -1]

    def status(self, function):
        """Members of the configuration, over moto's."""
        landing = self.busy_with(function)
        status = {"RevisionId": self.revision(function)}
        if landing == "State":
            return {
                **status,
                "State": "Pending",
                "StateReason": "The function is being created.",
                "StateReasonCode": "Creating",
                "LastUpdateStatus": None,
            }
        if landing:
            return {
                **status,
                "LastUpdateStatus": "InProgress",
                "LastUpdateStatusReason": "The function is being created.",
                "LastUpdateStatusReasonCode": "Creating",
            }
        if getattr(function, "landing", "State") != "State" and function.fails:
            return {
                **status,
                "LastUpdateStatus": "Failed",
                "LastUpdateStatusReason": "The sandbox was told so.",
                "LastUpdateStatusReasonCode": function.fails,
            }
        return status

    # -- roles -----------------------------------------------------------

    def can_assume(self, arn):
        """Is there such a role, old enough, that trusts Lambda?"""
        try:
            role = self.world.backend("iam").get_role_by_arn(arn)
            trust = json.loads(role.assume_role_policy_document)
        except Exception:  # moto: NotFoundException
            return False
        statements = trust.get("Statement", [])
        if isinstance(statements, dict):
            statements = [statements]
        known = getattr(role, "made_at", 0.0) + self.settings["role_seconds"]
        return self.world.clock.aws() >= known and any(
            s.get("Effect") == "Allow" and _names(s, SERVICE)
            for s in statements
        )

    # -- serving ---------------------------------------------------------

    def invoke(self, region, name):
        """What becomes of a call: SERVED; THROTTLED, with nothing left to run
        in; or DOWN, pending or not there at all."""
        function = self._find(region, name)
        if function is None or self.busy_with(function) == "State":
            return DOWN
        if function.reserved_concurrency is not None:
            if int(function.reserved_concurrency) == 0:
                return THROTTLED
        load = self.settings["load"].get(region, 0)
        if load <= 1:
            return SERVED
        with self.world.lock:
            self._turn += 1 / load
            if self._turn < 1:
                return THROTTLED
            self._turn -= 1
        return SERVED

    def background(self, region, name):
        """The minute's metrics of what everybody else does with it."""
        function, load = self._find(region, name), self.settings["load"]
        reserved = getattr(function, "reserved_concurrency", None)
        if not reserved or not load.get(region):
            return {}
        most = int(reserved) * CALLS_A_MINUTE
        return {
            "Invocations": most * min(load[region], 1),
            "Throttles": most * max(load[region] - 1, 0),
            "ConcurrentExecutions": int(reserved) * min(load[region], 1),
        }

    def _find(self, region, name):
        try:
            return self.world.backend("lambda", region).get_function(name)
        except Exception:  # moto: UnknownFunctionException
            return None


def _names(statement, service):
    principal = statement.get("Principal", {})
    named = principal.get("Service", []) if isinstance(principal, dict) else []
    return service in ([named] if isinstance(named, str) else named)


def _numbers(value):
    return value.values() if isinstance(value, dict) else [value]
