# SPDX-License-Identifier: MIT
"""Hosted zones and record changes: Route 53's rules that moto lacks."""

import pytest
from botocore.exceptions import ClientError
from sandboxctl import Sandbox, code_of, wait_for

A = {"Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "127.0.0.1"}]}


def alias(zone, role, target="lb.example", **more):
    return {
        "Name": "app." + zone["Name"],
        "Type": "A",
        "SetIdentifier": role,
        "Failover": role,
        "AliasTarget": {
            "HostedZoneId": "Z2P70J7EXAMPLE",
            "DNSName": target,
            "EvaluateTargetHealth": True,
        },
        **more,
    }


def plain(zone, label="www", **more):
    return {**A, "Name": f"{label}.{zone['Name']}", **more}


@pytest.fixture
def records(route53):
    def get(zone):
        found = route53.list_resource_record_sets(HostedZoneId=zone["Id"])
        return {
            (r["Name"].split(".")[0], r["Type"], r.get("SetIdentifier")): r
            for r in found["ResourceRecordSets"]
        }

    return get


def test_zone_reference_is_used_once(route53, zone):
    with pytest.raises(ClientError) as raised:
        route53.create_hosted_zone(
            Name="other.example", CallerReference=zone["Name"]
        )
    assert code_of(raised) == ("HostedZoneAlreadyExists", 409)


def test_zones_by_name_start_at_the_name(route53, unique):
    names = [f"{label}.{unique('by-name')}.example." for label in ("b", "a")]
    for name in names:
        route53.create_hosted_zone(Name=name, CallerReference=name)
    found = route53.list_hosted_zones_by_name(DNSName="example", MaxItems="100")
    listed = [z["Name"] for z in found["HostedZones"]]
    assert set(names) <= set(listed)  # not only zones of that very name
    keys = [list(reversed(n.rstrip(".").split("."))) for n in listed]
    assert keys == sorted(keys)


def test_zones_by_name_page(route53, unique):
    for _ in range(3):
        name = unique("page") + ".example"
        route53.create_hosted_zone(Name=name, CallerReference=name)
    seen, start = [], {}
    while True:
        page = route53.list_hosted_zones_by_name(MaxItems="1", **start)
        seen += [z["Id"] for z in page["HostedZones"]]
        if not page["IsTruncated"]:
            break
        start = {
            "DNSName": page["NextDNSName"],
            "HostedZoneId": page["NextHostedZoneId"],
        }
    assert len(seen) == len(set(seen)) >= 3


def test_change_is_pending_then_in_sync(route53, zone, change):
    one = change(zone, ("CREATE", plain(zone)))
    two = change(zone, ("UPSERT", plain(zone)))
    assert one["Status"] == two["Status"] == "PENDING"
    assert one["Id"] != two["Id"]
    wait_for(
        lambda: route53.get_change(Id=one["Id"])["ChangeInfo"]["Status"]
        == "INSYNC"
    )


def test_unknown_change(route53):
    with pytest.raises(ClientError) as raised:
        route53.get_change(Id="C0000000000000")
    assert code_of(raised) == ("NoSuchChange", 404)


def test_batch_is_atomic(zone, change, records):
    before = records(zone)
    with pytest.raises(ClientError) as raised:
        change(
            zone,
            ("CREATE", plain(zone, "good")),
            ("DELETE", plain(zone, "missing")),
        )
    assert code_of(raised) == ("InvalidChangeBatch", 400)
    assert records(zone) == before


def test_alias_comes_back_with_a_trailing_dot(zone, change, records):
    change(zone, ("CREATE", alias(zone, "PRIMARY", "LB.example")))
    record = records(zone)["app", "A", "PRIMARY"]
    assert record["AliasTarget"]["DNSName"] == "lb.example."
    assert "TTL" not in record and "ResourceRecords" not in record


@pytest.mark.parametrize(
    "second",
    [
        {"Name": "app", **A},
        {"Name": "app", **A, "SetIdentifier": "x", "Weight": 1},
    ],
)
def test_nothing_else_beside_failover_records(zone, change, second):
    change(zone, ("CREATE", alias(zone, "PRIMARY")))
    with pytest.raises(ClientError) as raised:
        change(zone, ("CREATE", {**second, "Name": "app." + zone["Name"]}))
    assert code_of(raised) == ("InvalidChangeBatch", 400)


def test_no_second_primary(zone, change):
    change(zone, ("CREATE", alias(zone, "PRIMARY")))
    with pytest.raises(ClientError) as raised:
        change(
            zone,
            ("CREATE", {**alias(zone, "PRIMARY"), "SetIdentifier": "another"}),
        )
    assert code_of(raised) == ("InvalidChangeBatch", 400)


def test_create_again_is_refused_in_any_form(zone, change):
    change(zone, ("CREATE", plain(zone)))
    with pytest.raises(ClientError) as raised:
        change(zone, ("CREATE", plain(zone, TTL=300)))
    assert code_of(raised) == ("InvalidChangeBatch", 400)


def test_delete_needs_the_exact_values(zone, change, records):
    change(zone, ("CREATE", plain(zone)))
    with pytest.raises(ClientError) as raised:
        change(zone, ("DELETE", plain(zone, TTL=300)))
    assert code_of(raised) == ("InvalidChangeBatch", 400)
    change(zone, ("DELETE", plain(zone)))
    assert ("www", "A", None) not in records(zone)


def test_delete_takes_the_named_record_only(zone, change, records):
    other = {**alias(zone, "PRIMARY"), "Name": "other." + zone["Name"]}
    change(zone, ("CREATE", alias(zone, "PRIMARY")), ("CREATE", other))
    change(zone, ("DELETE", other))
    assert ("app", "A", "PRIMARY") in records(zone)
    assert ("other", "A", "PRIMARY") not in records(zone)


def test_upsert_creates_and_replaces(zone, change, records):
    change(zone, ("UPSERT", plain(zone)))
    change(zone, ("UPSERT", plain(zone, TTL=5)))
    assert records(zone)["www", "A", None]["TTL"] == 5


def test_unknown_health_check_is_refused(zone, change):
    with pytest.raises(ClientError) as raised:
        change(
            zone,
            (
                "CREATE",
                alias(
                    zone,
                    "PRIMARY",
                    HealthCheckId="00000000-0000-0000-0000-000000000000",
                ),
            ),
        )
    assert code_of(raised) == ("NoSuchHealthCheck", 404)


def test_name_outside_the_zone(zone, change):
    with pytest.raises(ClientError) as raised:
        change(zone, ("CREATE", {**A, "Name": "evil" + zone["Name"]}))
    assert code_of(raised) == ("InvalidChangeBatch", 400)


def test_listing_pages_by_name_type_and_identifier(route53, zone, change):
    change(
        zone,
        ("CREATE", alias(zone, "PRIMARY")),
        ("CREATE", alias(zone, "SECONDARY")),
    )
    seen, start = [], {}
    while True:
        page = route53.list_resource_record_sets(
            HostedZoneId=zone["Id"], MaxItems="1", **start
        )
        seen += [
            (r["Name"], r["Type"], r.get("SetIdentifier"))
            for r in page["ResourceRecordSets"]
        ]
        if not page["IsTruncated"]:
            break
        start = {
            "StartRecordName": page["NextRecordName"],
            "StartRecordType": page["NextRecordType"],
        }
        if "NextRecordIdentifier" in page:
            start["StartRecordIdentifier"] = page["NextRecordIdentifier"]
    assert len(seen) == len(set(seen)) == 4  # NS, SOA and the two


def test_zone_with_records_cannot_be_deleted(route53, zone, change):
    change(zone, ("CREATE", plain(zone)))
    with pytest.raises(ClientError) as raised:
        route53.delete_hosted_zone(Id=zone["Id"])
    assert code_of(raised) == ("HostedZoneNotEmpty", 400)
    change(zone, ("DELETE", plain(zone)))
    route53.delete_hosted_zone(Id=zone["Id"])


def test_one_change_in_flight_when_asked_for():
    with Sandbox(speed=10, options=["--one-change-in-flight"]) as sandbox:
        route53 = sandbox.boto("route53")
        made = route53.create_hosted_zone(
            Name="one.example", CallerReference="one"
        )
        zone_id = made["HostedZone"]["Id"]

        def upsert():
            return route53.change_resource_record_sets(
                HostedZoneId=zone_id,
                ChangeBatch={
                    "Changes": [
                        {
                            "Action": "UPSERT",
                            "ResourceRecordSet": {
                                **A,
                                "Name": "www.one.example",
                            },
                        }
                    ]
                },
            )["ChangeInfo"]

        first = upsert()
        with pytest.raises(ClientError) as raised:
            upsert()
        assert code_of(raised) == ("PriorRequestNotComplete", 400)
        wait_for(
            lambda: route53.get_change(Id=first["Id"])["ChangeInfo"]["Status"]
            == "INSYNC"
        )
        upsert()
