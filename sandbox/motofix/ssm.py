# SPDX-License-Identifier: MIT
"""Parameters: the size of a standard one, types that cannot change, keys."""

from moto.ssm.exceptions import SSMException, ValidationException
from moto.ssm.models import SimpleSystemManagerBackend

STANDARD_BYTES, ADVANCED_BYTES = 4096, 8192
DEFAULT_KEY = "alias/aws/ssm"


def apply(world):
    moto_put = SimpleSystemManagerBackend.put_parameter

    def put(
        self,
        name,
        description,
        value,
        parameter_type,
        allowed_pattern,
        keyid,
        *args,
        tier=None,
        **kwargs,
    ):
        limit = ADVANCED_BYTES if tier == "Advanced" else STANDARD_BYTES
        if len((value or "").encode()) > limit:
            raise ValidationException(
                "Standard tier parameters support a maximum parameter value "
                f"of {STANDARD_BYTES} characters. To create a larger "
                "parameter value, upgrade the parameter to use the "
                "advanced-parameter tier."
            )
        # A parameter keeps its type: a String never becomes a SecureString.
        known = name in self._parameters  # to ask for it would make it
        versions = self._parameters[name] if known else []
        if (
            versions
            and parameter_type
            and parameter_type != versions[-1].parameter_type
        ):
            raise SSMException(
                "HierarchyTypeMismatchException",
                f"Parameter {name} cannot change its type from "
                f"{versions[-1].parameter_type} to {parameter_type}.",
            )
        # A put without a key is one with the account's own, whatever key the
        # parameter had before; moto keeps that.
        secure = parameter_type or (
            versions[-1].parameter_type if versions else None
        )
        if secure == "SecureString":
            keyid = keyid or DEFAULT_KEY
            _check_key(world, self.region_name, keyid)
        return moto_put(
            self,
            name,
            description,
            value,
            parameter_type,
            allowed_pattern,
            keyid,
            *args,
            tier=tier,
            **kwargs,
        )

    SimpleSystemManagerBackend.put_parameter = put


def _check_key(world, region, keyid):
    """A key of this region, by id, ARN or alias; AWS makes its own."""
    if keyid.endswith(DEFAULT_KEY):
        return
    kms = world.backend("kms", region)
    try:
        enabled = kms.describe_key(kms.any_id_to_key_id(keyid)).enabled
    except (KeyError, AttributeError, TypeError):
        enabled = False
    if not enabled:
        raise SSMException(
            "InvalidKeyId",
            f"Key '{keyid}' does not exist or is not enabled in {region}.",
        )
