# SPDX-License-Identifier: MIT
"""Signatures and clocks, refused in each protocol's own words."""

import urllib.error
import urllib.request

import pytest
from botocore.exceptions import ClientError
from sandboxctl import EAST, WEST

CALLS = {
    "route53": "list_hosted_zones",
    "ssm": "describe_parameters",
    "sns": "list_topics",
    "cloudwatch": "describe_alarms",
    "ec2": "describe_vpcs",
    "lambda": "list_functions",
    "s3": "list_buckets",
    "dynamodb": "list_tables",
    "iam": "list_roles",
    "acm": "list_certificates",
    "resourcegroupstaggingapi": "get_resources",
}
JSON = ("ssm", "dynamodb", "acm", "cloudwatch", "resourcegroupstaggingapi")


def refused(client, service):
    with pytest.raises(ClientError) as raised:
        getattr(client, CALLS[service])()
    return (
        raised.value.response["Error"]["Code"],
        raised.value.response["ResponseMetadata"]["HTTPStatusCode"],
    )


@pytest.mark.parametrize("service", CALLS)
def test_good_signature_passes_and_bad_one_does_not(sandbox, service):
    getattr(sandbox.boto(service, EAST), CALLS[service])()
    code = refused(sandbox.boto(service, EAST, secret="wrong"), service)
    if service in JSON:
        assert code == ("InvalidSignatureException", 400)
    elif service == "lambda":
        assert code == ("InvalidSignatureException", 403)
    else:
        assert code == ("SignatureDoesNotMatch", 403)


@pytest.mark.parametrize(
    "service, expected",
    [
        ("route53", ("SignatureDoesNotMatch", 403)),
        ("ssm", ("InvalidSignatureException", 400)),
        ("s3", ("RequestTimeTooSkewed", 403)),
        ("ec2", ("RequestExpired", 400)),
        ("sns", ("SignatureDoesNotMatch", 403)),
    ],
)
@pytest.mark.parametrize("skew", [600, -600])
def test_a_wrong_clock_is_refused(sandbox, service, expected, skew):
    sandbox.clock(skew_seconds=skew)
    client = sandbox.boto(service, EAST)
    assert refused(client, service) == expected


def test_the_date_of_an_answer_tells_the_server_s_time(sandbox):
    import calendar
    import email.utils
    import time

    sandbox.clock(skew_seconds=3600)
    headers = sandbox_answer(sandbox).headers
    there = calendar.timegm(email.utils.parsedate(headers["Date"]))
    assert 3500 < there - time.time() < 3700


def sandbox_answer(sandbox, headers=None, body=None):
    try:
        return urllib.request.urlopen(
            urllib.request.Request(
                sandbox.endpoint() + "/", body, headers or {}
            )
        )
    except urllib.error.HTTPError as error:
        return error


def test_unsigned_calls_are_refused(sandbox):
    answer = sandbox_answer(sandbox)
    assert answer.status == 403
    assert b"<Code>MissingAuthenticationToken</Code>" in answer.read()
    answer = sandbox_answer(
        sandbox, {"X-Amz-Target": "AmazonSSM.GetParameter"}, b"{}"
    )
    assert answer.status == 403
    assert b'"__type": "MissingAuthenticationTokenException"' in answer.read()


def test_odd_paths_queries_and_names_are_canonical(sandbox, unique):
    s3, bucket = sandbox.boto("s3"), unique("odd")
    s3.create_bucket(Bucket=bucket)
    keys = ["a b", "plus+plus", "ünïcode/né", "per%20cent", "a//b", "(x)!*'~"]
    for key in keys:
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    assert s3.list_objects_v2(Bucket=bucket, Prefix="per%")["KeyCount"] == 1
    assert s3.get_object(Bucket=bucket, Key="ünïcode/né")["Body"].read() == b"x"
    client = sandbox.boto("lambda")
    arn = client.list_functions()["Functions"][0]["FunctionArn"]
    assert client.list_tags(Resource=arn)["Tags"]["drd:stack"] == "demo"
    sandbox.boto("cloudwatch").describe_alarms(AlarmNamePrefix="a b+c/é")


def test_temporary_credentials_need_their_token(sandbox):
    import boto3

    role = sandbox.boto("iam").list_roles()["Roles"][0]["Arn"]
    keys = sandbox.boto("sts", WEST).assume_role(
        RoleArn=role, RoleSessionName="test"
    )["Credentials"]

    def client(token):
        return boto3.client(
            "ssm",
            region_name=WEST,
            endpoint_url=sandbox.endpoint(WEST),
            aws_access_key_id=keys["AccessKeyId"],
            aws_session_token=token,
            aws_secret_access_key=keys["SecretAccessKey"],
        )

    client(keys["SessionToken"]).describe_parameters()
    with pytest.raises(ClientError) as raised:
        client("forged").describe_parameters()
    assert (
        raised.value.response["Error"]["Code"] == "UnrecognizedClientException"
    )


def test_a_region_s_address_serves_that_region_only(sandbox):
    with pytest.raises(ClientError) as raised:
        sandbox.boto("ssm", EAST, sandbox.endpoint(WEST)).describe_parameters()
    assert "valid region" in raised.value.response["Error"]["Message"]
    sandbox.boto("route53", endpoint=sandbox.endpoint(WEST)).list_hosted_zones()


def test_the_scope_names_the_region_and_nothing_else_does(sandbox, unique):
    """moto alone would believe a region in the User-Agent."""
    name = "/" + unique("scope")
    sandbox.boto("ssm", EAST, user_agent_extra=f"region/{WEST}").put_parameter(
        Name=name, Value="x", Type="String"
    )
    found = sandbox.boto("ssm", EAST).get_parameters(Names=[name])
    assert len(found["Parameters"]) == 1
