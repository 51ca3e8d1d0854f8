# SPDX-License-Identifier: MIT
"""Buckets as S3 makes them, and what it refuses."""

import base64
import hashlib
import json
import zlib

import boto3
import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from botocore.httpsession import URLLib3Session
from sandboxctl import EAST, WEST, code_of


@pytest.fixture
def s3(sandbox):
    return sandbox.boto("s3", EAST)


@pytest.fixture
def west(sandbox):
    return sandbox.boto("s3", WEST)


@pytest.fixture
def bucket(s3, unique):
    name = unique("bucket")
    s3.create_bucket(Bucket=name)
    return name


def in_west(west, name, **more):
    west.create_bucket(
        Bucket=name,
        CreateBucketConfiguration={"LocationConstraint": WEST, **more},
    )
    return name


@pytest.fixture
def call(sandbox):
    """A request of one's own, signed for us-east-1: (status, text)."""

    def send(method, path, body=b"", **headers):
        request = AWSRequest(
            method,
            sandbox.endpoint(EAST) + path,
            data=body,
            headers={k.replace("_", "-"): v for k, v in headers.items()},
        )
        S3SigV4Auth(
            Credentials("sandbox", "sandbox-secret"), "s3", EAST
        ).add_auth(request)
        answer = URLLib3Session().send(request.prepare())
        return answer.status_code, answer.text

    return send


# -- a new bucket -------------------------------------------------------------


def test_a_new_bucket_is_private_encrypted_and_its_owners(s3, bucket):
    block = s3.get_public_access_block(Bucket=bucket)
    assert set(block["PublicAccessBlockConfiguration"].values()) == {True}
    controls = s3.get_bucket_ownership_controls(Bucket=bucket)
    assert controls["OwnershipControls"]["Rules"] == [
        {"ObjectOwnership": "BucketOwnerEnforced"}
    ]
    encryption = s3.get_bucket_encryption(Bucket=bucket)
    (rule,) = encryption["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"] == {
        "SSEAlgorithm": "AES256"
    }
    assert "Status" not in s3.get_bucket_versioning(Bucket=bucket)


def test_encryption_cannot_be_switched_off(s3, bucket):
    s3.delete_bucket_encryption(Bucket=bucket)
    assert s3.get_bucket_encryption(Bucket=bucket)


def test_a_bucket_is_born_with_its_tags(s3, west, unique):
    tags = [{"Key": "a", "Value": "b"}, {"Key": "c", "Value": "d"}]
    name = in_west(west, unique("tagged"), Tags=tags)
    assert west.get_bucket_tagging(Bucket=name)["TagSet"] == tags
    name = unique("tagged")
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"Tags": tags[:1]})
    assert s3.get_bucket_tagging(Bucket=name)["TagSet"] == tags[:1]


def test_no_tags_are_an_error(s3, bucket):
    with pytest.raises(ClientError) as error:
        s3.get_bucket_tagging(Bucket=bucket)
    assert code_of(error) == ("NoSuchTagSet", 404)


def test_ones_own_bucket_again(s3, west, unique):
    name = unique("again")
    tags = [{"Key": "a", "Value": "b"}]
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"Tags": tags})
    s3.create_bucket(Bucket=name)  # in us-east-1 nothing happens
    assert s3.get_bucket_tagging(Bucket=name)["TagSet"] == tags
    name = in_west(west, unique("again"))
    with pytest.raises(ClientError) as error:
        in_west(west, name)
    assert code_of(error) == ("BucketAlreadyOwnedByYou", 409)


def test_the_region_of_a_bucket_is_named_where_it_is_made(west, unique):
    with pytest.raises(ClientError) as error:
        west.create_bucket(Bucket=unique("nowhere"))
    assert code_of(error) == ("IllegalLocationConstraintException", 400)


def test_a_bucket_with_objects_stays(s3, bucket):
    s3.put_bucket_versioning(
        Bucket=bucket, VersioningConfiguration={"Status": "Enabled"}
    )
    version = s3.put_object(Bucket=bucket, Key="a", Body=b"1")["VersionId"]
    marker = s3.delete_object(Bucket=bucket, Key="a")["VersionId"]
    for last in (version, marker):
        with pytest.raises(ClientError) as error:
            s3.delete_bucket(Bucket=bucket)
        assert code_of(error) == ("BucketNotEmpty", 409)
        s3.delete_object(Bucket=bucket, Key="a", VersionId=last)
    s3.delete_bucket(Bucket=bucket)


# -- where it is --------------------------------------------------------------


def test_what_is_not_there_is_a_404(s3, bucket, unique):
    with pytest.raises(ClientError) as error:
        s3.head_bucket(Bucket=unique("none"))
    assert code_of(error) == ("404", 404)
    with pytest.raises(ClientError) as error:
        s3.head_object(Bucket=bucket, Key="none")
    assert code_of(error) == ("404", 404)


def test_a_bucket_answers_in_its_own_region(call, s3, west, unique):
    name = in_west(west, unique("west"))
    status, text = call("GET", f"/{name}?versioning")
    assert (status, "<Code>PermanentRedirect" in text) == (301, True)
    assert f"<Endpoint>{name}.s3.{WEST}.amazonaws.com" in text
    assert call("HEAD", f"/{name}") == (301, "")
    # The SDK follows, and everywhere may ask where it is.
    assert s3.get_bucket_versioning(Bucket=name)
    assert s3.get_bucket_location(Bucket=name)["LocationConstraint"] == WEST


def test_a_bucket_of_another_account(sandbox, s3, bucket):
    role = "arn:aws:iam::210987654321:role/x"
    keys = sandbox.boto("sts", EAST).assume_role(
        RoleArn=role, RoleSessionName="other"
    )["Credentials"]
    other = boto3.client(
        "s3",
        region_name=EAST,
        endpoint_url=sandbox.endpoint(EAST),
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    )
    with pytest.raises(ClientError) as error:
        other.get_bucket_versioning(Bucket=bucket)
    assert code_of(error) == ("AccessDenied", 403)
    with pytest.raises(ClientError) as error:
        other.head_bucket(Bucket=bucket)
    assert code_of(error) == ("403", 403)
    with pytest.raises(ClientError) as error:
        other.create_bucket(Bucket=bucket)
    assert code_of(error) == ("BucketAlreadyExists", 409)


# -- bodies -------------------------------------------------------------------

VERSIONING = (
    b'<VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
    b"<Status>Enabled</Status></VersioningConfiguration>"
)


def spelled(digest):
    return base64.b64encode(digest).decode()


def test_a_configuration_needs_a_checksum(call, bucket):
    status, text = call("PUT", f"/{bucket}?versioning", VERSIONING)
    assert (status, "InvalidRequest" in text) == (400, True)
    assert "Content-MD5 OR x-amz-checksum-" in text


@pytest.mark.parametrize(
    "name, digest",
    [
        ("Content-MD5", hashlib.md5(VERSIONING).digest()),
        (
            "x-amz-checksum-crc32",
            zlib.crc32(VERSIONING).to_bytes(4, "big"),
        ),
        ("x-amz-checksum-sha1", hashlib.sha1(VERSIONING).digest()),
        ("x-amz-checksum-sha256", hashlib.sha256(VERSIONING).digest()),
    ],
)
def test_a_checksum_is_believed_only_if_it_is_right(call, bucket, name, digest):
    path = f"/{bucket}?versioning"
    assert call("PUT", path, VERSIONING, **{name: spelled(digest)})[0] == 200
    wrong = bytes([digest[0] ^ 1]) + digest[1:]
    status, text = call("PUT", path, VERSIONING, **{name: spelled(wrong)})
    assert (status, "<Code>BadDigest" in text) == (400, True)
    status, text = call("PUT", path, VERSIONING, **{name: "abc"})
    code = "InvalidDigest" if "MD5" in name else "InvalidRequest"
    assert (status, f"<Code>{code}" in text) == (400, True)


def test_an_objects_checksum_is_checked_too(call, bucket):
    status, text = call(
        "PUT", f"/{bucket}/a", b"1", x_amz_checksum_crc32="AAAAAA=="
    )
    assert (status, "<Code>BadDigest" in text) == (400, True)


# -- policies -----------------------------------------------------------------


def policy(bucket, **statement):
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Deny",
                    "Principal": "*",
                    "Action": "s3:*",
                    "Resource": [
                        f"arn:aws:s3:::{bucket}",
                        f"arn:aws:s3:::{bucket}/*",
                    ],
                    **statement,
                }
            ],
        }
    )


def test_a_policy_against_plain_text_lets_the_rest_through(s3, bucket):
    text = policy(
        bucket, Condition={"Bool": {"aws:SecureTransport": "false"}}
    )
    answer = s3.put_bucket_policy(Bucket=bucket, Policy=text)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204
    s3.put_object(Bucket=bucket, Key="a", Body=b"1")
    assert s3.get_object(Bucket=bucket, Key="a")["Body"].read() == b"1"
    done = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "a"}]})
    assert "Errors" not in done
    assert json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"]) == (
        json.loads(text)
    )


def test_a_policy_without_condition_denies(s3, bucket):
    s3.put_object(Bucket=bucket, Key="a", Body=b"1")
    s3.put_bucket_policy(Bucket=bucket, Policy=policy(bucket))
    with pytest.raises(ClientError):
        s3.get_object(Bucket=bucket, Key="a")
    s3.delete_bucket_policy(Bucket=bucket)


@pytest.mark.parametrize(
    "text, code",
    [
        ("no policy", ("MalformedPolicy", 400)),
        (policy("another"), ("MalformedPolicy", 400)),
        (policy("BUCKET", Effect="Perhaps"), ("MalformedPolicy", 400)),
        (policy("BUCKET", Effect="Allow"), ("AccessDenied", 403)),
    ],
)
def test_policies_that_are_refused(s3, bucket, text, code):
    with pytest.raises(ClientError) as error:
        s3.put_bucket_policy(
            Bucket=bucket, Policy=text.replace("BUCKET", bucket)
        )
    assert code_of(error) == code


def test_the_public_is_let_in_where_nothing_blocks_it(s3, bucket):
    s3.delete_public_access_block(Bucket=bucket)
    s3.put_bucket_policy(Bucket=bucket, Policy=policy(bucket, Effect="Allow"))


def test_no_access_control_lists_where_the_owner_owns_all(s3, bucket):
    with pytest.raises(ClientError) as error:
        s3.put_bucket_acl(Bucket=bucket, ACL="public-read")
    assert code_of(error) == ("AccessControlListNotSupported", 400)


# -- lists --------------------------------------------------------------------


def test_keys_are_spelled_when_asked(call, s3, bucket):
    for key in ("a b+c%", "é/ü", "plain", "\x01\r"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"")
    keys = [
        v["Key"] for v in s3.list_object_versions(Bucket=bucket)["Versions"]
    ]
    # botocore asks for it, and reads them.
    assert keys == ["\x01\r", "a b+c%", "plain", "é/ü"]
    status, text = call("GET", f"/{bucket}?encoding-type=url&versions=")
    assert status == 200
    assert "<Key>a+b%2Bc%25</Key>" in text and "<Key>%01%0D</Key>" in text
    assert "<EncodingType>url" in text


def test_a_quiet_deletion_tells_only_what_went_wrong(s3, bucket):
    for quiet in (False, True):
        s3.put_object(Bucket=bucket, Key="a", Body=b"")
        answer = s3.delete_objects(
            Bucket=bucket, Delete={"Objects": [{"Key": "a"}], "Quiet": quiet}
        )
        assert ("Deleted" in answer) is not quiet


def test_an_operation_has_its_present_name(sandbox, s3, bucket):
    sandbox.forget_calls()
    with pytest.raises(ClientError):
        s3.get_bucket_lifecycle_configuration(Bucket=bucket)
    (logged,) = sandbox.calls()
    assert logged["operation"] == "GetBucketLifecycleConfiguration"
