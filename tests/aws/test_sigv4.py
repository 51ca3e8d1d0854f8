# SPDX-License-Identifier: MIT
"""drd's signer against botocore's, on random requests.

The requests are made as drd makes them, percent-encoded where a URL needs it,
and then as nobody should make them: dot segments, runs of slashes, characters
that could have been encoded and are not.  The seed is fixed and in the name
of a failing case, so a difference can be looked at again.
"""

import datetime
import json
import os
import random
import subprocess
import sys
from pathlib import Path
from unittest import mock
from urllib.parse import quote

import pytest
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

ROOT = Path(__file__).resolve().parents[2]
DRIVER = (
    Path(os.environ.get("DRD_BUILD", ROOT / "build")) / "tests" / "sigv4_driver"
)
SEED = 20260101
COUNT = 3000

UNRESERVED = "abcXYZ019-._~"
IN_PATHS = UNRESERVED + "!$&'()*+,;=:@"
IN_QUERIES = UNRESERVED + "!$'()*,;:@/?"
UNICODE = "äß€漢字🙂é\u0301 "


def word(rng, alphabet, least=0, most=12):
    return "".join(
        rng.choice(alphabet) for _ in range(rng.randint(least, most))
    )


def encoded(rng, plain_alphabet):
    """A piece of a URL: encoded well, or left as the alphabet allows."""
    if rng.random() < 0.5:
        return quote(
            word(rng, UNICODE + plain_alphabet + "/%?#[]"), safe="-_.~"
        )
    piece = word(rng, plain_alphabet)
    if rng.random() < 0.2:
        piece += rng.choice(
            ["%2F", "%2f", "%20", "%25", "%7E", "%C3%A9", "%c3%a9"]
        )
    return piece


def path(rng):
    pieces = []
    for _ in range(rng.randint(0, 6)):
        pieces.append(
            rng.choice(
                [
                    encoded(rng, IN_PATHS),
                    encoded(rng, IN_PATHS),
                    encoded(rng, IN_PATHS),
                    "",
                    ".",
                    "..",
                    "...",
                    ".x",
                    "arn%3Aaws%3Alambda%3Aus-east-1%3A123456789012%3Afunction%3Af",
                ]
            )
        )
    return "/" + "/".join(pieces)


def query(rng):
    names = [encoded(rng, IN_QUERIES) for _ in range(rng.randint(1, 4))]
    pairs = []
    for _ in range(rng.randint(0, 6)):
        name = rng.choice(names)
        pairs.append(
            rng.choice(
                [
                    name,
                    f"{name}=",
                    f"{name}={encoded(rng, IN_QUERIES)}",
                    f"{name}={encoded(rng, IN_QUERIES)}=",
                ]
            )
        )
    # an empty last pair is a difference that the driver's file names
    return "&".join(pairs).rstrip("&")


def headers(rng):
    names = [
        "Content-Type",
        "X-Amz-Target",
        "amz-sdk-request",
        "amz-sdk-invocation-id",
        "x-amz-expected-bucket-owner",
        "X-AMZ-META-A",
        "x-amz-meta-a",
        "X-Amz-Meta-A-b",
        "x-amz-checksum-crc32",
        "Cache-Control",
        "accept",
    ]
    chosen = []
    for _ in range(rng.randint(0, 7)):
        value = " ".join(
            word(rng, UNRESERVED + '/;=,"+', 0, 8)
            for _ in range(rng.randint(0, 5))
        )
        if rng.random() < 0.3:
            value = (
                rng.choice([" ", "\t", "  \t"])
                + value
                + rng.choice([" ", "   ", "\t "])
            )
        chosen.append([rng.choice(names), value])
    return chosen


def case(number):
    rng = random.Random(f"{SEED}-{number}")
    s3 = rng.random() < 0.35
    host = rng.choice(
        [
            "s3.us-west-2.amazonaws.com",
            "route53.amazonaws.com",
            "127.0.0.1:4566",
            "localhost:5000",
            "[::1]:8080",
            "a-b.example.org",
        ]
    )
    return {
        "method": rng.choice(["GET", "PUT", "POST", "DELETE", "HEAD"]),
        "host": host,
        "path": path(rng),
        "query": query(rng),
        "headers": headers(rng),
        "body": rng.choice(
            [
                b"",
                b"{}",
                rng.randbytes(rng.randint(1, 300)),
                word(rng, UNICODE).encode(),
            ]
        ).hex(),
        "region": rng.choice(["us-east-1", "us-west-2", "eu-central-1"]),
        "service": (
            "s3"
            if s3
            else rng.choice(
                [
                    "route53",
                    "ssm",
                    "lambda",
                    "ec2",
                    "sts",
                    "elasticloadbalancing",
                    "monitoring",
                ]
            )
        ),
        "s3": s3,
        "wall_ms": rng.randint(0, 4102444800000),
        "key": "AKIA" + word(rng, "ABCDEFGH234567", 16, 16),
        "secret": word(rng, UNRESERVED + "/+=", 1, 40),
        "token": rng.choice([None, word(rng, UNRESERVED + "/+=", 1, 400)]),
    }


def botocore_signs(facts):
    """What botocore's signer adds to the same request."""
    auth = (S3SigV4Auth if facts["s3"] else SigV4Auth)(
        Credentials(facts["key"], facts["secret"], facts["token"]),
        facts["service"],
        facts["region"],
    )
    url = f"http://{facts['host']}{facts['path']}"
    if facts["query"]:
        url += "?" + facts["query"]
    request = AWSRequest(
        facts["method"], url, data=bytes.fromhex(facts["body"])
    )
    for name, value in facts["headers"]:
        request.headers.add_header(name, value)
    now = datetime.datetime(1970, 1, 1) + datetime.timedelta(
        milliseconds=facts["wall_ms"]
    )
    with mock.patch("botocore.auth.get_current_datetime", return_value=now):
        auth.add_auth(request)
    return {
        "date": request.headers["X-Amz-Date"],
        "authorization": request.headers["Authorization"],
        "payload": request.headers.get("X-Amz-Content-SHA256", ""),
    }


def drd_signs(cases):
    lines = "".join(json.dumps(facts) + "\n" for facts in cases)
    done = subprocess.run(
        [DRIVER],
        input=lines,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def cases():
    return [case(number) for number in range(COUNT)]


@pytest.fixture(scope="module")
def signed(cases):
    return drd_signs(cases)


def test_same_signatures(cases, signed):
    assert len(signed) == COUNT >= 1000
    different = [
        number
        for number, (facts, ours) in enumerate(zip(cases, signed))
        if ours != botocore_signs(facts)
    ]
    for number in different[:3]:
        print(
            f"case {SEED}-{number}: {json.dumps(cases[number])}\n"
            f"  drd      {signed[number]}\n  botocore {botocore_signs(cases[number])}",
            file=sys.stderr,
        )
    assert not different, f"{len(different)} of {COUNT} differ"


def test_the_cases_are_worth_it(cases):
    """The generator reaches what the design asks for."""

    def some(claim):
        return sum(1 for facts in cases if claim(facts)) >= 50

    assert some(lambda f: "//" in f["path"])
    assert some(lambda f: "/../" in f["path"] or f["path"].endswith("/.."))
    assert some(lambda f: "%" in f["path"] and not f["s3"])
    assert some(lambda f: "%F0%9F%99%82" in f["path"] + f["query"])
    assert some(lambda f: "==" in f["query"] or f["query"].endswith("="))
    assert some(
        lambda f: len(names := [p.split("=")[0] for p in f["query"].split("&")])
        > len(set(names))
    )
    assert some(
        lambda f: len(names := [n.lower() for n, _ in f["headers"]])
        > len(set(names))
    )
    assert some(lambda f: any("  " in v for _, v in f["headers"]))
    assert some(lambda f: f["token"])
    assert some(lambda f: not f["body"])


def test_a_changed_byte_is_noticed(cases, signed):
    """The comparison can fail: one other byte, another signature."""
    changed = dict(cases[0], body=cases[0]["body"] + "00")
    assert botocore_signs(changed) != signed[0]
