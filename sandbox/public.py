# SPDX-License-Identifier: MIT
"""What S3 answers to somebody without credentials who asks for an object.

Route 53's checkers are such a somebody.  A bucket's own host name is
`<bucket>.s3.<region>.amazonaws.com`; an object is shown if a statement of the
bucket's policy lets everybody read it and the bucket's public access block
does not restrict such policies.  What is not there looks like what is
forbidden, since nobody may list.
"""

import fnmatch
import json
import re

from .faults import API

HOST = re.compile(
    r"(?P<bucket>[a-z0-9.-]+)\.s3\.(?P<region>[a-z0-9-]+)\.amazonaws\.com$"
)
SILENT = ("refuse", "drop")


def status_of(world, host, path):
    """The HTTP status of a GET; None if the host is none of S3's, and 0 if
    S3 does not answer."""
    found = HOST.match(host.rstrip(".").lower())
    if found is None or found["region"] not in world.regions:
        return None
    for fault in world.faults.list():
        if fault.covers(API, found["region"]) and fault.service in (None, "s3"):
            if fault.operation is None and fault.mode in SILENT:
                return 0
            if fault.operation is None and fault.mode == "error":
                return fault.status or 500
    with world.lock:
        bucket = world.backend("s3").buckets.get(found["bucket"])
        if bucket is None or bucket.region_name != found["region"]:
            return 404
        key = path.lstrip("/").partition("?")[0]
        if not _everybody_may_read(bucket, key):
            return 403
        there = bucket.keys.get(key)
        return 200 if there is not None and not _is_marker(there) else 403


def _is_marker(key):
    return type(key).__name__ == "FakeDeleteMarker"


def _everybody_may_read(bucket, key):
    block = bucket.public_access_block
    if block is not None and _true(block.restrict_public_buckets):
        return False
    policy = bucket.policy
    if not policy:
        return False
    arn = f"arn:aws:s3:::{bucket.name}/{key}"
    allowed = False
    for statement in _list(json.loads(policy).get("Statement", [])):
        if not (
            _is_everybody(statement.get("Principal"))
            and _matches(_list(statement.get("Action", [])), "s3:GetObject")
            and _matches(_list(statement.get("Resource", [])), arn)
        ):
            continue
        if statement.get("Effect") == "Deny" and not statement.get("Condition"):
            return False
        if statement.get("Effect") == "Allow" and not statement.get("Condition"):
            allowed = True
    return allowed


def _is_everybody(principal):
    if isinstance(principal, dict):
        principal = principal.get("AWS")
    return "*" in _list(principal or [])


def _matches(patterns, value):
    return any(fnmatch.fnmatchcase(value, p) for p in patterns)


def _list(value):
    return value if isinstance(value, list) else [value]


def _true(value):
    return str(value).lower() == "true"
