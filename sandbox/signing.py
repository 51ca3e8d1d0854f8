# SPDX-License-Identifier: MIT
"""Signature Version 4, checked as AWS checks it, in front of moto.

moto's own check refuses well-signed GETs and ignores the date, so the front
does it with botocore's signer: the request that came in is signed again with
the secret that belongs to its access key, over the headers that the client
says it signed, and the two signatures must be equal.
"""

import calendar
import hashlib
import hmac
import time
import urllib.parse

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

SANDBOX_KEY, SANDBOX_SECRET = "sandbox", "sandbox-secret"
MAX_SKEW_SECONDS = 300
_UNHASHED = ("UNSIGNED-PAYLOAD", "STREAMING-")

MISMATCH = (
    "The request signature we calculated does not match the signature "
    "you provided. Check your AWS Secret Access Key and signing method. "
    "Consult the service documentation for details."
)
INVALID_TOKEN = "The security token included in the request is invalid."


class Refused(Exception):
    """The call may not pass; carries the reason's name and the text."""

    def __init__(self, reason, text):
        super().__init__(text)
        self.reason = reason
        self.text = text


class Scope:
    """The parsed Authorization header of one request."""

    def __init__(self, header):
        try:
            algorithm, _, rest = header.partition(" ")
            fields = dict(f.strip().split("=", 1) for f in rest.split(","))
            credential = fields["Credential"].split("/")
            self.access_key = "/".join(credential[:-4])
            self.date, self.region, self.service, end = credential[-4:]
            self.signed_headers = fields["SignedHeaders"].split(";")
            self.signature = fields["Signature"]
        except (ValueError, KeyError, IndexError):
            raise Refused(
                "incomplete", "Authorization header is malformed"
            ) from None
        if algorithm != "AWS4-HMAC-SHA256" or end != "aws4_request":
            raise Refused("incomplete", "Authorization header is not SigV4")


def scope_of(request):
    """The Scope of a request; Refused when it carries none."""
    header = request.headers.get("Authorization")
    if not header:
        raise Refused("missing", "Request is missing Authentication Token")
    return Scope(header)


class Checker:
    """Verifies signatures; `secrets` maps an access key to its secret and to
    the session token that must come with it (None: no matter)."""

    def __init__(self, clock, secrets):
        self.clock = clock
        self.secrets = secrets

    def check(self, request, scope):
        """Raise Refused unless the request is signed, whole and recent."""
        stamp = self._stamp(request, scope)
        secret, token = self.secrets(scope.access_key)
        if token not in (None, request.headers.get("X-Amz-Security-Token")):
            raise Refused("unknown", INVALID_TOKEN)
        signature = _sign(request, scope, stamp, secret)
        if not hmac.compare_digest(signature, scope.signature):
            raise Refused("mismatch", MISMATCH)
        claimed = request.headers.get(
            "X-Amz-Content-SHA256", "UNSIGNED-PAYLOAD"
        )
        if (
            not claimed.startswith(_UNHASHED)
            and claimed != hashlib.sha256(request.body).hexdigest()
        ):
            raise Refused(
                "mismatch",
                "The provided 'x-amz-content-sha256' "
                "header does not match what was computed.",
            )

    def _stamp(self, request, scope):
        stamp = request.headers.get("X-Amz-Date") or ""
        try:
            sent = calendar.timegm(time.strptime(stamp, "%Y%m%dT%H%M%SZ"))
        except ValueError:
            raise Refused(
                "incomplete", "a valid X-Amz-Date is needed"
            ) from None
        if not stamp.startswith(scope.date):
            raise Refused(
                "mismatch",
                "Date in Credential scope does not match "
                f"YYYYMMDD from ISO-8601 version of date: {scope.date}",
            )
        now = self.clock.now()
        if abs(now - sent) > MAX_SKEW_SECONDS:
            here = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now))
            how = "expired" if sent < now else "not yet current"
            raise Refused(
                "skewed",
                f"Signature {how}: {stamp} is now "
                f"{'earlier' if sent < now else 'later'} than {here} "
                f"({MAX_SKEW_SECONDS // 60} min.)",
            )
        return stamp


def _signer(base):
    class Signer(base):
        """botocore's signer, told which headers and which query to use."""

        def headers_to_sign(self, request):
            return request.headers

        def canonical_query_string(self, request):
            return canonical_query(urllib.parse.urlsplit(request.url).query)

        def payload(self, request):
            return hashlib.sha256(request.body or b"").hexdigest()

    return Signer


_Signer, _S3Signer = _signer(SigV4Auth), _signer(S3SigV4Auth)


def canonical_query(query):
    """The query decoded and encoded again, so that two spellings are one."""
    pairs = []
    for pair in filter(None, query.split("&")):
        name, _, value = pair.partition("=")
        pairs.append(
            tuple(
                urllib.parse.quote(
                    urllib.parse.unquote_to_bytes(text), safe="-_.~"
                )
                for text in (name, value)
            )
        )
    return "&".join(f"{name}={value}" for name, value in sorted(pairs))


def _sign(request, scope, stamp, secret):
    aws = AWSRequest(
        method=request.method,
        data=request.body,
        url="http://sandbox" + request.target,
    )
    for name in scope.signed_headers:
        value = request.headers.get(name)
        if value is None:
            raise Refused("mismatch", f"signed header {name} is missing")
        aws.headers.add_header(name, value)
    if request.headers.get("X-Amz-Content-SHA256") and not aws.headers.get(
        "X-Amz-Content-SHA256"
    ):
        raise Refused("mismatch", "x-amz-content-sha256 is not signed")
    aws.context["timestamp"] = stamp
    base = _S3Signer if scope.service == "s3" else _Signer
    signer = base(
        Credentials(scope.access_key, secret), scope.service, scope.region
    )
    text = signer.string_to_sign(aws, signer.canonical_request(aws))
    return signer.signature(text, aws)


def refusal(kind, service, reason):
    """(status, code) in which a service of that protocol says `reason`."""
    json_like = kind in ("json", "rest-json")
    status = 400 if kind == "json" else 403
    if reason == "missing":
        if kind == "s3":
            return 403, "AccessDenied"
        return 403, "MissingAuthenticationToken" + (
            "Exception" if json_like else ""
        )
    if reason == "incomplete":
        return 400, "IncompleteSignature" + ("Exception" if json_like else "")
    if reason == "skewed" and kind == "s3":
        return 403, "RequestTimeTooSkewed"
    if reason == "skewed" and kind == "ec2":
        return 400, "RequestExpired"
    if reason == "unknown":
        if json_like:
            return status, "UnrecognizedClientException"
        return 403, {"s3": "InvalidAccessKeyId", "ec2": "AuthFailure"}.get(
            kind, "InvalidClientTokenId"
        )
    if json_like:
        return status, "InvalidSignatureException"
    return 403, "SignatureDoesNotMatch"
