# SPDX-License-Identifier: MIT
"""Record changes: one atomic batch, judged by Route 53's rules for records.

A batch is applied to a copy of the zone's records, change by change, and
replaces them only if every change was good and the outcome is legal.
"""

import random
import string

from moto.core.responses import ActionResult
from moto.route53.exceptions import DnsNameInvalidForZone
from moto.route53.models import RecordSet
from moto.route53.responses import Route53

from .route53_checks import _plain, error

INSYNC_AFTER = 5  # AWS seconds; AWS says "within 60 seconds"
_ID_CHARACTERS = string.ascii_uppercase + string.digits
_ROUTING = (
    "Weight",
    "Region",
    "GeoLocation",
    "Failover",
    "MultiValueAnswer",
    "GeoProximityLocation",
    "CidrRoutingConfig",
)


def apply(world):
    Route53.change_resource_record_sets = lambda self: _change(self, world)
    Route53.get_change = lambda self: _get_change(self, world)
    Route53.list_resource_record_sets = _list


class _Change:
    def __init__(self, world, zone_id, comment):
        self.id = "C" + "".join(random.choices(_ID_CHARACTERS, k=20))
        self.zone_id = zone_id
        self.comment = comment
        self.submitted = world.clock.utc()
        self.insync_at = world.clock.aws() + INSYNC_AFTER

    def info(self, world):
        insync = world.clock.aws() >= self.insync_at
        return {
            "Id": f"/change/{self.id}",
            "Comment": self.comment,
            "Status": "INSYNC" if insync else "PENDING",
            "SubmittedAt": self.submitted,
        }


def _changes(world):
    backend = world.route53
    if not hasattr(backend, "changes"):
        backend.changes = {}
    return backend.changes


def change_info(world, zone_id=None, comment=None):
    """Register a change and return its ChangeInfo, PENDING at first."""
    change = _Change(world, zone_id, comment)
    _changes(world)[change.id] = change
    return change.info(world)


def _get_change(self, world):
    change_id = self._get_param("Id").rpartition("/")[2]
    change = _changes(world).get(change_id)
    if change is None:
        raise error(
            "NoSuchChange", f"A change with id {change_id} does not exist."
        )
    return ActionResult({"ChangeInfo": change.info(world)})


def _change(self, world):
    zone = self.backend.get_hosted_zone(self._get_param("HostedZoneId"))
    if world.one_change_in_flight and any(
        c.zone_id == zone.resource_id and world.clock.aws() < c.insync_at
        for c in _changes(world).values()
    ):
        raise error(
            "PriorRequestNotComplete",
            "The request was rejected because "
            "Route 53 was still processing a prior request.",
        )
    changes = _plain(self._get_param("ChangeBatch.Changes"))
    records, problems = list(zone.rrsets), []
    for change in changes:
        records = _apply(self.backend, zone, records, change, problems)
    if not problems:
        _check_routing(records, changes, problems)
    if problems:
        raise error("InvalidChangeBatch", "[" + ", ".join(problems) + "]")
    zone.rrsets = records
    return ActionResult(
        {
            "ChangeInfo": change_info(
                world, zone.resource_id, self._get_param("ChangeBatch.Comment")
            )
        }
    )


def _apply(backend, zone, records, change, problems):
    """The records after one change; what is wrong is added to `problems`."""
    action, wanted = change["Action"], change["ResourceRecordSet"]
    record = _record(wanted)
    name = f"[name='{record.name}', type='{record.type}'" + (
        f", set-identifier='{record.set_identifier}']"
        if record.set_identifier
        else "]"
    )
    if not (record.name == zone.name or record.name.endswith("." + zone.name)):
        raise DnsNameInvalidForZone(record.name, zone.name)
    present = next((r for r in records if _key(r) == _key(record)), None)
    if action == "DELETE":
        # Every value must be named as it is, and only that record goes.
        if present is None:
            problems.append(
                f"Tried to delete resource record set {name} but it "
                "was not found"
            )
        elif _values(present) != _values(record):
            problems.append(
                f"Tried to delete resource record set {name} but the "
                "values provided do not match the current values"
            )
        return [r for r in records if r is not present]
    _check_record(backend, record, wanted, problems)
    if action == "CREATE" and present is not None:
        problems.append(
            f"Tried to create resource record set {name} but it "
            "already exists"
        )
        return records
    if present is not None:
        return [record if r is present else r for r in records]
    return records + [record]


def _record(wanted):
    """moto's RecordSet, spelled the way Route 53 returns records."""
    wanted = dict(wanted)
    wanted["Name"] = _dotted(wanted["Name"])
    wanted["ResourceRecords"] = [
        r["Value"] for r in wanted.get("ResourceRecords") or ()
    ]
    if wanted.get("AliasTarget"):
        alias = dict(wanted["AliasTarget"])
        alias["DNSName"] = _dotted(alias["DNSName"])
        wanted["AliasTarget"] = alias
    record = RecordSet(wanted)
    record.ttl = None if wanted.get("AliasTarget") else record.ttl
    return record


def _dotted(name):
    return name.lower().rstrip(".") + "."


def _key(record):
    return record.name, record.type, record.set_identifier


def _values(record):
    alias = record.alias_target or {}
    return (
        str(record.ttl),
        tuple(record.records or ()),
        record.failover,
        record.health_check_id,
        alias.get("DNSName"),
        alias.get("HostedZoneId"),
        str(alias.get("EvaluateTargetHealth")).lower(),
    )


def _check_record(backend, record, wanted, problems):
    if record.health_check_id and (
        record.health_check_id not in backend.health_checks
    ):
        raise error(
            "NoSuchHealthCheck",
            f"A health check with id "
            f"{record.health_check_id} does not exist.",
        )
    alias, values = bool(record.alias_target), bool(record.records)
    if alias == values:
        problems.append(
            "Invalid request: Expected exactly one of [AliasTarget, "
            "all of [TTL, and ResourceRecords], or "
            "TrafficPolicyInstanceId]"
        )
    elif values and wanted.get("TTL") is None:
        problems.append("Invalid request: Missing field 'TTL'")
    if any(wanted.get(r) is not None for r in _ROUTING) != bool(
        record.set_identifier
    ):
        problems.append(
            "Invalid request: Missing field 'SetIdentifier'"
            if not record.set_identifier
            else "Invalid request: a SetIdentifier needs a routing policy"
        )
    if wanted.get("Failover") not in (None, "PRIMARY", "SECONDARY"):
        problems.append(f"Invalid failover: {wanted['Failover']}")


def _check_routing(records, changes, problems):
    """A name and type is one simple record or a set of one policy."""
    touched = {
        (
            _dotted(c["ResourceRecordSet"]["Name"]),
            c["ResourceRecordSet"]["Type"],
        )
        for c in changes
    }
    for name, rtype in touched:
        group = [r for r in records if (r.name, r.type) == (name, rtype)]
        label = f"RRSet with DNS name {name}, type {rtype}"
        if len(group) > 1 and any(not r.set_identifier for r in group):
            problems.append(
                f"{label}, SetIdentifier cannot be created as a "
                "simple record exists beside it"
            )
        roles = [r.failover for r in group if r.failover]
        if roles and len(roles) != len(group):
            problems.append(f"{label} mixes failover with another policy")
        if len(roles) != len(set(roles)):
            problems.append(f"{label} cannot have two {roles[0]} records")
        others = [r for r in records if r.name == name and r.type != rtype]
        if group and others and "CNAME" in [rtype] + [r.type for r in others]:
            problems.append(
                f"{label} conflicts with other records of that name"
            )


def _list(self):
    """Pages by name, type and identifier; at most 300 records."""
    zone = self.backend.get_hosted_zone(self._get_param("HostedZoneId"))
    name, rtype = self._get_param("StartRecordName"), self._get_param(
        "StartRecordType"
    )
    if rtype and not name:
        raise error("InvalidInput", "The input is not valid")
    size = min(self._get_int_param("MaxItems", 300), 300)
    records = sorted(zone.rrsets, key=_order)
    if name:
        start = (
            _labels(name),
            rtype or "",
            self._get_param("StartRecordIdentifier") or "",
        )
        records = [r for r in records if _order(r) >= start]
    page, rest = records[:size], records[size:]
    result = {
        "ResourceRecordSets": page,
        "IsTruncated": bool(rest),
        "MaxItems": size,
    }
    if rest:
        result.update(
            NextRecordName=rest[0].name,
            NextRecordType=rest[0].type,
            NextRecordIdentifier=rest[0].set_identifier,
        )
    return ActionResult(result)


def _labels(name):
    return list(reversed(name.rstrip(".").lower().split(".")))


def _order(record):
    return _labels(record.name), record.type, record.set_identifier or ""
