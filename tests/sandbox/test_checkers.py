# SPDX-License-Identifier: MIT
"""Route 53's health checkers and what they make of what they see."""

import socket
import threading

import pytest
from sandboxctl import EAST, WEST, wait_for

REGIONS = {
    "us-east-1",
    "us-west-1",
    "us-west-2",
    "eu-west-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-northeast-1",
    "sa-east-1",
}


@pytest.fixture
def endpoint(make_check, balancers):
    """A check of the primary's load balancer, with data from all checkers."""
    return make_check(
        FullyQualifiedDomainName=balancers[EAST]["dns_name"],
        Port=80,
        ResourcePath="/health",
        RequestInterval=10,
        FailureThreshold=3,
    )


@pytest.fixture
def observed(route53):
    """The observations of a check, once every checker has made one that
    starts with the given text."""

    def get(check, start, count=8):
        def look():
            found = route53.get_health_check_status(HealthCheckId=check)[
                "HealthCheckObservations"
            ]
            good = [
                o
                for o in found
                if o["StatusReport"]["Status"].startswith(start)
            ]
            return found if len(good) == len(found) == count else None

        return wait_for(look, what=f"{count} observations {start!r}")

    return get


def test_one_observation_for_each_checker_region(endpoint, observed):
    found = observed(endpoint, "Success")
    assert {o["Region"] for o in found} == REGIONS
    assert len({o["IPAddress"] for o in found}) == 8
    assert found[0]["StatusReport"]["Status"] == (
        "Success: HTTP Status Code 200, OK"
    )


@pytest.mark.parametrize(
    "mode, text",
    [
        ("refuse", "Failure: Connection refused."),
        ("drop", "Failure: Connection timed out. The endpoint or the internet"),
        ("error", "Failure: HTTP Status Code 503, Service Unavailable"),
    ],
)
def test_failures_in_route_53s_words(sandbox, endpoint, observed, mode, text):
    observed(endpoint, "Success")
    sandbox.fault(region=EAST, plane="data", mode=mode)
    observed(endpoint, text)
    wait_for(lambda: not sandbox.health_check(endpoint)["healthy"])
    sandbox.clear()
    observed(endpoint, "Success")
    wait_for(lambda: sandbox.health_check(endpoint)["healthy"])


def test_slow_answer_is_a_failure(sandbox, endpoint, observed):
    sandbox.fault(region=EAST, plane="data", mode="latency", ms=1500)
    observed(endpoint, "Failure: The connection was established, but")


def test_only_the_named_region_fails(sandbox, make_check, balancers, observed):
    standby = make_check(
        FullyQualifiedDomainName=balancers[WEST]["dns_name"], RequestInterval=10
    )
    sandbox.fault(region=EAST, plane="data", mode="refuse")
    observed(standby, "Success")


def test_the_check_names_its_regions(make_check, balancers, observed):
    some = ["us-east-1", "eu-west-1", "sa-east-1"]
    check = make_check(
        FullyQualifiedDomainName=balancers[EAST]["dns_name"],
        RequestInterval=10,
        Regions=some,
    )
    assert {o["Region"] for o in observed(check, "Success", 3)} == set(some)


def test_unreachable_endpoints_fail(make_check, balancers, observed):
    nowhere = make_check(
        FullyQualifiedDomainName="nowhere.example", RequestInterval=10
    )
    foreign = make_check(IPAddress="192.0.2.1", RequestInterval=10)
    far = make_check(
        FullyQualifiedDomainName=balancers[EAST]["dns_name"],
        Port=65535,
        RequestInterval=10,
    )
    observed(nowhere, "Failure: DNS resolution failed")
    observed(far, "Failure: Connection refused.")
    found = observed(foreign, "Failure")
    assert "127.0.0.0/8" in found[0]["StatusReport"]["Status"]


def test_tcp_and_string_match(make_check, balancers, observed):
    tcp = make_check(
        Type="TCP",
        Port=80,
        RequestInterval=10,
        FullyQualifiedDomainName=balancers[EAST]["dns_name"],
    )
    match = {
        "Type": "HTTP_STR_MATCH",
        "ResourcePath": "/health",
        "Port": 80,
        "FullyQualifiedDomainName": balancers[EAST]["dns_name"],
        "RequestInterval": 10,
    }
    good = make_check(**match, SearchString='"status": "ok"')
    bad = make_check(**match, SearchString='"status": "OK"')
    observed(tcp, "Success")
    observed(good, "Success")
    assert (
        "search string" in observed(bad, "Failure")[0]["StatusReport"]["Status"]
    )


class Endpoint:
    """A loopback server of the test's own; remembers what it was asked."""

    def __init__(self, answer, context=None):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.answer, self.context, self.seen = answer, context, []
        threading.Thread(target=self._serve, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def _serve(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(
                target=self._answer, args=(connection,), daemon=True
            ).start()

    def _answer(self, connection):
        with connection:
            try:
                if self.context:
                    connection = self.context.wrap_socket(
                        connection, server_side=True
                    )
                self.seen.append(connection.recv(4096))
                connection.sendall(self.answer)
                connection.close()
            except OSError:
                pass  # a checker that gave up


def test_probes_any_loopback_address(make_check, observed):
    with Endpoint(b"HTTP/1.1 301 Moved\r\n\r\n") as endpoint:
        check = make_check(
            IPAddress="127.0.0.1",
            Port=endpoint.port,
            ResourcePath="/up",
            RequestInterval=10,
        )
        observed(check, "Success: HTTP Status Code 301")
        assert b"GET /up HTTP/1.1" in endpoint.seen[0]
        assert b"Amazon-Route53-Health-Check-Service" in endpoint.seen[0]


def test_https_without_validation(make_check, observed, tmp_path):
    """Route 53 does not look at the certificate; here it is self-signed."""
    with Endpoint(b"HTTP/1.1 200 OK\r\n\r\n", self_signed(tmp_path)) as good:
        check = make_check(
            Type="HTTPS",
            IPAddress="127.0.0.1",
            Port=good.port,
            FullyQualifiedDomainName="app.example.com",
            RequestInterval=10,
        )
        observed(check, "Success: HTTP Status Code 200")
        assert b"Host: app.example.com" in good.seen[0]
    with Endpoint(b"no TLS here") as bad:
        check = make_check(
            Type="HTTPS",
            IPAddress="127.0.0.1",
            Port=bad.port,
            RequestInterval=10,
        )
        observed(check, "Failure")


def self_signed(directory):
    """A server's TLS context with a certificate that nobody vouches for."""
    import datetime
    import ssl

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "other")])
    now = datetime.datetime.now(datetime.timezone.utc)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    file = directory / "server.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


def test_inverted_flips_and_disabled_stops(
    sandbox, route53, endpoint, observed
):
    observed(endpoint, "Success")
    route53.update_health_check(HealthCheckId=endpoint, Inverted=True)
    assert sandbox.health_check(endpoint)["healthy"] is False
    route53.update_health_check(
        HealthCheckId=endpoint, Inverted=False, Disabled=True
    )
    sandbox.fault(region=EAST, plane="data", mode="refuse")
    assert sandbox.health_check(endpoint)["healthy"] is True
    route53.update_health_check(HealthCheckId=endpoint, Inverted=True)
    assert sandbox.health_check(endpoint)["healthy"] is False


def test_new_inverted_check_is_unhealthy_until_it_has_data(sandbox, make_check):
    plain = make_check(FullyQualifiedDomainName="nowhere.example")
    inverted = make_check(
        FullyQualifiedDomainName="nowhere.example", Inverted=True
    )
    assert sandbox.health_check(plain)["healthy"] is True
    assert sandbox.health_check(inverted)["healthy"] is False
    wait_for(lambda: sandbox.health_check(inverted)["healthy"])
    assert sandbox.health_check(plain)["healthy"] is False


def test_calculated_counts_its_children(
    sandbox, route53, make_check, endpoint, observed
):
    bad = make_check(
        FullyQualifiedDomainName="nowhere.example", RequestInterval=10
    )
    observed(endpoint, "Success")
    wait_for(lambda: not sandbox.health_check(bad)["healthy"])
    children = [endpoint, bad]
    both, one, none, many = (
        make_check(
            Type="CALCULATED", HealthThreshold=n, ChildHealthChecks=children
        )
        for n in (2, 1, 0, 3)
    )
    assert [
        sandbox.health_check(c)["healthy"] for c in (both, one, none, many)
    ] == [False, True, True, False]
    route53.update_health_check(HealthCheckId=bad, Disabled=True)
    assert sandbox.health_check(both)["healthy"] is True


def test_metric_check_follows_the_data_and_not_the_state(
    sandbox, route53, make_check, unique
):
    """The latch: a metric that a client publishes in the standby region."""
    cloudwatch, name = sandbox.boto("cloudwatch", WEST), unique("latch")
    cloudwatch.put_metric_alarm(
        AlarmName=name,
        Namespace="test",
        MetricName=name,
        Statistic="Maximum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        TreatMissingData="missing",
        ComparisonOperator="GreaterThanOrEqualToThreshold",
    )
    check = make_check(
        Type="CLOUDWATCH_METRIC",
        InsufficientDataHealthStatus="LastKnownStatus",
        AlarmIdentifier={"Region": WEST, "Name": name},
    )
    assert sandbox.health_check(check)["healthy"] is True
    cloudwatch.set_alarm_state(
        AlarmName=name, StateValue="ALARM", StateReason="by hand"
    )
    assert sandbox.health_check(check)["healthy"] is True

    def feed(value, healthy):
        cloudwatch.put_metric_data(
            Namespace="test", MetricData=[{"MetricName": name, "Value": value}]
        )
        return sandbox.health_check(check)["healthy"] is healthy

    wait_for(lambda: feed(1, healthy=False), every=0.2)
    # No more data: what was last known stays.
    wait_for(
        lambda: cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"][
            0
        ]["StateValue"]
        == "INSUFFICIENT_DATA"
    )
    assert sandbox.health_check(check)["healthy"] is False
    wait_for(lambda: feed(0, healthy=True), every=0.2)


def test_metrics_appear_in_us_east_1(sandbox, endpoint):
    cloudwatch = sandbox.boto("cloudwatch", EAST)

    def names():
        found = cloudwatch.list_metrics(
            Namespace="AWS/Route53",
            Dimensions=[{"Name": "HealthCheckId", "Value": endpoint}],
        )["Metrics"]
        return {m["MetricName"] for m in found}

    wait_for(
        lambda: names() == {"HealthCheckStatus", "HealthCheckPercentageHealthy"}
    )
    assert not sandbox.boto("cloudwatch", WEST).list_metrics(
        Namespace="AWS/Route53"
    )["Metrics"]
