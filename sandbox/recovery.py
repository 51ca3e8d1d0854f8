# SPDX-License-Identifier: MIT
"""ARC routing controls: switches that five regional endpoints know of.

moto has none.  A cluster's endpoints have addresses of their own here, one in
each of AWS's five regions of clusters, and each can be down while the others
answer.  A new control is Off, and a RECOVERY_CONTROL health check is healthy
while its control is On.  Source: Route 53 ARC Developer Guide, "Routing
control".
"""

import json
import uuid

from . import loopback
from .listener import Listener

SERVICE = "route53-recovery-cluster"
REGIONS = (
    "us-east-1",
    "us-west-2",
    "eu-west-1",
    "ap-northeast-1",
    "ap-southeast-2",
)
ON, OFF = "On", "Off"


class Recovery:
    def __init__(self, account):
        self.cluster = (
            f"arn:aws:route53-recovery-control::{account}:"
            f"controlpanel/{uuid.uuid4().hex}/routingcontrol/"
        )
        self.controls = {}  # ARN: {"name", "state"}

    # -- the endpoints ---------------------------------------------------

    @staticmethod
    def addresses():
        """{region: the address of the cluster's endpoint there}"""
        return {name: f"127.0.4.{1 + i}" for i, name in enumerate(REGIONS)}

    def listen(self, port, server):
        """A listener for each endpoint, all on one port."""
        listeners = []
        for region, address in self.addresses().items():
            loopback.check(address)
            listener = Listener(address, port, server)
            listener.region, listener.service = region, SERVICE
            listeners.append(listener)
        return listeners

    # -- the control API -------------------------------------------------

    def change(self, spec):
        """{"name": ..., "state": "On"}: a new control, or the state of one."""
        unknown = set(spec) - {"name", "state"}
        if unknown or spec.get("state", OFF) not in (ON, OFF):
            raise ValueError("a name, and perhaps a state: On or Off")
        for control in self.controls.values():
            if control["name"] == spec["name"]:
                control["state"] = spec.get("state", control["state"])
                return
        arn = self.cluster + uuid.uuid4().hex[:16]
        self.controls[arn] = {"state": OFF, **spec}

    def describe(self):
        return [{"arn": arn, **c} for arn, c in self.controls.items()]

    # -- what others ask -------------------------------------------------

    def is_on(self, arn):
        """Is the control's check healthy?  Of no control, it is not."""
        return self.controls.get(arn, {}).get("state") == ON

    def answer(self, call):
        """(status, headers, body) of a call to an endpoint of the cluster."""
        wanted = json.loads(call.request.body or b"{}")
        if call.operation == "ListRoutingControls":
            return _json({"RoutingControls": self._listed()})
        control = self.controls.get(wanted.get("RoutingControlArn"))
        if control is None:
            return call.error(
                404, "ResourceNotFoundException", "no such routing control"
            )
        if call.operation == "GetRoutingControlState":
            return _json(
                {
                    "RoutingControlArn": wanted["RoutingControlArn"],
                    "RoutingControlState": control["state"],
                    "RoutingControlName": control["name"],
                }
            )
        if call.operation != "UpdateRoutingControlState":
            return call.error(501, "NotImplemented", call.operation)
        if wanted.get("RoutingControlState") not in (ON, OFF):
            return call.error(400, "ValidationException", "On or Off")
        control["state"] = wanted["RoutingControlState"]
        return _json({})

    def _listed(self):
        return [
            {
                "RoutingControlArn": arn,
                "RoutingControlName": control["name"],
                "RoutingControlState": control["state"],
            }
            for arn, control in self.controls.items()
        ]


def _json(value):
    return (
        200,
        [
            ("Content-Type", "application/x-amz-json-1.0"),
            ("x-amzn-RequestId", str(uuid.uuid4())),
        ],
        json.dumps(value).encode(),
    )
