# SPDX-License-Identifier: MIT
"""VPC, subnets, gateway, routes, security group."""

from drifts.base import NOBODY, drift
from outside import PRIMARY, STANDBY


@drift("vpc", STANDBY, "Tags", "CreateTags")
def vpc_tags(it):
    it.boto("ec2", STANDBY).create_tags(
        Resources=[it.vpc(STANDBY)], Tags=NOBODY
    )


@drift("vpc-dns-support", STANDBY, "EnableDnsSupport", "ModifyVpcAttribute")
def dns_support(it):
    it.boto("ec2", STANDBY).modify_vpc_attribute(
        VpcId=it.vpc(STANDBY), EnableDnsSupport={"Value": False}
    )


@drift("vpc-dns-hostnames", PRIMARY, "EnableDnsHostnames", "ModifyVpcAttribute")
def dns_hostnames(it):
    it.boto("ec2").modify_vpc_attribute(
        VpcId=it.vpc(PRIMARY), EnableDnsHostnames={"Value": False}
    )


@drift(
    "subnet",
    STANDBY,
    "MapPublicIpOnLaunch Tags",
    "ModifySubnetAttribute",
    "CreateTags",
    node="subnet-2",
)
def subnet(it):
    ec2, subnet = it.boto("ec2", STANDBY), it.subnet(STANDBY, 2)
    ec2.modify_subnet_attribute(
        SubnetId=subnet, MapPublicIpOnLaunch={"Value": False}
    )
    ec2.create_tags(Resources=[subnet], Tags=NOBODY)


@drift("internet-gateway", STANDBY, "Tags", "CreateTags")
def gateway_tags(it):
    it.boto("ec2", STANDBY).create_tags(
        Resources=[it.gateway(STANDBY)], Tags=NOBODY
    )


@drift("route-table", STANDBY, "Tags", "CreateTags")
def routes_tags(it):
    it.boto("ec2", STANDBY).create_tags(
        Resources=[it.routes(STANDBY)], Tags=NOBODY
    )


@drift("route", STANDBY, "GatewayId", "ReplaceRoute")
def another_route(it):
    """To another network, which has gone since."""
    ec2 = it.boto("ec2", STANDBY)
    other = ec2.create_vpc(CidrBlock="10.99.0.0/16")["Vpc"]["VpcId"]
    peering = ec2.create_vpc_peering_connection(
        VpcId=it.vpc(STANDBY), PeerVpcId=other
    )["VpcPeeringConnection"]["VpcPeeringConnectionId"]
    ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=peering)
    ec2.replace_route(
        RouteTableId=it.routes(STANDBY),
        DestinationCidrBlock="0.0.0.0/0",
        VpcPeeringConnectionId=peering,
    )
    ec2.delete_vpc_peering_connection(VpcPeeringConnectionId=peering)
    ec2.delete_vpc(VpcId=other)


@drift("route", PRIMARY, "", "CreateRoute")
def no_route(it):
    it.boto("ec2").delete_route(
        RouteTableId=it.routes(PRIMARY), DestinationCidrBlock="0.0.0.0/0"
    )


@drift(
    "route-association",
    STANDBY,
    "RouteTableId",
    "ReplaceRouteTableAssociation",
    node="association-1",
)
def another_route_table(it):
    ec2 = it.boto("ec2", STANDBY)
    table = ec2.create_route_table(VpcId=it.vpc(STANDBY))["RouteTable"]
    it.left_over = table["RouteTableId"]
    ec2.replace_route_table_association(
        AssociationId=it.association(STANDBY, it.subnet(STANDBY, 1)),
        RouteTableId=it.left_over,
    )


@drift(
    "route-association",
    STANDBY,
    "",
    "AssociateRouteTable",
    node="association-3",
)
def no_association(it):
    it.boto("ec2", STANDBY).disassociate_route_table(
        AssociationId=it.association(STANDBY, it.subnet(STANDBY, 3))
    )


@drift("security-group", STANDBY, "Tags", "CreateTags")
def group_tags(it):
    it.boto("ec2", STANDBY).create_tags(
        Resources=[it.group(STANDBY)], Tags=NOBODY
    )


def anybody(port):
    return {
        "IpProtocol": "tcp",
        "FromPort": port,
        "ToPort": port,
        "IpRanges": [{"CidrIp": "0.0.0.0/0"}],
    }


@drift(
    "security-group-rule",
    STANDBY,
    "",
    "AuthorizeSecurityGroupIngress",
    node="group-in-443",
)
def nobody_gets_in(it):
    it.boto("ec2", STANDBY).revoke_security_group_ingress(
        GroupId=it.group(STANDBY), IpPermissions=[anybody(443)]
    )


@drift(
    "security-group-rule",
    STANDBY,
    "",
    "AuthorizeSecurityGroupEgress",
    node="group-out",
)
def nothing_gets_out(it):
    ec2, group = it.boto("ec2", STANDBY), it.group(STANDBY)
    rules = ec2.describe_security_groups(GroupIds=[group])
    ec2.revoke_security_group_egress(
        GroupId=group,
        IpPermissions=rules["SecurityGroups"][0]["IpPermissionsEgress"],
    )


@drift(
    "security-group-extra",
    STANDBY,
    "Undeclared",
    "RevokeSecurityGroupIngress",
)
def a_rule_too_many(it):
    it.boto("ec2", STANDBY).authorize_security_group_ingress(
        GroupId=it.group(STANDBY), IpPermissions=[anybody(22)]
    )
