# SPDX-License-Identifier: MIT
"""The rules of replication: what a configuration has to be, and what of it
comes back (all of it).  The copying is replication.py's."""

import random
import string

import xmltodict
from moto.s3.exceptions import (
    ReplicationConfigurationNotFoundError,
    VersioningNotEnabledForReplication,
)
from moto.s3.models import FakeKey, S3Backend
from moto.s3.responses import S3Response

from .s3_checks import Refusal

RTC_MINUTES = "15"
IDS = string.ascii_letters + string.digits


def apply(world):
    _configurations()
    _versioning()
    _objects(world)


def _configurations():
    moto_put = S3Response._bucket_response_put

    def put(self, request, bucket_name, querystring):
        if "replication" not in querystring:
            return moto_put(self, request, bucket_name, querystring)
        bucket = self.backend.get_bucket(bucket_name)
        if not bucket.is_versioned:
            raise VersioningNotEnabledForReplication(bucket_name=bucket_name)
        config = xmltodict.parse(self.body, force_list=("Rule", "Tag"))[
            "ReplicationConfiguration"
        ]
        _check(self.backend, config)
        bucket.replication = config
        return 200, {}, ""

    def get(self):
        config = self.backend.get_bucket_replication(self.bucket_name)
        if not config:
            raise ReplicationConfigurationNotFoundError(
                bucket_name=self.bucket_name
            )
        answer = {"ReplicationConfiguration": config}
        return 200, {}, xmltodict.unparse(answer)

    S3Response._bucket_response_put = put
    S3Response.get_bucket_replication = get


def _check(backend, config):
    """Raise Refusal unless S3 would take the configuration."""
    if not str(config.get("Role")).startswith("arn:"):
        raise Refusal("InvalidArgument", "Invalid Role ARN")
    ids, priorities = set(), set()
    for rule in config.get("Rule") or []:
        rule.setdefault("ID", "".join(random.choices(IDS, k=48)))
        if rule["ID"] in ids:
            raise Refusal("InvalidArgument", "Rule Id must be unique.")
        ids.add(rule["ID"])
        _check_schema(rule)
        _check_destination(backend, rule["Destination"])
        place = rule["Destination"]["Bucket"], rule.get("Priority")
        if place in priorities:
            raise Refusal(
                "InvalidRequest",
                f"Found duplicate priority {place[1]}. Each rule to one "
                "destination needs its own.",
            )
        priorities.add(place)
    if not ids:
        raise Refusal(
            "MalformedXML",
            "The XML you provided was not well-formed or did not validate "
            "against our published schema",
        )


def _check_schema(rule):
    """A rule with a filter is of the second schema, which wants more."""
    if "Filter" not in rule:
        return
    for member in ("Priority", "DeleteMarkerReplication"):
        if member not in rule:
            raise Refusal(
                "InvalidRequest",
                f"{member} must be specified for this version of Cross Region "
                "Replication configuration schema. Please refer to S3 "
                "Developer Guide for more information.",
            )


def _check_destination(backend, destination):
    bucket = backend.buckets.get(destination["Bucket"].rpartition(":")[2])
    if bucket is None:
        raise Refusal("InvalidRequest", "Destination bucket must exist.")
    if not bucket.is_versioned:
        raise Refusal(
            "InvalidRequest", "Destination bucket must have versioning enabled."
        )
    time, metrics = destination.get("ReplicationTime"), destination.get(
        "Metrics"
    )
    if time and not metrics:
        raise Refusal(
            "InvalidRequest",
            "Replication Time Control needs replication metrics.",
        )
    for minutes in (
        (time or {}).get("Time", {}).get("Minutes", RTC_MINUTES),
        (metrics or {}).get("EventThreshold", {}).get("Minutes", RTC_MINUTES),
    ):
        if minutes != RTC_MINUTES:
            raise Refusal("InvalidArgument", "The only valid value is 15.")


def _versioning():
    moto_put = S3Backend.put_bucket_versioning

    def put(self, bucket_name, status):
        # What is replicated keeps its versions.
        if status != "Enabled" and self.get_bucket_replication(bucket_name):
            raise Refusal(
                "InvalidBucketState",
                "A replication configuration is present on this bucket, so you "
                "cannot change the versioning state. To change the versioning "
                "state, first delete the replication configuration.",
                409,
            )
        moto_put(self, bucket_name, status)

    S3Backend.put_bucket_versioning = put


def _objects(world):
    """Tell the physics of each new version, and clients how it stands."""
    moto_put = S3Backend.put_object
    moto_mark = S3Backend._set_delete_marker
    moto_headers = FakeKey.response_dict

    def put_object(self, bucket_name, key_name, *args, **kwargs):
        key = moto_put(self, bucket_name, key_name, *args, **kwargs)
        world.replication.written(self.get_bucket(bucket_name), key)
        return key

    def set_delete_marker(self, bucket_name, key_name):
        marker = moto_mark(self, bucket_name, key_name)
        world.replication.written(self.get_bucket(bucket_name), marker)
        return marker

    def response_dict(self):
        headers = moto_headers.fget(self)
        status = getattr(self, "replication_status", None)
        if status:
            headers["x-amz-replication-status"] = status
        return headers

    S3Backend.put_object = put_object
    S3Backend._set_delete_marker = set_delete_marker
    FakeKey.response_dict = property(response_dict)
