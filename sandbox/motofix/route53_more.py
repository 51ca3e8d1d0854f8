# SPDX-License-Identifier: MIT
"""Route 53's operations that moto does not have: answers, limits, reasons.

Source: Route 53 API Reference, and the quotas of its developer guide.
"""

from moto.core.responses import ActionResult
from moto.route53 import urls
from moto.route53.responses import Route53

from ..account import HEALTH_CHECKS, ZONES
from ..protocols import GLOBAL_REGION
from ..zones import NXDOMAIN, REFUSED
from .route53_checks import error

ZONE_LIMITS = {"MAX_RRSETS_BY_ZONE": 10000}
MAX_TAGGED = 10  # resources whose tags are listed at once
CODES = {NXDOMAIN: "NXDOMAIN", REFUSED: "REFUSED"}
_PATHS = (
    "healthcheckcount$",
    "healthcheck/(?P<health_check_id>[^/]+)/lastfailurereason$",
    "testdnsanswer$",
    "checkeripranges$",
    "accountlimit/(?P<limit>[^/]+)$",
    "hostedzonelimit/(?P<zone_id>[^/]+)/(?P<limit>[^/]+)$",
)


def apply(world):
    for path in _PATHS:
        urls.url_paths[r"{0}/(?P<api_version>[\d_-]+)/" + path] = (
            Route53.dispatch
        )
    Route53.get_health_check_count = _count
    Route53.get_health_check_last_failure_reason = lambda self: _reasons(
        self, world
    )
    Route53.get_checker_ip_ranges = lambda self: ActionResult(
        {"CheckerIpRanges": world.checkers.ranges()}
    )
    Route53.get_account_limit = lambda self: _account_limit(self, world)
    Route53.get_hosted_zone_limit = _zone_limit
    Route53.test_dns_answer = lambda self: _answer(self, world)
    Route53.list_tags_for_resources = _few(Route53.list_tags_for_resources)


def _count(self):
    return ActionResult({"HealthCheckCount": len(self.backend.health_checks)})


def _reasons(self, world):
    """The last failure of each checker that has seen one."""
    check = self.backend.get_health_check(self._get_param("HealthCheckId"))
    if check.type_ == "CALCULATED":
        raise error(
            "InvalidInput",
            "GetHealthCheckLastFailureReason is not available for "
            "calculated health checks.",
        )
    return ActionResult(
        {
            "HealthCheckObservations": [
                {
                    "Region": s.region,
                    "IPAddress": s.address,
                    "StatusReport": {"Status": text, "CheckedTime": when},
                }
                for s in world.checkers.states(check.id)
                if s.last_failure
                for text, when in [s.last_failure]
            ]
        }
    )


def _account_limit(self, world):
    def limit(quota):
        return world.account.limit(GLOBAL_REGION, quota)

    kind = self._get_param("Type")
    have = {
        "MAX_HEALTH_CHECKS_BY_OWNER": (
            limit(HEALTH_CHECKS),
            self.backend.health_checks,
        ),
        "MAX_HOSTED_ZONES_BY_OWNER": (limit(ZONES), self.backend.zones),
        "MAX_REUSABLE_DELEGATION_SETS_BY_OWNER": (
            100,
            self.backend.delegation_sets,
        ),
        "MAX_TRAFFIC_POLICIES_BY_OWNER": (50, ()),
        "MAX_TRAFFIC_POLICY_INSTANCES_BY_OWNER": (5, ()),
    }
    if kind not in have:
        raise error("InvalidInput", f"Invalid limit type: {kind}")
    return _limit(kind, have[kind][0], len(have[kind][1]))


def _zone_limit(self):
    zone = self.backend.get_hosted_zone(self._get_param("HostedZoneId"))
    kind = self._get_param("Type")
    if kind == "MAX_VPCS_ASSOCIATED_BY_ZONE":
        raise error("HostedZoneNotPrivate", "The zone is a public one.")
    if kind not in ZONE_LIMITS:
        raise error("InvalidInput", f"Invalid limit type: {kind}")
    return _limit(kind, ZONE_LIMITS[kind], len(zone.rrsets))


def _limit(kind, most, count):
    return ActionResult({"Limit": {"Type": kind, "Value": most}, "Count": count})


def _answer(self, world):
    """What the name servers say, by the code that they answer with."""
    zone = self.backend.get_hosted_zone(self._get_param("HostedZoneId"))
    name = self._get_param("RecordName").rstrip(".").lower() + "."
    rtype = self._get_param("RecordType")
    if not (name == zone.name or name.endswith("." + zone.name)):
        raise error("InvalidInput", f"{name} is not in zone {zone.name}")
    answer = world.zones.answer(name, rtype)
    return ActionResult(
        {
            "Nameserver": zone.delegation_set.name_servers[0],
            "RecordName": name,
            "RecordType": rtype,
            "RecordData": [r[3] for r in answer.records if r[1] == rtype],
            "ResponseCode": CODES.get(answer.rcode, "NOERROR"),
            "Protocol": "UDP",
        }
    )


def _few(moto_list):
    def list_tags(self):
        ids = self._get_param("ResourceIds")
        kind = self._get_param("ResourceType")
        if len(ids) > MAX_TAGGED:
            raise error("InvalidInput", f"at most {MAX_TAGGED} resources")
        find = (
            self.backend.get_health_check
            if kind == "healthcheck"
            else self.backend.get_hosted_zone
        )
        for one in ids:
            find(one)  # 404, where moto says nothing
        return moto_list(self)

    return list_tags
