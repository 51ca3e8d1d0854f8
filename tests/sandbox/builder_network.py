# SPDX-License-Identifier: MIT
"""The network of a stack's region: VPC, subnets, gateway, routes, group."""


class Network:
    def __init__(self, builder, region):
        self.builder = builder
        self.region = region
        self.ec2 = builder.client("ec2", region)

    def build(self):
        """Create what is missing; the ids that a load balancer needs."""
        prefix = self.builder.spec.regions[self.region][1]
        vpc = self._vpc(prefix)
        gateway = self._gateway(vpc)
        zones = [
            z["ZoneName"]
            for z in self.ec2.describe_availability_zones()["AvailabilityZones"]
        ][:3]
        subnets = [
            self._subnet(vpc, zone, f"{prefix}.{i}.0/24", i)
            for i, zone in enumerate(zones)
        ]
        self._routes(vpc, gateway, subnets)
        return {
            "vpc": vpc,
            "subnets": subnets,
            "security_group": self._security_group(vpc),
        }

    def _find(self, purpose, describe, key):
        """The resource that carries our Name tag, or None."""
        found = describe(
            Filters=[
                {
                    "Name": "tag:Name",
                    "Values": [
                        self.builder.spec.full_name(self.region, purpose)
                    ],
                },
                {"Name": "tag:drd:stack", "Values": [self.builder.spec.name]},
            ]
        )[key]
        return found[0] if found else None

    def _tagged(self, kind, purpose):
        return [
            {
                "ResourceType": kind,
                "Tags": self.builder.tags(self.region, purpose),
            }
        ]

    def _vpc(self, prefix):
        vpc = self._find("vpc", self.ec2.describe_vpcs, "Vpcs")
        if vpc is None:
            vpc = self.ec2.create_vpc(
                CidrBlock=f"{prefix}.0.0/16",
                TagSpecifications=self._tagged("vpc", "vpc"),
            )["Vpc"]
            for attribute in ("EnableDnsSupport", "EnableDnsHostnames"):
                self.ec2.modify_vpc_attribute(
                    VpcId=vpc["VpcId"], **{attribute: {"Value": True}}
                )
        return vpc["VpcId"]

    def _gateway(self, vpc):
        gateway = self._find(
            "igw", self.ec2.describe_internet_gateways, "InternetGateways"
        )
        if gateway is None:
            gateway = self.ec2.create_internet_gateway(
                TagSpecifications=self._tagged("internet-gateway", "igw")
            )["InternetGateway"]
            self.ec2.attach_internet_gateway(
                InternetGatewayId=gateway["InternetGatewayId"], VpcId=vpc
            )
        return gateway["InternetGatewayId"]

    def _subnet(self, vpc, zone, cidr, index):
        purpose = f"subnet-{index + 1}"
        subnet = self._find(purpose, self.ec2.describe_subnets, "Subnets")
        if subnet is None:
            subnet = self.ec2.create_subnet(
                VpcId=vpc,
                AvailabilityZone=zone,
                CidrBlock=cidr,
                TagSpecifications=self._tagged("subnet", purpose),
            )["Subnet"]
            self.ec2.modify_subnet_attribute(
                SubnetId=subnet["SubnetId"], MapPublicIpOnLaunch={"Value": True}
            )
        return subnet["SubnetId"]

    def _routes(self, vpc, gateway, subnets):
        if self._find("rt", self.ec2.describe_route_tables, "RouteTables"):
            return
        table = self.ec2.create_route_table(
            VpcId=vpc, TagSpecifications=self._tagged("route-table", "rt")
        )["RouteTable"]["RouteTableId"]
        self.ec2.create_route(
            RouteTableId=table,
            DestinationCidrBlock="0.0.0.0/0",
            GatewayId=gateway,
        )
        for subnet in subnets:
            self.ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)

    def _security_group(self, vpc):
        group = self._find(
            "sg", self.ec2.describe_security_groups, "SecurityGroups"
        )
        if group is not None:
            return group["GroupId"]
        group = self.ec2.create_security_group(
            GroupName=self.builder.spec.full_name(self.region, "sg"),
            VpcId=vpc,
            Description="HTTP and HTTPS from everywhere",
            TagSpecifications=self._tagged("security-group", "sg"),
        )["GroupId"]
        self.ec2.authorize_security_group_ingress(
            GroupId=group,
            IpPermissions=[
                {
                    "IpProtocol": "tcp",
                    "FromPort": port,
                    "ToPort": port,
                    "IpRanges": [{"CidrIp": "0.0.0.0/0"}],
                }
                for port in (80, 443)
            ],
        )
        return group
