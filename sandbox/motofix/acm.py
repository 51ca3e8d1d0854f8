# SPDX-License-Identifier: MIT
"""Certificates: proved by a record that the public DNS really has.

moto issues every certificate after a minute.  Here the CNAME has to be in one
of the sandbox's hosted zones, as its name server would answer.
"""

import hashlib
import json
import re

from moto.acm.models import AWSCertificateManagerBackend as Backend
from moto.acm.models import CertBundle
from moto.acm.responses import AWSCertificateManagerResponse as Response
from moto.core.exceptions import AWSError

RECORD_AFTER = 5  # AWS seconds until a certificate's record is known
ISSUED_AFTER = 10  # AWS seconds from the record to the certificate
TIMED_OUT_AFTER = 72 * 3600
LISTED_KEYS = ("RSA_1024", "RSA_2048")  # unless Includes says otherwise
PAGE = 1000
# DomainName of the service model.
_DOMAIN = re.compile(
    r"(\*\.)?(((?!-)[A-Za-z0-9-]{0,62}[A-Za-z0-9])\.)+"
    r"((?!-)[A-Za-z0-9-]{1,62}[A-Za-z0-9])"
)
_SUMMARY = (
    "CertificateArn",
    "DomainName",
    "Status",
    "Type",
    "KeyAlgorithm",
    "InUse",
    "NotBefore",
    "NotAfter",
    "CreatedAt",
    "RenewalEligibility",
)


class ResourceInUse(AWSError):
    TYPE = "ResourceInUseException"


class Invalid(AWSError):
    TYPE = "ValidationException"


def apply(world):
    _requests(world)
    _validation(world)
    _removal()
    _listing()


def _requests(world):
    moto_request = Backend.request_certificate

    def request(self, domain_name, idempotency_token, *args, **kwargs):
        if len(domain_name) > 253 or not _DOMAIN.fullmatch(domain_name):
            raise Invalid(
                "1 validation error detected: Value at 'domainName' failed "
                "to satisfy constraint: Member must satisfy regular "
                f"expression pattern: {_DOMAIN.pattern}"
            )
        # moto remembers the tokens of certificates that it has forgotten.
        known = self._idempotency_tokens.get(idempotency_token)
        if known and known["arn"] not in self._certificates:
            del self._idempotency_tokens[idempotency_token]
        arn = moto_request(
            self, domain_name, idempotency_token, *args, **kwargs
        )
        bundle = self._certificates[arn]
        if not hasattr(bundle, "requested_at"):
            bundle.requested_at = world.clock.aws()
            bundle.proved_at = None
        return arn

    Backend.request_certificate = request


def record_of(domain):
    """The record that proves a domain: one for all certificates of it."""
    base = domain.removeprefix("*.").lower()
    name, value = (
        hashlib.sha256(f"{what} of {base}".encode()).hexdigest()[:32]
        for what in ("name", "value")
    )
    return {
        "Name": f"_{name}.{base}.",
        "Type": "CNAME",
        "Value": f"_{value}.sandbox.acm-validations.aws.",
    }


def _is_published(world, domain):
    record = record_of(domain)
    answer = world.zones.answer(record["Name"], "CNAME")
    return any(
        rtype == "CNAME" and value.lower().rstrip(".") + "." == record["Value"]
        for _, rtype, _, value in answer.records
    )


def _validation(world):
    """PENDING_VALIDATION until every name is proved, then a moment more."""
    moto_check, moto_describe = CertBundle.check, CertBundle.describe

    def check(self):
        requested_at = getattr(self, "requested_at", None)
        if self.status != "PENDING_VALIDATION" or requested_at is None:
            moto_check(self)
            return
        now = world.clock.aws()
        if self.proved_at is None and all(
            _is_published(world, o["DomainName"])
            for o in moto_describe(self)["Certificate"][
                "DomainValidationOptions"
            ]
        ):
            self.proved_at = now
        if self.proved_at is not None:
            if now >= self.proved_at + ISSUED_AFTER:
                self.status = "ISSUED"
        elif now >= requested_at + TIMED_OUT_AFTER:
            self.status = "VALIDATION_TIMED_OUT"

    def describe(self):
        answer = moto_describe(self)
        certificate = answer["Certificate"]
        requested_at = getattr(self, "requested_at", None)
        for option in certificate.get("DomainValidationOptions", ()):
            option["ResourceRecord"] = record_of(option["DomainName"])
            # "There is a delay of several seconds before you can retrieve
            # information about the new certificate", says the model.
            if (
                requested_at is not None
                and world.clock.aws() < requested_at + RECORD_AFTER
            ):
                del option["ResourceRecord"]
        if self.status != "ISSUED":
            for key in ("IssuedAt", "NotBefore", "NotAfter", "Serial"):
                certificate.pop(key, None)
        return answer

    CertBundle.check = check
    CertBundle.describe = describe


def _removal():
    """Not while a listener uses it."""
    moto_delete = Backend.delete_certificate

    def delete(self, arn):
        found = self._certificates.get(arn)
        if found is not None and found.in_use_by:
            raise ResourceInUse(f"Certificate {arn} is in use.")
        moto_delete(self, arn)

    Backend.delete_certificate = delete


def _listing():
    """Summaries, in pages, and only RSA keys of up to 2048 bits unless told
    otherwise."""

    def list_certificates(self):
        includes = {
            "keyTypes": LISTED_KEYS,
            **(self._get_param("Includes") or {}),
        }
        size = int(self._get_param("MaxItems") or PAGE)
        start = int(self._get_param("NextToken") or 0)
        if not 1 <= size <= PAGE:
            raise Invalid(
                "1 validation error detected: Value at 'maxItems' failed to "
                f"satisfy constraint: Member must be between 1 and {PAGE}"
            )
        found = [
            _summary(bundle)
            for bundle in list(
                self.acm_backend.list_certificates(
                    self._get_param("CertificateStatuses"), includes
                )
            )
        ]
        answer = {"CertificateSummaryList": found[start : start + size]}
        if len(found) > start + size:
            answer["NextToken"] = str(start + size)
        return json.dumps(answer)

    Response.list_certificates = list_certificates


def _summary(bundle):
    certificate = bundle.describe()["Certificate"]
    certificate["InUse"] = bool(certificate["InUseBy"])
    return {k: certificate[k] for k in _SUMMARY if k in certificate}
