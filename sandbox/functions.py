# SPDX-License-Identifier: MIT
"""Lambda's physics: functions take their time.

moto keeps the function.  Here is what happens to it over time: Pending before
Active, InProgress after an update, and a role that Lambda does not know yet.
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
}


class Functions:
    def __init__(self, world):
        self.world = world
        self.settings = dict(SETTINGS)

    # -- the control API -------------------------------------------------

    def change(self, spec):
        unknown = set(spec) - set(SETTINGS)
        if unknown:
            raise ValueError(f"unknown: {sorted(unknown)}")
        with self.world.lock:
            for name, value in spec.items():
                if name != "update_fails":
                    value = type(SETTINGS[name])(value)
                    if value < 0:
                        raise ValueError(f"{name} cannot be negative")
                self.settings[name] = value

    def describe(self):
        return dict(self.settings)

    # -- over time -------------------------------------------------------

    def begin(self, function, what):
        """A create or an update ("State", "LastUpdateStatus") begins."""
        seconds = "create_seconds" if what == "State" else "update_seconds"
        function.landing = what
        function.lands_at = self.world.clock.aws() + self.settings[seconds]
        function.fails = self.settings["update_fails"]
        # Another revision when it lands, as in AWS.
        function.revisions = [str(uuid.uuid4()), str(uuid.uuid4())]

    def busy_with(self, function):
        """"State", "LastUpdateStatus", or None when all has landed."""
        landing = getattr(function, "landing", None)
        if landing is None or self.world.clock.aws() >= function.lands_at:
            return None
        return landing

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

    def answers(self, region, name):
        """Does an invocation get an answer?  Pending, or with nothing left
        to run in, it does not."""
        try:
            function = self.world.backend("lambda", region).get_function(name)
        except Exception:  # moto: UnknownFunctionException
            return False
        reserved = function.reserved_concurrency
        return self.busy_with(function) != "State" and (
            reserved is None or int(reserved) > 0
        )


def _names(statement, service):
    principal = statement.get("Principal", {})
    named = principal.get("Service", []) if isinstance(principal, dict) else []
    return service in ([named] if isinstance(named, str) else named)
