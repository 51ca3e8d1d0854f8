# SPDX-License-Identifier: MIT
"""IAM: names of roles, what a trust policy is, how large policies may be."""

import re

from moto.iam.exceptions import (
    EntityAlreadyExists,
    LimitExceededException,
    ValidationError,
)
from moto.iam.models import IAMBackend
from moto.iam.policy_validation import IAMTrustPolicyDocumentValidator

_ALPHABET = "[\\w+=,.@-]+"
_ROLE = re.compile(r"[\w+=,.@-]{1,64}\Z", re.ASCII)
_POLICY = re.compile(r"[\w+=,.@-]{1,128}\Z", re.ASCII)
_TRUST_CHARACTERS, _INLINE_CHARACTERS = 2048, 10240


def apply(world):
    moto_create = IAMBackend.create_role
    moto_trust = IAMBackend.update_assume_role_policy
    moto_put = IAMBackend.put_role_policy

    def create(self, role_name, assume_role_policy_document, *args, **kwargs):
        _check_name(_ROLE, "roleName", role_name, 64)
        # Two roles never differ by case alone.
        if any(r.name.lower() == role_name.lower() for r in self.get_roles()):
            raise EntityAlreadyExists(
                f"Role with name {role_name} already exists."
            )
        IAMTrustPolicyDocumentValidator(assume_role_policy_document).validate()
        _check_trust(assume_role_policy_document)
        role = moto_create(
            self, role_name, assume_role_policy_document, *args, **kwargs
        )
        role.made_at = world.clock.aws()  # see Functions.can_assume
        return role

    def trust(self, role_name, policy_document):
        self.get_role(role_name)
        _check_trust(policy_document)
        moto_trust(self, role_name, policy_document)

    def put(self, role_name, policy_name, policy_json):
        _check_name(_POLICY, "policyName", policy_name, 128)
        role = self.get_role(role_name)
        others = (d for n, d in role.policies.items() if n != policy_name)
        size = sum(map(_characters, (policy_json, *others)))
        if size > _INLINE_CHARACTERS:
            raise LimitExceededException(
                f"Maximum policy size of {_INLINE_CHARACTERS} bytes exceeded "
                f"for role {role_name}"
            )
        moto_put(self, role_name, policy_name, policy_json)

    IAMBackend.create_role = create
    IAMBackend.update_assume_role_policy = trust
    IAMBackend.put_role_policy = put


def _characters(document):
    """White space is not counted."""
    return len("".join(document.split()))


def _check_trust(document):
    if _characters(document) > _TRUST_CHARACTERS:
        raise LimitExceededException(
            f"Cannot exceed quota for ACLSizePerRole: {_TRUST_CHARACTERS}"
        )


def _check_name(pattern, what, name, most):
    if not pattern.match(name):
        raise ValidationError(
            f"1 validation error detected: Value '{name}' at '{what}' failed "
            f"to satisfy constraint: Member must have length from 1 to {most} "
            f"and satisfy regular expression pattern: {_ALPHABET}"
        )
