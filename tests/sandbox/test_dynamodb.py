# SPDX-License-Identifier: MIT
"""Tables: AWS's statuses and refusals, and replicas that really copy."""

import pytest
from botocore.exceptions import ClientError
from sandboxctl import EAST, WEST, code_of, wait_for

FOREVER = 1e6  # AWS seconds
QUICK = {
    "create_seconds": 0,
    "update_seconds": 0,
    "delete_seconds": 0,
    "replica_seconds": 0,
    "backups_seconds": 0,
    "delay_seconds": 0,
    "cut": False,
    "hold_source": False,
}
STREAM = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}


@pytest.fixture
def tables(sandbox):
    """Set how long things take; nothing takes any time unless told."""

    def change(**settings):
        return sandbox.control("POST", "/tables", settings)

    change(**QUICK)
    yield change
    sandbox.clear()
    change(**QUICK)


@pytest.fixture
def east(sandbox):
    return sandbox.boto("dynamodb", EAST)


@pytest.fixture
def west(sandbox):
    return sandbox.boto("dynamodb", WEST)


@pytest.fixture
def make(tables, east, unique):
    """Create a table in the east; its name."""

    def create(**settings):
        name = unique("table")
        settings = {
            "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
            "AttributeDefinitions": [
                {"AttributeName": "pk", "AttributeType": "S"}
            ],
            "BillingMode": "PAY_PER_REQUEST",
            "StreamSpecification": STREAM,
            **settings,
        }
        east.create_table(TableName=name, **settings)
        return name

    return create


@pytest.fixture
def copied(make, east):
    """A table in the east with a replica in the west."""
    name = make()
    replicate(east, name)
    return name


def replicate(client, name, region=WEST, action="Create"):
    return client.update_table(
        TableName=name, ReplicaUpdates=[{action: {"RegionName": region}}]
    )["TableDescription"]


def described(client, name):
    return client.describe_table(TableName=name)["Table"]


def status(client, name):
    return described(client, name)["TableStatus"]


def put(client, name, key, value="1", **condition):
    item = {"pk": {"S": key}, "value": {"S": value}}
    client.put_item(TableName=name, Item=item, **condition)


def get(client, name, key):
    item = client.get_item(TableName=name, Key={"pk": {"S": key}}).get("Item")
    return item and item["value"]["S"]


def refusal(call, *args, **kwargs):
    with pytest.raises(ClientError) as raised:
        call(*args, **kwargs)
    return code_of(raised)[0]


def text_of(call, *args, **kwargs):
    with pytest.raises(ClientError) as raised:
        call(*args, **kwargs)
    return raised.value.response["Error"]["Message"]


# -- a table's life -----------------------------------------------------------


def test_a_new_table_is_not_there_for_items_yet(tables, make, east):
    tables(create_seconds=FOREVER)
    name = make()
    assert status(east, name) == "CREATING"
    assert refusal(put, east, name, "a") == "ResourceNotFoundException"
    assert refusal(get, east, name, "a") == "ResourceNotFoundException"
    assert (
        refusal(east.update_table, TableName=name, BillingMode="PROVISIONED")
        == "ResourceInUseException"
    )
    assert (
        refusal(east.delete_table, TableName=name) == "ResourceInUseException"
    )


def test_a_table_becomes_active_on_the_sandbox_clock(tables, make, east):
    tables(create_seconds=30)  # half a second at speed 60
    name = make()
    assert status(east, name) == "CREATING"
    wait_for(lambda: status(east, name) == "ACTIVE", 5)
    put(east, name, "a")


def test_a_change_takes_its_time(tables, make, east):
    name = make()
    tables(update_seconds=30)
    change = {"TableName": name, "DeletionProtectionEnabled": True}
    answer = east.update_table(**change)["TableDescription"]
    assert answer["TableStatus"] == "UPDATING"
    assert answer["DeletionProtectionEnabled"]
    assert refusal(east.update_table, **change) == "ResourceInUseException"
    put(east, name, "a")  # items do not wait
    wait_for(lambda: status(east, name) == "ACTIVE", 5)
    assert "protected" in text_of(east.delete_table, TableName=name)


def test_a_deleted_table_goes_after_a_while(tables, make, east):
    name = make()
    tables(delete_seconds=30)
    answer = east.delete_table(TableName=name)["TableDescription"]
    assert answer["TableStatus"] == "DELETING"
    assert refusal(get, east, name, "a") == "ResourceNotFoundException"
    wait_for(lambda: name not in east.list_tables()["TableNames"], 5)
    assert refusal(described, east, name) == "ResourceNotFoundException"


def test_an_update_must_change_something(make, east):
    name = make()
    assert refusal(east.update_table, TableName=name) == "ValidationException"


def test_a_stream_is_turned_on_once(make, east):
    name = make()
    change = {"TableName": name, "StreamSpecification": STREAM}
    assert refusal(east.update_table, **change) == "ValidationException"


def test_a_tag_has_one_value(make, east):
    arn = described(east, make())["TableArn"]
    for value in ("1", "2"):
        east.tag_resource(ResourceArn=arn, Tags=[{"Key": "a", "Value": value}])
    tags = east.list_tags_of_resource(ResourceArn=arn)["Tags"]
    assert tags == [{"Key": "a", "Value": "2"}]
    assert (
        refusal(
            east.tag_resource,
            ResourceArn=arn + "x",
            Tags=[{"Key": "a", "Value": "b"}],
        )
        == "ResourceNotFoundException"
    )


def test_what_there_is_none_of_is_left_out(make, east):
    table = described(east, make())
    for absent in ("Replicas", "GlobalTableVersion", "GlobalSecondaryIndexes"):
        assert absent not in table
    assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    throughput = {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}
    table = described(
        east, make(BillingMode="PROVISIONED", ProvisionedThroughput=throughput)
    )
    assert "BillingModeSummary" not in table


def test_a_new_table_has_no_backups_yet(tables, make, east):
    tables(backups_seconds=60)
    change = {
        "TableName": make(),
        "PointInTimeRecoverySpecification": {
            "PointInTimeRecoveryEnabled": True
        },
    }
    code = refusal(east.update_continuous_backups, **change)
    assert code == "ContinuousBackupsUnavailableException"
    tables(backups_seconds=0)
    east.update_continuous_backups(**change)


# -- a replica's life ---------------------------------------------------------


def test_a_replica_is_created(tables, make, east, west):
    name = make()
    put(east, name, "old", "there before")
    tables(replica_seconds=60)
    answer = replicate(east, name)
    assert answer["TableStatus"] == "UPDATING"
    (replica,) = answer["Replicas"]
    assert replica["RegionName"] == WEST
    assert replica["ReplicaStatus"] == "CREATING"
    assert replica["ReplicaStatusPercentProgress"].isdigit()
    assert status(west, name) == "CREATING"
    assert refusal(get, west, name, "old") == "ResourceNotFoundException"
    assert (
        refusal(replicate, east, name, "eu-west-1") == "ResourceInUseException"
    )
    wait_for(lambda: status(east, name) == "ACTIVE", 5)
    for here, client, there in ((EAST, east, WEST), (WEST, west, EAST)):
        table = described(client, name)
        assert table["TableStatus"] == "ACTIVE"
        assert table["GlobalTableVersion"] == "2019.11.21"
        assert table["Replicas"] == [
            {"RegionName": there, "ReplicaStatus": "ACTIVE"}
        ]
        assert f":{here}:" in table["TableArn"]
    assert get(west, name, "old") == "there before"


def test_what_replicas_share(make, east, west):
    name = make(
        DeletionProtectionEnabled=True,
        Tags=[{"Key": "a", "Value": "b"}],
        StreamSpecification={"StreamEnabled": False},
    )
    east.update_continuous_backups(
        TableName=name,
        PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True},
    )
    replicate(east, name)
    east.update_time_to_live(
        TableName=name,
        TimeToLiveSpecification={"Enabled": True, "AttributeName": "end"},
    )
    table, twin = described(east, name), described(west, name)
    for shared in ("KeySchema", "AttributeDefinitions", "BillingModeSummary"):
        assert table[shared] == twin[shared]
    # DynamoDB has turned the stream on by itself.
    assert table["StreamSpecification"] == twin["StreamSpecification"] == STREAM
    ttl = west.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    assert ttl["AttributeName"] == "end"
    # Its own: protection, tags, backups.
    assert not twin["DeletionProtectionEnabled"]
    assert not west.list_tags_of_resource(ResourceArn=twin["TableArn"])["Tags"]
    backups = west.describe_continuous_backups(TableName=name)
    recovery = backups["ContinuousBackupsDescription"][
        "PointInTimeRecoveryDescription"
    ]
    assert recovery["PointInTimeRecoveryStatus"] == "DISABLED"


def test_a_replica_keeps_its_stream(copied, east):
    off = {"StreamEnabled": False}
    text = text_of(east.update_table, TableName=copied, StreamSpecification=off)
    assert "Disabling Stream is not allowed" in text


def test_the_same_replica_again_is_refused(copied, east, west):
    assert refusal(replicate, east, copied) == "ValidationException"
    assert refusal(replicate, west, copied, EAST) == "ValidationException"
    assert refusal(replicate, east, copied, EAST) == "ValidationException"
    assert refusal(replicate, east, copied, "mars-1") == "ValidationException"


def test_a_table_in_the_way_is_no_replica(make, east, west):
    name = make()
    west.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    assert "already existed as tables" in text_of(replicate, east, name)
    assert "Replicas" not in described(east, name)


@pytest.mark.parametrize(
    "settings",
    [
        {"StreamSpecification": {**STREAM, "StreamViewType": "KEYS_ONLY"}},
        {
            "BillingMode": "PROVISIONED",
            "ProvisionedThroughput": {
                "ReadCapacityUnits": 1,
                "WriteCapacityUnits": 1,
            },
        },
    ],
)
def test_not_every_table_can_have_replicas(make, east, settings):
    name = make(**settings)
    assert refusal(replicate, east, name) == "ValidationException"


def test_a_replica_is_removed(tables, copied, east, west):
    tables(replica_seconds=30)
    answer = replicate(east, copied, action="Delete")
    assert answer["Replicas"][0]["ReplicaStatus"] == "DELETING"
    assert status(west, copied) == "DELETING"
    wait_for(lambda: status(east, copied) == "ACTIVE", 5)
    assert "Replicas" not in described(east, copied)
    assert refusal(described, west, copied) == "ResourceNotFoundException"
    assert (
        refusal(replicate, east, copied, action="Delete")
        == "ValidationException"
    )


def test_a_protected_replica_stays(copied, east, west):
    west.update_table(TableName=copied, DeletionProtectionEnabled=True)
    text = text_of(replicate, east, copied, action="Delete")
    assert "protected" in text
    assert status(west, copied) == "ACTIVE"


def test_the_source_of_a_replica_stays_for_a_day(copied, east):
    assert "last 24 hours" in text_of(east.delete_table, TableName=copied)
    replicate(east, copied, action="Delete")
    east.delete_table(TableName=copied)


def test_the_source_can_be_held_for_the_whole_day(tables, copied, east):
    tables(hold_source=True)
    replicate(east, copied, action="Delete")
    assert "last 24 hours" in text_of(east.delete_table, TableName=copied)
    tables(hold_source=False)
    east.delete_table(TableName=copied)


def test_a_deleted_replica_leaves_the_others(copied, east, west):
    west.delete_table(TableName=copied)
    assert "Replicas" not in described(east, copied)
    put(east, copied, "a")


# -- copying ------------------------------------------------------------------


def test_writes_are_copied_both_ways(copied, east, west):
    put(east, copied, "a", "east")
    put(west, copied, "b", "west")
    assert get(west, copied, "a") == "east"
    assert get(east, copied, "b") == "west"
    west.update_item(
        TableName=copied,
        Key={"pk": {"S": "a"}},
        UpdateExpression="SET #v = :v",
        ExpressionAttributeNames={"#v": "value"},
        ExpressionAttributeValues={":v": {"S": "changed"}},
    )
    assert get(east, copied, "a") == "changed"
    east.delete_item(TableName=copied, Key={"pk": {"S": "b"}})
    assert get(west, copied, "b") is None
    east.batch_write_item(
        RequestItems={
            copied: [
                {
                    "PutRequest": {
                        "Item": {"pk": {"S": "c"}, "value": {"S": "batch"}}
                    }
                }
            ]
        }
    )
    assert get(west, copied, "c") == "batch"


def test_a_range_key_is_copied_too(make, east, west):
    name = make(
        KeySchema=[
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "S"},
        ],
    )
    key = {"pk": {"S": "a"}, "sk": {"S": "before"}}
    east.put_item(TableName=name, Item=key)
    replicate(east, name)
    east.put_item(TableName=name, Item={**key, "sk": {"S": "after"}})
    assert west.scan(TableName=name)["Count"] == 2
    east.delete_item(TableName=name, Key=key)
    assert west.scan(TableName=name)["Count"] == 1


def test_a_copy_takes_its_time(tables, copied, east, west):
    tables(delay_seconds=30)
    put(east, copied, "a")
    assert get(west, copied, "a") is None
    wait_for(lambda: get(west, copied, "a") == "1", 5)


def test_the_last_writer_wins(tables, copied, east, west):
    tables(delay_seconds=20)
    put(east, copied, "a", "first")
    put(west, copied, "a", "second")
    assert get(east, copied, "a") == "first"
    wait_for(lambda: get(east, copied, "a") == "second", 5)
    assert get(west, copied, "a") == "second"


@pytest.mark.parametrize(
    "how",
    [
        {"cut": True},
        {"fault": {"region": WEST, "service": "dynamodb", "mode": "error"}},
        {"fault": {"region": EAST, "mode": "refuse"}},
    ],
)
def test_writes_wait_for_a_cut_link(sandbox, tables, copied, east, west, how):
    put(east, copied, "a", "before")
    fault = sandbox.fault(**how["fault"]) if "fault" in how else None
    if fault is None:
        tables(**how)
    asked = west
    if "fault" in how and how["fault"]["region"] == WEST:
        asked = east
    put(asked, copied, "a", "meanwhile")
    put(asked, copied, "a", "later")
    if fault is None:
        assert get(east, copied, "a") == "before"
        assert get(west, copied, "a") == "later"
        tables(cut=False)
    else:
        sandbox.clear(fault)
    assert get(east, copied, "a") == get(west, copied, "a") == "later"


def test_a_replica_is_not_made_over_a_cut_link(tables, make, east, west):
    name = make()
    tables(cut=True)
    replicate(east, name)
    assert status(east, name) == "UPDATING"
    assert status(west, name) == "CREATING"
    tables(cut=False)
    assert status(west, name) == "ACTIVE"


def test_both_regions_can_win_a_lease(tables, copied, east, west):
    """Why a lease never lives in such a table: conditions are local."""
    tables(cut=True)
    free = {"ConditionExpression": "attribute_not_exists(pk)"}
    put(east, copied, "lease", "east", **free)
    put(west, copied, "lease", "west", **free)
    assert (
        refusal(put, east, copied, "lease", "late", **free)
        == "ConditionalCheckFailedException"
    )
    tables(cut=False)
    assert get(east, copied, "lease") == "west"
    assert get(west, copied, "lease") == "west"


def test_a_transaction_that_fails_is_not_copied(copied, east, west):
    def write(*keys, condition):
        east.transact_write_items(
            TransactItems=[
                {
                    "Put": {
                        "TableName": copied,
                        "Item": {"pk": {"S": key}, "value": {"S": "1"}},
                        "ConditionExpression": condition,
                    }
                }
                for key in keys
            ]
        )

    put(east, copied, "there")
    free = "attribute_not_exists(pk)"
    code = refusal(write, "new", "there", condition=free)
    assert code == "TransactionCanceledException"
    assert get(east, copied, "new") is None
    assert get(west, copied, "new") is None
    write("new", "newer", condition=free)
    assert get(west, copied, "newer") == "1"


def test_the_latency_is_published(sandbox, tables, copied, east):
    tables(delay_seconds=30)
    put(east, copied, "a")
    watch = sandbox.boto("cloudwatch", EAST)

    def points():
        metrics = watch.list_metrics(
            Namespace="AWS/DynamoDB",
            MetricName="ReplicationLatency",
            Dimensions=[
                {"Name": "TableName", "Value": copied},
                {"Name": "ReceivingRegion", "Value": WEST},
            ],
        )["Metrics"]
        return metrics

    wait_for(points, 10, what="ReplicationLatency")


def test_an_unknown_setting_is_refused(sandbox):
    from sandboxctl import ControlError

    for bad in ({"speed": 1}, {"delay_seconds": "1"}, {"delay_seconds": -1}):
        with pytest.raises(ControlError):
            sandbox.control("POST", "/tables", bad)
