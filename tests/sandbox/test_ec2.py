# SPDX-License-Identifier: MIT
"""EC2's rules that moto does not keep, one by one."""

import pytest
from botocore.exceptions import ClientError
from sandboxctl import EAST, WEST, code_of, wait_for

ANYWHERE = "0.0.0.0/0"


@pytest.fixture
def ec2(sandbox):
    return sandbox.boto("ec2", WEST)


@pytest.fixture
def vpc(ec2):
    """A VPC of the test's own; nobody minds that it stays."""
    return ec2.create_vpc(CidrBlock="10.7.0.0/16")["Vpc"]["VpcId"]


@pytest.fixture
def subnet(ec2, vpc):
    return make_subnet(ec2, vpc, "10.7.0.0/20", "a")


@pytest.fixture
def gateway(ec2):
    return ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]


@pytest.fixture
def table(ec2, vpc):
    return ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]


@pytest.fixture
def group(ec2, vpc, unique):
    return make_group(ec2, vpc, unique("group"))


def make_subnet(ec2, vpc, cidr, zone):
    return ec2.create_subnet(
        VpcId=vpc, CidrBlock=cidr, AvailabilityZone=WEST + zone
    )["Subnet"]["SubnetId"]


def make_group(ec2, vpc, name):
    return ec2.create_security_group(
        GroupName=name, Description="d", VpcId=vpc
    )["GroupId"]


def refusal(call, **arguments):
    """The code with which a call is refused."""
    with pytest.raises(ClientError) as raised:
        call(**arguments)
    return code_of(raised)[0]


def tcp(port, **source):
    source = source or {"IpRanges": [{"CidrIp": ANYWHERE}]}
    return {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, **source}


# -- all of it ---------------------------------------------------------------


def test_a_dry_run_makes_nothing(ec2):
    before = len(ec2.describe_vpcs()["Vpcs"])
    code = refusal(ec2.create_vpc, CidrBlock="10.7.0.0/16", DryRun=True)
    assert code == "DryRunOperation"
    assert len(ec2.describe_vpcs()["Vpcs"]) == before


def test_lists_have_pages(ec2, vpc):
    for i in range(6):
        make_subnet(ec2, vpc, f"10.7.{i}.0/24", "a")
    of_vpc = [{"Name": "vpc-id", "Values": [vpc]}]
    first = ec2.describe_subnets(Filters=of_vpc, MaxResults=5)
    rest = ec2.describe_subnets(
        Filters=of_vpc, MaxResults=5, NextToken=first["NextToken"]
    )
    assert (len(first["Subnets"]), len(rest["Subnets"])) == (5, 1)
    assert "NextToken" not in rest
    assert len({s["SubnetId"] for s in first["Subnets"] + rest["Subnets"]}) == 6


@pytest.mark.parametrize(
    "name, size",
    [
        ("describe_vpcs", 1001),
        ("describe_subnets", 1001),
        ("describe_internet_gateways", 1001),
        ("describe_route_tables", 101),
        ("describe_security_groups", 1001),
    ],
)
def test_pages_have_a_size(ec2, name, size):
    call = getattr(ec2, name)
    assert refusal(call, MaxResults=size) == "InvalidParameterValue"
    assert refusal(call, MaxResults=5, NextToken="x") == "InvalidNextToken"


# -- VPCs --------------------------------------------------------------------


def test_ranges_are_written_without_host_bits(ec2):
    made = ec2.create_vpc(CidrBlock="10.8.1.2/16")["Vpc"]
    assert made["CidrBlock"] == "10.8.0.0/16"


def test_attributes_are_set_one_at_a_time(ec2, vpc):
    code = refusal(
        ec2.modify_vpc_attribute,
        VpcId=vpc,
        EnableDnsSupport={"Value": True},
        EnableDnsHostnames={"Value": True},
    )
    assert code == "InvalidParameterCombination"


def test_host_names_need_dns_support(ec2, vpc):
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsSupport={"Value": False})
    hostnames = {"VpcId": vpc, "EnableDnsHostnames": {"Value": True}}
    assert (
        refusal(ec2.modify_vpc_attribute, **hostnames)
        == "InvalidParameterValue"
    )
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsSupport={"Value": True})
    ec2.modify_vpc_attribute(**hostnames)


def test_a_vpc_with_a_gateway_stays(ec2, vpc, gateway):
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    assert refusal(ec2.delete_vpc, VpcId=vpc) == "DependencyViolation"
    ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    ec2.delete_vpc(VpcId=vpc)


def test_a_vpc_with_a_group_stays(ec2, vpc, group):
    assert refusal(ec2.delete_vpc, VpcId=vpc) == "DependencyViolation"
    ec2.delete_security_group(GroupId=group)
    ec2.delete_vpc(VpcId=vpc)


# -- subnets -----------------------------------------------------------------


def test_subnets_are_not_public_by_themselves(ec2, subnet):
    (found,) = ec2.describe_subnets(SubnetIds=[subnet])["Subnets"]
    assert not found["MapPublicIpOnLaunch"]
    assert not found["DefaultForAz"]


def test_subnets_are_in_zones_of_their_region(ec2, vpc):
    code = refusal(
        ec2.create_subnet,
        VpcId=vpc,
        CidrBlock="10.7.0.0/20",
        AvailabilityZone=EAST + "a",
    )
    assert code == "InvalidParameterValue"


def test_subnets_are_not_too_small(ec2, vpc):
    code = refusal(ec2.create_subnet, VpcId=vpc, CidrBlock="10.7.0.0/29")
    assert code == "InvalidSubnet.Range"


def test_an_association_goes_with_its_subnet(ec2, table, subnet):
    ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
    ec2.delete_subnet(SubnetId=subnet)
    ec2.delete_route_table(RouteTableId=table)


# -- gateways and routes -------------------------------------------------------


def test_a_vpc_has_one_gateway(ec2, vpc, gateway):
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    attach = ec2.attach_internet_gateway
    assert (
        refusal(attach, InternetGatewayId=gateway, VpcId=vpc)
        == "Resource.AlreadyAssociated"
    )
    other = ec2.create_internet_gateway()["InternetGateway"]
    code = refusal(
        attach, InternetGatewayId=other["InternetGatewayId"], VpcId=vpc
    )
    assert code == "InvalidParameterValue"


def test_a_route_leads_to_a_gateway_of_its_vpc(ec2, vpc, table, gateway):
    route = {
        "RouteTableId": table,
        "DestinationCidrBlock": ANYWHERE,
        "GatewayId": gateway,
    }
    assert refusal(ec2.create_route, **route) == "InvalidParameterValue"
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    ec2.create_route(**route)
    route["GatewayId"] = "igw-0123456789abcdef0"
    assert refusal(ec2.replace_route, **route) == "InvalidGatewayID.NotFound"


def test_a_route_without_its_gateway_is_a_blackhole(ec2, vpc, table, gateway):
    def state():
        (found,) = ec2.describe_route_tables(RouteTableIds=[table])[
            "RouteTables"
        ]
        return {
            r["DestinationCidrBlock"]: r["State"] for r in found["Routes"]
        }

    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    ec2.create_route(
        RouteTableId=table, DestinationCidrBlock=ANYWHERE, GatewayId=gateway
    )
    assert state() == {"10.7.0.0/16": "active", ANYWHERE: "active"}
    ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    assert state() == {"10.7.0.0/16": "active", ANYWHERE: "blackhole"}


def test_the_same_token_is_the_same_table(ec2, vpc):
    one, two, other = (
        ec2.create_route_table(VpcId=vpc, ClientToken=token)["RouteTable"]
        for token in ("t", "t", "u")
    )
    assert one["RouteTableId"] == two["RouteTableId"]
    assert one["RouteTableId"] != other["RouteTableId"]


def test_a_subnet_has_one_table(ec2, vpc, table, subnet):
    ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
    other = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    code = refusal(
        ec2.associate_route_table, RouteTableId=other, SubnetId=subnet
    )
    assert code == "Resource.AlreadyAssociated"


def test_a_table_is_of_its_vpc(ec2, table):
    elsewhere = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    subnet = make_subnet(ec2, elsewhere, "10.9.0.0/20", "a")
    code = refusal(
        ec2.associate_route_table, RouteTableId=table, SubnetId=subnet
    )
    assert code == "InvalidParameterValue"


# -- security groups -----------------------------------------------------------


@pytest.mark.parametrize(
    "name, description",
    [("sg-mine", "d"), ("n" * 256, "d"), ("n", "lets <in>"), ("é", "d")],
)
def test_groups_have_proper_names(ec2, vpc, name, description):
    code = refusal(
        ec2.create_security_group,
        GroupName=name,
        Description=description,
        VpcId=vpc,
    )
    assert code == "InvalidParameterValue"


def test_groups_are_in_a_vpc_that_exists(ec2):
    code = refusal(
        ec2.create_security_group,
        GroupName="n",
        Description="d",
        VpcId="vpc-0123456789abcdef0",
    )
    assert code == "InvalidVpcID.NotFound"


def test_the_default_group_stays(ec2, vpc):
    (default,) = ec2.describe_security_groups(
        Filters=[{"Name": "vpc-id", "Values": [vpc]}]
    )["SecurityGroups"]
    code = refusal(ec2.delete_security_group, GroupId=default["GroupId"])
    assert code == "CannotDelete"


def test_a_group_that_another_names_stays(ec2, vpc, group, unique):
    other = make_group(ec2, vpc, unique("group"))
    permission = tcp(80, UserIdGroupPairs=[{"GroupId": group}])
    ec2.authorize_security_group_ingress(
        GroupId=other, IpPermissions=[permission]
    )
    delete = ec2.delete_security_group
    assert refusal(delete, GroupId=group) == "DependencyViolation"
    ec2.revoke_security_group_ingress(GroupId=other, IpPermissions=[permission])
    delete(GroupId=group)


def test_permissions_are_all_or_nothing(ec2, group):
    def ports():
        (found,) = ec2.describe_security_groups(GroupIds=[group])[
            "SecurityGroups"
        ]
        return sorted(p["FromPort"] for p in found["IpPermissions"])

    authorize = ec2.authorize_security_group_ingress
    revoke = ec2.revoke_security_group_ingress
    authorize(GroupId=group, IpPermissions=[tcp(80)])
    assert (
        refusal(authorize, GroupId=group, IpPermissions=[tcp(22), tcp(80)])
        == "InvalidPermission.Duplicate"
    )
    assert ports() == [80]
    assert (
        refusal(revoke, GroupId=group, IpPermissions=[tcp(80), tcp(22)])
        == "InvalidPermission.NotFound"
    )
    assert ports() == [80]


# -- load balancers' interfaces ------------------------------------------------


def test_a_load_balancer_keeps_what_it_uses(
    sandbox, ec2, vpc, subnet, gateway, group, unique
):
    """And for a while after it is gone."""
    elb = sandbox.boto("elbv2", WEST)
    other = make_subnet(ec2, vpc, "10.7.16.0/20", "b")
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    arn = elb.create_load_balancer(
        Name=unique("alb"), Subnets=[subnet, other], SecurityGroups=[group]
    )["LoadBalancers"][0]["LoadBalancerArn"]

    steps = [
        (ec2.delete_subnet, {"SubnetId": subnet}),
        (ec2.delete_security_group, {"GroupId": group}),
        (
            ec2.detach_internet_gateway,
            {"InternetGatewayId": gateway, "VpcId": vpc},
        ),
    ]

    def codes():
        return [refusal(call, **arguments) for call, arguments in steps]

    assert codes() == ["DependencyViolation"] * 3
    sandbox.clock(speed=10)
    elb.delete_load_balancer(LoadBalancerArn=arn)
    assert codes() == ["DependencyViolation"] * 3
    sandbox.clock(speed=1000)

    def done():
        try:
            ec2.delete_subnet(SubnetId=subnet)
        except ClientError:
            return False
        return True

    wait_for(done)
    for call, arguments in steps[1:]:
        call(**arguments)
