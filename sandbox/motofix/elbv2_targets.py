# SPDX-License-Identifier: MIT
"""Target groups and their targets: one function that lets the group in."""

import fnmatch

from moto.elbv2.exceptions import (
    DuplicateTargetGroupName,
    TargetGroupNotFoundError,
)
from moto.elbv2.exceptions import ELBClientError as Error
from moto.elbv2.models import ELBv2Backend, FakeTargetGroup

PRINCIPAL = "elasticloadbalancing.amazonaws.com"
# What must agree for a second CreateTargetGroup to be the first one.
_SETTINGS = (
    "target_type",
    "protocol",
    "port",
    "vpc_id",
    "health_check_enabled",
    "health_check_path",
    "health_check_interval_seconds",
    "health_check_timeout_seconds",
    "healthy_threshold_count",
    "unhealthy_threshold_count",
    "matcher",
)


def apply(world):
    _health(world)
    _creation()
    _checks()
    _removal()
    _balancers()
    _registration(world)


def _health(world):
    moto_health_for = FakeTargetGroup.health_for

    def health_for(self, target, ec2_backend):
        health = moto_health_for(self, target, ec2_backend)
        if health.status == "healthy":
            health.status, health.reason, health.description = (
                world.balancers.targets.state(self)
            )
        return health

    FakeTargetGroup.health_for = health_for


def _settings(group):
    return [str(getattr(group, name, None)) for name in _SETTINGS]


def _creation():
    """The same name and settings are the same group; else a conflict."""
    moto_create = ELBv2Backend.create_target_group

    def create(self, name, **kwargs):
        old = next(
            (g for g in self.target_groups.values() if g.name == name), None
        )
        if old is None:
            return moto_create(self, name, **kwargs)
        # Made beside the old one, to have moto fill in the defaults.
        del self.target_groups[old.arn]
        try:
            new = moto_create(self, name, **{**kwargs, "tags": None})
            del self.target_groups[new.arn]
        finally:
            self.target_groups[old.arn] = old
        if _settings(new) != _settings(old):
            raise DuplicateTargetGroupName()
        return old

    ELBv2Backend.create_target_group = create


def _checks():
    """ModifyTargetGroup keeps all it is told, of groups of functions too,
    and never a timeout that its interval is too short for."""
    moto_modify = ELBv2Backend.modify_target_group

    def modify(self, arn, *args, **kwargs):
        group = self.target_groups.get(arn)
        if group is None:
            raise TargetGroupNotFoundError()
        before = dict(vars(group))
        moto_modify(self, arn, *args, **kwargs)
        timeout = int(group.health_check_timeout_seconds)
        interval = int(group.health_check_interval_seconds)
        if timeout > interval:
            vars(group).update(before)
            raise Error(
                "ValidationError",
                f"Health check timeout '{timeout}' must be smaller than or "
                f"equal to the interval '{interval}'",
            )
        codes = args[7] if len(args) > 7 else kwargs.get("http_codes")
        if codes is not None:
            group.matcher = {"HttpCode": codes}
        enabled = str(group.health_check_enabled).lower()
        group.health_check_enabled = enabled == "true"
        return group

    ELBv2Backend.modify_target_group = modify


def _removal():
    moto_delete = ELBv2Backend.delete_target_group

    def delete(self, arn):
        group = moto_delete(self, arn)
        self.tagging_service.delete_all_tags_for_resource(arn)
        return group

    ELBv2Backend.delete_target_group = delete


def _balancers():
    """A group belongs to the balancers whose listeners name it now; moto's
    list only ever grows."""

    def arns(self):
        from moto.backends import get_backend

        backend = get_backend("elbv2")[self.account_id][self.region_name]
        return [
            balancer.arn
            for balancer in list(backend.load_balancers.values())
            if any(
                self.arn in backend._get_target_group_arns_from(action.data)
                for listener in list(balancer.listeners.values())
                for rule in listener.rules.values()
                for action in rule.actions
            )
        ]

    FakeTargetGroup.load_balancer_arns = property(arns, lambda self, _: None)


def _registration(world):
    """A group takes one function, if its policy lets the group invoke it."""
    moto_register = ELBv2Backend.register_targets

    def register(self, target_group_arn, instances):
        group = self.target_groups.get(target_group_arn)
        if group is not None and group.target_type == "lambda":
            _check_function(world, self.region_name, group, instances)
        moto_register(self, target_group_arn, instances)

    def deregister(self, target_group_arn, instances):
        # "If the specified target does not exist, the action returns
        # successfully", says the model.
        group = self.target_groups.get(target_group_arn)
        if group is None:
            raise TargetGroupNotFoundError()
        group.deregister([t for t in instances if t["Id"] in group.targets])

    ELBv2Backend.register_targets = register
    ELBv2Backend.deregister_targets = deregister


def _check_function(world, region, group, instances):
    wanted = {t["Id"] for t in instances}
    if len(wanted | set(group.targets)) > 1:
        raise Error(
            "TooManyTargets",
            f"Target group '{group.arn}' can have only one Lambda function",
        )
    arn = wanted.pop()
    try:
        function = world.backend("lambda", region).get_function(arn)
    except Exception as unknown:  # moto: UnknownFunctionException, and others
        raise Error(
            "InvalidTarget",
            f"The following targets do not exist: '{arn}'",
        ) from unknown
    if not any(_lets_in(s, group.arn) for s in function.policy.statements):
        raise Error(
            "AccessDenied",
            "elasticloadbalancing principal does not have permission to "
            f"invoke {arn} from target group {group.arn}",
        )


def _lets_in(statement, group_arn):
    principal = statement.get("Principal")
    if isinstance(principal, dict):
        principal = principal.get("Service")
    condition = statement.get("Condition", {}).get("ArnLike", {})
    source = next(
        (v for k, v in condition.items() if k.lower() == "aws:sourcearn"), "*"
    )
    return (
        statement.get("Effect", "Allow") == "Allow"
        and principal == PRINCIPAL
        and statement.get("Action") in ("lambda:InvokeFunction", "lambda:*")
        and fnmatch.fnmatchcase(group_arn, source)
    )
