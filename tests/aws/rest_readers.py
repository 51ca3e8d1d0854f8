# SPDX-License-Identifier: MIT
"""The readers of rest-json and rest-xml: path, query, headers and body."""

import base64
import hashlib
import re
import zlib
from urllib.parse import parse_qsl, unquote
from xml.etree import ElementTree

from readers import JsonReader

# What every request may carry besides its operation's members.
COMMON_HEADERS = {
    "x-amz-date",
    "x-amz-security-token",
    "x-amz-content-sha256",
    "x-amz-target",
    "x-amzn-query-mode",
    "x-amz-sdk-checksum-algorithm",
}
CHECKSUMS = re.compile(r"x-amz-checksum-[a-z0-9]+|content-md5")


class RestReader(JsonReader):
    """Members in the path, the query, the headers and the body."""

    def read(self):
        shape = self.operation.input_shape
        uri = self.operation.http["requestUri"]
        self.expect(
            "method", self.request.method, self.operation.http["method"]
        )
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
        return {
            member.serialization.get("name", name): (name, member)
            for name, member in shape.members.items()
            if member.serialization.get("location") == location
        }

    def path(self, shape, uri):
        pattern = re.sub(
            r"\\\{(\w+)(\\\+)?\\\}",
            lambda m: f"(?P<{m[1]}>{'.+' if m[2] else '[^/]+'})",
            re.escape(uri),
        )
        match = re.fullmatch(pattern, self.request.path)
        if match is None:
            self.wrong(
                "path", f"{self.request.path!r} is not of the form {uri}"
            )
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
        for wire, value in parse_qsl(
            self.request.query, keep_blank_values=True
        ):
            if wire in need:
                self.expect(f"?{wire}", value, need.pop(wire))
            elif wire not in known:
                self.wrong(f"?{wire}", "unknown to the model")
            else:
                name, member = known[wire]
                if member.type_name == "list":
                    out.setdefault(name, []).append(
                        self.scalar(member.member, value, f"?{wire}")
                    )
                else:
                    out[name] = self.scalar(member, value, f"?{wire}")
        for wire in need:
            self.wrong(f"?{wire}", "missing")
        return out

    def header_members(self, shape):
        known = {
            wire.lower(): value
            for wire, value in self.members(shape, "header").items()
        }
        out = {}
        for wire, value in self.request.headers.items():
            if wire in known:
                name, member = known[wire]
                out[name] = self.scalar(member, value, wire)
            elif (
                wire.startswith("x-amz")
                and wire not in COMMON_HEADERS
                and not CHECKSUMS.fullmatch(wire)
            ):
                self.wrong(wire, "a header unknown to the model")
        return out

    def in_body(self, shape):
        if shape is None:
            return []
        return [
            name
            for name, member in shape.members.items()
            if "location" not in member.serialization
        ]

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
        self.expect(
            "content-type",
            self.request.headers.get("content-type"),
            "application/json",
        )
        return self.document(shape)

    def wrapped(self, shape):
        return self.document(shape)

    def checksum(self):
        headers, body = self.request.headers, self.request.body
        trait = self.operation.http_checksum or {}
        if (
            trait.get("requestChecksumRequired")
            or self.operation.http_checksum_required
        ) and not any(CHECKSUMS.fullmatch(name) for name in headers):
            self.wrong("headers", "the operation wants a checksum")
        crc32 = headers.get("x-amz-checksum-crc32")
        if crc32 is not None:
            self.expect(
                "x-amz-checksum-crc32",
                crc32,
                base64.b64encode(zlib.crc32(body).to_bytes(4, "big")).decode(),
            )
        sha256 = headers.get("x-amz-content-sha256")
        if sha256 not in (None, "UNSIGNED-PAYLOAD"):
            self.expect(
                "x-amz-content-sha256", sha256, hashlib.sha256(body).hexdigest()
            )


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
        space = shape.serialization.get("xmlNamespace") or self.metadata.get(
            "xmlNamespace"
        )
        space = space["uri"] if isinstance(space, dict) else space
        name = shape.serialization.get("name", shape.name)
        self.expect("root", root.tag, f"{{{space}}}{name}" if space else name)
        self.space = (
            root.tag.rpartition("}")[0] + "}" if "}" in root.tag else ""
        )
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
            if "location" in member.serialization or member.serialization.get(
                "xmlAttribute"
            ):
                continue
            wire = member.serialization.get("name", name)
            if member.type_name == "list" and member.serialization.get(
                "flattened"
            ):
                wire = member.serialization.get(
                    "name", member.member.serialization.get("name", name)
                )
            known[wire] = (name, member)
        out = {}
        for child in element:
            wire = self.local(child, where)
            path = f"{where}.{wire}" if where else wire
            if wire not in known:
                self.wrong(path, "unknown to the model")
                continue
            name, member = known[wire]
            if member.type_name == "list" and member.serialization.get(
                "flattened"
            ):
                out.setdefault(name, []).append(
                    self.element(member.member, child, path)
                )
            elif name in out:
                self.wrong(path, "twice")
            else:
                out[name] = self.element(member, child, path)
        if (element.text or "").strip():
            self.wrong(
                where,
                f"text {element.text.strip()!r} where the model has members",
            )
        return out
