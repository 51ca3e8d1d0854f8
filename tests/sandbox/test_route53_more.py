# SPDX-License-Identifier: MIT
"""Route 53's operations that moto does not have."""

import pytest
from botocore.exceptions import ClientError
from sandboxctl import code_of, wait_for

A = {"Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "127.0.0.1"}]}


def test_checks_are_counted(route53, make_check):
    before = route53.get_health_check_count()["HealthCheckCount"]
    make_check(IPAddress="127.0.0.1")
    assert route53.get_health_check_count()["HealthCheckCount"] == before + 1


def test_limits_of_the_account_and_of_a_zone(route53, make_check, zone):
    make_check(IPAddress="127.0.0.1")
    found = route53.get_account_limit(Type="MAX_HEALTH_CHECKS_BY_OWNER")
    count = route53.get_health_check_count()["HealthCheckCount"]
    assert (found["Limit"]["Value"], found["Count"]) == (200, count)
    found = route53.get_hosted_zone_limit(
        Type="MAX_RRSETS_BY_ZONE", HostedZoneId=zone["Id"]
    )
    assert (found["Limit"]["Value"], found["Count"]) == (10000, 2)
    with pytest.raises(ClientError) as raised:
        route53.get_hosted_zone_limit(
            Type="MAX_VPCS_ASSOCIATED_BY_ZONE", HostedZoneId=zone["Id"]
        )
    assert code_of(raised)[0] == "HostedZoneNotPrivate"


def test_an_account_has_so_many_checks(route53, make_check):
    with pytest.raises(ClientError) as raised:
        for _ in range(201):
            # Disabled, or the sandbox would probe them all.
            make_check(IPAddress="127.0.0.1", Disabled=True)
    assert code_of(raised) == ("TooManyHealthChecks", 400)


def test_the_last_failure_is_remembered(sandbox, route53, make_check):
    port = int(sandbox.ready["control"].rpartition(":")[2])
    config = {"IPAddress": "127.0.0.1", "RequestInterval": 10}
    check = make_check(**config, Port=1)

    def reasons():
        found = route53.get_health_check_last_failure_reason(
            HealthCheckId=check
        )["HealthCheckObservations"]
        return [o["StatusReport"]["Status"] for o in found]

    wait_for(lambda: len(reasons()) == 8)
    route53.update_health_check(HealthCheckId=check, Port=port)

    def fine():
        found = route53.get_health_check_status(HealthCheckId=check)
        return all(
            o["StatusReport"]["Status"].startswith("Success")
            for o in found["HealthCheckObservations"]
        )

    wait_for(fine)
    assert len(reasons()) == 8
    assert all(r.startswith("Failure: Connection refused.") for r in reasons())


def test_what_has_not_failed_has_no_reason(route53, make_check):
    child = make_check(IPAddress="127.0.0.1", Disabled=True)
    found = route53.get_health_check_last_failure_reason(HealthCheckId=child)
    assert found["HealthCheckObservations"] == []
    parent = make_check(
        Type="CALCULATED", HealthThreshold=1, ChildHealthChecks=[child]
    )
    with pytest.raises(ClientError) as raised:
        route53.get_health_check_last_failure_reason(HealthCheckId=parent)
    assert code_of(raised) == ("InvalidInput", 400)


def test_answers_are_those_of_the_name_servers(route53, zone, change):
    name = "www." + zone["Name"]
    change(zone, ("CREATE", {"Name": name, **A}))

    def answer(label, rtype="A"):
        return route53.test_dns_answer(
            HostedZoneId=zone["Id"], RecordName=label, RecordType=rtype
        )

    found = answer(name)
    assert found["RecordData"] == ["127.0.0.1"]
    assert (found["ResponseCode"], found["Protocol"]) == ("NOERROR", "UDP")
    assert answer("none." + zone["Name"])["ResponseCode"] == "NXDOMAIN"
    assert answer(name, "AAAA")["RecordData"] == []
    with pytest.raises(ClientError) as raised:
        answer("www.elsewhere.example")
    assert code_of(raised) == ("InvalidInput", 400)


def test_checkers_have_known_addresses(route53):
    ranges = route53.get_checker_ip_ranges()["CheckerIpRanges"]
    assert len(ranges) == 8 and ranges == sorted(ranges)
    assert all(r.endswith("/32") for r in ranges)


def test_tags_of_ten_resources_at_once(route53, zone):
    def tags(ids):
        return route53.list_tags_for_resources(
            ResourceType="hostedzone", ResourceIds=ids
        )["ResourceTagSets"]

    assert [t["ResourceId"] for t in tags([zone["Id"]])] == [zone["Id"]]
    with pytest.raises(ClientError) as raised:
        tags([zone["Id"]] * 11)
    assert code_of(raised) == ("InvalidInput", 400)
    with pytest.raises(ClientError) as raised:
        tags(["Z000000000000"])
    assert code_of(raised) == ("NoSuchHostedZone", 404)
