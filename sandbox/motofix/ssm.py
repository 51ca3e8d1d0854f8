# SPDX-License-Identifier: MIT
"""Parameters: the size of a standard one, and types that cannot change."""

from moto.ssm.exceptions import SSMException, ValidationException
from moto.ssm.models import SimpleSystemManagerBackend

STANDARD_BYTES, ADVANCED_BYTES = 4096, 8192


def apply(world):
    moto_put = SimpleSystemManagerBackend.put_parameter

    def put(
        self,
        name,
        description,
        value,
        parameter_type,
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
        versions = self._parameters[name]
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
        return moto_put(
            self,
            name,
            description,
            value,
            parameter_type,
            *args,
            tier=tier,
            **kwargs,
        )

    SimpleSystemManagerBackend.put_parameter = put
