# SPDX-License-Identifier: MIT
"""Does a request say what the AWS service model says it may?

`problems(call)` takes a request as the sandbox's call log has it (service,
operation, method, path, query, headers, body in base64) and decodes it from
its wire protocol back into the operation's input, by botocore's model of the
service and with nothing of drd's.  What the model does not know, misses, or
has as another type is a problem, one sentence each; none is conformance.

    python tests/aws/conformance.py calls.json

prints the problems of a saved call log and exits 1 if there are any.
"""

import base64
import binascii
import datetime
import functools
import hashlib
import json
import re
import sys
import zlib
from urllib.parse import parse_qsl, unquote
from xml.etree import ElementTree

import botocore.session
from botocore.exceptions import UnknownServiceError
from botocore.validate import ParamValidator

# Signing names that differ from botocore's names of the services.
MODEL_OF = {"elasticloadbalancing": "elbv2", "monitoring": "cloudwatch",
            "tagging": "resourcegroupstaggingapi", "servicequotas": "service-quotas"}

# What every request may carry besides its operation's members.
COMMON_HEADERS = {"x-amz-date", "x-amz-security-token", "x-amz-content-sha256",
                  "x-amz-target", "x-amzn-query-mode", "x-amz-sdk-checksum-algorithm"}
CHECKSUMS = re.compile(r"x-amz-checksum-[a-z0-9]+|content-md5")

_session = botocore.session.Session()


@functools.cache
def model_of(service):
    try:
        return _session.get_service_model(MODEL_OF.get(service, service))
    except UnknownServiceError:
        return None


class Request:
    """A recorded call, taken apart as far as HTTP goes."""

    def __init__(self, call):
        self.method, self.path, self.query = call["method"], call["path"], call["query"]
        self.headers = {name.lower(): value for name, value in call["headers"]}
        self.body = base64.b64decode(call["body"])


class Reader:
    """Decodes one request; what is wrong gathers in `found`."""

    def __init__(self, request, operation):
        self.request, self.operation = request, operation
        self.metadata = operation.service_model.metadata
        self.found = []

    def wrong(self, where, what):
        self.found.append(f"{where or 'input'}: {what}")

    def expect(self, what, have, want):
        if have != want:
            self.wrong(what, f"is {have!r}, not {want!r}")

    def scalar(self, shape, text, where):
        """A value that the protocol spells as text, as the model's type."""
        kind = shape.type_name
        try:
            if kind == "boolean":
                return {"true": True, "false": False}[text]
            if kind in ("integer", "long"):
                if not re.fullmatch(r"-?\d+", text):
                    raise ValueError
                return int(text)
            if kind in ("float", "double"):
                return float(text)
            if kind == "timestamp":
                return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
            if kind == "blob":
                return base64.b64decode(text, validate=True)
        except (KeyError, ValueError, binascii.Error):
            self.wrong(where, f"{text!r} does not spell a {kind}")
            return None
        if kind != "string":
            self.wrong(where, f"{text!r} where the model has a {kind}")
            return None
        return self.enumerated(shape, text, where)

    def enumerated(self, shape, text, where):
        if shape.enum and text not in shape.enum:
            self.wrong(where, f"{text!r} is none of {', '.join(shape.enum)}")
        return text


# -- query and ec2 ---------------------------------------------------------

class FormReader(Reader):
    """A form: dotted names, first made into a tree of dictionaries."""

    def __init__(self, request, operation):
        super().__init__(request, operation)
        self.ec2 = self.metadata["protocol"] == "ec2"

    def read(self):
        self.expect("method", self.request.method, "POST")
        self.expect("path", self.request.path, "/")
        self.expect("content-type",
                    self.request.headers.get("content-type", "").partition(";")[0],
                    "application/x-www-form-urlencoded")
        tree = self.tree()
        self.expect("Action", tree.pop("Action", None), self.operation.name)
        self.expect("Version", tree.pop("Version", None), self.metadata["apiVersion"])
        shape = self.operation.input_shape
        if shape is None:
            for name in tree:
                self.wrong(name, "the operation has no input")
            return {}
        return self.structure(shape, tree, "")

    def tree(self):
        root = {}
        fields = parse_qsl(self.request.body.decode(), keep_blank_values=True,
                           strict_parsing=True)
        for name, value in fields:
            *way, last = name.split(".")
            place = root
            for step in way:
                place = place.setdefault(step, {})
                if not isinstance(place, dict):
                    self.wrong(name, "a field inside a field that has a value")
                    break
            else:
                if last in place:
                    self.wrong(name, "twice")
                place[last] = value
        return root

    def name_of(self, shape, name):
        if not self.ec2:
            return shape.serialization.get("name", name)
        if "queryName" in shape.serialization:
            return shape.serialization["queryName"]
        wire = shape.serialization.get("name", name)
        return wire[:1].upper() + wire[1:]

    def value(self, shape, data, where):
        kind = shape.type_name
        if kind == "structure" and isinstance(data, dict):
            return self.structure(shape, data, where)
        if kind == "list":
            return self.list(shape, data, where)
        if kind == "map":
            return self.map(shape, data, where)
        if isinstance(data, dict):
            self.wrong(where, f"has members where the model has a {kind}")
            return None
        return self.scalar(shape, data, where)

    def structure(self, shape, data, where):
        known, out = {}, {}
        for name, member in shape.members.items():
            wire = self.name_of(member, name)
            if (member.type_name == "list" and member.serialization.get("flattened")
                    and not self.ec2):
                wire = member.member.serialization.get("name", wire)
            known[wire] = (name, member)
        for wire, below in data.items():
            path = f"{where}.{wire}" if where else wire
            if wire not in known:
                self.wrong(path, "unknown to the model")
                continue
            name, member = known[wire]
            out[name] = self.value(member, below, path)
        return out

    def positions(self, data, where):
        """1, 2, 3: in order and without a gap."""
        if not isinstance(data, dict) or sorted(data) != sorted(
                str(i + 1) for i in range(len(data))):
            self.wrong(where, "is not a list from 1 up")
            return []
        return [data[str(i + 1)] for i in range(len(data))]

    def list(self, shape, data, where):
        if data == "" and not self.ec2:
            return []
        if not self.ec2 and not shape.serialization.get("flattened"):
            step = shape.member.serialization.get("name", "member")
            if not isinstance(data, dict) or list(data) != [step]:
                self.wrong(where, f"a list without its .{step}")
                return []
            data = data[step]
        return [self.value(shape.member, item, f"{where}.{i + 1}")
                for i, item in enumerate(self.positions(data, where))]

    def map(self, shape, data, where):
        if not shape.serialization.get("flattened"):
            if not isinstance(data, dict) or list(data) != ["entry"]:
                self.wrong(where, "a map without its .entry")
                return {}
            data = data["entry"]
        key = shape.key.serialization.get("name", "key")
        value = shape.value.serialization.get("name", "value")
        out = {}
        for i, pair in enumerate(self.positions(data, where)):
            if not isinstance(pair, dict) or set(pair) != {key, value}:
                self.wrong(f"{where}.{i + 1}", f"is not a pair of {key} and {value}")
                continue
            out[pair[key]] = self.value(shape.value, pair[value], f"{where}.{i + 1}")
        return out


# -- JSON ------------------------------------------------------------------

class JsonReader(Reader):
    """JSON 1.0 and 1.1, and the bodies of rest-json."""

    def read(self):
        self.expect("method", self.request.method, "POST")
        self.expect("path", self.request.path, "/")
        self.expect("content-type", self.request.headers.get("content-type"),
                    f"application/x-amz-json-{self.metadata['jsonVersion']}")
        self.expect("x-amz-target", self.request.headers.get("x-amz-target"),
                    f"{self.metadata['targetPrefix']}.{self.operation.name}")
        return self.document(self.operation.input_shape)

    def document(self, shape):
        try:
            data = json.loads(self.request.body)
        except ValueError as error:
            self.wrong("body", f"not JSON: {error}")
            return {}
        if not isinstance(data, dict):
            self.wrong("body", "not a JSON object")
            return {}
        if shape is None:
            for name in data:
                self.wrong(name, "the operation has no input")
            return {}
        return self.value(shape, data, "")

    def value(self, shape, data, where):
        kind = shape.type_name
        if data is None:
            self.wrong(where, f"null where the model has a {kind}")
            return None
        if kind == "structure" and isinstance(data, dict):
            return self.structure(shape, data, where)
        if kind == "list" and isinstance(data, list):
            return [self.value(shape.member, item, f"{where}[{i}]")
                    for i, item in enumerate(data)]
        if kind == "map" and isinstance(data, dict):
            return {key: self.value(shape.value, item, f"{where}.{key}")
                    for key, item in data.items()}
        if kind == "timestamp" and isinstance(data, (int, float)) and data is not True:
            return datetime.datetime.fromtimestamp(data, datetime.timezone.utc)
        if kind == "blob" and isinstance(data, str):
            return self.scalar(shape, data, where)
        if kind == "string" and isinstance(data, str):
            return self.enumerated(shape, data, where)
        if kind in ("structure", "list", "map", "timestamp", "blob"):
            self.wrong(where, f"{json.dumps(data)} where the model has a {kind}")
            return None
        return data  # numbers and booleans: the validator compares the types

    def structure(self, shape, data, where):
        known = {member.serialization.get("name", name): (name, member)
                 for name, member in shape.members.items()
                 if "location" not in member.serialization}
        out = {}
        for wire, below in data.items():
            path = f"{where}.{wire}" if where else wire
            if wire not in known:
                self.wrong(path, "unknown to the model")
                continue
            name, member = known[wire]
            out[name] = self.value(member, below, path)
        return out


# -- rest-json and rest-xml --------------------------------------------------

class RestReader(JsonReader):
    """Members in the path, the query, the headers and the body."""

    def read(self):
        shape = self.operation.input_shape
        uri = self.operation.http["requestUri"]
        self.expect("method", self.request.method, self.operation.http["method"])
        out = self.path(shape, uri.partition("?")[0])
        out.update(self.parameters(shape, uri.partition("?")[2]))
        out.update(self.header_members(shape))
        out.update(self.body(shape))
        self.checksum()
        return out

    def members(self, shape, location):
        """Wire name to (name, member)."""
        if shape is None:
            return {}
        return {member.serialization.get("name", name): (name, member)
                for name, member in shape.members.items()
                if member.serialization.get("location") == location}

    def path(self, shape, uri):
        pattern = re.sub(r"\\\{(\w+)(\\\+)?\\\}",
                         lambda m: f"(?P<{m[1]}>{'.+' if m[2] else '[^/]+'})", re.escape(uri))
        match = re.fullmatch(pattern, self.request.path)
        if match is None:
            self.wrong("path", f"{self.request.path!r} is not of the form {uri}")
            return {}
        known = self.members(shape, "uri")
        out = {}
        for wire, value in match.groupdict().items():
            name, member = known[wire]
            out[name] = self.scalar(member, unquote(value), wire)
        return out

    def parameters(self, shape, fixed):
        known = self.members(shape, "querystring")
        need = dict(parse_qsl(fixed, keep_blank_values=True))
        out = {}
        for wire, value in parse_qsl(self.request.query, keep_blank_values=True):
            if wire in need:
                self.expect(f"?{wire}", value, need.pop(wire))
            elif wire not in known:
                self.wrong(f"?{wire}", "unknown to the model")
            else:
                name, member = known[wire]
                if member.type_name == "list":
                    out.setdefault(name, []).append(
                        self.scalar(member.member, value, f"?{wire}"))
                else:
                    out[name] = self.scalar(member, value, f"?{wire}")
        for wire in need:
            self.wrong(f"?{wire}", "missing")
        return out

    def header_members(self, shape):
        known = {wire.lower(): value for wire, value in self.members(shape, "header").items()}
        out = {}
        for wire, value in self.request.headers.items():
            if wire in known:
                name, member = known[wire]
                out[name] = self.scalar(member, value, wire)
            elif (wire.startswith("x-amz") and wire not in COMMON_HEADERS
                  and not CHECKSUMS.fullmatch(wire)):
                self.wrong(wire, "a header unknown to the model")
        return out

    def in_body(self, shape):
        if shape is None:
            return []
        return [name for name, member in shape.members.items()
                if "location" not in member.serialization]

    def body(self, shape):
        if not self.in_body(shape):
            if self.request.body not in (b"", b"{}"):
                self.wrong("body", "the operation has none")
            return {}
        payload = shape.serialization.get("payload")
        if payload is None:
            return self.unwrapped(shape)
        member = shape.members[payload]
        if not self.request.body:
            return {}
        if member.type_name == "string":
            return {payload: self.request.body.decode()}
        if member.type_name == "blob":
            return {payload: self.request.body}
        return {payload: self.wrapped(member)}

    def unwrapped(self, shape):
        self.expect("content-type", self.request.headers.get("content-type"),
                    "application/json")
        return self.document(shape)

    def wrapped(self, shape):
        return self.document(shape)

    def checksum(self):
        headers, body = self.request.headers, self.request.body
        trait = self.operation.http_checksum or {}
        if (trait.get("requestChecksumRequired") or self.operation.http_checksum_required) \
                and not any(CHECKSUMS.fullmatch(name) for name in headers):
            self.wrong("headers", "the operation wants a checksum")
        crc32 = headers.get("x-amz-checksum-crc32")
        if crc32 is not None:
            self.expect("x-amz-checksum-crc32", crc32, base64.b64encode(
                zlib.crc32(body).to_bytes(4, "big")).decode())
        sha256 = headers.get("x-amz-content-sha256")
        if sha256 not in (None, "UNSIGNED-PAYLOAD"):
            self.expect("x-amz-content-sha256", sha256, hashlib.sha256(body).hexdigest())


class RestXmlReader(RestReader):
    """XML bodies: a root of the input's name, or of the payload's."""

    def unwrapped(self, shape):
        if not self.request.body:
            return {}
        return self.root(shape)

    def wrapped(self, shape):
        return self.root(shape)

    def root(self, shape):
        try:
            root = ElementTree.fromstring(self.request.body)
        except ElementTree.ParseError as error:
            self.wrong("body", f"not XML: {error}")
            return {}
        space = shape.serialization.get("xmlNamespace") or self.metadata.get("xmlNamespace")
        space = space["uri"] if isinstance(space, dict) else space
        name = shape.serialization.get("name", shape.name)
        self.expect("root", root.tag, f"{{{space}}}{name}" if space else name)
        self.space = root.tag.rpartition("}")[0] + "}" if "}" in root.tag else ""
        return self.element(shape, root, "")

    def local(self, element, where):
        if not element.tag.startswith(self.space):
            self.wrong(where, f"{element.tag} is in another name space")
        return element.tag.rpartition("}")[2]

    def element(self, shape, element, where):
        kind = shape.type_name
        if kind == "structure":
            return self.members_of(shape, element, where)
        if kind == "list":
            step = shape.member.serialization.get("name", "member")
            out = []
            for i, item in enumerate(element):
                path = f"{where}[{i}]"
                self.expect(path, self.local(item, path), step)
                out.append(self.element(shape.member, item, path))
            return out
        if len(element):
            self.wrong(where, f"has elements where the model has a {kind}")
            return None
        return self.scalar(shape, element.text or "", where)

    def members_of(self, shape, element, where):
        known = {}
        for name, member in shape.members.items():
            if "location" in member.serialization or member.serialization.get("xmlAttribute"):
                continue
            wire = member.serialization.get("name", name)
            if member.type_name == "list" and member.serialization.get("flattened"):
                wire = member.serialization.get(
                    "name", member.member.serialization.get("name", name))
            known[wire] = (name, member)
        out = {}
        for child in element:
            wire = self.local(child, where)
            path = f"{where}.{wire}" if where else wire
            if wire not in known:
                self.wrong(path, "unknown to the model")
                continue
            name, member = known[wire]
            if member.type_name == "list" and member.serialization.get("flattened"):
                out.setdefault(name, []).append(self.element(member.member, child, path))
            elif name in out:
                self.wrong(path, "twice")
            else:
                out[name] = self.element(member, child, path)
        if (element.text or "").strip():
            self.wrong(where, f"text {element.text.strip()!r} where the model has members")
        return out


READERS = {"query": FormReader, "ec2": FormReader, "json": JsonReader,
           "rest-json": RestReader, "rest-xml": RestXmlReader}


def reader_of(request, operation):
    """CloudWatch speaks three protocols; the request says which one it is."""
    metadata = operation.service_model.metadata
    if "json" in metadata.get("protocols", ()) and "x-amz-target" in request.headers:
        return JsonReader
    return READERS.get(metadata["protocol"])


def problems(call):
    """What is wrong with a recorded call: sentences, none if it conforms."""
    name = f"{call['service']} {call['operation']}"
    model = model_of(call["service"])
    if model is None:
        return [f"{name}: unknown service"]
    if call["operation"] not in model.operation_names:
        return [f"{name}: unknown operation"]
    operation = model.operation_model(call["operation"])
    request = Request(call)
    make = reader_of(request, operation)
    if make is None:
        return [f"{name}: no reader for its protocol"]
    reader = make(request, operation)
    try:
        params = reader.read()
    except ValueError as error:  # undecodable text, a form that is none
        return [f"{name}: {error}"]
    found = reader.found
    # What has been found wrong already was read as None: not a second finding.
    if operation.input_shape is not None:
        report = ParamValidator().validate(without_none(params), operation.input_shape)
        found += report.generate_report().splitlines()
    return [f"{name}: {what}" for what in found]


def without_none(value):
    if isinstance(value, dict):
        return {key: without_none(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [without_none(item) for item in value if item is not None]
    return value


def main(path):
    with open(path, encoding="utf-8") as file:
        calls = json.load(file)
    found = [(call, what) for call in calls for what in problems(call)]
    for call, what in found:
        print(f"{call.get('seq', '-')}: {what}")
    print(f"{len(calls)} calls, {len(found)} problems")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
