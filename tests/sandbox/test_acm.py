# SPDX-License-Identifier: MIT
"""Certificates: issued when, and only when, the record is in the DNS."""

import pytest
from botocore.exceptions import ClientError
from sandboxctl import EAST, WEST, code_of, wait_for


@pytest.fixture
def acm(sandbox):
    return sandbox.boto("acm", EAST)


@pytest.fixture
def request_one(acm, zone):
    """Request a certificate, by default for the zone's own name."""

    def request(client=acm, **more):
        more.setdefault("DomainName", zone["Name"])
        return client.request_certificate(ValidationMethod="DNS", **more)[
            "CertificateArn"
        ]

    return request


def look(acm, arn):
    return acm.describe_certificate(CertificateArn=arn)["Certificate"]


def proof(acm, arn):
    """The record that ACM asks for, once it says so."""
    return wait_for(
        lambda: look(acm, arn)["DomainValidationOptions"][0].get(
            "ResourceRecord"
        )
    )


def test_the_record_is_known_some_seconds_later(acm, request_one, zone):
    arn = request_one()
    found = look(acm, arn)
    assert found["Status"] == "PENDING_VALIDATION"
    assert "ResourceRecord" not in found["DomainValidationOptions"][0]
    record = proof(acm, arn)
    assert record["Type"] == "CNAME"
    assert record["Name"].endswith(f".{zone['Name']}.")
    assert record["Value"].endswith(".acm-validations.aws.")


def test_a_certificate_waits_for_its_record(acm, request_one, zone, publish):
    arn = request_one()
    proof(acm, arn)
    assert look(acm, arn)["Status"] == "PENDING_VALIDATION"
    publish(acm, arn, zone)
    assert look(acm, arn)["NotAfter"]


def test_another_value_proves_nothing(acm, request_one, zone, change, publish):
    arn, other = request_one(), request_one(DomainName="www." + zone["Name"])
    change(
        zone,
        (
            "CREATE",
            {
                "Name": proof(acm, arn)["Name"],
                "Type": "CNAME",
                "TTL": 60,
                "ResourceRecords": [{"Value": "elsewhere.example."}],
            },
        ),
    )
    publish(acm, other, zone)  # asked for later, proved by now
    assert look(acm, arn)["Status"] == "PENDING_VALIDATION"


def test_one_record_proves_all_of_a_domain(sandbox, acm, request_one, zone):
    west = sandbox.boto("acm", WEST)
    records = [
        proof(client, request_one(client, DomainName=name))
        for client, name in (
            (acm, zone["Name"]),
            (west, zone["Name"]),
            (acm, "*." + zone["Name"]),
        )
    ]
    assert records[0] == records[1] == records[2]
    other = request_one(DomainName="www." + zone["Name"])
    assert proof(acm, other) != records[0]


def test_a_token_makes_one_certificate(acm, request_one):
    arn = request_one(IdempotencyToken="t1")
    assert request_one(IdempotencyToken="t1") == arn
    assert request_one(IdempotencyToken="t2") != arn
    acm.delete_certificate(CertificateArn=arn)
    assert request_one(IdempotencyToken="t1") != arn


@pytest.mark.parametrize("name", ["nodots", "-a.example", "a_b.example"])
def test_a_domain_is_a_domain(request_one, name):
    with pytest.raises(ClientError) as raised:
        request_one(DomainName=name)
    assert code_of(raised) == ("ValidationException", 400)


def test_what_is_gone_is_not_found(acm, request_one):
    arn = request_one()
    acm.delete_certificate(CertificateArn=arn)
    for call in (acm.describe_certificate, acm.delete_certificate):
        with pytest.raises(ClientError) as raised:
            call(CertificateArn=arn)
        assert code_of(raised) == ("ResourceNotFoundException", 400)


def test_listings_come_in_pages_of_summaries(acm, request_one):
    wanted = {request_one() for _ in range(3)}
    found, token, pages = {}, {}, 0
    while True:
        answer = acm.list_certificates(MaxItems=2, **token)
        pages += 1
        assert len(answer["CertificateSummaryList"]) <= 2
        for summary in answer["CertificateSummaryList"]:
            found[summary["CertificateArn"]] = summary
        if "NextToken" not in answer:
            break
        token = {"NextToken": answer["NextToken"]}
    assert wanted <= set(found) and pages >= 2
    one = found[wanted.pop()]
    assert one["Status"] == "PENDING_VALIDATION"
    assert "DomainValidationOptions" not in one


def test_the_listing_filters_by_status(acm, request_one):
    arn = request_one()

    def listed(status):
        return [
            c["CertificateArn"]
            for c in acm.list_certificates(CertificateStatuses=[status])[
                "CertificateSummaryList"
            ]
        ]

    assert arn in listed("PENDING_VALIDATION")
    assert arn not in listed("ISSUED")
