# SPDX-License-Identifier: MIT
"""EC2: security groups, their names, their rules, and who uses them."""

import re

from moto.ec2.exceptions import (
    DependencyViolationError,
    EC2ClientError,
    InvalidParameterValue,
)
from moto.ec2.models.security_groups import SecurityGroupBackend
from moto.ec2.responses import EC2Response

_TEXT = re.compile(r"[A-Za-z0-9 ._\-:/()#,@\[\]+=&;{}!$*]{1,255}\Z")
_PERMISSIONS = (
    "authorize_security_group_ingress",
    "authorize_security_group_egress",
    "revoke_security_group_ingress",
    "revoke_security_group_egress",
)


def apply(interfaces):
    moto_create = SecurityGroupBackend.create_security_group
    moto_delete = EC2Response.delete_security_group

    def create(self, name, description, vpc_id=None, *args, **kwargs):
        # Names and descriptions have an alphabet, and ids a prefix.
        for what, text in (
            ("GroupName", name),
            ("GroupDescription", description),
        ):
            if text and not _TEXT.match(text):
                raise InvalidParameterValue(
                    f"Value ({text}) for parameter {what} is invalid. "
                    "Character sets beyond ASCII are not supported."
                )
        if name.startswith("sg-"):
            raise InvalidParameterValue(
                f"Value ({name}) for parameter GroupName is invalid. Group "
                "names may not be in the format sg-*."
            )
        if vpc_id is not None:
            self.get_vpc(vpc_id)  # moto makes groups in no VPC at all
        return moto_create(self, name, description, vpc_id, *args, **kwargs)

    def delete(self):
        self.error_on_dryrun()
        backend = self.ec2_backend
        group = backend.get_security_group_from_id(self._get_param("GroupId"))
        if group is not None:
            _refuse_deletion(backend, group, interfaces)
        return moto_delete(self)

    SecurityGroupBackend.create_security_group = create
    EC2Response.delete_security_group = delete
    for name in _PERMISSIONS:
        setattr(EC2Response, name, _atomic(getattr(EC2Response, name)))


def _refuse_deletion(backend, group, interfaces):
    if group.is_default:
        raise EC2ClientError(
            "CannotDelete",
            f'the specified group: "{group.id}" name: "{group.name}" cannot '
            "be deleted by a user",
        )
    # A balancer has it, or a rule of another group names it.
    others = [
        other
        for groups in backend.groups.values()
        for other in groups.values()
        if other is not group
    ]
    named = any(
        rule.source_group.get("GroupId") == group.id
        for other in others
        for rule in (*other.ingress_rules, *other.egress_rules)
    )
    if named or interfaces.with_group(backend.region_name, group.id):
        raise DependencyViolationError(
            f"resource {group.id} has a dependent object"
        )


def _atomic(moto_call):
    def call(self):
        # One bad rule and none of the request is done.
        backend = self.ec2_backend
        group = backend.get_security_group_from_id(self._get_param("GroupId"))
        if group is None:
            return moto_call(self)
        before = list(group.ingress_rules), list(group.egress_rules)
        try:
            return moto_call(self)
        except EC2ClientError:
            group.ingress_rules, group.egress_rules = before
            raise

    return call
