# SPDX-License-Identifier: MIT
"""Load balancers: one for each name, and real target health."""

from moto.elbv2.exceptions import DuplicateLoadBalancerName
from moto.elbv2.models import ELBv2Backend, FakeTargetGroup


def apply(world):
    moto_health_for = FakeTargetGroup.health_for

    def health_for(self, target, ec2_backend):
        health = moto_health_for(self, target, ec2_backend)
        if health.status == "healthy":
            health.status, health.reason, health.description = (
                world.balancers.targets.state(self)
            )
        return health

    moto_describe = ELBv2Backend.describe_load_balancers

    def describe(self, *args, **kwargs):
        # CreateLoadBalancer says provisioning; it is active when next seen.
        found = moto_describe(self, *args, **kwargs)
        for balancer in found:
            balancer.activate()
        return found

    moto_create = ELBv2Backend.create_load_balancer

    def create(self, name, security_groups, subnet_ids, *args, **kwargs):
        # The same name and settings are the same balancer; else a conflict.
        for balancer in self.load_balancers.values():
            if balancer.name != name:
                continue
            if {s.id for s in balancer.subnets} != set(subnet_ids) or set(
                balancer.security_groups
            ) != set(security_groups):
                raise DuplicateLoadBalancerName()
            return balancer
        return moto_create(
            self, name, security_groups, subnet_ids, *args, **kwargs
        )

    ELBv2Backend.create_load_balancer = create
    FakeTargetGroup.health_for = health_for
    ELBv2Backend.describe_load_balancers = describe
