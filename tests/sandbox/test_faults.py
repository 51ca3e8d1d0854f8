# SPDX-License-Identifier: MIT
"""Breaking the APIs: every mode, where it reaches, and how it ends."""

import json
import socket
import time
import urllib.request

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    HTTPClientError,
    ReadTimeoutError,
)
from sandboxctl import EAST, WEST, ControlError, code_of

SHORT = {"connect_timeout": 0.4, "read_timeout": 0.4}


def works(client):
    client.describe_parameters(MaxResults=1)
    return True


def ssm(sandbox, region, own=True, **config):
    return sandbox.boto(
        "ssm", region, sandbox.endpoint(region) if own else None, **config
    )


# -- whole addresses -------------------------------------------------------


def test_refused_region_really_refuses(sandbox):
    kept = socket.create_connection(address_of(sandbox, EAST))
    kept.sendall(b"GET")  # an open, half-used connection
    fault = sandbox.fault(region=EAST, plane="api", mode="refuse")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address_of(sandbox, EAST))
    kept.settimeout(2)
    with pytest.raises(ConnectionResetError):
        kept.recv(1)
    with pytest.raises(EndpointConnectionError):
        works(ssm(sandbox, EAST))
    assert works(ssm(sandbox, WEST))
    sandbox.clear(fault)
    assert works(ssm(sandbox, EAST))


def test_dropped_region_is_silent(sandbox):
    client = ssm(sandbox, EAST, **SHORT)
    assert works(client)  # leaves a connection open
    sandbox.fault(region=EAST, plane="api", mode="drop")
    with pytest.raises(ReadTimeoutError):
        works(client)  # the open one stalls
    with pytest.raises(ConnectTimeoutError):
        works(ssm(sandbox, EAST, **SHORT))
    assert works(ssm(sandbox, WEST))
    sandbox.clear()
    assert works(ssm(sandbox, EAST))


def test_dropped_call_is_never_carried_out(sandbox, unique):
    name = "/" + unique("dropped")
    client = ssm(sandbox, EAST, own=False, **SHORT)
    sandbox.fault(region=EAST, plane="api", mode="drop")
    with pytest.raises(ReadTimeoutError):
        client.put_parameter(Name=name, Value="x", Type="String")
    sandbox.clear()
    with pytest.raises(ClientError) as raised:
        client.get_parameter(Name=name)
    assert code_of(raised)[0] == "ParameterNotFound"


def test_shared_address_resets_the_dead_region_only(sandbox):
    sandbox.fault(region=EAST, plane="api", mode="refuse")
    with pytest.raises(ConnectionClosedError):
        works(ssm(sandbox, EAST, own=False))
    assert works(ssm(sandbox, WEST, own=False))


def test_us_east_1_takes_the_global_services_along(sandbox):
    sandbox.fault(region=EAST, plane="api", mode="refuse")
    west = sandbox.endpoint(WEST)
    for call in (
        sandbox.boto("route53", endpoint=west).list_hosted_zones,
        sandbox.boto("iam", endpoint=west).list_roles,
    ):
        with pytest.raises(ConnectionClosedError):
            call()
    sts = sandbox.boto("sts", WEST, west)  # Regional, so it lives on
    assert sts.get_caller_identity()["Account"]


def test_data_plane_leaves_the_apis_alone(sandbox, balancers):
    sandbox.fault(region=EAST, plane="data", mode="refuse")
    where = balancers[EAST]["address"], balancers[EAST]["port"]
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(where)
    assert works(ssm(sandbox, EAST))
    sandbox.clear()
    socket.create_connection(where).close()


def test_dropped_balancer_is_silent(sandbox, balancers):
    sandbox.fault(load_balancer=balancers[EAST]["name"], mode="drop")
    with pytest.raises(TimeoutError):
        socket.create_connection(
            (balancers[EAST]["address"], balancers[EAST]["port"]), timeout=0.4
        )
    socket.create_connection(
        (balancers[WEST]["address"], balancers[WEST]["port"])
    ).close()


def address_of(sandbox, region):
    host, _, port = sandbox.endpoint(region).rpartition("/")[2].rpartition(":")
    return host, int(port)


# -- single calls ----------------------------------------------------------

PROBES = {  # service: (call, error shape's own throttle code and status)
    "route53": ("list_hosted_zones", "Throttling", 400),
    "ssm": ("describe_parameters", "ThrottlingException", 400),
    "sns": ("list_topics", "Throttled", 429),
    "cloudwatch": ("describe_alarms", "Throttling", 400),
    "ec2": ("describe_vpcs", "RequestLimitExceeded", 503),
    "elbv2": ("describe_load_balancers", "ThrottlingException", 400),
    "lambda": ("list_functions", "TooManyRequestsException", 429),
    "iam": ("list_roles", "Throttling", 400),
    "dynamodb": ("list_tables", "ThrottlingException", 400),
    "s3": ("list_buckets", "SlowDown", 503),
    "sts": ("get_caller_identity", "Throttling", 400),
}


@pytest.mark.parametrize("service", PROBES)
def test_errors_have_the_shape_of_the_protocol(sandbox, service):
    call, throttle, status = PROBES[service]
    client = sandbox.boto(service, EAST)
    for mode, expected in (
        ("throttle", {(throttle, status)}),
        ("error", {("InternalFailure", 500)}),
        (
            "denied",
            {
                ("AccessDenied", 403),
                ("AccessDeniedException", 403),
                ("AccessDeniedException", 400),
                ("UnauthorizedOperation", 403),
            },
        ),
        (
            "expired",
            {
                ("ExpiredToken", 403),
                ("ExpiredToken", 400),
                ("ExpiredTokenException", 400),
                ("ExpiredTokenException", 403),
                ("RequestExpired", 400),
            },
        ),
    ):
        fault = sandbox.fault(region=EAST, plane="api", mode=mode)
        with pytest.raises(ClientError) as raised:
            getattr(client, call)()
        assert code_of(raised) in expected, mode
        assert raised.value.response["Error"]["Message"]
        sandbox.clear(fault)
    getattr(client, call)()


def test_status_can_be_chosen(sandbox):
    sandbox.fault(service="ssm", mode="error", status=503)
    with pytest.raises(ClientError) as raised:
        works(ssm(sandbox, EAST))
    assert code_of(raised) == ("ServiceUnavailable", 503)


def test_code_can_be_chosen(sandbox):
    """In the shape of each protocol, as a client of AWS's reads it."""
    for service, call in (
        ("ec2", "describe_vpcs"),
        ("s3", "list_buckets"),
        ("iam", "list_roles"),
        ("lambda", "list_functions"),
        ("dynamodb", "list_tables"),
        ("route53", "list_hosted_zones"),
    ):
        fault = sandbox.fault(
            service=service, mode="error", status=409, code="Odd.Code"
        )
        with pytest.raises(ClientError) as raised:
            getattr(sandbox.boto(service), call)()
        assert code_of(raised) == ("Odd.Code", 409)
        sandbox.clear(fault)


def test_a_lost_answer_is_of_a_call_that_was_carried_out(sandbox):
    client = ssm(sandbox, EAST)
    sandbox.fault(operation="PutParameter", mode="lost", times=1)
    with pytest.raises(ConnectionClosedError):
        client.put_parameter(Name="/lost", Value="x", Type="String")
    assert client.get_parameter(Name="/lost")["Parameter"]["Value"] == "x"
    client.delete_parameter(Name="/lost")


def test_hollow_answers_have_no_lists(sandbox):
    """An empty list is a member; that there is none, no client reads so."""
    sandbox.fault(mode="hollow", plane="api")
    for service, call, member in (
        ("ec2", "describe_vpcs", "Vpcs"),
        ("sns", "list_topics", "Topics"),
        ("ssm", "describe_parameters", "Parameters"),
        ("route53", "list_health_checks", "HealthChecks"),
    ):
        assert not getattr(sandbox.boto(service), call)().get(member)
    assert raw_fetch(sandbox)()[2] == b"{}"


def test_a_cut_list_goes_on_nobody_knows_where(sandbox):
    route53 = sandbox.boto("route53")
    check = route53.create_health_check(
        CallerReference="cut",
        HealthCheckConfig={"Type": "CALCULATED", "HealthThreshold": 0},
    )["HealthCheck"]["Id"]
    sandbox.fault(operation="ListHealthChecks", mode="cut", times=1)
    page = route53.list_health_checks()
    assert page["IsTruncated"] and page["HealthChecks"] == []
    assert "NextMarker" not in page
    assert check in {c["Id"] for c in route53.list_health_checks()["HealthChecks"]}
    route53.delete_health_check(HealthCheckId=check)


def test_html_empty_and_truncated_bodies(sandbox):
    fetch = raw_fetch(sandbox)
    sandbox.fault(service="ssm", mode="html", status=200)
    status, headers, body = fetch()
    assert status == 200 and body.startswith(b"<html>")
    sandbox.clear()
    sandbox.fault(service="ssm", mode="empty")
    assert fetch()[::2] == (200, b"")
    sandbox.clear()
    whole = fetch()[2]
    sandbox.fault(service="ssm", mode="truncated", well_formed=True)
    assert fetch()[2] == whole[: len(whole) // 2]
    sandbox.clear()
    sandbox.fault(service="ssm", mode="truncated")
    with pytest.raises(Exception) as raised:
        fetch()
    assert "IncompleteRead" in repr(raised.value)


def raw_fetch(sandbox):
    """A function that sends a signed GetParameters and returns what came."""
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials
    from sandboxctl import KEY, SECRET

    def fetch():
        request = AWSRequest(
            "POST",
            sandbox.endpoint(EAST) + "/",
            data=b'{"Names": ["/none"]}',
            headers={
                "X-Amz-Target": "AmazonSSM.GetParameters",
                "Content-Type": "application/x-amz-json-1.1",
            },
        )
        SigV4Auth(Credentials(KEY, SECRET), "ssm", EAST).add_auth(request)
        with urllib.request.urlopen(
            urllib.request.Request(
                request.url, request.data, dict(request.headers)
            )
        ) as reply:
            return reply.status, dict(reply.headers), reply.read()

    return fetch


def test_latency_is_added(sandbox):
    client = ssm(sandbox, EAST)
    works(client)
    sandbox.fault(region=EAST, plane="api", mode="latency", ms=150)
    started = time.monotonic()
    works(client)
    assert time.monotonic() - started >= 0.15


def test_one_service_in_one_region(sandbox):
    sandbox.fault(region=EAST, service="ssm", mode="error")
    with pytest.raises(ClientError):
        works(ssm(sandbox, EAST))
    assert works(ssm(sandbox, WEST))
    sandbox.boto("sns", EAST).list_topics()


def test_one_operation(sandbox, unique):
    sandbox.fault(operation="PutParameter", mode="denied")
    client = ssm(sandbox, EAST)
    assert works(client)
    with pytest.raises(ClientError):
        client.put_parameter(Name="/" + unique(), Value="x", Type="String")


def test_single_service_can_refuse_and_drop(sandbox):
    fault = sandbox.fault(region=EAST, service="ssm", mode="refuse")
    with pytest.raises(HTTPClientError):
        works(ssm(sandbox, EAST))
    sandbox.clear(fault)
    sandbox.fault(region=EAST, service="ssm", mode="drop")
    with pytest.raises(ReadTimeoutError):
        works(ssm(sandbox, EAST, **SHORT))
    sandbox.boto("sns", EAST, sandbox.endpoint(EAST)).list_topics()


def test_times_counts_down(sandbox):
    sandbox.fault(service="ssm", mode="error", times=2)
    client = ssm(sandbox, EAST)
    for _ in range(2):
        with pytest.raises(ClientError):
            works(client)
    assert works(client)
    assert sandbox.faults() == []


def test_after_waits_for_that_many_answers(sandbox):
    """Dark exactly at the flip: the third answer arrives, nothing after it."""
    sandbox.fault(
        region=EAST,
        plane="api",
        mode="refuse",
        after={"operation": "ListHostedZones", "count": 3},
    )
    route53 = sandbox.boto("route53", endpoint=sandbox.endpoint(EAST))
    for _ in range(3):
        route53.list_hosted_zones()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address_of(sandbox, EAST))
    with pytest.raises((EndpointConnectionError, ConnectionClosedError)):
        route53.list_hosted_zones()


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"mode": "explode"},
        {"mode": "error", "colour": "red"},
        {"mode": "error", "plane": "astral"},
        {"mode": "latency", "ms": "long"},
        {"mode": "error", "after": {"count": 1}},
    ],
)
def test_nonsense_is_refused(sandbox, wrong):
    with pytest.raises(ControlError) as raised:
        sandbox.fault(**wrong)
    assert raised.value.args[0] == 400
    assert sandbox.faults() == []


def test_unknown_fault_cannot_be_removed(sandbox):
    with pytest.raises(ControlError) as raised:
        sandbox.clear("no-such-fault")
    assert raised.value.args[0] == 404


def test_calls_are_logged_whole(sandbox, unique):
    import base64

    name = "/" + unique("logged")
    client = ssm(sandbox, EAST, user_agent_extra="drd-test/1")
    since = max([c["seq"] for c in sandbox.calls()], default=0)
    client.put_parameter(Name=name, Value="x", Type="String")
    sandbox.fault(service="ssm", mode="throttle")
    with pytest.raises(ClientError):
        works(client)
    good, bad = sandbox.calls(since, user_agent="drd-test/1")
    assert (
        good["service"],
        good["region"],
        good["operation"],
        good["method"],
        good["path"],
        good["status"],
        good["fault"],
    ) == ("ssm", EAST, "PutParameter", "POST", "/", 200, None)
    assert json.loads(base64.b64decode(good["body"]))["Name"] == name
    assert dict(good["headers"])["X-Amz-Target"] == "AmazonSSM.PutParameter"
    assert (bad["status"], bad["fault"]) == (400, "throttle")
    assert good["seq"] < bad["seq"] and good["time"] <= bad["time"]
    assert good["received"] <= good["answered"] <= bad["received"]
    sandbox.forget_calls()
    assert sandbox.calls() == []
