# SPDX-License-Identifier: MIT
"""EC2: internet gateways, route tables, routes and associations."""

from moto.ec2.exceptions import (
    DependencyViolationError,
    EC2ClientError,
    InvalidParameterValue,
)
from moto.ec2.models.internet_gateways import (
    InternetGateway,
    InternetGatewayBackend,
)
from moto.ec2.models.route_tables import Route, RouteBackend
from moto.ec2.responses import EC2Response

_PREFIX = "igw-"


def apply(interfaces):
    _gateways(interfaces)
    _tables()
    _routes()


def _gateways(interfaces):
    moto_attach = InternetGatewayBackend.attach_internet_gateway
    moto_detach = InternetGatewayBackend.detach_internet_gateway

    def attach(self, internet_gateway_id, vpc_id):
        # A VPC has room for one gateway.
        gateway = self.get_internet_gateway(internet_gateway_id)
        if gateway.vpc is None and any(
            other.vpc is not None and other.vpc.id == vpc_id
            for other in self.internet_gateways.values()
        ):
            raise InvalidParameterValue(
                f"Network {vpc_id} already has an internet gateway attached"
            )
        return moto_attach(self, internet_gateway_id, vpc_id)

    def detach(self, internet_gateway_id, vpc_id):
        if interfaces.with_public_address(self.region_name, vpc_id):
            raise DependencyViolationError(
                f"Network {vpc_id} has some mapped public address(es). "
                "Please unmap those public address(es) before detaching the "
                "gateway."
            )
        return moto_detach(self, internet_gateway_id, vpc_id)

    InternetGatewayBackend.attach_internet_gateway = attach
    InternetGatewayBackend.detach_internet_gateway = detach


def _tables():
    moto_create = EC2Response.create_route_table
    moto_associate = RouteBackend.associate_route_table

    def create(self):
        # The same token is the same table.
        token = self._get_param("ClientToken")
        made = self.ec2_backend.__dict__.setdefault("table_tokens", {})
        answer = made.get(token)
        if (
            answer is None
            or answer.result["RouteTable"].id
            not in self.ec2_backend.route_tables
        ):
            answer = moto_create(self)
            if token:
                made[token] = answer
        return answer

    def associate(self, route_table_id, gateway_id=None, subnet_id=None):
        table = self.get_route_table(route_table_id)
        if subnet_id is not None:
            # In the same VPC, and in one table at a time.
            if self.get_subnet(subnet_id).vpc_id != table.vpc_id:
                raise InvalidParameterValue(
                    f"route table {route_table_id} and subnet {subnet_id} "
                    "belong to different networks"
                )
            if any(
                subnet_id in other._associations.values()
                for other in self.route_tables.values()
                if other is not table
            ):
                raise EC2ClientError(
                    "Resource.AlreadyAssociated",
                    "the specified association for route table "
                    f"{route_table_id} conflicts with an existing association",
                )
        return moto_associate(self, route_table_id, gateway_id, subnet_id)

    EC2Response.create_route_table = create
    RouteBackend.associate_route_table = associate


def _routes():
    moto_create, moto_replace = (
        RouteBackend.create_route,
        RouteBackend.replace_route,
    )

    def check(self, route_table_id, gateway_id):
        # A route leads to a gateway of its own VPC.
        if not (gateway_id or "").startswith(_PREFIX):
            return
        table = self.get_route_table(route_table_id)
        gateway = self.internet_gateways.get(gateway_id)
        if gateway is None:
            raise EC2ClientError(
                "InvalidGatewayID.NotFound",
                f"The gateway ID '{gateway_id}' does not exist",
            )
        if gateway.vpc is None or gateway.vpc.id != table.vpc_id:
            raise InvalidParameterValue(
                f"route table {route_table_id} and network gateway "
                f"{gateway_id} belong to different networks"
            )

    def create(self, route_table_id, *args, gateway_id=None, **kwargs):
        check(self, route_table_id, gateway_id)
        return moto_create(
            self, route_table_id, *args, gateway_id=gateway_id, **kwargs
        )

    def replace(self, route_table_id, *args, gateway_id=None, **kwargs):
        check(self, route_table_id, gateway_id)
        return moto_replace(
            self, route_table_id, *args, gateway_id=gateway_id, **kwargs
        )

    def state(self):
        # Without its gateway in the VPC a route leads nowhere.
        gateway = self.gateway
        if isinstance(gateway, InternetGateway) and (
            gateway.vpc is None or gateway.vpc.id != self.route_table.vpc_id
        ):
            return "blackhole"
        return "active"

    RouteBackend.create_route = create
    RouteBackend.replace_route = replace
    Route.state = property(state)
