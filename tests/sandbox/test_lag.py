# SPDX-License-Identifier: MIT
"""Reads that lag writes: the past is whole, and the present is not lost."""

import json
import time

import pytest
from botocore.exceptions import ClientError
from sandboxctl import EAST, WEST, ControlError, code_of, wait_for

LONG = 60000  # real milliseconds
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Principal": {"Service": "lambda.amazonaws.com"},
        },
    }
)


@pytest.fixture
def lag(sandbox):
    def change(**spec):
        return sandbox.control("POST", "/lag", spec)

    yield change
    change(ms=0)


def refusal(call, **kwargs):
    with pytest.raises(ClientError) as raised:
        call(**kwargs)
    return code_of(raised)[0]


def vpc_ids(ec2):
    return [v["VpcId"] for v in ec2.describe_vpcs()["Vpcs"]]


def test_what_is_new_is_not_there_yet(sandbox, lag):
    ec2 = sandbox.boto("ec2", EAST)
    lag(ms=LONG)
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    assert vpc not in vpc_ids(ec2)
    code = refusal(ec2.describe_vpcs, VpcIds=[vpc])
    assert code == "InvalidVpcID.NotFound"
    # Writes see it.
    ec2.create_tags(Resources=[vpc], Tags=[{"Key": "a", "Value": "b"}])
    lag(ms=0)
    assert vpc in vpc_ids(ec2)
    ec2.delete_vpc(VpcId=vpc)


def test_what_is_deleted_is_still_there(sandbox, lag):
    ec2 = sandbox.boto("ec2", EAST)
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    lag(ms=LONG)
    ec2.delete_vpc(VpcId=vpc)
    assert vpc in vpc_ids(ec2)
    assert refusal(ec2.delete_vpc, VpcId=vpc) == "InvalidVpcID.NotFound"
    lag(ms=0)
    assert vpc not in vpc_ids(ec2)


def test_the_past_passes(sandbox, lag):
    ec2 = sandbox.boto("ec2", EAST)
    lag(ms=400)
    begin = time.monotonic()
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    wait_for(lambda: vpc in vpc_ids(ec2), 5)
    assert time.monotonic() - begin >= 0.4
    ec2.delete_vpc(VpcId=vpc)


def test_each_write_shows_when_its_own_time_has_come(sandbox, lag):
    """Not the last write's: a busy service would never show anything."""
    ec2 = sandbox.boto("ec2", EAST)
    lag(ms=600)
    first = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    time.sleep(0.4)
    second = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    wait_for(lambda: first in vpc_ids(ec2), 5)
    assert second not in vpc_ids(ec2)
    wait_for(lambda: second in vpc_ids(ec2), 5)
    for vpc in (first, second):
        ec2.delete_vpc(VpcId=vpc)


def test_a_refused_write_leaves_no_past(sandbox, lag):
    ec2 = sandbox.boto("ec2", EAST)
    lag(ms=300)
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    code = refusal(ec2.delete_vpc, VpcId="vpc-00000000")
    assert code == "InvalidVpcID.NotFound"
    wait_for(lambda: vpc in vpc_ids(ec2), 5)
    ec2.delete_vpc(VpcId=vpc)


def test_other_regions_and_services_do_not_lag(sandbox, lag, unique):
    lag(ms=LONG, services=["ec2"])
    ec2 = sandbox.boto("ec2", EAST)
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    west = sandbox.boto("ec2", WEST)
    other = west.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    assert other not in vpc_ids(west)
    ssm, name = sandbox.boto("ssm", EAST), "/" + unique("parameter")
    ssm.put_parameter(Name=name, Value="1", Type="String")
    assert ssm.get_parameter(Name=name)["Parameter"]["Value"] == "1"
    lag(ms=0)
    ec2.delete_vpc(VpcId=vpc)
    west.delete_vpc(VpcId=other)


def test_every_other_read_lags(sandbox, lag):
    ec2 = sandbox.boto("ec2", EAST)
    lag(ms=LONG, flap=True)
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    seen = [vpc in vpc_ids(ec2) for _ in range(6)]
    assert seen in ([True, False] * 3, [False, True] * 3)
    lag(ms=0)
    ec2.delete_vpc(VpcId=vpc)


# -- each service -------------------------------------------------------------


def test_elb(sandbox, lag, balancers):
    elb = sandbox.boto("elbv2", EAST)
    arn = balancers[EAST]["arn"]

    def tags():
        (tagged,) = elb.describe_tags(ResourceArns=[arn])["TagDescriptions"]
        return {t["Key"]: t["Value"] for t in tagged["Tags"]}

    lag(ms=LONG)
    elb.add_tags(ResourceArns=[arn], Tags=[{"Key": "lag", "Value": "1"}])
    assert "lag" not in tags()
    lag(ms=0)
    assert tags()["lag"] == "1"
    elb.remove_tags(ResourceArns=[arn], TagKeys=["lag"])


def test_iam(sandbox, lag, unique):
    iam, name = sandbox.boto("iam"), unique("role")
    lag(ms=LONG)
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)
    assert refusal(iam.get_role, RoleName=name) == "NoSuchEntity"
    lag(ms=0)
    assert iam.get_role(RoleName=name)["Role"]["RoleName"] == name


def test_lambda(sandbox, lag):
    client = sandbox.boto("lambda", EAST)
    function, *_ = client.list_functions()["Functions"]
    name = function["FunctionName"]

    def memory():
        return client.get_function_configuration(FunctionName=name)[
            "MemorySize"
        ]

    before = memory()
    lag(ms=LONG)
    client.update_function_configuration(FunctionName=name, MemorySize=1024)
    assert memory() == before
    lag(ms=0)
    assert memory() == 1024
    client.get_waiter("function_updated_v2").wait(FunctionName=name)
    client.update_function_configuration(FunctionName=name, MemorySize=before)


def test_s3_lags_for_buckets_but_not_for_objects(sandbox, lag, unique):
    s3, name = sandbox.boto("s3", EAST), unique("lag-bucket")
    s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key="first", Body=b"1")
    lag(ms=LONG)
    s3.put_bucket_versioning(
        Bucket=name, VersioningConfiguration={"Status": "Enabled"}
    )
    assert "Status" not in s3.get_bucket_versioning(Bucket=name)
    s3.put_object(Bucket=name, Key="second", Body=b"2")
    answer = s3.get_object(Bucket=name, Key="second")
    assert answer["Body"].read() == b"2"
    assert s3.list_objects_v2(Bucket=name)["KeyCount"] == 2
    lag(ms=0)
    assert s3.get_bucket_versioning(Bucket=name)["Status"] == "Enabled"
    assert s3.get_object(Bucket=name, Key="first")["Body"].read() == b"1"


def test_ssm(sandbox, lag, unique):
    ssm, name = sandbox.boto("ssm", EAST), "/" + unique("parameter")
    ssm.put_parameter(Name=name, Value="old", Type="String")

    def value():
        return ssm.get_parameter(Name=name)["Parameter"]["Value"]

    lag(ms=LONG)
    ssm.put_parameter(Name=name, Value="new", Type="String", Overwrite=True)
    assert value() == "old"
    lag(ms=0)
    assert value() == "new"


def test_route53(lag, route53, make_check):
    lag(ms=LONG)
    check = make_check(IPAddress="127.0.0.1", Port=9)
    code = refusal(route53.get_health_check, HealthCheckId=check)
    assert code == "NoSuchHealthCheck"
    lag(ms=0)
    route53.get_health_check(HealthCheckId=check)


def test_dynamodb_lags_for_tables_but_not_for_items(sandbox, lag, unique):
    dynamodb, name = sandbox.boto("dynamodb", EAST), unique("table")
    lag(ms=LONG)
    dynamodb.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={
            "StreamEnabled": True,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
    )
    code = refusal(dynamodb.describe_table, TableName=name)
    assert code == "ResourceNotFoundException"
    assert name not in dynamodb.list_tables()["TableNames"]
    lag(ms=0)
    waiting = {"Delay": 0.05, "MaxAttempts": 200}
    waiter = dynamodb.get_waiter("table_exists")
    waiter.wait(TableName=name, WaiterConfig=waiting)
    lag(ms=LONG)
    item = {"pk": {"S": "a"}}
    dynamodb.put_item(TableName=name, Item=item)
    assert dynamodb.get_item(TableName=name, Key=item)["Item"] == item
    # What goes on meanwhile goes on in the present, whoever looks.
    dynamodb.update_table(
        TableName=name, ReplicaUpdates=[{"Create": {"RegionName": WEST}}]
    )
    west = sandbox.boto("dynamodb", WEST)
    wait_for(lambda: is_active(west, name), 10)
    assert "Replicas" in dynamodb.describe_table(TableName=name)["Table"]
    assert west.get_item(TableName=name, Key=item)["Item"] == item


def is_active(client, name):
    try:
        table = client.describe_table(TableName=name)["Table"]
    except client.exceptions.ResourceNotFoundException:
        return False
    return table["TableStatus"] == "ACTIVE"


def test_the_tagging_api_lags_with_all_of_them(sandbox, lag, unique):
    sns, tagging = sandbox.boto("sns", EAST), sandbox.boto(
        "resourcegroupstaggingapi", EAST
    )
    value = unique("tag")

    def listed():
        return tagging.get_resources(
            TagFilters=[{"Key": "lag", "Values": [value]}]
        )["ResourceTagMappingList"]

    lag(ms=LONG, services=["sns", "tagging"])
    tags = [{"Key": "lag", "Value": value}]
    sns.create_topic(Name=value, Tags=tags)
    assert listed() == []
    lag(ms=0)
    assert len(listed()) == 1


@pytest.mark.parametrize(
    "bad", [{"ms": -1}, {"ms": "2"}, {"services": ["sts"]}, {"seconds": 1}]
)
def test_an_order_that_makes_no_sense_is_refused(lag, bad):
    with pytest.raises(ControlError):
        lag(**bad)
