# SPDX-License-Identifier: MIT
"""Lambda's rules that moto lacks, and what a balancer makes of a function."""

import http.client
import io
import json
import zipfile
from datetime import datetime, timedelta, timezone

import pytest
from botocore.exceptions import ClientError
from sandboxctl import EAST, WEST, ControlError, code_of, wait_for

SETTINGS = {
    "create_seconds": 2.0,
    "update_seconds": 1.0,
    "role_seconds": 0.0,
    "update_fails": None,
    "load": {},
}
LONG = 3600  # AWS seconds; until told otherwise
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Principal": {"Service": "lambda.amazonaws.com"},
        }
    ],
}


def package(text="exports.handler = async () => 1"):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("index.js", text)
    return buffer.getvalue()


@pytest.fixture
def settings(sandbox):
    """Set how functions behave; as it was after the test."""

    def change(**spec):
        return sandbox.control("POST", "/functions", spec)

    yield change
    change(**SETTINGS)


@pytest.fixture
def client(sandbox):
    """One that leaves it to Lambda what is allowed."""
    return sandbox.boto("lambda", WEST, parameter_validation=False)


@pytest.fixture
def role(sandbox, unique):
    """The ARN of a new role, of Lambda unless told otherwise."""
    iam = sandbox.boto("iam")

    def make(service="lambda.amazonaws.com"):
        trust = json.loads(json.dumps(TRUST))
        trust["Statement"][0]["Principal"]["Service"] = service
        return iam.create_role(
            RoleName=unique("role"), AssumeRolePolicyDocument=json.dumps(trust)
        )["Role"]["Arn"]

    return make


@pytest.fixture
def make(client, role, unique):
    """Create a function; its name."""

    def create(**more):
        spec = {
            "FunctionName": unique("f"),
            "Role": more.get("Role") or role(),
            "Runtime": "nodejs24.x",
            "Handler": "index.handler",
            "Code": {"ZipFile": package()},
            **more,
        }
        return client.create_function(**spec)["FunctionName"]

    return create


@pytest.fixture
def look(client):
    """A function's configuration."""
    return lambda name: client.get_function(FunctionName=name)["Configuration"]


@pytest.fixture
def landed(look, make):
    """Create a function that is Active."""

    def create(**more):
        name = make(**more)
        wait_for(lambda: look(name)["State"] == "Active")
        return name

    return create


# -- time --------------------------------------------------------------------


def test_a_new_function_is_pending(settings, client, make, look):
    settings(create_seconds=LONG)
    name = make()
    pending = look(name)
    assert pending["State"] == "Pending"
    assert pending["StateReasonCode"] == "Creating"
    assert "LastUpdateStatus" not in pending
    with pytest.raises(ClientError) as refused:
        client.update_function_configuration(FunctionName=name, Timeout=5)
    assert code_of(refused) == ("ResourceConflictException", 409)
    with pytest.raises(ClientError) as refused:
        client.update_function_code(FunctionName=name, ZipFile=package())
    assert code_of(refused) == ("ResourceConflictException", 409)


def test_a_function_becomes_active(client, make, look):
    name = make()
    wait_for(lambda: look(name)["State"] == "Active")
    active = look(name)
    assert active["LastUpdateStatus"] == "Successful"
    assert "StateReason" not in active


def test_updates_come_one_at_a_time(settings, client, landed, look):
    name = landed()
    settings(update_seconds=LONG)
    answer = client.update_function_configuration(FunctionName=name, Timeout=5)
    assert answer["LastUpdateStatus"] == "InProgress"
    assert look(name)["LastUpdateStatus"] == "InProgress"
    with pytest.raises(ClientError) as refused:
        client.update_function_code(FunctionName=name, ZipFile=package("x"))
    assert code_of(refused) == ("ResourceConflictException", 409)
    assert look(name)["State"] == "Active" and look(name)["Timeout"] == 5


def test_an_update_lands(client, landed, look):
    name = landed()
    before = look(name)
    client.update_function_code(FunctionName=name, ZipFile=package("x"))
    wait_for(lambda: look(name)["LastUpdateStatus"] == "Successful")
    assert look(name)["CodeSha256"] != before["CodeSha256"]


def test_an_update_that_fails(settings, client, landed, look):
    name = landed()
    settings(update_fails="InvalidRuntime")
    client.update_function_configuration(FunctionName=name, Timeout=5)
    wait_for(lambda: look(name)["LastUpdateStatus"] == "Failed")
    assert look(name)["LastUpdateStatusReasonCode"] == "InvalidRuntime"


def test_revisions(client, landed, look):
    """Each change has its own, landing too; a stale one is refused."""
    name = landed()
    first = look(name)["RevisionId"]
    second = client.update_function_configuration(
        FunctionName=name, Timeout=5, RevisionId=first
    )["RevisionId"]
    wait_for(lambda: look(name)["LastUpdateStatus"] == "Successful")
    third = look(name)["RevisionId"]
    assert len({first, second, third}) == 3
    with pytest.raises(ClientError) as refused:
        client.update_function_code(
            FunctionName=name, ZipFile=package(), RevisionId=first
        )
    assert code_of(refused) == ("PreconditionFailedException", 412)
    client.update_function_code(
        FunctionName=name, ZipFile=package(), RevisionId=third
    )


# -- what is refused ---------------------------------------------------------


def test_a_role_that_lambda_cannot_assume(client, make, role):
    for arn in (
        role("s3.amazonaws.com"),
        "arn:aws:iam::123456789012:role/none",
    ):
        with pytest.raises(ClientError) as refused:
            make(Role=arn)
        assert code_of(refused) == ("InvalidParameterValueException", 400)
        assert "cannot be assumed by Lambda" in str(refused.value)


def test_a_role_that_lambda_does_not_know_yet(settings, make, role):
    settings(role_seconds=30)  # half a second of ours
    arn = role()
    with pytest.raises(ClientError) as refused:
        make(Role=arn)
    assert "cannot be assumed by Lambda" in str(refused.value)

    def created():
        try:
            return make(Role=arn)
        except ClientError:
            return None

    wait_for(created)


@pytest.mark.parametrize(
    "spec, code",
    [
        ({"FunctionName": "x" * 65}, "ValidationException"),
        ({"FunctionName": "a.b"}, "ValidationException"),
        ({"MemorySize": 64}, "ValidationException"),
        ({"Timeout": 901}, "ValidationException"),
        ({"Code": {"ZipFile": b"PK"}}, "InvalidParameterValueException"),
        (
            {"Code": {"ZipFile": package()[:-9]}},
            "InvalidParameterValueException",
        ),
    ],
)
def test_what_lambda_does_not_take(make, spec, code):
    with pytest.raises(ClientError) as refused:
        make(**spec)
    assert code_of(refused) == (code, 400)


def test_two_of_one_name(make):
    name = make()
    with pytest.raises(ClientError) as refused:
        make(FunctionName=name)
    assert code_of(refused) == ("ResourceConflictException", 409)


# -- concurrency -------------------------------------------------------------


@pytest.fixture
def concurrency(sandbox):
    """Set what the account has in the west; AWS's default after the test."""
    quota = f"{WEST}/lambda/L-B99A9384"
    yield lambda value: sandbox.account(quotas={quota: value})
    sandbox.account(quotas={quota: None})


def test_some_concurrency_must_be_left(concurrency, client, landed):
    concurrency(250)
    name, other = landed(), landed()

    def reserve(which, amount):
        return client.put_function_concurrency(
            FunctionName=which, ReservedConcurrentExecutions=amount
        )

    limits = client.get_account_settings()["AccountLimit"]
    assert limits["ConcurrentExecutions"] == 250
    left = limits["UnreservedConcurrentExecutions"]
    reserve(name, left - 100)
    reserve(name, left - 100)  # its own is not counted twice
    with pytest.raises(ClientError) as refused:
        reserve(other, 1)
    assert code_of(refused) == ("InvalidParameterValueException", 400)
    assert "minimum value of [100]" in str(refused.value)
    limits = client.get_account_settings()["AccountLimit"]
    assert limits["UnreservedConcurrentExecutions"] == 100
    client.delete_function_concurrency(FunctionName=name)


def test_a_new_account_cannot_reserve(concurrency, client, landed):
    concurrency(10)
    name = landed()
    with pytest.raises(ClientError) as refused:
        client.put_function_concurrency(
            FunctionName=name, ReservedConcurrentExecutions=100
        )
    assert "minimum value of [10]" in str(refused.value)


def test_a_reservation_of_nothing_is_one(client, landed):
    name = landed()
    assert "Concurrency" not in client.get_function(FunctionName=name)
    client.put_function_concurrency(
        FunctionName=name, ReservedConcurrentExecutions=0
    )
    answer = client.get_function(FunctionName=name)
    assert answer["Concurrency"] == {"ReservedConcurrentExecutions": 0}


# -- permissions -------------------------------------------------------------


def test_permissions(client, landed):
    name = landed()
    with pytest.raises(ClientError) as refused:
        client.get_policy(FunctionName=name)
    assert code_of(refused) == ("ResourceNotFoundException", 404)
    statement = {
        "FunctionName": name,
        "StatementId": "s",
        "Action": "lambda:InvokeFunction",
        "Principal": "elasticloadbalancing.amazonaws.com",
        "SourceArn": "arn:aws:elasticloadbalancing:us-west-2:1:targetgroup/a/1",
        "SourceAccount": "123456789012",
    }
    client.add_permission(**statement)
    with pytest.raises(ClientError) as refused:
        client.add_permission(**statement)
    assert code_of(refused) == ("ResourceConflictException", 409)
    policy = json.loads(client.get_policy(FunctionName=name)["Policy"])
    assert len(policy["Statement"]) == 1
    with pytest.raises(ClientError) as refused:
        client.add_permission(**{**statement, "StatementId": "a b"})
    assert code_of(refused) == ("ValidationException", 400)


def test_tagging_answers_without_a_body(client, landed, look):
    name = landed()
    answer = client.tag_resource(
        Resource=look(name)["FunctionArn"], Tags={"a": "b"}
    )
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert client.get_function(FunctionName=name)["Tags"] == {"a": "b"}


def test_settings_are_checked(sandbox, settings):
    for spec in (
        {"nonsense": 1},
        {"create_seconds": -1},
        {"load": {EAST: -1}},
    ):
        with pytest.raises(ControlError) as refused:
            settings(**spec)
        assert refused.value.args[0] == 400
    assert sandbox.control("GET", "/functions") == SETTINGS


# -- behind a balancer -------------------------------------------------------


@pytest.fixture
def served(sandbox, balancers):
    """Status of the health path at the east's balancer, and its function."""
    balancer = balancers[EAST]
    group = sandbox.boto("elbv2").describe_target_groups(
        LoadBalancerArn=balancer["arn"]
    )["TargetGroups"][0]["TargetGroupArn"]
    target = sandbox.boto("elbv2").describe_target_health(
        TargetGroupArn=group
    )["TargetHealthDescriptions"][0]["Target"]["Id"]

    def status():
        connection = http.client.HTTPConnection(
            balancer["address"], balancer["port"], timeout=5
        )
        try:
            connection.request("GET", "/health")
            return connection.getresponse().status
        finally:
            connection.close()

    return status, target.rpartition(":")[2]


def test_a_function_that_may_not_run_is_a_502(sandbox, served):
    status, name = served
    client = sandbox.boto("lambda", EAST)
    assert status() == 200
    client.put_function_concurrency(
        FunctionName=name, ReservedConcurrentExecutions=0
    )
    try:
        assert status() == 502
    finally:
        client.delete_function_concurrency(FunctionName=name)
    assert status() == 200


def metric(sandbox, function, name, stat):
    """The newest value of one of the function's metrics, or None."""
    now = datetime.now(timezone.utc)
    answer = sandbox.boto("cloudwatch", EAST).get_metric_data(
        StartTime=now - timedelta(hours=1),
        EndTime=now + timedelta(seconds=60),
        MetricDataQueries=[
            {
                "Id": "m",
                "MetricStat": {
                    "Metric": {
                        "Namespace": "AWS/Lambda",
                        "MetricName": name,
                        "Dimensions": [
                            {"Name": "FunctionName", "Value": function}
                        ],
                    },
                    "Period": 60,
                    "Stat": stat,
                },
            }
        ],
    )
    values = answer["MetricDataResults"][0]["Values"]
    return values[0] if values else None


def test_more_calls_than_are_reserved_are_throttled(sandbox, served, settings):
    status, name = served
    client = sandbox.boto("lambda", EAST)
    client.put_function_concurrency(
        FunctionName=name, ReservedConcurrentExecutions=10
    )
    try:
        assert [status() for _ in range(4)] == [200] * 4
        settings(load={EAST: 4})
        seen = [status() for _ in range(40)]
        # One in four is served; checkers and target checks take turns with us.
        assert 1 <= seen.count(200) <= 20
        assert set(seen) == {200, 502}
        wait_for(
            lambda: status()
            and metric(sandbox, name, "Throttles", "Sum")
            and metric(sandbox, name, "ConcurrentExecutions", "Maximum") == 10
        )
        # Ten at a time do well, and are not counted among what is throttled.
        assert metric(sandbox, name, "Throttles", "Sum") >= 3 * 10 * 60
        assert metric(sandbox, name, "Invocations", "Sum") >= 10 * 60
        assert metric(sandbox, name, "Errors", "Sum") == 0
        settings(load={})
        assert [status() for _ in range(4)] == [200] * 4
    finally:
        settings(load={})
        client.delete_function_concurrency(FunctionName=name)


def test_a_function_that_may_not_run_is_throttled(sandbox, served):
    status, name = served
    client = sandbox.boto("lambda", EAST)
    client.put_function_concurrency(
        FunctionName=name, ReservedConcurrentExecutions=0
    )
    try:
        wait_for(
            lambda: status() == 502
            and metric(sandbox, name, "Throttles", "Sum")
            and metric(sandbox, name, "Errors", "Sum") == 0
        )
    finally:
        client.delete_function_concurrency(FunctionName=name)


def test_a_function_answers_while_it_is_updated(sandbox, served, settings):
    status, name = served
    client = sandbox.boto("lambda", EAST)
    wait_for(
        lambda: client.get_function_configuration(FunctionName=name)[
            "LastUpdateStatus"
        ]
        == "Successful",
        20,
        0.05,
        "the end of what built the function",
    )
    settings(update_seconds=LONG)
    client.update_function_configuration(FunctionName=name, Timeout=11)
    assert status() == 200
