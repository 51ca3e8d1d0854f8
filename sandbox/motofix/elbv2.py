# SPDX-License-Identifier: MIT
"""Load balancers: target health from the sandbox's checks, not a constant."""

from moto.elbv2.models import ELBv2Backend, FakeTargetGroup


def apply(world):
    moto_health_for = FakeTargetGroup.health_for

    def health_for(self, target, ec2_backend):
        health = moto_health_for(self, target, ec2_backend)
        if health.status == "healthy":
            (health.status, health.reason,
             health.description) = world.balancers.target_state(self)
        return health

    moto_describe = ELBv2Backend.describe_load_balancers

    def describe(self, *args, **kwargs):
        # CreateLoadBalancer says provisioning; it is active when next seen.
        found = moto_describe(self, *args, **kwargs)
        for balancer in found:
            balancer.activate()
        return found

    FakeTargetGroup.health_for = health_for
    ELBv2Backend.describe_load_balancers = describe
