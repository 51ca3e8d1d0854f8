# SPDX-License-Identifier: MIT
"""What a call is, and what an error looks like, in each AWS protocol.

The front has to know the operation of a request before moto sees it (faults
and the call log name operations), and has to answer errors of its own in the
shape that the client's parser for that service expects.  Both come from
botocore's service models rather than from lists kept here.
"""

import functools
import json
import re
import urllib.parse
import uuid
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from botocore.exceptions import UnknownServiceError
from moto.core.utils import get_service_model

# Signing names that differ from botocore's service names.
_MODEL_OF = {
    "elasticloadbalancing": "elbv2",
    "monitoring": "cloudwatch",
    "tagging": "resourcegroupstaggingapi",
    "servicequotas": "service-quotas",
}
_READS = re.compile(
    "(Describe|Get|List|Head|BatchGet|Query|Scan|Lookup|Search|Select|Test"
    "|Simulate)[A-Z]|Query$|Scan$"
)
GLOBAL_SERVICES = ("route53", "iam")
GLOBAL_REGION = "us-east-1"

# service: (HTTP status, code) of its throttle; else ThrottlingException.
_THROTTLES = {
    "route53": (400, "Throttling"),
    "ec2": (503, "RequestLimitExceeded"),
    "iam": (400, "Throttling"),
    "sts": (400, "Throttling"),
    "lambda": (429, "TooManyRequestsException"),
    "monitoring": (400, "Throttling"),
    "s3": (503, "SlowDown"),
    "sns": (429, "Throttled"),
    "tagging": (400, "ThrottledException"),
}


@functools.cache
def model(service):
    """botocore's model of a signing name, or None if AWS has no such service.

    moto's cache of them is used, since a second copy would cost as much again.
    """
    try:
        return get_service_model(_MODEL_OF.get(service, service))
    except UnknownServiceError:
        return None


def operation(service, request):
    """The operation's name, or "" when the request matches none."""
    target = request.headers.get("X-Amz-Target")
    if target:
        return target.rpartition(".")[2]
    kind = shape(service, request)
    if kind in ("query", "ec2"):
        form = urllib.parse.parse_qs(request.body.decode("latin-1"))
        form.update(urllib.parse.parse_qs(request.query))
        return form.get("Action", [""])[0]
    return _rest_operation(service, request)


def shape(service, request):
    """Which error shape the caller expects: query, ec2, json, rest-json,
    rest-xml or s3."""
    if request.headers.get("X-Amz-Target"):
        return "json"
    if service == "s3":
        return "s3"
    if request.headers.get("Content-Type", "").startswith(
        "application/x-www-form-urlencoded"
    ):
        return "ec2" if service == "ec2" else "query"
    service_model = model(service)
    if service_model is None:
        return "rest-xml"
    return service_model.metadata["protocol"]


def is_read(name):
    """Does the operation change nothing?"""
    return _READS.match(name) is not None


@functools.cache
def _routes(service):
    """[(method, path pattern, query keys, headers, operation)], most specific
    first."""
    routes = []
    service_model = model(service)
    if service_model is None:
        return routes
    for name in service_model.operation_names:
        operation_model = service_model.operation_model(name)
        if operation_model.deprecated:
            continue  # the same request under its former name
        http = operation_model.http
        path, _, query = http["requestUri"].partition("?")
        pattern = "".join(_path_part(p) for p in re.split(r"(\{[^}]+\})", path))
        keys = {q for q in query.split("&") if q}
        headers = set()
        _required(operation_model.input_shape, keys, headers)
        routes.append(
            (
                http["method"],
                re.compile(pattern.rstrip("/") + "/?$"),
                keys,
                headers,
                name,
            )
        )
    # Fixed words beat labels, and a named sub-resource beats the bare path.
    routes.sort(
        key=lambda r: (
            -len(r[2]) - len(r[3]),
            r[1].pattern.count("["),
            -len(r[1].pattern),
            r[4],
        )
    )
    return routes


def _required(shape_model, keys, headers):
    """Collect the query keys and headers without which it is another call."""
    for name in shape_model.required_members if shape_model else ():
        serialization = shape_model.members[name].serialization
        if serialization.get("location") == "querystring":
            keys.add(serialization["name"])
        elif serialization.get("location") == "header":
            headers.add(serialization["name"])


def _path_part(part):
    if not part.startswith("{"):
        return re.escape(part)
    return ".+" if part.endswith("+}") else "[^/]+"


def _rest_operation(service, request):
    query = set(request.query.split("&"))
    query |= {q.partition("=")[0] for q in query}
    for method, pattern, keys, headers, name in _routes(service):
        if (
            method == request.method
            and keys <= query
            and pattern.match(request.path)
            and all(request.headers.get(h) is not None for h in headers)
        ):
            return name
    return ""


def throttle(service, name=""):
    """(status, code) of the service's own throttle."""
    if service == "route53" and "Tags" in name:
        return 400, "ThrottlingException"
    return _THROTTLES.get(service, (400, "ThrottlingException"))


def denial(kind, service):
    """(status, code) of "you may not"."""
    if service == "ec2":
        return 403, "UnauthorizedOperation"
    if kind == "json":
        return 400, "AccessDeniedException"
    if kind == "rest-json":
        return 403, "AccessDeniedException"
    return 403, "AccessDenied"


def expiry(kind, service):
    """(status, code) of temporary credentials that are over."""
    if service == "ec2":
        return 400, "RequestExpired"
    if kind in ("json", "rest-json"):
        return 403 if kind == "rest-json" else 400, "ExpiredTokenException"
    return (400 if kind == "s3" else 403), "ExpiredToken"


def new_request_id():
    return str(uuid.uuid4())


def error(kind, service, status, code, message):
    """An error answer: (status, headers, body) in the shape named `kind`."""
    request_id = new_request_id()
    if kind == "json":
        return _json_error(service, status, code, message, request_id)
    if kind == "rest-json":
        body = {
            "Type": "User" if status < 500 else "Service",
            "message": message,
            "Message": message,
        }
        return (
            status,
            [
                ("Content-Type", "application/json"),
                ("x-amzn-RequestId", request_id),
                ("x-amzn-ErrorType", code),
            ],
            _dump(body),
        )
    fault = "Sender" if status < 500 else "Receiver"
    text = f"<Code>{escape(code)}</Code><Message>{escape(message)}</Message>"
    if kind == "s3":
        body = (
            f"<Error>{text}<RequestId>{request_id}</RequestId>"
            "<HostId>sandbox</HostId></Error>"
        )
    elif kind == "ec2":
        body = (
            f"<Response><Errors><Error>{text}</Error></Errors>"
            f"<RequestID>{request_id}</RequestID></Response>"
        )
    else:
        body = (
            f"<ErrorResponse{_namespace(service)}><Error>"
            f"<Type>{fault}</Type>{text}</Error>"
            f"<RequestId>{request_id}</RequestId></ErrorResponse>"
        )
    body = '<?xml version="1.0" encoding="UTF-8"?>\n' + body
    return (
        status,
        [("Content-Type", "text/xml"), ("x-amzn-RequestId", request_id)],
        body.encode(),
    )


def hollow(body):
    """An answer with none of its members; query replies keep their result."""
    if not body.startswith(b"<"):
        return b"{}" if body.startswith(b"{") else body
    root = ElementTree.fromstring(body)
    for child in list(root):
        if child.tag.endswith("Result"):
            child.clear()
        else:
            root.remove(child)
    return _xml(root)


def cut(body):
    """A page of rest-xml with none of its items, that says there are more and
    not where: all members but IsTruncated are empty lists, or gone."""
    if not body.startswith(b"<"):
        return body
    root = ElementTree.fromstring(body)
    for child in list(root):
        if child.tag.endswith("IsTruncated"):
            child.text = "true"
        elif len(child) > 0:
            child.clear()
        else:
            root.remove(child)
    return _xml(root)


def _xml(root):
    space = re.match("{(.*)}", root.tag)
    if space:
        ElementTree.register_namespace("", space[1])
    return ElementTree.tostring(root, "utf-8", xml_declaration=True)


def _json_error(service, status, code, message, request_id):
    headers = [
        ("Content-Type", "application/x-amz-json-1.0"),
        ("x-amzn-RequestId", request_id),
    ]
    if service == "monitoring":
        fault = "Sender" if status < 500 else "Receiver"
        headers.append(("x-amzn-query-error", f"{code};{fault}"))
    prefix = {
        "dynamodb": "com.amazonaws.dynamodb.v20120810#",
        "monitoring": "com.amazon.coral.service#",
    }.get(service, "")
    body = _dump({"__type": prefix + code, "message": message})
    return status, headers, body


def _namespace(service):
    service_model = model(service)
    uri = service_model and service_model.metadata.get("xmlNamespace")
    if isinstance(uri, dict):
        uri = uri.get("uri")
    if not uri and service == "route53":
        uri = "https://route53.amazonaws.com/doc/2013-04-01/"
    return f' xmlns="{uri}"' if uri else ""


def _dump(value):
    return json.dumps(value).encode()
