# SPDX-License-Identifier: MIT
"""Alarms, parameters, topics, load balancers: the physics moto lacks."""

import functools
import json
import urllib.error
import urllib.request

import pytest
from botocore.exceptions import ClientError
from sandboxctl import EAST, WEST, code_of, wait_for

# -- alarms ------------------------------------------------------------------


@pytest.fixture
def alarm(sandbox, unique):
    """An alarm in us-east-1 with a topic: (client, name, topic, put)."""
    client, name = sandbox.boto("cloudwatch", EAST), unique("alarm")
    topic = sandbox.boto("sns", EAST).create_topic(Name=name)["TopicArn"]

    def put(**more):
        client.put_metric_alarm(
            **{
                "AlarmName": name,
                "Namespace": "test",
                "MetricName": name,
                "Statistic": "Sum",
                "Period": 60,
                "EvaluationPeriods": 1,
                "Threshold": 1,
                "TreatMissingData": "notBreaching",
                "ComparisonOperator": "GreaterThanOrEqualToThreshold",
                "AlarmActions": [topic],
                "OKActions": [topic],
                **more,
            }
        )

    put()
    yield client, name, topic, put
    client.delete_alarms(AlarmNames=[name])


def look(client, name):
    return client.describe_alarms(AlarmNames=[name])["MetricAlarms"][0]


def test_new_alarm_has_insufficient_data(alarm):
    client, name, _, put = alarm
    put(AlarmName=name + "-new", TreatMissingData="missing")
    assert look(client, name + "-new")["StateValue"] == "INSUFFICIENT_DATA"


def test_alarm_follows_the_data_and_notifies(sandbox, alarm):
    client, name, topic, _ = alarm

    def feed(value, state):
        client.put_metric_data(
            Namespace="test", MetricData=[{"MetricName": name, "Value": value}]
        )
        return look(client, name)["StateValue"] == state

    wait_for(lambda: feed(0, "OK"), every=0.2)
    before = look(client, name)["StateTransitionedTimestamp"]
    wait_for(lambda: feed(5, "ALARM"), every=0.2)
    after = look(client, name)
    assert after["StateTransitionedTimestamp"] > before
    assert after["StateReason"].startswith("Threshold Crossed")
    wait_for(lambda: look(client, name)["StateValue"] == "OK")
    told = [
        json.loads(m["message"])
        for m in sandbox.sns(region=EAST)
        if m["topic_arn"] == topic
    ]
    assert [m["NewStateValue"] for m in told] == ["OK", "ALARM", "OK"]
    assert told[1]["OldStateValue"] == "OK"
    assert told[1]["AlarmName"] == name and told[1]["Region"] == EAST


def test_update_keeps_the_state(alarm):
    client, name, _, put = alarm
    client.set_alarm_state(
        AlarmName=name, StateValue="ALARM", StateReason="test"
    )
    put(Threshold=2)
    found = look(client, name)
    assert (found["StateValue"], found["Threshold"]) == ("ALARM", 2)


def test_setting_the_state_runs_the_actions(sandbox, alarm):
    client, name, topic, _ = alarm
    client.set_alarm_state(
        AlarmName=name, StateValue="ALARM", StateReason="test"
    )
    assert [
        m
        for m in sandbox.sns()
        if m["topic_arn"] == topic
        and json.loads(m["message"])["NewStateValue"] == "ALARM"
    ]


def test_disabled_actions_do_not_run(sandbox, alarm):
    client, name, topic, put = alarm
    put(ActionsEnabled=False)
    seen = len(sandbox.sns())
    client.set_alarm_state(
        AlarmName=name, StateValue="ALARM", StateReason="test"
    )
    assert not [m for m in sandbox.sns()[seen:] if m["topic_arn"] == topic]


def test_deleting_an_unknown_alarm_deletes_none(alarm):
    client, name, _, _ = alarm
    with pytest.raises(ClientError) as raised:
        client.delete_alarms(AlarmNames=[name, "no-such-alarm"])
    assert code_of(raised) == ("ResourceNotFound", 404)
    assert look(client, name)


def test_an_alarm_s_tags_go_with_it(alarm):
    client, name, _, put = alarm
    one = name + "-tagged"
    put(AlarmName=one, Tags=[{"Key": "a", "Value": "b"}])
    arn = look(client, one)["AlarmArn"]
    assert client.list_tags_for_resource(ResourceARN=arn)["Tags"]
    client.delete_alarms(AlarmNames=[one])
    with pytest.raises(ClientError) as raised:
        client.list_tags_for_resource(ResourceARN=arn)
    assert code_of(raised) == ("ResourceNotFoundException", 404)
    put(AlarmName=one)
    assert client.list_tags_for_resource(ResourceARN=arn)["Tags"] == []
    client.delete_alarms(AlarmNames=[one])


@pytest.mark.parametrize(
    "setting",
    [
        {"AlarmActions": [f"arn:aws:sns:{WEST}:123456789012:far"]},
        {"OKActions": [f"arn:aws:sns:{WEST}:123456789012:far"]},
        {"TreatMissingData": "panic"},
    ],
)
def test_alarm_settings_that_are_refused(alarm, setting):
    client, name, _, put = alarm
    with pytest.raises(ClientError) as raised:
        put(AlarmName=name + "-bad", **setting)
    assert code_of(raised) == ("ValidationError", 400)


def test_a_page_of_alarms_has_a_limit(alarm):
    client, _, _, _ = alarm
    with pytest.raises(ClientError) as raised:
        client.describe_alarms(AlarmNames=[f"a-{i}" for i in range(101)])
    assert code_of(raised)[1] == 400


def test_dynamodb_s_alarms_ignore_what_is_missing(alarm):
    client, name, _, put = alarm
    there, here = name + "-table", name + "-other"
    put(AlarmName=here, TreatMissingData="breaching")
    put(
        AlarmName=there,
        Namespace="AWS/DynamoDB",
        MetricName="ReplicationLatency",
        TreatMissingData="breaching",
    )
    wait_for(lambda: look(client, here)["StateValue"] == "ALARM")
    assert look(client, there)["StateValue"] == "INSUFFICIENT_DATA"
    client.delete_alarms(AlarmNames=[here, there])


def test_describing_alarms_pages_and_filters(alarm):
    client, name, _, put = alarm
    names = [f"{name}-{i}" for i in range(3)]
    for one in names:
        put(AlarmName=one)
    first = client.describe_alarms(AlarmNamePrefix=name + "-", MaxRecords=2)
    rest = client.describe_alarms(
        AlarmNamePrefix=name + "-", MaxRecords=2, NextToken=first["NextToken"]
    )
    assert [
        a["AlarmName"] for a in first["MetricAlarms"] + rest["MetricAlarms"]
    ] == names
    client.delete_alarms(AlarmNames=names)


# -- parameters --------------------------------------------------------------


def test_standard_parameter_holds_four_kilobytes(sandbox, unique):
    ssm, name = sandbox.boto("ssm"), "/" + unique("big")
    ssm.put_parameter(Name=name, Value="x" * 4096, Type="String")
    with pytest.raises(ClientError) as raised:
        ssm.put_parameter(
            Name=name, Value="x" * 4097, Type="String", Overwrite=True
        )
    assert code_of(raised) == ("ValidationException", 400)


def test_parameter_keeps_its_type(sandbox, unique):
    ssm, name = sandbox.boto("ssm"), "/" + unique("typed")
    ssm.put_parameter(Name=name, Value="x", Type="String")
    with pytest.raises(ClientError) as raised:
        ssm.put_parameter(
            Name=name, Value="x", Type="SecureString", Overwrite=True
        )
    assert code_of(raised) == ("HierarchyTypeMismatchException", 400)


def test_a_put_without_a_key_is_one_with_aws_s(sandbox, unique):
    ssm, kms = sandbox.boto("ssm", WEST), sandbox.boto("kms", WEST)
    name, alias = unique("/dr/keyed"), "alias/" + unique("dr")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName=alias, TargetKeyId=key)
    put = {"Name": name, "Value": "v", "Type": "SecureString"}

    def key_of():
        found = ssm.describe_parameters(
            ParameterFilters=[{"Key": "Name", "Values": [name]}]
        )
        return found["Parameters"][0]["KeyId"]

    ssm.put_parameter(**put, KeyId=alias)
    assert key_of() == alias
    ssm.put_parameter(**put, Overwrite=True)
    assert key_of() == "alias/aws/ssm"
    assert ssm.get_parameter(Name=name)["Parameter"]["Value"] != "v"
    read = ssm.get_parameter(Name=name, WithDecryption=True)
    assert read["Parameter"]["Value"] == "v"


def test_a_key_has_to_be_of_the_region(sandbox, unique):
    kms, ssm = sandbox.boto("kms", EAST), sandbox.boto("ssm", WEST)
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    with pytest.raises(ClientError) as raised:
        ssm.put_parameter(
            Name=unique("/dr/keyed"),
            Value="v",
            Type="SecureString",
            KeyId=key,
        )
    assert code_of(raised) == ("InvalidKeyId", 400)
    ssm.describe_parameters()  # nothing of it is left


# -- topics ------------------------------------------------------------------


def test_messages_can_be_read_back(sandbox, unique):
    sns = sandbox.boto("sns", WEST)
    topic = sns.create_topic(Name=unique("topic"))["TopicArn"]
    since = max([m["seq"] for m in sandbox.sns()], default=0)
    sns.publish(
        TopicArn=topic,
        Subject="failover",
        Message='{"epoch": 2}',
        MessageAttributes={
            "step": {"DataType": "String", "StringValue": "2/notify"}
        },
    )
    (message,) = sandbox.sns(since)
    assert (
        message["region"],
        message["topic_arn"],
        message["subject"],
        message["message"],
        message["attributes"],
    ) == (WEST, topic, "failover", '{"epoch": 2}', {"step": "2/notify"})
    assert sandbox.sns(message["seq"]) == []


def test_each_protocol_gets_its_own_text(sandbox, unique):
    sns, sqs = sandbox.boto("sns", WEST), sandbox.boto("sqs", WEST)
    topic = sns.create_topic(Name=unique("topic"))["TopicArn"]
    url = sqs.create_queue(QueueName=unique("queue"))["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    sns.subscribe(
        TopicArn=topic,
        Protocol="sqs",
        Endpoint=arn["Attributes"]["QueueArn"],
        Attributes={"RawMessageDelivery": "true"},
    )
    for faces in ({"default": "text", "sqs": "json"}, {"default": "json"}):
        sns.publish(
            TopicArn=topic,
            MessageStructure="json",
            Message=json.dumps({**faces, "https": 3, "nobody": "x"}),
        )
        (got,) = sqs.receive_message(QueueUrl=url)["Messages"]
        assert got["Body"] == "json"
        sqs.delete_message(QueueUrl=url, ReceiptHandle=got["ReceiptHandle"])


@pytest.mark.parametrize(
    "message, why",
    [
        ("no json", "failed to parse"),
        ('["default"]', "failed to parse"),
        ('{"default": "a", "default": "b"}', "failed to parse"),
        ('{"sqs": "only"}', "No default entry"),
        ('{"default": {"no": "text"}}', "No default entry"),
    ],
)
def test_a_structure_needs_a_default_text(sandbox, unique, message, why):
    sns = sandbox.boto("sns", WEST)
    topic = sns.create_topic(Name=unique("topic"))["TopicArn"]
    with pytest.raises(ClientError, match=why) as raised:
        sns.publish(TopicArn=topic, MessageStructure="json", Message=message)
    assert code_of(raised) == ("InvalidParameter", 400)


@pytest.mark.parametrize("subject", ["x" * 100, "two\nlines"])
def test_a_subject_is_short_and_one_line(sandbox, unique, subject):
    sns = sandbox.boto("sns", WEST)
    topic = sns.create_topic(Name=unique("topic"))["TopicArn"]
    with pytest.raises(ClientError) as raised:
        sns.publish(TopicArn=topic, Subject=subject, Message="m")
    assert code_of(raised) == ("InvalidParameter", 400)


def test_a_dead_subscriber_does_not_fail_the_publisher(sandbox, unique):
    sns = sandbox.boto("sns", WEST)
    topic = sns.create_topic(Name=unique("topic"))["TopicArn"]
    for endpoint in ("http://127.0.0.1:1/closed", "http://192.0.2.1/outside"):
        sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=endpoint)
        sandbox.agree(endpoint)
    assert sns.publish(TopicArn=topic, Message="hello")["MessageId"]


# -- load balancers ----------------------------------------------------------


def fetch(balancer, path="/health"):
    url = f"http://{balancer['address']}:{balancer['port']}{path}"
    try:
        with urllib.request.urlopen(url, timeout=2) as reply:
            return reply.status, reply.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def test_balancers_answer_for_their_region(balancers):
    for region, balancer in balancers.items():
        status, body = fetch(balancer)
        assert (status, json.loads(body)) == (
            200,
            {"status": "ok", "region": region},
        )
        assert (
            json.loads(fetch(balancer, "/any/path?q=1")[1])["region"] == region
        )


def test_a_new_balancer_listens_and_a_deleted_one_does_not(sandbox, unique):
    elb, ec2 = sandbox.boto("elbv2", WEST), sandbox.boto("ec2", WEST)
    subnets = [
        s["SubnetId"]
        for s in ec2.describe_subnets(
            Filters=[{"Name": "tag:drd:stack", "Values": ["demo"]}]
        )["Subnets"]
    ]
    made = elb.create_load_balancer(Name=unique("second"), Subnets=subnets)[
        "LoadBalancers"
    ][0]
    second = next(
        b
        for b in sandbox.world()["load_balancers"]
        if b["arn"] == made["LoadBalancerArn"]
    )
    assert second["address"] not in ("127.0.1.11", "127.0.1.12")
    assert fetch(second)[0] == 503  # no listener
    elb.delete_load_balancer(LoadBalancerArn=made["LoadBalancerArn"])
    with pytest.raises(urllib.error.URLError):
        fetch(second)


def test_a_name_is_one_balancer(sandbox, balancers):
    elb = sandbox.boto("elbv2", EAST)
    there = elb.describe_load_balancers(Names=[balancers[EAST]["name"]])[
        "LoadBalancers"
    ][0]
    same = {
        "Name": there["LoadBalancerName"],
        "SecurityGroups": there["SecurityGroups"],
        "Subnets": [z["SubnetId"] for z in there["AvailabilityZones"]],
    }
    again = elb.create_load_balancer(**same)["LoadBalancers"][0]
    assert again["LoadBalancerArn"] == there["LoadBalancerArn"]
    with pytest.raises(ClientError) as raised:
        elb.create_load_balancer(**{**same, "SecurityGroups": []})
    assert code_of(raised) == ("DuplicateLoadBalancerName", 400)


def test_modes_of_a_broken_balancer(sandbox, balancers):
    east = balancers[EAST]
    for mode, expected in (
        ("error", 503),
        ("throttle", 502),
        ("denied", 403),
        ("html", 503),
        ("empty", 200),
    ):
        fault = sandbox.fault(load_balancer=east["name"], mode=mode)
        assert fetch(east)[0] == expected, mode
        assert fetch(balancers[WEST])[0] == 200
        sandbox.clear(fault)
    assert fetch(east)[0] == 200


def test_target_health_and_metrics_follow_the_function(sandbox, balancers):
    elb = sandbox.boto("elbv2", EAST)
    group = elb.describe_target_groups()["TargetGroups"][0]["TargetGroupArn"]

    def state():
        return elb.describe_target_health(TargetGroupArn=group)[
            "TargetHealthDescriptions"
        ][0]["TargetHealth"]["State"]

    wait_for(lambda: state() == "healthy")
    sandbox.fault(region=EAST, plane="data", service="lambda", mode="error")
    assert fetch(balancers[EAST])[0] == 502
    wait_for(lambda: state() == "unhealthy")
    cloudwatch = sandbox.boto("cloudwatch", EAST)

    def metrics():
        found = cloudwatch.list_metrics()["Metrics"]
        return {(m["Namespace"], m["MetricName"]) for m in found}

    wait_for(
        lambda: {
            ("AWS/ApplicationELB", "HTTPCode_ELB_5XX_Count"),
            ("AWS/ApplicationELB", "UnHealthyHostCount"),
            ("AWS/ApplicationELB", "RequestCount"),
            ("AWS/Lambda", "Errors"),
            ("AWS/Lambda", "Invocations"),
        }
        <= metrics()
    )
    sandbox.clear()
    wait_for(lambda: state() == "healthy")


# -- the stack ---------------------------------------------------------------


def active_balancer(sandbox, region, name):
    found = sandbox.boto("elbv2", region).describe_load_balancers(Names=[name])
    balancer = found["LoadBalancers"][0]
    return balancer if balancer["State"]["Code"] == "active" else None


def test_stack_has_its_parts_tags_and_equal_code(sandbox):
    hashes = set()
    for region, role in ((EAST, "primary"), (WEST, "secondary")):
        balancer = wait_for(
            functools.partial(
                active_balancer, sandbox, region, f"demo-{region}-prod-alb"
            )
        )
        tags = sandbox.boto("elbv2", region).describe_tags(
            ResourceArns=[balancer["LoadBalancerArn"]]
        )["TagDescriptions"][0]
        assert {t["Key"]: t["Value"] for t in tags["Tags"]} == {
            "Name": f"demo-{region}-prod-alb",
            "Environment": "prod",
            "DR-Role": role,
            "drd:stack": "demo",
            "drd:owner": "sandbox",
        }
        vpc = sandbox.boto("ec2", region).describe_vpcs(
            Filters=[{"Name": "tag:drd:stack", "Values": ["demo"]}]
        )["Vpcs"][0]
        assert (
            vpc["CidrBlock"]
            == {EAST: "10.0.0.0/16", WEST: "10.1.0.0/16"}[region]
        )
        function = sandbox.boto("lambda", region).get_function(
            FunctionName=f"demo-{region}-prod-lambda"
        )["Configuration"]
        hashes.add(function["CodeSha256"])
    assert len(hashes) == 1
