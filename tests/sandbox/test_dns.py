# SPDX-License-Identifier: MIT
"""The name server: failover by health, and plain records by the book."""

import pytest
from dnslib import DNSRecord
from sandboxctl import EAST, WEST, wait_for


@pytest.fixture
def ask(sandbox):
    """Ask a question: (rcode name, [(type, ttl, value), ...])."""
    from dnslib import QTYPE, RCODE

    def question(name, rtype="A", tcp=False):
        reply = DNSRecord.parse(
            DNSRecord.question(name, rtype).send(
                *sandbox.dns(), tcp=tcp, timeout=5
            )
        )
        return RCODE.get(reply.header.rcode), [
            (QTYPE.get(r.rtype), r.ttl, str(r.rdata)) for r in reply.rr
        ]

    return question


@pytest.fixture
def failover(zone, change, balancers, make_check):
    """PRIMARY and SECONDARY aliases of the two load balancers, each with a
    health check; (name, primary check, secondary check)."""
    name = "app." + zone["Name"]
    checks = {}
    for role, region in (("PRIMARY", EAST), ("SECONDARY", WEST)):
        target = balancers[region]["dns_name"]
        checks[role] = make_check(
            FullyQualifiedDomainName=target,
            ResourcePath="/health",
            RequestInterval=10,
        )
        change(
            zone,
            (
                "CREATE",
                {
                    "Name": name,
                    "Type": "A",
                    "SetIdentifier": role,
                    "Failover": role,
                    "HealthCheckId": checks[role],
                    "AliasTarget": {
                        "HostedZoneId": "Z2P70J7EXAMPLE",
                        "DNSName": target,
                        "EvaluateTargetHealth": True,
                    },
                },
            ),
        )
    return name, checks["PRIMARY"], checks["SECONDARY"]


def address(balancers, region):
    return ("NOERROR", [("A", 60, balancers[region]["address"])])


def test_primary_secondary_and_back(sandbox, ask, failover, balancers):
    name, primary, secondary = failover
    wait_for(lambda: ask(name) == address(balancers, EAST))
    assert ask(name, tcp=True) == address(balancers, EAST)
    fault = sandbox.fault(region=EAST, plane="data", mode="refuse")
    wait_for(lambda: ask(name) == address(balancers, WEST))
    sandbox.clear(fault)
    wait_for(lambda: ask(name) == address(balancers, EAST))


def test_both_unhealthy_means_primary(sandbox, ask, failover, balancers):
    name, primary, secondary = failover
    sandbox.fault(plane="data", mode="refuse")
    wait_for(
        lambda: not sandbox.health_check(primary)["healthy"]
        and not sandbox.health_check(secondary)["healthy"]
    )
    assert ask(name) == address(balancers, EAST)


def test_dns_answers_while_every_api_is_dark(sandbox, ask, failover, balancers):
    name, _, _ = failover
    sandbox.fault(plane="api", mode="drop")
    sandbox.fault(region=EAST, plane="data", mode="refuse")
    wait_for(lambda: ask(name) == address(balancers, WEST))


def test_alias_evaluates_the_target_s_health(
    sandbox, ask, zone, change, balancers
):
    """No health check at all: the balancer's own target decides."""
    name = "app." + zone["Name"]
    for role, region in (("PRIMARY", EAST), ("SECONDARY", WEST)):
        change(
            zone,
            (
                "CREATE",
                {
                    "Name": name,
                    "Type": "A",
                    "SetIdentifier": role,
                    "Failover": role,
                    "AliasTarget": {
                        "HostedZoneId": "Z2P70J7EXAMPLE",
                        "DNSName": balancers[region]["dns_name"],
                        "EvaluateTargetHealth": True,
                    },
                },
            ),
        )
    wait_for(lambda: ask(name) == address(balancers, EAST))
    sandbox.fault(region=EAST, plane="data", service="lambda", mode="error")
    wait_for(lambda: ask(name) == address(balancers, WEST))


def test_load_balancer_names_resolve(ask, balancers):
    assert ask(balancers[WEST]["dns_name"]) == address(balancers, WEST)
    assert ask("gone-1.us-east-1.elb.amazonaws.com") == ("NXDOMAIN", [])


def test_plain_records(ask, zone, change):
    def record(label, rtype, *values):
        return (
            "CREATE",
            {
                "Name": f"{label}.{zone['Name']}",
                "Type": rtype,
                "TTL": 30,
                "ResourceRecords": [{"Value": v} for v in values],
            },
        )

    change(
        zone,
        record("www", "A", "127.0.0.2", "127.0.0.3"),
        record("web", "CNAME", "www." + zone["Name"]),
        record("note", "TXT", '"one" "two words"'),
        record("a.deep", "A", "127.0.0.4"),
    )
    assert ask("www." + zone["Name"]) == (
        "NOERROR",
        [("A", 30, "127.0.0.2"), ("A", 30, "127.0.0.3")],
    )
    status, answers = ask("WEB." + zone["Name"])
    assert status == "NOERROR"
    assert answers[0] == ("CNAME", 30, f"www.{zone['Name']}.")
    assert [a[0] for a in answers[1:]] == ["A", "A"]
    assert ask("note." + zone["Name"], "TXT")[1] == [
        ("TXT", 30, '"one","two words"')
    ]
    assert [a[0] for a in ask(zone["Name"], "NS")[1]] == ["NS"] * 4
    assert [a[0] for a in ask(zone["Name"], "SOA")[1]] == ["SOA"]
    assert ask("www." + zone["Name"], "AAAA") == ("NOERROR", [])
    assert ask("deep." + zone["Name"]) == ("NOERROR", [])  # empty non-terminal
    assert ask("nope." + zone["Name"]) == ("NXDOMAIN", [])
    assert ask("elsewhere.test")[0] == "REFUSED"


def test_negative_answers_carry_the_soa(sandbox, zone):
    reply = DNSRecord.parse(
        DNSRecord.question("nope." + zone["Name"]).send(
            *sandbox.dns(), timeout=5
        )
    )
    assert reply.header.aa and reply.auth[0].rtype == 6


def test_long_answers_are_truncated_on_udp_only(sandbox, ask, zone, change):
    change(
        zone,
        (
            "CREATE",
            {
                "Name": "big." + zone["Name"],
                "Type": "TXT",
                "TTL": 1,
                "ResourceRecords": [
                    {"Value": '"' + str(i) + "x" * 200 + '"'} for i in range(6)
                ],
            },
        ),
    )
    udp = DNSRecord.parse(
        DNSRecord.question("big." + zone["Name"], "TXT").send(
            *sandbox.dns(), timeout=5
        )
    )
    assert udp.header.tc
    assert len(ask("big." + zone["Name"], "TXT", tcp=True)[1]) == 6


def test_on_request_every_answer_is_too_long_for_udp(
    sandbox, ask, failover, balancers
):
    name, _, _ = failover
    wait_for(lambda: ask(name) == address(balancers, EAST))
    question = DNSRecord.question(name)
    sandbox.fault(service="dns", mode="truncated")
    cut = DNSRecord.parse(question.send(*sandbox.dns(), timeout=5))
    assert cut.header.tc and not cut.rr
    assert cut.questions == question.questions
    assert ask(name, tcp=True) == address(balancers, EAST)
    sandbox.clear()
    assert ask(name) == address(balancers, EAST)


def test_garbage_does_not_stop_the_server(sandbox, ask, balancers):
    import socket

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        for packet in (b"", b"x", b"\x00" * 12, b"\xff" * 600):
            sock.sendto(packet, sandbox.dns())
    assert ask(balancers[EAST]["dns_name"]) == address(balancers, EAST)


def test_circles_of_aliases_and_cnames_end(ask, zone, change):
    def alias(label, target):
        return {
            "Name": f"{label}.{zone['Name']}",
            "Type": "A",
            "AliasTarget": {
                "HostedZoneId": zone["Id"],
                "DNSName": f"{target}.{zone['Name']}",
                "EvaluateTargetHealth": True,
            },
        }

    def cname(label, target):
        return {
            "Name": f"{label}.{zone['Name']}",
            "Type": "CNAME",
            "TTL": 1,
            "ResourceRecords": [{"Value": f"{target}.{zone['Name']}"}],
        }

    change(
        zone,
        ("CREATE", alias("a", "b")),
        ("CREATE", alias("b", "a")),
        ("CREATE", cname("c", "d")),
        ("CREATE", cname("d", "c")),
    )
    assert ask("a." + zone["Name"]) == ("NOERROR", [])
    status, answers = ask("c." + zone["Name"])
    assert status == "NOERROR" and {a[0] for a in answers} == {"CNAME"}
