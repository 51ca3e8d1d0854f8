# SPDX-License-Identifier: MIT
"""S3 replication: the rules of its configuration, and what it does."""

import copy
import json
from datetime import datetime, timedelta, timezone

import pytest
from botocore.exceptions import ClientError
from sandboxctl import EAST, WEST, code_of, wait_for

RULE = {
    "ID": "all",
    "Priority": 1,
    "Filter": {"Prefix": ""},
    "Status": "Enabled",
    "SourceSelectionCriteria": {"ReplicaModifications": {"Status": "Enabled"}},
    "DeleteMarkerReplication": {"Status": "Enabled"},
    "Destination": {
        "ReplicationTime": {"Status": "Enabled", "Time": {"Minutes": 15}},
        "Metrics": {"Status": "Enabled", "EventThreshold": {"Minutes": 15}},
    },
}


class Side:
    """A bucket of one region."""

    def __init__(self, client, name):
        self.client, self.name = client, name
        self.arn = f"arn:aws:s3:::{name}"

    def keep_versions(self, status="Enabled"):
        self.client.put_bucket_versioning(
            Bucket=self.name, VersioningConfiguration={"Status": status}
        )

    def replicate(self, to, role, **change):
        rule = copy.deepcopy(RULE)
        rule["Destination"]["Bucket"] = to.arn
        rule.update(change)
        rule = {name: value for name, value in rule.items() if value}
        self.client.put_bucket_replication(
            Bucket=self.name,
            ReplicationConfiguration={"Role": role, "Rules": [rule]},
        )
        return rule

    def put(self, key, body=b"1", **more):
        return self.client.put_object(
            Bucket=self.name, Key=key, Body=body, **more
        )["VersionId"]

    def status(self, key):
        """The replication status of an object; "" if it is not there."""
        try:
            return self.client.head_object(Bucket=self.name, Key=key).get(
                "ReplicationStatus"
            )
        except ClientError:
            return ""

    def versions(self):
        answer = self.client.list_object_versions(Bucket=self.name)
        return {
            (kind, v["Key"], v["VersionId"])
            for kind in ("Versions", "DeleteMarkers")
            for v in answer.get(kind, [])
        }


@pytest.fixture
def role(sandbox, unique):
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "s3.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
    return sandbox.boto("iam").create_role(
        RoleName=unique("replication"),
        AssumeRolePolicyDocument=json.dumps(trust),
    )["Role"]["Arn"]


@pytest.fixture
def sides(sandbox, unique):
    """Two buckets, of us-east-1 and us-west-2, that keep versions."""
    east, west = sandbox.boto("s3", EAST), sandbox.boto("s3", WEST)
    a, b = Side(east, unique("a-bucket")), Side(west, unique("b-bucket"))
    east.create_bucket(Bucket=a.name)
    west.create_bucket(
        Bucket=b.name,
        CreateBucketConfiguration={"LocationConstraint": WEST},
    )
    a.keep_versions()
    b.keep_versions()
    yield a, b
    sandbox.replication(delay_seconds=2, cut=False)


# -- the configuration --------------------------------------------------------


def test_all_of_it_comes_back(sides, role):
    a, b = sides
    rule = a.replicate(b, role)
    config = a.client.get_bucket_replication(Bucket=a.name)
    assert config["ReplicationConfiguration"] == {
        "Role": role,
        "Rules": [rule],
    }


@pytest.mark.parametrize(
    "change, code",
    [
        ({"Priority": None}, "InvalidRequest"),
        ({"DeleteMarkerReplication": None}, "InvalidRequest"),
        ({"Destination": {"Bucket": "arn:aws:s3:::none"}}, "InvalidRequest"),
        (
            {
                "Destination": {
                    "Bucket": "B",
                    "ReplicationTime": RULE["Destination"]["ReplicationTime"],
                }
            },
            "InvalidRequest",
        ),
        (
            {
                "Destination": {
                    "Bucket": "B",
                    "Metrics": {
                        "Status": "Enabled",
                        "EventThreshold": {"Minutes": 10},
                    },
                }
            },
            "InvalidArgument",
        ),
    ],
)
def test_configurations_that_are_refused(sides, role, change, code):
    a, b = sides
    change = json.loads(json.dumps(change).replace('"B"', f'"{b.arn}"'))
    with pytest.raises(ClientError) as error:
        a.replicate(b, role, **change)
    assert code_of(error) == (code, 400)


@pytest.mark.parametrize("which", (0, 1))
def test_both_buckets_keep_versions(sides, role, which):
    a, b = sides
    sides[which].keep_versions("Suspended")
    with pytest.raises(ClientError) as error:
        a.replicate(b, role)
    assert code_of(error) == ("InvalidRequest", 400)
    assert "ersioning" in str(error.value)


def test_two_rules_are_told_apart(sides, role):
    a, b = sides
    rule = copy.deepcopy(RULE)
    rule["Destination"]["Bucket"] = b.arn
    for change, code in (
        ({"Priority": 2}, "InvalidArgument"),
        ({"ID": "b"}, "InvalidRequest"),
    ):
        with pytest.raises(ClientError) as error:
            a.client.put_bucket_replication(
                Bucket=a.name,
                ReplicationConfiguration={
                    "Role": role,
                    "Rules": [rule, {**rule, **change}],
                },
            )
        assert code_of(error) == (code, 400)


def test_what_is_replicated_keeps_versions(sides, role):
    a, b = sides
    a.replicate(b, role)
    with pytest.raises(ClientError) as error:
        a.keep_versions("Suspended")
    assert code_of(error) == ("InvalidBucketState", 409)
    a.client.delete_bucket_replication(Bucket=a.name)
    a.keep_versions("Suspended")
    with pytest.raises(ClientError) as error:
        a.client.get_bucket_replication(Bucket=a.name)
    assert code_of(error) == ("ReplicationConfigurationNotFoundError", 404)


# -- what it does -------------------------------------------------------------


def test_an_object_arrives_as_it_is(sandbox, sides, role):
    a, b = sides
    a.put("before")
    a.replicate(b, role)
    sandbox.replication(cut=True)
    version = a.put(
        "dir/é", b"body", Metadata={"m": "n"}, Tagging="t=u", ContentType="x/y"
    )
    assert a.status("dir/é") == "PENDING"
    sandbox.replication(cut=False)
    wait_for(lambda: a.status("dir/é") == "COMPLETED")
    found = b.client.get_object(Bucket=b.name, Key="dir/é")
    assert found["Body"].read() == b"body"
    assert found["VersionId"] == version
    assert (found["Metadata"], found["ContentType"]) == ({"m": "n"}, "x/y")
    assert found["ReplicationStatus"] == "REPLICA"
    tags = b.client.get_object_tagging(Bucket=b.name, Key="dir/é")["TagSet"]
    assert tags == [{"Key": "t", "Value": "u"}]
    # What was there before the rule stays where it is.
    assert (a.status("before"), b.status("before")) == (None, "")


def test_deletions(sandbox, sides, role):
    a, b = sides
    a.replicate(b, role)
    version = a.put("a")
    marker = a.client.delete_object(Bucket=a.name, Key="a")["VersionId"]
    both = {("Versions", "a", version), ("DeleteMarkers", "a", marker)}
    wait_for(lambda: b.versions() == both)
    # That of a version stays here: it is no way to destroy a copy.
    a.client.delete_object(Bucket=a.name, Key="a", VersionId=version)
    a.client.delete_object(Bucket=a.name, Key="a", VersionId=marker)
    a.put("later")
    wait_for(lambda: b.status("later") == "REPLICA")
    assert both < b.versions()


def test_delete_markers_stay_unless_told(sides, role):
    a, b = sides
    a.replicate(b, role, DeleteMarkerReplication={"Status": "Disabled"})
    a.put("a")
    a.client.delete_object(Bucket=a.name, Key="a")
    a.put("later")
    wait_for(lambda: b.status("later") == "REPLICA")
    assert b.status("a") == "REPLICA"


def test_a_filter(sides, role):
    a, b = sides
    a.replicate(b, role, Filter={"Prefix": "in/"})
    a.put("out/1")
    a.put("in/1")
    wait_for(lambda: b.status("in/1") == "REPLICA")
    assert (a.status("out/1"), b.status("out/1")) == (None, "")


def test_both_ways_without_going_round(sandbox, sides, role):
    a, b = sides
    a.replicate(b, role)
    b.replicate(a, role)
    there, back = a.put("there"), b.put("back")
    wait_for(lambda: b.status("there") == a.status("back") == "REPLICA")
    everything = {("Versions", "there", there), ("Versions", "back", back)}
    assert a.versions() == b.versions() == everything
    assert sandbox.replication()["waiting"] == 0


def test_it_takes_its_time(sandbox, sides, role):
    a, b = sides
    a.replicate(b, role)
    sandbox.replication(delay_seconds=3600)
    a.put("a")
    assert sandbox.replication()["waiting"] == 1
    assert (a.status("a"), b.status("a")) == ("PENDING", "")
    sandbox.replication(delay_seconds=0)
    wait_for(lambda: b.status("a") == "REPLICA")


@pytest.mark.parametrize("region", (EAST, WEST))
def test_a_region_that_is_down_is_waited_for(sandbox, sides, role, region):
    a, b = sides
    a.replicate(b, role)
    sandbox.replication(cut=True)
    a.put("a")
    sandbox.fault(region=region, service="s3", mode="error")
    sandbox.replication(cut=False)
    wait_for(lambda: (latest(sandbox, WEST, LATENCY, a, b) or 0) > 60)
    assert sandbox.replication()["waiting"] == 1
    sandbox.clear()
    wait_for(lambda: b.status("a") == "REPLICA")


def test_nowhere_to_go_is_a_failure(sandbox, sides, role):
    a, b = sides
    a.replicate(b, role)
    sandbox.replication(cut=True)
    a.put("a")
    b.client.delete_bucket(Bucket=b.name)
    sandbox.replication(cut=False)
    wait_for(lambda: a.status("a") == "FAILED")


# -- metrics ------------------------------------------------------------------

LATENCY = "ReplicationLatency"


def latest(sandbox, region, name, a, b):
    """The highest value of a metric so far; None: there is none."""
    now = datetime.now(timezone.utc)
    points = sandbox.boto("cloudwatch", region).get_metric_statistics(
        Namespace="AWS/S3",
        MetricName=name,
        Dimensions=[
            {"Name": "SourceBucket", "Value": a.name},
            {"Name": "DestinationBucket", "Value": b.name},
            {"Name": "RuleId", "Value": "all"},
        ],
        StartTime=now - timedelta(minutes=5),
        EndTime=now + timedelta(minutes=1),
        Period=60,
        Statistics=["Maximum"],
    )["Datapoints"]
    return max((p["Maximum"] for p in points), default=None)


def test_metrics_tell_how_late_it_is(sandbox, sides, role):
    a, b = sides
    a.replicate(b, role)

    def of(region, name):
        return latest(sandbox, region, name, a, b)

    # Told where the destination is, even if nothing is to be done.
    wait_for(lambda: of(WEST, LATENCY) == 0)
    assert of(EAST, LATENCY) is None
    sandbox.replication(cut=True)
    a.put("a", b"12345")
    wait_for(lambda: of(WEST, LATENCY) > 60)
    assert of(WEST, "OperationsPendingReplication") == 1
    assert of(WEST, "BytesPendingReplication") == 5
    assert of(EAST, "OperationsFailedReplication") is None


def test_metrics_tell_what_failed(sandbox, sides, role):
    a, b = sides
    a.replicate(b, role)
    sandbox.replication(cut=True)
    a.put("a")
    b.client.delete_bucket(Bucket=b.name)
    sandbox.replication(cut=False)
    failed = "OperationsFailedReplication"
    wait_for(lambda: latest(sandbox, EAST, failed, a, b) == 1)
