# SPDX-License-Identifier: MIT
"""drd's endpoints against the SDK's rule sets: partitions and variants."""

import os
import subprocess
from pathlib import Path

import pytest
from botocore.endpoint_provider import EndpointProvider
from botocore.exceptions import EndpointProviderError
from botocore.loaders import Loader

ROOT = Path(__file__).resolve().parent.parent.parent
BUILD = Path(os.environ.get("DRD_BUILD", ROOT / "build"))

# drd's names where the SDK has others.
NAMES = {
    "arc": "route53-recovery-cluster",
    "elb": "elbv2",
    "tagging": "resourcegroupstaggingapi",
    "quotas": "service-quotas",
}
VARIANTS = {
    "plain": (False, False),
    "dual-stack": (True, False),
    "fips": (False, True),
    "both": (True, True),
}
LOADER = Loader()
PARTITIONS = LOADER.load_data("partitions")
REGIONS = sorted(
    region
    for partition in PARTITIONS["partitions"]
    for region in partition["regions"]
    if not region.endswith("-global")
)


def provider(service):
    rules = LOADER.load_service_model(
        NAMES.get(service, service), "endpoint-rule-set-1"
    )
    return EndpointProvider(rules, PARTITIONS)


def expected(rules, service, region, dual, fips):
    """(URL, signing region), or None where AWS has no such endpoint."""
    parameters = {"Region": region, "UseDualStack": dual, "UseFIPS": fips}
    if service == "s3":
        parameters["ForcePathStyle"] = True
    try:
        endpoint = rules.resolve_endpoint(**parameters)
    except EndpointProviderError:
        return None
    signing = [
        scheme["signingRegion"]
        for scheme in endpoint.properties.get("authSchemes", [])
        if scheme["name"] == "sigv4" and "signingRegion" in scheme
    ]
    return endpoint.url, signing[0] if signing else region


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_service_of_every_region(variant):
    dual, fips = VARIANTS[variant]
    told = subprocess.run(
        [BUILD / "tests" / "endpoint_driver", *REGIONS],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        env={
            "AWS_USE_DUALSTACK_ENDPOINT": str(dual).lower(),
            "AWS_USE_FIPS_ENDPOINT": str(fips).lower(),
        },
    )
    rules, wrong, seen = {}, [], set()
    for line in told.stdout.splitlines():
        service, region, *ours = line.split()
        if service not in rules:
            rules[service] = provider(service)
        seen.add((service, region))
        theirs = expected(rules[service], service, region, dual, fips)
        if (None if ours == ["-"] else tuple(ours)) != theirs:
            wrong.append((service, region, ours, theirs))
    assert wrong == []
    assert len(seen) == len(rules) * len(REGIONS)
    assert len(rules) >= 15
