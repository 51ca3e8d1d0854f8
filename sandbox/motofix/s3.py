# SPDX-License-Identifier: MIT
"""Buckets: where they are, how they are born, and what they believe."""

import urllib.parse

import xmltodict
from moto.s3.models import (
    FakeBucket,
    PublicAccessBlock,
    S3Backend,
    s3_backends,
)
from moto.s3.responses import S3Response

from .s3_checks import XML, Refusal


def apply(world):
    _births()
    _places()
    _answers()


# -- a new bucket ------------------------------------------------------------


def _births():
    moto_init = FakeBucket.__init__

    def init(self, *args, **kwargs):
        moto_init(self, *args, **kwargs)
        # Since 2023 a new bucket is private, encrypted and its owner's.
        self.public_access_block = PublicAccessBlock(True, True, True, True)
        self.ownership_rule = "BucketOwnerEnforced"
        self.encryption = _default_encryption()

    FakeBucket.__init__ = init
    moto_put = S3Response._bucket_response_put

    def put(self, request, bucket_name, querystring):
        if not querystring and _is_of_another(self.backend, bucket_name):
            raise Refusal(
                "BucketAlreadyExists",
                "The requested bucket name is not available. The bucket "
                "namespace is shared by all users of the system. Please "
                "select a different name and try again.",
                409,
            )
        known = bucket_name in self.backend.buckets
        answer = moto_put(self, request, bucket_name, querystring)
        # CreateBucket takes tags; again in us-east-1 it changes nothing.
        if not querystring and not known and self.body:
            tags = _tags_of(self.body)
            if tags:
                self.backend.put_bucket_tagging(bucket_name, tags)
        # These answer without a body; moto writes "True" into one.
        if "policy" in querystring:
            return 204, {}, ""
        return answer

    S3Response._bucket_response_put = put


def _default_encryption():
    return {
        "Rule": {
            "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"},
            "BucketKeyEnabled": "false",
        }
    }


def _tags_of(body):
    config = xmltodict.parse(body, force_list=("Tag",)).get(
        "CreateBucketConfiguration"
    )
    tags = ((config or {}).get("Tags") or {}).get("Tag", [])
    return {t["Key"]: t["Value"] or "" for t in tags}


# -- where it is -------------------------------------------------------------


def _places():
    moto_bucket = S3Response._bucket_response
    moto_key = S3Response._key_response

    def bucket_response(self, request, full_url):
        query = self._get_querystring(request, full_url)
        return _elsewhere(self, request, query) or moto_bucket(
            self, request, full_url
        )

    def key_response(self, request, full_url):
        return _elsewhere(self, request, {"key": ""}) or moto_key(
            self, request, full_url
        )

    moto_get = S3Backend.get_bucket

    def get_bucket(self, bucket_name):
        # Another account's bucket is there, and that is all one learns.
        if _is_of_another(self, bucket_name):
            raise Refusal("AccessDenied", "Access Denied", 403)
        return moto_get(self, bucket_name)

    S3Response._bucket_response = bucket_response
    S3Response._key_response = key_response
    S3Backend.get_bucket = get_bucket


def _is_of_another(backend, bucket_name):
    _, account = s3_backends.bucket_accounts.get(bucket_name, (None, None))
    return account not in (None, backend.account_id)


def _elsewhere(response, request, query):
    """The redirect to the region of the bucket, or None if it is this one.

    Only the creation and the question where it is go to any region.
    """
    bucket = response.backend.buckets.get(response.bucket_name)
    if (
        bucket is None
        or bucket.region_name == response.region
        or "location" in query
        or request.method == "PUT"
        and not query
    ):
        return None
    headers = {"x-amz-bucket-region": bucket.region_name, **XML}
    if request.method == "HEAD":
        return 301, headers, ""
    host = f"{bucket.name}.s3.{bucket.region_name}.amazonaws.com"
    text = (
        "The bucket you are attempting to access must be addressed using the "
        "specified endpoint. Please send all future requests to this endpoint."
    )
    error = {
        "Code": "PermanentRedirect",
        "Message": text,
        "Endpoint": host,
        "Bucket": bucket.name,
    }
    return 301, headers, xmltodict.unparse({"Error": error})


# -- what an answer has to be ------------------------------------------------


def _answers():
    moto_head = S3Response.head_bucket
    moto_head_object = S3Response.head_object

    # A HEAD of what is not there is a 404 of S3's, not of a web server.
    def head_bucket(self):
        status, headers, body = moto_head(self)
        return status, {**XML, **headers}, body

    def head_object(self, *args, **kwargs):
        status, headers, body = moto_head_object(self, *args, **kwargs)
        return status, {**XML, **headers} if status >= 400 else headers, body

    # Encryption cannot be switched off; to delete it brings the default back.
    def delete_bucket_encryption(self):
        bucket = self.backend.get_bucket(self.bucket_name)
        bucket.encryption = _default_encryption()
        return 204, {}, ""

    moto_versions = S3Response.list_object_versions

    # encoding-type=url: XML cannot carry every key.
    def list_object_versions(self):
        answer = moto_versions(self)
        if self.querystring.get("encoding-type", [None])[0] != "url":
            return answer
        status, headers, body = answer
        return status, headers, _spelled(body)

    moto_delete = S3Response._bucket_response_delete_keys

    # Quiet: only what went wrong is answered.
    def delete_keys(self, bucket_name, authenticated=True):
        status, headers, body = moto_delete(self, bucket_name, authenticated)
        asked = xmltodict.parse(self.body)["Delete"]
        if asked.get("Quiet") == "true":
            answer = xmltodict.parse(body)["DeleteResult"]
            answer.pop("Deleted", None)
            body = xmltodict.unparse({"DeleteResult": answer})
        return status, headers, body

    S3Response.head_bucket = head_bucket
    S3Response.head_object = head_object
    S3Response.delete_bucket_encryption = delete_bucket_encryption
    S3Response.list_object_versions = list_object_versions
    S3Response._bucket_response_delete_keys = delete_keys


# Characters that no XML can hold stand for themselves while it is read.
HELD = {c: 0xE000 + c for c in range(32) if chr(c) not in "\t\n"}
FREED = {held: c for c, held in HELD.items()}


def _spelled(body):
    lists = ("Version", "DeleteMarker")
    if isinstance(body, bytes):
        body = body.decode()
    root = xmltodict.parse(
        body.translate(HELD), force_list=lists, strip_whitespace=False
    )
    answer = root["ListVersionsResult"]
    answer["EncodingType"] = "url"
    places = [i for name in lists for i in answer.get(name) or []]
    for place, name in [(p, "Key") for p in places] + [
        (answer, name) for name in ("KeyMarker", "NextKeyMarker", "Prefix")
    ]:
        if place.get(name):
            place[name] = urllib.parse.quote_plus(
                place[name].translate(FREED), safe="/*"
            )
    return xmltodict.unparse(root)
