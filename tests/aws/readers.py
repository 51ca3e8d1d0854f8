# SPDX-License-Identifier: MIT
"""From a request back to its operation's input: forms and JSON bodies.

A reader walks a request and the model's shape of the input side by side.  It
returns the input as botocore would take it, and gathers in `found` what the
wire has and the model has not, or has as another type.
"""

import base64
import binascii
import datetime
import json
import re
from urllib.parse import parse_qsl


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
                return datetime.datetime.fromisoformat(
                    text.replace("Z", "+00:00")
                )
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
        self.expect(
            "content-type",
            self.request.headers.get("content-type", "").partition(";")[0],
            "application/x-www-form-urlencoded",
        )
        tree = self.tree()
        self.expect("Action", tree.pop("Action", None), self.operation.name)
        self.expect(
            "Version", tree.pop("Version", None), self.metadata["apiVersion"]
        )
        shape = self.operation.input_shape
        if shape is None:
            for name in tree:
                self.wrong(name, "the operation has no input")
            return {}
        return self.structure(shape, tree, "")

    def tree(self):
        root = {}
        fields = parse_qsl(
            self.request.body.decode(),
            keep_blank_values=True,
            strict_parsing=True,
        )
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
            if (
                member.type_name == "list"
                and member.serialization.get("flattened")
                and not self.ec2
            ):
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
            str(i + 1) for i in range(len(data))
        ):
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
        return [
            self.value(shape.member, item, f"{where}.{i + 1}")
            for i, item in enumerate(self.positions(data, where))
        ]

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
                self.wrong(
                    f"{where}.{i + 1}", f"is not a pair of {key} and {value}"
                )
                continue
            out[pair[key]] = self.value(
                shape.value, pair[value], f"{where}.{i + 1}"
            )
        return out


# -- JSON ------------------------------------------------------------------


class JsonReader(Reader):
    """JSON 1.0 and 1.1, and the bodies of rest-json."""

    def read(self):
        self.expect("method", self.request.method, "POST")
        self.expect("path", self.request.path, "/")
        self.expect(
            "content-type",
            self.request.headers.get("content-type"),
            f"application/x-amz-json-{self.metadata['jsonVersion']}",
        )
        self.expect(
            "x-amz-target",
            self.request.headers.get("x-amz-target"),
            f"{self.metadata['targetPrefix']}.{self.operation.name}",
        )
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
            return [
                self.value(shape.member, item, f"{where}[{i}]")
                for i, item in enumerate(data)
            ]
        if kind == "map" and isinstance(data, dict):
            return {
                key: self.value(shape.value, item, f"{where}.{key}")
                for key, item in data.items()
            }
        if (
            kind == "timestamp"
            and isinstance(data, (int, float))
            and data is not True
        ):
            return datetime.datetime.fromtimestamp(data, datetime.timezone.utc)
        if kind == "blob" and isinstance(data, str):
            return self.scalar(shape, data, where)
        if kind == "string" and isinstance(data, str):
            return self.enumerated(shape, data, where)
        if kind in ("structure", "list", "map", "timestamp", "blob"):
            self.wrong(
                where, f"{json.dumps(data)} where the model has a {kind}"
            )
            return None
        return data  # numbers and booleans: the validator compares the types

    def structure(self, shape, data, where):
        known = {
            member.serialization.get("name", name): (name, member)
            for name, member in shape.members.items()
            if "location" not in member.serialization
        }
        out = {}
        for wire, below in data.items():
            path = f"{where}.{wire}" if where else wire
            if wire not in known:
                self.wrong(path, "unknown to the model")
                continue
            name, member = known[wire]
            out[name] = self.value(member, below, path)
        return out
