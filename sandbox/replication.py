# SPDX-License-Identifier: MIT
"""S3 replication: objects and delete markers really get to the other bucket.

A version that is written while a rule covers it is PENDING and waits; after a
delay it is copied and COMPLETED, or FAILED when there is nowhere to put it.
The copy says REPLICA, has the version's id, and goes no further, so that two
buckets can replicate to each other.  While the link is cut, by order or
because S3 is down in one of the two regions, versions wait.  As in AWS, what
was there before the rule is not copied, nor is the deletion of a version.

CloudWatch is told once a minute, as by replication metrics: what is pending
and how late it is in the region of the destination, what failed in that of
the source.
"""

import asyncio

from .faults import API

DELAY_SECONDS = 2  # of AWS; most objects take some seconds
POLL_SECONDS = 0.1
DOWN = ("refuse", "drop", "error")  # the modes that cut the link


class Waiting:
    """A version on its way."""

    def __init__(self, bucket, version, rule, now):
        self.bucket = bucket
        self.version = version
        self.rule = rule
        self.since = now
        self.target = _target_name(rule)


class Replication:
    def __init__(self, world):
        self.world = world
        self.delay_seconds = DELAY_SECONDS
        self.cut = False
        self.waiting = []
        self.failed = {}  # (bucket, rule id): since the last minute

    # -- what moto tells -------------------------------------------------

    def written(self, bucket, version):
        """A new version or delete marker; called under the world's lock."""
        rule = self._rule(bucket, version)
        if rule is not None:
            version.replication_status = "PENDING"
            self.waiting.append(
                Waiting(bucket, version, rule, self.world.clock.aws())
            )

    def _rule(self, bucket, version):
        """The rule that covers it: the one of the highest priority."""
        config = getattr(bucket, "replication", None)
        if not config or not bucket.is_versioned:
            return None
        covering = [
            rule
            for rule in config["Rule"]
            if rule.get("Status") == "Enabled"
            and version.name.startswith(_prefix(rule))
            and (_is_object(version) or _copies_markers(rule))
        ]
        return max(
            covering, key=lambda r: int(r.get("Priority") or 0), default=None
        )

    def describe(self):
        return {
            "delay_seconds": self.delay_seconds,
            "cut": self.cut,
            "waiting": len(self.waiting),
        }

    # -- physics ---------------------------------------------------------

    async def run(self):
        while True:
            await asyncio.sleep(POLL_SECONDS)
            if self.waiting:
                with self.world.lock:
                    self.deliver()

    def deliver(self):
        """Copy what is due."""
        due = self.world.clock.aws() - self.delay_seconds
        buckets = self.world.backend("s3").buckets
        kept = []
        for item in self.waiting:
            target = buckets.get(item.target)
            if item.since > due or self._is_cut(item.bucket, target):
                kept.append(item)
            elif target is None or not target.is_versioned:
                item.version.replication_status = "FAILED"
                place = item.bucket.name, item.rule["ID"]
                self.failed[place] = self.failed.get(place, 0) + 1
            elif _still_there(item):
                self._copy(item, target)
        self.waiting = kept

    def _is_cut(self, source, target):
        if self.cut:
            return True
        regions = {source.region_name}
        if target is not None:
            regions.add(target.region_name)
        return any(
            fault.covers(API, region)
            and fault.service in (None, "s3")
            and not fault.operation
            and fault.times is None
            and fault.mode in DOWN
            for fault in self.world.faults.list()
            for region in regions
        )

    def _copy(self, item, target):
        if _is_object(item.version):
            self._copy_object(item.version, target)
        else:
            _copy_marker(item.version, target)
        item.version.replication_status = "COMPLETED"

    def _copy_object(self, version, target):
        backend = self.world.backend("s3")
        arn_tags = backend.tagger.get_tag_dict_for_resource(version.arn)
        kept = getattr(target, "replication", None)
        target.replication = None  # a replica goes no further
        try:
            copy = backend.put_object(
                target.name,
                version.name,
                version.value,
                storage=version.storage_class,
                etag=version.etag.strip('"'),
                encryption=version.encryption,
                checksum_value=version.checksum_value,
            )
        finally:
            target.replication = kept
        copy._version_id = version.version_id
        copy.checksum_algorithm = version.checksum_algorithm
        copy.set_metadata(dict(version.metadata))
        copy.last_modified = version.last_modified
        copy.replication_status = "REPLICA"
        if arn_tags:
            backend.put_object_tagging(copy, arn_tags)

    # -- metrics ---------------------------------------------------------

    def publish(self, metrics):
        """Once a minute, for each rule with metrics."""
        for bucket in list(self.world.backend("s3").buckets.values()):
            config = getattr(bucket, "replication", None) or {}
            for rule in config.get("Rule") or []:
                metered = rule["Destination"].get("Metrics") or {}
                if metered.get("Status") == "Enabled":
                    self._publish_rule(metrics, bucket, rule)

    def _publish_rule(self, metrics, bucket, rule):
        name = _target_name(rule)
        target = self.world.backend("s3").buckets.get(name)
        dimensions = {
            "SourceBucket": bucket.name,
            "DestinationBucket": name,
            "RuleId": rule["ID"],
        }
        if target is not None:
            for figure, value in self._figures(bucket, rule).items():
                metrics.put(
                    target.region_name, "AWS/S3", figure, value, dimensions
                )
        failed = self.failed.pop((bucket.name, rule["ID"]), 0)
        if failed:
            metrics.put(
                bucket.region_name,
                "AWS/S3",
                "OperationsFailedReplication",
                failed,
                dimensions,
            )

    def _figures(self, bucket, rule):
        now = self.world.clock.aws()
        late = [
            item
            for item in self.waiting
            if item.bucket is bucket and item.rule["ID"] == rule["ID"]
        ]
        return {
            "ReplicationLatency": max((now - i.since for i in late), default=0),
            "OperationsPendingReplication": len(late),
            "BytesPendingReplication": sum(
                i.version.size for i in late if _is_object(i.version)
            ),
        }


def _target_name(rule):
    return rule["Destination"]["Bucket"].rpartition(":")[2]


def _prefix(rule):
    chosen = rule.get("Filter") or {}
    chosen = chosen.get("And") or chosen
    return chosen.get("Prefix") or rule.get("Prefix") or ""


def _copies_markers(rule):
    # Rules of the first schema, without a filter, always do.
    if "Filter" not in rule:
        return True
    told = rule.get("DeleteMarkerReplication") or {}
    return told.get("Status") == "Enabled"


def _is_object(version):
    return hasattr(version, "contentsize")


def _still_there(item):
    return any(
        v is item.version for v in item.bucket.keys.getlist(item.version.name)
    )


def _copy_marker(version, target):
    from moto.s3.models import FakeDeleteMarker

    marker = FakeDeleteMarker(key=version.key)
    marker._version_id = version.version_id
    marker.last_modified = version.last_modified
    marker.replication_status = "REPLICA"
    there = target.keys.getlist(version.name, [])
    target.keys.setlist(version.name, [*there, marker])
