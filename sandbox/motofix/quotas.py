# SPDX-License-Identifier: MIT
"""What the account may do, as the services tell it: see sandbox/account.py.

moto knows the default quotas of VPC and nothing else.  A quota that was set is
also kept; the defaults are only told, since one account serves all.  Route 53's own account
limits are in route53_more.py.
"""

import json

from moto.awslambda.responses import LambdaResponse
from moto.awslambda.urls import url_paths as lambda_paths
from moto.core.responses import ActionResult
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models.internet_gateways import InternetGatewayBackend
from moto.ec2.models.vpcs import VPCBackend
from moto.ec2.responses import EC2Response
from moto.elbv2.exceptions import ELBClientError
from moto.elbv2.models import ELBv2Backend
from moto.route53.responses import Route53
from moto.servicequotas.exceptions import NoSuchResource
from moto.servicequotas.responses import ServiceQuotasResponse

from ..account import (
    BALANCERS,
    CONCURRENCY,
    GATEWAYS,
    GLOBAL,
    QUOTAS,
    TARGET_GROUPS,
    VPCS,
    ZONES,
)
from ..protocols import GLOBAL_REGION
from .route53_checks import error

# Of functions and their packages; the same for every account.
CODE_LIMITS = {
    "TotalCodeSize": 80530636800,
    "CodeSizeUnzipped": 262144000,
    "CodeSizeZipped": 52428800,
}


def apply(world):
    _service_quotas(world)
    _lambda(world)
    _regions(world)
    _refusals(world)


# -- Service Quotas ----------------------------------------------------------


def _service_quotas(world):
    def quota_of(self):
        """The quota that is asked for; a global one is known in one region."""
        asked = json.loads(self.body)
        quota = (asked.get("ServiceCode"), asked.get("QuotaCode"))
        if quota not in QUOTAS:
            raise NoSuchResource
        if quota[0] in GLOBAL and self.region != GLOBAL_REGION:
            raise NoSuchResource
        return quota

    def describe(self, quota, value):
        service, code = quota
        return json.dumps(
            {
                "Quota": {
                    "ServiceCode": service,
                    "ServiceName": service,
                    "QuotaArn": f"arn:aws:servicequotas:{self.region}:"
                    f"{self.current_account}:{service}/{code}",
                    "QuotaCode": code,
                    "QuotaName": QUOTAS[quota][0],
                    "Value": float(value),
                    "Unit": "None",
                    "Adjustable": True,
                    "GlobalQuota": service in GLOBAL,
                }
            }
        )

    def get(self):
        # Only what was applied for is there; the rest has a default.
        quota = quota_of(self)
        value = world.account.applied(self.region, quota)
        if value is None:
            raise NoSuchResource
        return describe(self, quota, value)

    def get_default(self):
        quota = quota_of(self)
        return describe(self, quota, QUOTAS[quota][1])

    ServiceQuotasResponse.get_service_quota = get
    ServiceQuotasResponse.get_aws_default_service_quota = get_default


# -- Lambda ------------------------------------------------------------------


def _lambda(world):
    def settings(self):
        functions = self.backend.list_functions()
        limit = world.account.limit(self.region, CONCURRENCY)
        reserved = sum(int(f.reserved_concurrency or 0) for f in functions)
        return json.dumps(
            {
                "AccountLimit": {
                    **CODE_LIMITS,
                    "ConcurrentExecutions": limit,
                    "UnreservedConcurrentExecutions": limit - reserved,
                },
                "AccountUsage": {
                    "TotalCodeSize": sum(f.code_size for f in functions),
                    "FunctionCount": len(functions),
                },
            }
        )

    LambdaResponse.get_account_settings = settings
    lambda_paths["{0}/(?P<api_version>[^/]+)/account-settings/?$"] = (
        LambdaResponse.dispatch
    )


# -- Regions -----------------------------------------------------------------


def _regions(world):
    moto_describe = EC2Response.describe_regions

    def describe(self):
        # Without AllRegions those that are not enabled are left out.
        everything = self._get_bool_param("AllRegions", False)
        regions = []
        for region in moto_describe(self).result["Regions"]:
            status = world.account.opt_in.get(region.name)
            if status is not None:
                region.opt_in_status = status
            if everything or region.opt_in_status != "not-opted-in":
                regions.append(region)
        return ActionResult({"Regions": regions})

    EC2Response.describe_regions = describe


# -- Refusals ----------------------------------------------------------------


def _refusals(world):
    """What would be one too many is not made, in each service's words."""

    def is_full(region, quota, used):
        limit = world.account.applied(region, quota)
        return limit is not None and used >= limit

    def limited(moto_create, quota, used, refusal):
        def create(self, *args, **kwargs):
            if is_full(self.region_name, quota, used(self)):
                raise refusal
            return moto_create(self, *args, **kwargs)

        return create

    def unless_known(moto_create, quota, known, refusal):
        """The same creation twice is one object, however full it is."""

        def create(self, name, *args, **kwargs):
            have = known(self)
            if name not in have and is_full(
                self.region_name, quota, len(have)
            ):
                raise refusal
            return moto_create(self, name, *args, **kwargs)

        return create

    VPCBackend.create_vpc = limited(
        VPCBackend.create_vpc,
        VPCS,
        lambda backend: len(backend.vpcs),
        EC2ClientError(
            "VpcLimitExceeded", "The maximum number of VPCs has been reached."
        ),
    )
    InternetGatewayBackend.create_internet_gateway = limited(
        InternetGatewayBackend.create_internet_gateway,
        GATEWAYS,
        lambda backend: len(backend.internet_gateways),
        EC2ClientError(
            "InternetGatewayLimitExceeded",
            "The maximum number of internet gateways has been reached.",
        ),
    )
    ELBv2Backend.create_load_balancer = unless_known(
        ELBv2Backend.create_load_balancer,
        BALANCERS,
        lambda backend: [b.name for b in backend.load_balancers.values()],
        ELBClientError(
            "TooManyLoadBalancers",
            "The maximum number of load balancers has been reached.",
        ),
    )
    ELBv2Backend.create_target_group = unless_known(
        ELBv2Backend.create_target_group,
        TARGET_GROUPS,
        lambda backend: [g.name for g in backend.target_groups.values()],
        ELBClientError(
            "TooManyTargetGroups",
            "The maximum number of target groups has been reached.",
        ),
    )
    moto_create_zone = Route53.create_hosted_zone

    def create_zone(self):
        if is_full(GLOBAL_REGION, ZONES, len(self.backend.zones)):
            raise error(
                "TooManyHostedZones",
                "Limits Exceeded: MAX_HOSTED_ZONES_BY_OWNER",
            )
        return moto_create_zone(self)

    Route53.create_hosted_zone = create_zone
