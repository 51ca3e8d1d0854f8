# SPDX-License-Identifier: MIT
"""Hosted zones: one per caller reference, and listing by name in order."""

from moto.core.responses import ActionResult
from moto.route53.responses import Route53

from .route53_changes import change_info
from .route53_checks import error

MAX_PAGE = 100


def apply(world):
    moto_create = Route53.create_hosted_zone

    def create(self):
        # A caller reference is used once, whatever it asked for.
        reference = self._get_param("CallerReference")
        if any(
            z.caller_reference == reference for z in self.backend.zones.values()
        ):
            raise error(
                "HostedZoneAlreadyExists",
                "A hosted zone has already "
                "been created with the specified caller reference.",
            )
        result = moto_create(self).result
        result["ChangeInfo"] = change_info(world)
        result["HostedZone"].rrsets = [
            _flat(r) for r in result["HostedZone"].rrsets
        ]
        return ActionResult(result)

    moto_delete = Route53.delete_hosted_zone

    def delete(self):
        moto_delete(self)
        return ActionResult({"ChangeInfo": change_info(world)})

    Route53.create_hosted_zone = create
    Route53.delete_hosted_zone = delete
    Route53.list_hosted_zones_by_name = _list_by_name


def _flat(record):
    """moto's own SOA holds its value one level deeper than its NS."""
    record.records = [
        r["Value"] if isinstance(r, dict) else r for r in record.records
    ]
    record.ttl = int(record.ttl)
    return record


def _reversed(name):
    return ".".join(reversed(name.rstrip(".").lower().split(".")))


def _list_by_name(self):
    """DNSName is where to start, in the order of reversed labels; it is not a
    filter, and pages go on at NextDNSName and NextHostedZoneId."""
    name, zone_id = self._get_param("DNSName"), self._get_param("HostedZoneId")
    size = min(self._get_int_param("MaxItems", MAX_PAGE), MAX_PAGE)
    if zone_id and not name:
        raise error("InvalidInput", "HostedZoneId needs a DNSName")
    start = (_reversed(name or ""), zone_id or "")
    zones = sorted(
        self.backend.zones.values(),
        key=lambda z: (_reversed(z.name), z.resource_id),
    )
    zones = [
        z
        for z in zones
        if not name or (_reversed(z.name), z.resource_id) >= start
    ]
    page, rest = zones[:size], zones[size:]
    result = {
        "HostedZones": page,
        "IsTruncated": bool(rest),
        "MaxItems": size,
        "DNSName": name,
        "HostedZoneId": zone_id,
    }
    if rest:
        result.update(
            NextDNSName=rest[0].name, NextHostedZoneId=rest[0].resource_id
        )
    return ActionResult(result)
