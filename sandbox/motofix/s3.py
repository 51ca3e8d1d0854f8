# SPDX-License-Identifier: MIT
"""Buckets: where they are, how they are born, and what they believe."""

import urllib.parse

import xmltodict
from moto.s3.models import FakeBucket, PublicAccessBlock
from moto.s3.responses import S3Response

from .s3_checks import XML


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

    S3Response._bucket_response = bucket_response
    S3Response._key_response = key_response


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


def _spelled(body):
    lists = ("Version", "DeleteMarker")
    root = xmltodict.parse(body, force_list=lists, strip_whitespace=False)
    answer = root["ListVersionsResult"]
    answer["EncodingType"] = "url"
    for item in [i for name in lists for i in answer.get(name) or []]:
        item["Key"] = urllib.parse.quote_plus(item["Key"], safe="/*")
    for name in ("KeyMarker", "NextKeyMarker", "Prefix"):
        if answer.get(name):
            answer[name] = urllib.parse.quote_plus(answer[name], safe="/*")
    return xmltodict.unparse(root)
