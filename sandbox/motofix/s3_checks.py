# SPDX-License-Identifier: MIT
"""What S3 refuses: bodies that are not what their checksum says, policies that
are none or let everybody in, and access control lists where there are none."""

import base64
import binascii
import hashlib
import json
import zlib

import xmltodict
from moto.iam.access_control import PermissionResult
from moto.s3.models import FakeBucket
from moto.s3.responses import S3Response

# Sub-resources that cannot be written without a checksum: the operations
# with httpChecksumRequired in the service model.
NEED_CHECKSUM = {
    "accelerate",
    "acl",
    "cors",
    "delete",
    "encryption",
    "intelligent-tiering",
    "lifecycle",
    "logging",
    "object-lock",
    "ownershipControls",
    "policy",
    "publicAccessBlock",
    "replication",
    "tagging",
    "versioning",
    "website",
}
CHECKSUMS = {
    "crc32": lambda body: zlib.crc32(body).to_bytes(4, "big"),
    "sha1": lambda body: hashlib.sha1(body).digest(),
    "sha256": lambda body: hashlib.sha256(body).digest(),
}
XML = {"content-type": "application/xml"}


class Refusal(Exception):
    """An error as S3 sends it."""

    def __init__(self, code, message, status=400):
        super().__init__(code)
        self.code, self.message, self.status = code, message, status

    def answer(self):
        error = {"Code": self.code, "Message": self.message}
        return self.status, dict(XML), xmltodict.unparse({"Error": error})


def apply(world):
    _bodies()
    _policies()


# -- bodies ------------------------------------------------------------------


def _bodies():
    moto_bucket = S3Response._bucket_response
    moto_key = S3Response._key_response

    def bucket_response(self, request, full_url):
        try:
            _check_body(
                request, self.body, self._get_querystring(request, full_url)
            )
            return moto_bucket(self, request, full_url)
        except Refusal as refusal:
            return refusal.answer()

    def key_response(self, request, full_url):
        # A body in chunks carries its checksum at its end.
        chunked = request.headers.get("x-amz-content-sha256", "").startswith(
            "STREAMING"
        )
        try:
            if not chunked:
                _check_body(request, self.body, {})
            return moto_key(self, request, full_url)
        except Refusal as refusal:
            return refusal.answer()

    S3Response._bucket_response = bucket_response
    S3Response._key_response = key_response


def _check_body(request, body, query):
    """Raise Refusal unless the body is what its checksum says."""
    body, headers = body or b"", request.headers
    if isinstance(body, str):
        body = body.encode()
    found = _check_md5(body, headers.get("Content-MD5"))
    for name, compute in CHECKSUMS.items():
        sent = headers.get(f"x-amz-checksum-{name}")
        if sent is None:
            continue
        found = True
        if len(_decoded(sent) or b"") != len(compute(b"")):
            raise Refusal(
                "InvalidRequest",
                f"Value for x-amz-checksum-{name} header is invalid.",
            )
        if _decoded(sent) != compute(body):
            raise Refusal(
                "BadDigest",
                f"The {name.upper()} you specified did not match the "
                "calculated checksum.",
            )
    # The two others need a library, so they are believed.
    others = ("x-amz-checksum-crc32c", "x-amz-checksum-crc64nvme")
    found = found or any(headers.get(name) for name in others)
    if (
        request.method in ("PUT", "POST")
        and NEED_CHECKSUM & set(query)
        and not found
    ):
        raise Refusal(
            "InvalidRequest",
            "Missing required header for this request: Content-MD5 OR "
            "x-amz-checksum-*",
        )


def _check_md5(body, sent):
    if sent is None:
        return False
    if len(_decoded(sent) or b"") != 16:
        raise Refusal(
            "InvalidDigest", "The Content-MD5 you specified was invalid."
        )
    if _decoded(sent) != hashlib.md5(body).digest():
        raise Refusal(
            "BadDigest",
            "The Content-MD5 you specified did not match what we received.",
        )
    return True


def _decoded(value):
    try:
        return base64.b64decode(value, validate=True)
    except binascii.Error:
        return None


# -- policies ----------------------------------------------------------------


def _policies():
    moto_permission = FakeBucket.get_permission

    def get_permission(self, action, resource):
        # moto leaves conditions out, so "deny what is not TLS" would deny
        # all.  The sandbox's plain HTTP stands for TLS.
        if self.policy is None:
            return PermissionResult.NEUTRAL
        kept, policy = self.policy, json.loads(self.policy)
        policy["Statement"] = [
            s for s in _statements(policy) if not _only_in_the_clear(s)
        ]
        self.policy = json.dumps(policy).encode()
        try:
            return moto_permission(self, action, resource)
        finally:
            self.policy = kept

    moto_put = S3Response._bucket_response_put

    def put(self, request, bucket_name, querystring):
        if "policy" in querystring:
            _check_policy(self.backend.get_bucket(bucket_name), self.body)
        elif "acl" in querystring:
            _check_acl(self.backend.get_bucket(bucket_name))
        return moto_put(self, request, bucket_name, querystring)

    FakeBucket.get_permission = get_permission
    S3Response._bucket_response_put = put


def _statements(policy):
    statements = policy.get("Statement", [])
    return statements if isinstance(statements, list) else [statements]


def _only_in_the_clear(statement):
    tests = statement.get("Condition", {}).get("Bool", {})
    return str(tests.get("aws:SecureTransport", "true")).lower() == "false"


def _check_policy(bucket, body):
    try:
        policy = json.loads(body)
        statements = _statements(policy)
        assert all(s["Effect"] in ("Allow", "Deny") for s in statements)
    except (ValueError, KeyError, TypeError, AttributeError, AssertionError):
        raise Refusal(
            "MalformedPolicy", "This policy contains invalid Json"
        ) from None
    for statement in statements:
        named = statement.get("Resource", [])
        for resource in [named] if isinstance(named, str) else named:
            if f"{resource}/".startswith(f"{bucket.arn}/"):
                continue
            raise Refusal("MalformedPolicy", "Policy has invalid resource")
    # BlockPublicPolicy: nobody may let everybody in.
    block = bucket.public_access_block
    if (
        block is not None
        and block.block_public_policy
        and any(
            s["Effect"] == "Allow"
            and s.get("Principal") in ("*", {"AWS": "*"})
            and not s.get("Condition")
            for s in statements
        )
    ):
        raise Refusal("AccessDenied", "Access Denied", 403)


def _check_acl(bucket):
    # A bucket whose owner owns all in it knows no access control lists.
    if bucket.ownership_rule == "BucketOwnerEnforced":
        raise Refusal(
            "AccessControlListNotSupported", "The bucket does not allow ACLs"
        )
