# SPDX-License-Identifier: MIT
"""The sandbox under test: one real process for all tests, mended after each."""

import itertools
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TESTS), str(TESTS / "sandbox"), str(TESTS.parent)]

from builder import build  # noqa: E402
from sandboxctl import Sandbox, wait_for  # noqa: E402

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def running():
    with Sandbox(speed=60) as sandbox:
        build(sandbox, name="demo")
        yield sandbox


@pytest.fixture
def sandbox(running):
    """The shared sandbox; whatever a test breaks is mended after it."""
    yield running
    running.clear()
    running.clock(skew_seconds=0, speed=60)


@pytest.fixture
def route53(sandbox):
    return sandbox.boto("route53")


@pytest.fixture
def unique():
    """Names that no other test has used."""
    return lambda prefix="x": f"{prefix}-{next(_numbers)}"


@pytest.fixture
def balancers(sandbox):
    """The stack's load balancers, by region."""
    return {b["region"]: b for b in sandbox.world()["load_balancers"]}


@pytest.fixture
def zone(route53, unique):
    """A hosted zone of the test's own."""
    name = unique("zone") + ".example"
    answer = route53.create_hosted_zone(Name=name, CallerReference=name)
    return {"Id": answer["HostedZone"]["Id"].rpartition("/")[2], "Name": name}


@pytest.fixture
def make_check(sandbox, route53, unique):
    """Create health checks; HTTP unless told otherwise."""
    made = []

    def make(**config):
        config.setdefault("Type", "HTTP")
        answer = route53.create_health_check(
            CallerReference=unique("check"), HealthCheckConfig=config
        )
        made.append(answer["HealthCheck"]["Id"])
        return made[-1]

    yield make
    sandbox.clear()  # or the calls below may go nowhere
    for check_id in reversed(made):
        try:
            route53.delete_health_check(HealthCheckId=check_id)
        except route53.exceptions.NoSuchHealthCheck:
            pass


@pytest.fixture
def change(route53):
    """Change records of a zone: change(zone, ("CREATE", record), ...)."""

    def make(zone, *changes):
        return route53.change_resource_record_sets(
            HostedZoneId=zone["Id"],
            ChangeBatch={
                "Changes": [
                    {"Action": action, "ResourceRecordSet": record}
                    for action, record in changes
                ]
            },
        )["ChangeInfo"]

    return make


@pytest.fixture
def publish(change):
    """Prove a certificate's domain in a zone, and wait until it is issued."""

    def look(acm, arn):
        return acm.describe_certificate(CertificateArn=arn)["Certificate"]

    def record_of(acm, arn):
        return look(acm, arn)["DomainValidationOptions"][0].get(
            "ResourceRecord"
        )

    def make(acm, arn, zone):
        record = wait_for(lambda: record_of(acm, arn))
        change(
            zone,
            (
                "CREATE",
                {
                    "Name": record["Name"],
                    "Type": record["Type"],
                    "TTL": 300,
                    "ResourceRecords": [{"Value": record["Value"]}],
                },
            ),
        )
        wait_for(lambda: look(acm, arn)["Status"] == "ISSUED")

    return make
