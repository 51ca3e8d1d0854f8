# SPDX-License-Identifier: MIT
"""The tagging API: what it lists of a region, and how its pages go on.

Sources: Resource Groups Tagging API Reference, GetResources, and the list of
services that it supports.
"""

import base64
import json

from moto.core.exceptions import JsonRESTError
from moto.resourcegroupstaggingapi.models import (
    ResourceGroupsTaggingAPIBackend,
)
from moto.resourcegroupstaggingapi.responses import (
    ResourceGroupsTaggingAPIResponse,
)

from ..protocols import GLOBAL_REGION

MAX_RESOURCES, DEFAULT_RESOURCES = 100, 50
DEFAULT_TAGS, MAX_TAGS = 100, 500


def apply(world):
    moto_list = ResourceGroupsTaggingAPIBackend._get_resources_generator

    def listing(self, tag_filters=None, resource_type_filters=None):
        """All that carries tags, by ARN; filters combine."""
        found = {}
        for item in moto_list(self, [], resource_type_filters):
            if _is_of_region(self, item["ResourceARN"]):
                found[item["ResourceARN"]] = item["Tags"]
        for arn, tags in _more(self, world):
            if _is_of_type(arn, resource_type_filters):
                found[arn] = tags
        # What never had a tag is not there.
        return iter(
            [
                {"ResourceARN": arn, "Tags": tags}
                for arn, tags in sorted(found.items())
                if tags and _fits(tags, tag_filters)
            ]
        )

    ResourceGroupsTaggingAPIBackend._get_resources_generator = listing
    ResourceGroupsTaggingAPIResponse.get_resources = _get_resources


def _is_of_region(backend, arn):
    # Bucket names are global, their listing is not.
    _, _, service, _, _, name = arn.split(":", 5)
    if service != "s3":
        return True
    return backend.s3_backend.buckets[name].region_name == backend.region_name


def _more(backend, world):
    """What moto leaves out: listeners; and of global services, in the one
    region that lists them, hosted zones and health checks."""
    elb = backend.elbv2_backend
    for balancer in list(elb.load_balancers.values()):
        for arn in list(balancer.listeners):
            tags = elb.tagging_service.list_tags_for_resource(arn)["Tags"]
            yield arn, tags
    if backend.region_name != GLOBAL_REGION:
        return
    route53 = world.route53
    for kind, ids in (
        ("hostedzone", list(route53.zones)),
        ("healthcheck", list(route53.health_checks)),
    ):
        for one in ids:
            tags = route53.resource_tags.get(one) or {}
            yield f"arn:aws:route53:::{kind}/{one}", [
                {"Key": k, "Value": v} for k, v in tags.items()
            ]


def _is_of_type(arn, types):
    """Types are "service" or "service:type"."""
    _, _, service, _, _, resource = arn.split(":", 5)
    return not types or any(
        t in (service, f"{service}:{resource.split('/')[0]}") for t in types
    )


def _fits(tags, filters):
    """Every filter's key is there, with one of its values if it names any."""
    have = {t["Key"]: t["Value"] for t in tags}
    return all(
        f["Key"] in have
        and (not f.get("Values") or have[f["Key"]] in f["Values"])
        for f in filters or ()
    )


def _refuse(message):
    raise JsonRESTError("InvalidParameterException", message)


def _get_resources(self):
    """Pages of ResourcesPerPage, or of TagsPerPage; the last one's token is
    an empty string."""
    per_page = self._get_int_param("ResourcesPerPage")
    tags_per_page = self._get_int_param("TagsPerPage")
    arns = self._get_param("ResourceARNList")
    types = self._get_param("ResourceTypeFilters")
    if per_page is not None and not 1 <= per_page <= MAX_RESOURCES:
        _refuse("ResourcesPerPage must be between 1 and 100")
    if tags_per_page is not None and (
        tags_per_page % 100 or not DEFAULT_TAGS <= tags_per_page <= MAX_TAGS
    ):
        _refuse("TagsPerPage must be a multiple of 100 up to 500")
    if arns and types:
        _refuse("ResourceARNList and ResourceTypeFilters exclude")
    items = [
        item
        for item in self.backend._get_resources_generator(
            self._get_param("TagFilters", []), types
        )
        if not arns or item["ResourceARN"] in arns
    ]
    token = self._get_param("PaginationToken") or ""
    try:
        after = base64.b64decode(token, validate=True).decode()
    except ValueError:
        _refuse("Invalid pagination token")
    items = [item for item in items if item["ResourceARN"] > after]
    page = _page(items, per_page or DEFAULT_RESOURCES, tags_per_page)
    more = len(page) < len(items)
    return json.dumps(
        {
            "ResourceTagMappingList": page,
            "PaginationToken": (
                base64.b64encode(page[-1]["ResourceARN"].encode()).decode()
                if more
                else ""
            ),
        }
    )


def _page(items, per_page, tags_per_page):
    page, tags = [], 0
    for item in items[:per_page]:
        tags += len(item["Tags"])
        if page and tags_per_page is not None and tags > tags_per_page:
            break
        page.append(item)
    return page
