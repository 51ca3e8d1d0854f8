# SPDX-License-Identifier: MIT
"""Health checks: identity, versions, validation, and their real status."""

from moto.core.responses import ActionResult, EmptyResult
from moto.route53.exceptions import Route53ClientError
from moto.route53.models import HealthCheck
from moto.route53.responses import Route53

from ..account import HEALTH_CHECKS
from ..metrics import STATISTICS
from ..protocols import GLOBAL_REGION

INTERVALS = (10, 30)
STANDARD_SECONDS = 60  # the shortest period of a standard-resolution metric
MAX_CHILDREN = 255
ROOT = "https://route53.amazonaws.com/2013-04-01"
# UpdateHealthCheck's member: the attribute of moto's HealthCheck.
_MUTABLE = {
    "IPAddress": "ip_address",
    "Port": "port",
    "ResourcePath": "resource_path",
    "FullyQualifiedDomainName": "fqdn",
    "SearchString": "search_string",
    "FailureThreshold": "failure_threshold",
    "Inverted": "inverted",
    "Disabled": "disabled",
    "HealthThreshold": "health_threshold",
    "ChildHealthChecks": "children",
    "EnableSNI": "enable_sni",
    "Regions": "regions",
    "AlarmIdentifier": "alarm_identifier",
    "InsufficientDataHealthStatus": "insufficient_data_health_status",
}
_METRIC_STATUSES = ("Healthy", "Unhealthy", "LastKnownStatus")


def error(code, message):
    return Route53ClientError(code, message)


def apply(world):
    _keep_all_members()
    Route53.create_health_check = lambda self: _create(self, world)
    Route53.update_health_check = lambda self: _update(self, world)
    Route53.delete_health_check = _delete
    Route53.get_health_check_status = lambda self: _status(self, world)
    Route53.list_health_checks = _list


def _keep_all_members():
    """AWS returns every member it was given; moto loses those of metric and
    routing-control checks, and shows members that do not belong to the type."""
    moto_init = HealthCheck.__init__

    def init(self, health_check_id, caller_reference, health_check_args):
        moto_init(self, health_check_id, caller_reference, health_check_args)
        self.alarm_identifier = health_check_args.get("alarm_identifier")
        self.insufficient_data_health_status = health_check_args.get(
            "insufficient_data_health_status"
        )
        self.routing_control_arn = health_check_args.get("routing_control_arn")
        self.cloud_watch_alarm_configuration = None
        self.port = health_check_args.get("port") or _default_port(self.type_)

    HealthCheck.__init__ = init
    HealthCheck.health_check_config = property(_config)


def _default_port(check_type):
    if check_type.startswith("HTTPS"):
        return 443
    return 80 if check_type.startswith("HTTP") else None


def _config(check):
    config = {
        "Type": check.type_,
        "Inverted": check.inverted,
        "Disabled": check.disabled,
    }
    if check.type_ == "CALCULATED":
        config.update(
            HealthThreshold=check.health_threshold,
            ChildHealthChecks=check.children,
        )
    elif check.type_ == "CLOUDWATCH_METRIC":
        config.update(
            AlarmIdentifier=check.alarm_identifier,
            InsufficientDataHealthStatus=(
                check.insufficient_data_health_status
            ),
        )
    elif check.type_ == "RECOVERY_CONTROL":
        config.update(RoutingControlArn=check.routing_control_arn)
    else:
        config.update(
            IPAddress=check.ip_address,
            Port=check.port,
            ResourcePath=check.resource_path,
            FullyQualifiedDomainName=check.fqdn,
            SearchString=check.search_string,
            RequestInterval=check.request_interval,
            FailureThreshold=check.failure_threshold,
            MeasureLatency=check.measure_latency,
            EnableSNI=check.enable_sni,
            Regions=check.regions,
        )
    return config


def _plain(value):
    """A request's parsed value as plain dicts and lists."""
    if hasattr(value, "items"):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_plain(v) for v in value]
    return value


def _create(self, world):
    reference = self._get_param("CallerReference")
    config = _plain(self._get_param("HealthCheckConfig"))
    references = _references(self.backend)
    # The same reference and settings return the check that exists; other
    # settings, or the reference of a check since deleted, are a conflict.
    if reference in references:
        known_id, known_config = references[reference]
        check = self.backend.health_checks.get(known_id)
        if check is None or known_config != config:
            raise error(
                "HealthCheckAlreadyExists",
                "A health check with the same caller reference and "
                "different settings, or a deleted one, already exists: "
                f"{known_id}.",
            )
        return _created(check)
    _validate(self.backend, config)
    limit = world.account.limit(GLOBAL_REGION, HEALTH_CHECKS)
    if len(self.backend.health_checks) >= limit:
        raise error(
            "TooManyHealthChecks", f"This account has its {limit} health checks."
        )
    arguments = {
        attribute: config.get(member) for member, attribute in _MUTABLE.items()
    }
    arguments.update(
        type=config["Type"],
        request_interval=config.get("RequestInterval"),
        measure_latency=config.get("MeasureLatency"),
        routing_control_arn=config.get("RoutingControlArn"),
    )
    arguments["children"] = arguments["children"] or []
    arguments["regions"] = arguments["regions"] or []
    if arguments["enable_sni"] is None:
        arguments["enable_sni"] = config["Type"].startswith("HTTPS")
    copied = _alarm_settings(world, config)
    check = self.backend.create_health_check(reference, arguments)
    check.cloud_watch_alarm_configuration = copied
    references[reference] = (check.id, config)
    return _created(check)


def _alarm_settings(world, config):
    """Route 53 watches an alarm's data by a copy of its settings, and takes
    only what it can watch itself."""
    if config["Type"] != "CLOUDWATCH_METRIC":
        return None
    alarm = world.alarms.find(config["AlarmIdentifier"])
    if alarm is None:
        raise error(
            "InvalidInput",
            "Invalid parameter : the alarm does not exist in that region",
        )
    if (
        alarm.rule is not None
        or alarm.statistic not in STATISTICS
        or int(alarm.period) < STANDARD_SECONDS
    ):
        raise error(
            "InvalidInput",
            "Invalid parameter : only alarms on standard-resolution metrics "
            "and plain statistics are supported",
        )
    return {
        "EvaluationPeriods": int(alarm.evaluation_periods),
        "Threshold": float(alarm.threshold),
        "ComparisonOperator": alarm.comparison_operator,
        "Period": int(alarm.period),
        "MetricName": alarm.metric_name,
        "Namespace": alarm.namespace,
        "Statistic": alarm.statistic,
        "Dimensions": [
            {"Name": d.name, "Value": d.value} for d in alarm.dimensions
        ],
    }


def _created(check):
    return ActionResult(
        {"HealthCheck": check, "Location": f"{ROOT}/healthcheck/{check.id}"}
    )


def _references(backend):
    if not hasattr(backend, "health_check_references"):
        backend.health_check_references = {}
    return backend.health_check_references


def _validate(backend, config):
    _validate_mutable(backend, config)
    if int(config.get("RequestInterval") or 30) not in INTERVALS:
        raise error(
            "InvalidInput",
            "Invalid parameter : RequestInterval must be 10 or 30",
        )
    kind = config["Type"]
    if kind == "CALCULATED":
        if config.get("HealthThreshold") is None:
            raise error(
                "InvalidInput",
                "A calculated health check needs a HealthThreshold",
            )
    elif kind == "CLOUDWATCH_METRIC":
        if not config.get("AlarmIdentifier"):
            raise error(
                "InvalidInput",
                "A CLOUDWATCH_METRIC health check needs an AlarmIdentifier",
            )
    elif kind == "RECOVERY_CONTROL":
        if not config.get("RoutingControlArn"):
            raise error(
                "InvalidInput",
                "A RECOVERY_CONTROL health check needs a RoutingControlArn",
            )
    else:
        if not (
            config.get("IPAddress") or config.get("FullyQualifiedDomainName")
        ):
            raise error(
                "InvalidInput",
                "Invalid parameter : either IPAddress or "
                "FullyQualifiedDomainName is needed",
            )


def _validate_mutable(backend, config):
    threshold = config.get("FailureThreshold")
    if threshold is not None and not 1 <= int(threshold) <= 10:
        raise error(
            "InvalidInput",
            "Invalid parameter : FailureThreshold must be between 1 and 10",
        )
    regions = config.get("Regions")
    if regions and len(regions) < 3:
        raise error(
            "InvalidInput",
            "Invalid parameter : Regions needs at least three regions",
        )
    if len(config.get("ChildHealthChecks") or ()) > MAX_CHILDREN:
        raise error(
            "InvalidInput",
            f"Invalid parameter : at most {MAX_CHILDREN} child health checks",
        )
    for child in config.get("ChildHealthChecks") or ():
        if child not in backend.health_checks:
            raise error(
                "InvalidInput",
                f"Invalid parameter : child health check "
                f"{child} does not exist",
            )
    status = config.get("InsufficientDataHealthStatus")
    if status and status not in _METRIC_STATUSES:
        raise error("InvalidInput", f"Invalid parameter : {status}")


def _update(self, world):
    check = self.backend.get_health_check(self._get_param("HealthCheckId"))
    version = self._get_param("HealthCheckVersion")
    # HealthCheckVersion is an optimistic lock.
    if version is not None and int(version) != check.health_check_version:
        raise error(
            "HealthCheckVersionMismatch",
            "The value of HealthCheckVersion"
            f" in the request does not match the current {version}.",
        )
    # What a request does not name stays as it is.
    named = {member: _plain(self._get_param(member)) for member in _MUTABLE}
    named = {m: v for m, v in named.items() if v is not None}
    _validate_mutable(self.backend, named)
    # The copy of the alarm's settings is made anew with each update.
    alarm = named.get("AlarmIdentifier") or check.alarm_identifier
    if check.type_ == "CLOUDWATCH_METRIC":
        check.cloud_watch_alarm_configuration = _alarm_settings(
            world, {"Type": check.type_, "AlarmIdentifier": alarm}
        )
    for member in self._get_param("ResetElements") or ():
        setattr(check, _MUTABLE[member], None)
    for member, value in named.items():
        setattr(
            check,
            _MUTABLE[member],
            value or None if isinstance(value, list) else value,
        )
    check.health_check_version += 1
    return ActionResult({"HealthCheck": check})


def _delete(self):
    check_id = self._get_param("HealthCheckId")
    self.backend.get_health_check(check_id)  # 404, where moto says nothing
    for other in self.backend.health_checks.values():
        if check_id in (other.children or ()):
            raise error(
                "HealthCheckInUse",
                f"The health check is a child of {other.id}.",
            )
    self.backend.delete_health_check(check_id)
    self.backend.resource_tags.pop(check_id, None)
    return EmptyResult()


def _list(self):
    """Pages: at most 1,000 checks, Marker is where to go on."""
    size = min(self._get_int_param("MaxItems", 1000), 1000)
    checks = self.backend.list_health_checks()
    marker = self._get_param("Marker")
    ids = [c.id for c in checks]
    if marker and marker not in ids:
        raise error("InvalidInput", "Invalid marker")
    start = ids.index(marker) if marker else 0
    page, rest = checks[start : start + size], checks[start + size :]
    return ActionResult(
        {
            "HealthChecks": page,
            "Marker": marker or "",
            "IsTruncated": bool(rest),
            "MaxItems": size,
            "NextMarker": rest[0].id if rest else None,
        }
    )


def _status(self, world):
    """One observation for each checker that has probed."""
    check = self.backend.get_health_check(self._get_param("HealthCheckId"))
    if check.type_ in ("CALCULATED", "RECOVERY_CONTROL"):
        raise error(
            "InvalidInput",
            "GetHealthCheckStatus is not available for "
            f"health checks of type {check.type_}.",
        )
    if check.type_ == "CLOUDWATCH_METRIC":
        observations = [_metric_observation(world, check)]
    else:
        observations = [
            {
                "Region": s.region,
                "IPAddress": s.address,
                "StatusReport": {
                    "Status": s.status,
                    "CheckedTime": s.checked_at,
                },
            }
            for s in world.checkers.states(check.id)
            if s.status
        ]
    return ActionResult({"HealthCheckObservations": observations})


def _metric_observation(world, check):
    healthy = world.health.is_healthy(check.id) != bool(check.inverted)
    text = (
        "Success: the alarm's data is within its threshold"
        if healthy
        else "Failure: the alarm's data is beyond its threshold"
    )
    return {
        "Region": check.alarm_identifier["Region"],
        "IPAddress": "",
        "StatusReport": {"Status": text, "CheckedTime": world.clock.utc()},
    }
