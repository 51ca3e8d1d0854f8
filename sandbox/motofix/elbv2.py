# SPDX-License-Identifier: MIT
"""Load balancers: one for each name, in two zones, and not at once.

Targets, their health and listeners have modules of their own.
"""

import re

from moto.ec2.exceptions import InvalidSubnetIdError
from moto.elbv2.exceptions import (
    DuplicateLoadBalancerName,
    LoadBalancerNotFoundError,
    SubnetNotFoundError,
)
from moto.elbv2.exceptions import ELBClientError as Error
from moto.elbv2.models import ELBv2Backend, FakeLoadBalancer
from moto.elbv2.responses import ELBV2Response

from . import elbv2_listeners, elbv2_targets

PROVISIONING = 30  # AWS seconds; AWS takes some minutes
NAME_MAX = 32
DESCRIBE_TAGS_MAX = 20
PROTECTION = "deletion_protection.enabled"
# What AWS says of attributes that nobody has set, and moto leaves out.
DEFAULTS = {
    "client_keep_alive.seconds": "3600",
    "idle_timeout.timeout_seconds": "60",
    "routing.http2.enabled": "true",
    "routing.http.drop_invalid_header_fields.enabled": "false",
}
RANGES = {
    "client_keep_alive.seconds": (60, 604800),
    "idle_timeout.timeout_seconds": (1, 4000),
}


def apply(world):
    _states(world)
    _creation()
    _subnets()
    _attributes()
    _removal()
    _tags()
    elbv2_targets.apply(world)
    elbv2_listeners.apply(world)


def _states(world):
    """Provisioning for a while, then active; moto's is active when asked."""
    moto_init = FakeLoadBalancer.__init__

    def init(self, *args, **kwargs):
        moto_init(self, *args, **kwargs)
        self.active_at = world.clock.aws() + PROVISIONING
        self.attrs = {**DEFAULTS, **self.attrs}

    def activate(self):
        if self.state == "provisioning" and world.clock.aws() >= self.active_at:
            self.state = "active"

    FakeLoadBalancer.__init__ = init
    FakeLoadBalancer.activate = activate


def check_name(what, name):
    """The rules that load balancers and target groups share."""
    if len(name) > NAME_MAX:
        raise Error(
            "ValidationError",
            f"{what} name '{name}' cannot be longer than '{NAME_MAX}' "
            "characters",
        )
    if not re.fullmatch("[A-Za-z0-9-]+", name):
        raise Error(
            "ValidationError",
            f"{what} name '{name}' can only contain characters that are "
            "alphanumeric characters and hyphens(-)",
        )
    if name.startswith("-") or name.endswith("-"):
        raise Error(
            "ValidationError",
            f"{what} name '{name}' cannot begin or end with '-'",
        )


def _creation():
    moto_create = ELBv2Backend.create_load_balancer

    def create(self, name, security_groups, subnet_ids, *args, **kwargs):
        check_name("The load balancer", name)
        if name.startswith("internal-"):
            raise Error(
                "ValidationError",
                f"The load balancer name '{name}' cannot begin with "
                "'internal-'",
            )
        kwargs["scheme"] = kwargs.get("scheme") or "internet-facing"
        kwargs["loadbalancer_type"] = (
            kwargs.get("loadbalancer_type") or "application"
        )
        # The same name and settings are the same balancer; else a conflict.
        for balancer in self.load_balancers.values():
            if balancer.name != name:
                continue
            if (
                {s.id for s in balancer.subnets} != set(subnet_ids)
                or set(balancer.security_groups) != set(security_groups)
                or balancer.scheme != kwargs["scheme"]
                or balancer.type != kwargs["loadbalancer_type"]
            ):
                raise DuplicateLoadBalancerName()
            return balancer
        vpc = _check_subnets(self, subnet_ids)
        _check_groups(self, security_groups, vpc)
        if kwargs["scheme"] == "internet-facing":
            _check_gateway(self, vpc)
        return moto_create(
            self, name, security_groups, subnet_ids, *args, **kwargs
        )

    ELBv2Backend.create_load_balancer = create


def _check_subnets(backend, subnet_ids):
    """Two or more subnets, each of another zone, all of one VPC: its id."""
    try:
        subnets = [backend.ec2_backend.get_subnet(s) for s in subnet_ids]
    except InvalidSubnetIdError as unknown:
        raise SubnetNotFoundError() from unknown
    zones = [s.availability_zone for s in subnets]
    if len(zones) != len(set(zones)):
        raise Error(
            "InvalidConfigurationRequest",
            "A load balancer cannot be attached to multiple subnets in the "
            "same Availability Zone",
        )
    if len(zones) < 2:
        raise Error(
            "ValidationError",
            "At least two subnets in two different Availability Zones must "
            "be specified",
        )
    if len({s.vpc_id for s in subnets}) > 1:
        raise Error(
            "InvalidConfigurationRequest",
            "All subnets must belong to the same VPC",
        )
    return subnets[0].vpc_id


def _check_groups(backend, group_ids, vpc):
    for group_id in group_ids:
        group = backend.ec2_backend.get_security_group_from_id(group_id)
        if group is None or group.vpc_id != vpc:
            raise Error(
                "InvalidSecurityGroup",
                f"Security group '{group_id}' is not valid",
            )


def _check_gateway(backend, vpc):
    if not any(
        gateway.vpc and gateway.vpc.id == vpc
        for gateway in backend.ec2_backend.internet_gateways.values()
    ):
        raise Error("InvalidSubnet", f"VPC {vpc} has no internet gateway")


def _subnets():
    """SetSubnets and SetSecurityGroups keep the rules of the creation."""
    moto_subnets = ELBv2Backend.set_subnets
    moto_groups = ELBv2Backend.set_security_groups

    def subnets(self, arn, subnet_ids, subnet_mappings):
        if arn not in self.load_balancers:
            raise LoadBalancerNotFoundError()
        vpc = _check_subnets(self, subnet_ids)
        if vpc != self.load_balancers[arn].vpc_id:
            raise Error(
                "InvalidConfigurationRequest",
                "The specified subnet does not belong to the VPC of the load "
                "balancer",
            )
        return moto_subnets(self, arn, subnet_ids, subnet_mappings)

    def groups(self, arn, group_ids):
        if arn in self.load_balancers:
            _check_groups(self, group_ids, self.load_balancers[arn].vpc_id)
        return moto_groups(self, arn, group_ids)

    ELBv2Backend.set_subnets = subnets
    ELBv2Backend.set_security_groups = groups


def _attributes():
    """Numbers have bounds."""
    moto_modify = ELBv2Backend.modify_load_balancer_attributes

    def modify(self, arn, attrs):
        for key, (least, most) in RANGES.items():
            value = attrs.get(key)
            if value is not None and not (
                value.isdigit() and least <= int(value) <= most
            ):
                raise Error(
                    "InvalidConfigurationRequest",
                    f"Load balancer attribute value '{value}' for '{key}' "
                    f"must be between {least} and {most} inclusive",
                )
        return moto_modify(self, arn, attrs)

    ELBv2Backend.modify_load_balancer_attributes = modify


def _removal():
    """Not while it is protected; and nothing of it is left, tags included."""

    def delete(self, arn):
        balancer = self.load_balancers.get(arn)
        if balancer is None:
            return
        if balancer.attrs[PROTECTION] == "true":
            raise Error(
                "OperationNotPermitted",
                f"Load balancer '{arn}' cannot be deleted because deletion "
                "protection is enabled",
            )
        for listener in list(balancer.listeners):
            self.delete_listener(listener)
        del self.load_balancers[arn]
        self.tagging_service.delete_all_tags_for_resource(arn)

    ELBv2Backend.delete_load_balancer = delete


def _tags():
    """DescribeTags takes twenty ARNs, each of something that is there."""
    moto_describe = ELBV2Response.describe_tags

    def describe(self):
        arns = self._get_param("ResourceArns", [])
        if len(arns) > DESCRIBE_TAGS_MAX:
            raise Error(
                "ValidationError",
                "Cannot describe tags for more than "
                f"{DESCRIBE_TAGS_MAX} resources",
            )
        for arn in arns:
            self.elbv2_backend._get_resource_by_arn(arn)
        return moto_describe(self)

    ELBV2Response.describe_tags = describe
