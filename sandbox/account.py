# SPDX-License-Identifier: MIT
"""What the account may do: its quotas, and the regions that are enabled.

The defaults are AWS's for an account that has been used for a while; a new one
has, for instance, ten concurrent executions of Lambda.  Sources: the pages
"Quotas" of the services, and Service Quotas for the codes.
"""

from .protocols import GLOBAL_REGION

CONCURRENCY = ("lambda", "L-B99A9384")
VPCS = ("vpc", "L-F678F1CE")
GATEWAYS = ("vpc", "L-A4707A72")
BALANCERS = ("elasticloadbalancing", "L-53DA6B97")
TARGET_GROUPS = ("elasticloadbalancing", "L-B22855CB")
HEALTH_CHECKS = ("route53", "L-ACB674F3")
ZONES = ("route53", "L-4EA4796A")

# (service code, quota code): (name, AWS's default).
QUOTAS = {
    CONCURRENCY: ("Concurrent executions", 1000),
    VPCS: ("VPCs per Region", 5),
    GATEWAYS: ("Internet gateways per Region", 5),
    BALANCERS: ("Application Load Balancers per Region", 50),
    TARGET_GROUPS: ("Target Groups per Region", 3000),
    HEALTH_CHECKS: ("Health checks", 200),
    ZONES: ("Hosted zones", 500),
}
GLOBAL = ("route53",)

OPT_IN = ("opt-in-not-required", "opted-in", "not-opted-in")


class Account:
    def __init__(self, region_names):
        self.opt_in = dict.fromkeys(region_names, OPT_IN[0])
        self._applied = {}  # (region, service code, quota code): value

    def applied(self, region, quota):
        """The value that was applied for, or None."""
        if quota[0] in GLOBAL:
            region = GLOBAL_REGION
        return self._applied.get((region, *quota))

    def limit(self, region, quota):
        value = self.applied(region, quota)
        return QUOTAS[quota][1] if value is None else value

    def is_enabled(self, region):
        return self.opt_in.get(region) != "not-opted-in"

    def change(self, spec):
        """{"opt_in": {region: status},
        "quotas": {"REGION/SERVICE/CODE": value, or null for AWS's default}}"""
        unknown = set(spec) - {"opt_in", "quotas"}
        if unknown:
            raise ValueError(f"unknown: {sorted(unknown)}")
        for region, status in spec.get("opt_in", {}).items():
            if region not in self.opt_in or status not in OPT_IN:
                raise ValueError(f"no such region or status: {region} {status}")
            self.opt_in[region] = status
        for name, value in spec.get("quotas", {}).items():
            key = tuple(name.split("/"))
            if len(key) != 3 or key[1:] not in QUOTAS:
                raise ValueError(f"no such quota: {name}")
            if value is None:
                self._applied.pop(key, None)
            else:
                self._applied[key] = int(value)

    def describe(self):
        return {
            "opt_in": self.opt_in,
            "quotas": {"/".join(k): v for k, v in self._applied.items()},
        }
