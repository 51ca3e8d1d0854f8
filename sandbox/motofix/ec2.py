# SPDX-License-Identifier: MIT
"""EC2: pages and dry runs, VPCs and subnets, and what still uses them.

A load balancer has network interfaces in its subnets, with public addresses
and with its security groups, and they stay for a while after it is gone.
Gateways and routes are in ec2_routes.py, security groups in ec2_groups.py.
"""

import ipaddress

from moto.core.responses import ActionResult
from moto.ec2.exceptions import (
    DependencyViolationError,
    InvalidAvailabilityZoneError,
    InvalidNextToken,
    InvalidParameterCombination,
    InvalidParameterValue,
    InvalidSubnetRangeError,
)
from moto.ec2.models.subnets import SubnetBackend
from moto.ec2.models.vpcs import VPCBackend
from moto.ec2.responses import EC2Response
from moto.elbv2.models import ELBv2Backend

LINGER = 10  # AWS seconds; AWS takes minutes
LEAST_PAGE, MOST_PAGE, MOST_ROUTE_TABLES = 5, 1000, 100

_LISTS = {
    "describe_vpcs": ("Vpcs", "VpcIds", MOST_PAGE),
    "describe_subnets": ("Subnets", "SubnetIds", MOST_PAGE),
    "describe_internet_gateways": (
        "InternetGateways",
        "InternetGatewayIds",
        MOST_PAGE,
    ),
    "describe_route_tables": (
        "RouteTables",
        "RouteTableIds",
        MOST_ROUTE_TABLES,
    ),
    "describe_security_groups": ("SecurityGroups", "GroupIds", MOST_PAGE),
}

# Where moto does not look at DryRun and does it.
_WET = (
    "create_vpc",
    "delete_vpc",
    "create_subnet",
    "delete_subnet",
    "create_route_table",
    "delete_route_table",
    "create_route",
    "replace_route",
    "delete_route",
    "associate_route_table",
    "replace_route_table_association",
    "disassociate_route_table",
)


def apply(world):
    from . import ec2_groups, ec2_routes

    for name in _WET:
        setattr(EC2Response, name, _dry(getattr(EC2Response, name)))
    for name, facts in _LISTS.items():
        moto_describe = getattr(EC2Response, name)
        setattr(EC2Response, name, _paged(moto_describe, *facts))
    interfaces = Interfaces(world)
    _vpcs()
    _subnets(interfaces)
    ec2_routes.apply(interfaces)
    ec2_groups.apply(interfaces)


def _dry(moto_call):
    def call(self):
        # A dry run changes nothing and says that it would have.
        self.error_on_dryrun()
        return moto_call(self)

    return call


def _paged(moto_describe, key, ids, most):
    def describe(self):
        # Pages of MaxResults, where moto always returns all there is.
        answer = dict(moto_describe(self).result)
        items = sorted(answer[key], key=lambda item: item.id)
        size = self._get_int_param("MaxResults")
        token = self._get_param("NextToken")
        if token:
            if token not in [item.id for item in items]:
                raise InvalidNextToken(token)
            items = [item for item in items if item.id >= token]
        if size is not None:
            if not LEAST_PAGE <= size <= most:
                raise InvalidParameterValue(
                    f"Value ( {size} ) for parameter maxResults is invalid. "
                    f"Expecting a value between {LEAST_PAGE} and {most}."
                )
            if self._get_param(ids):
                raise InvalidParameterCombination(
                    "The parameter maxResults cannot be used with ids"
                )
            if len(items) > size:
                answer["NextToken"] = items[size].id
                items = items[:size]
        answer[key] = items
        return ActionResult(answer)

    return describe


class Interfaces:
    """The network interfaces of load balancers, here and just deleted."""

    def __init__(self, world):
        self.world = world
        self._lingering = []  # (until, region, load balancer)
        moto_delete = ELBv2Backend.delete_load_balancer
        interfaces = self

        def delete(self, arn, *args, **kwargs):
            balancer = self.load_balancers.get(arn)
            result = moto_delete(self, arn, *args, **kwargs)
            if balancer is not None and arn not in self.load_balancers:
                interfaces.linger(self.region_name, balancer)
            return result

        ELBv2Backend.delete_load_balancer = delete

    def linger(self, region, balancer):
        until = self.world.clock.aws() + LINGER
        self._lingering.append((until, region, balancer))

    def _of(self, region):
        now = self.world.clock.aws()
        self._lingering = [gone for gone in self._lingering if gone[0] > now]
        return [
            *self.world.backend("elbv2", region).load_balancers.values(),
            *(b for _, where, b in self._lingering if where == region),
        ]

    def in_subnet(self, region, subnet_id):
        return any(
            subnet_id in [s.id for s in balancer.subnets]
            for balancer in self._of(region)
        )

    def with_group(self, region, group_id):
        return any(group_id in b.security_groups for b in self._of(region))

    def with_public_address(self, region, vpc_id):
        return any(
            balancer.vpc_id == vpc_id and balancer.scheme != "internal"
            for balancer in self._of(region)
        )


# -- VPCs --------------------------------------------------------------------


def _vpcs():
    moto_create, moto_delete = VPCBackend.create_vpc, VPCBackend.delete_vpc
    moto_modify = EC2Response.modify_vpc_attribute

    def create(self, cidr_block, *args, **kwargs):
        # A range is written without host bits, as AWS would.
        return moto_create(self, _network(cidr_block), *args, **kwargs)

    def delete(self, vpc_id):
        # Whatever somebody has put into it keeps it.
        groups = self.groups.get(vpc_id, {}).values()
        gateways = self.internet_gateways.values()
        if any(not group.is_default for group in groups) or any(
            gateway.vpc is not None and gateway.vpc.id == vpc_id
            for gateway in gateways
        ):
            raise DependencyViolationError(
                f"The vpc '{vpc_id}' has dependencies and cannot be deleted."
            )
        return moto_delete(self, vpc_id)

    def modify(self):
        # One attribute a request, and host names only with DNS support.
        wanted = [
            name
            for name in ("EnableDnsHostnames", "EnableDnsSupport")
            if self._get_param(f"{name}.Value") is not None
        ]
        if len(wanted) > 1:
            raise InvalidParameterCombination(
                "Fields for multiple attribute types specified: "
                "enableDnsHostnames, enableDnsSupport"
            )
        vpc = self.ec2_backend.get_vpc(self._get_param("VpcId"))
        if (
            wanted == ["EnableDnsHostnames"]
            and self._get_param("EnableDnsHostnames.Value")
            and not vpc.enable_dns_support
        ):
            raise InvalidParameterValue(
                "DNS hostnames can be enabled only if DNS support is enabled"
            )
        return moto_modify(self)

    VPCBackend.create_vpc = create
    VPCBackend.delete_vpc = delete
    EC2Response.modify_vpc_attribute = modify


def _network(cidr):
    """The range without host bits; what is no range is moto's to refuse."""
    try:
        return str(ipaddress.IPv4Network(cidr, strict=False))
    except ValueError:
        return cidr


# -- Subnets -----------------------------------------------------------------


def _subnets(interfaces):
    moto_create = SubnetBackend.create_subnet
    moto_delete = SubnetBackend.delete_subnet

    def create(
        self,
        vpc_id,
        cidr_block,
        ipv6_cidr_block=None,
        availability_zone=None,
        *args,
        **kwargs,
    ):
        cidr_block = _network(cidr_block)
        # From /16 to /28, whatever the VPC has room for.
        prefix = int(cidr_block.rpartition("/")[2] or 0)
        if "/" in cidr_block and not 16 <= prefix <= 28:
            raise InvalidSubnetRangeError(cidr_block)
        # In a zone of this region; moto takes those of all.
        zones = [z.name for z in self.describe_availability_zones()]
        if availability_zone and availability_zone not in zones:
            raise InvalidAvailabilityZoneError(
                availability_zone, ", ".join(zones)
            )
        subnet = moto_create(
            self,
            vpc_id,
            cidr_block,
            ipv6_cidr_block,
            availability_zone,
            *args,
            **kwargs,
        )
        # Only the default VPC's subnets are default ones and public at once.
        if not self.get_vpc(vpc_id).is_default:
            subnet.default_for_az = subnet.map_public_ip_on_launch = False
        return subnet

    def delete(self, subnet_id):
        self.get_subnet(subnet_id)
        if interfaces.in_subnet(self.region_name, subnet_id):
            raise DependencyViolationError(
                f"The subnet '{subnet_id}' has dependencies and cannot be "
                "deleted."
            )
        moto_delete(self, subnet_id)
        # Its association goes with it.
        for table in self.route_tables.values():
            for association, target in list(table._associations.items()):
                if target == subnet_id:
                    del table._associations[association]

    SubnetBackend.create_subnet = create
    SubnetBackend.delete_subnet = delete
