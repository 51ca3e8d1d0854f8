# SPDX-License-Identifier: MIT
"""Listeners: one for each port, and HTTPS only with an issued certificate."""

from moto.elbv2.exceptions import (
    DuplicateListenerError,
    ListenerNotFoundError,
    LoadBalancerNotFoundError,
)
from moto.elbv2.exceptions import ELBClientError as Error
from moto.elbv2.models import ELBv2Backend, FakeAction
from moto.elbv2.ssl_policies import SSL_POLICIES

DEFAULT_POLICY = "ELBSecurityPolicy-2016-08"


def apply(world):
    _creation(world)
    _modification(world)
    _removal(world)


def _creation(world):
    moto_create = ELBv2Backend.create_listener

    def create(
        self,
        load_balancer_arn,
        protocol,
        port,
        ssl_policy,
        certificate,
        actions,
        *args,
        **kwargs,
    ):
        balancer = self.load_balancers.get(load_balancer_arn)
        if balancer is None:
            raise LoadBalancerNotFoundError()
        if protocol == "HTTPS":
            _check_https(world, self.region_name, ssl_policy, certificate)
        else:
            if certificate:
                raise Error(
                    "ValidationError",
                    "A certificate cannot be specified for HTTP listeners",
                )
            ssl_policy = None
        # The same port and settings are the same listener; else a conflict.
        for listener in balancer.listeners.values():
            if str(listener.port) != str(port):
                continue
            if (
                listener.protocol != protocol
                or listener.ssl_policy != ssl_policy
                or listener.certificate != certificate
                or [a.data for a in listener.default_actions] != actions
            ):
                raise DuplicateListenerError()
            return listener
        return moto_create(
            self,
            load_balancer_arn,
            protocol,
            port,
            ssl_policy,
            certificate,
            actions,
            *args,
            **kwargs,
        )

    ELBv2Backend.create_listener = create


def _check_https(world, region, policy, certificate):
    if not certificate:
        raise Error(
            "ValidationError",
            "A certificate must be specified for HTTPS listeners",
        )
    if policy not in SSL_POLICIES:
        raise Error("SSLPolicyNotFound", f"SSL policy '{policy}' not found")
    if ":acm:" not in certificate:
        return
    try:
        found = world.backend("acm", region).get_certificate(certificate)
    except Exception as unknown:  # moto's CertificateNotFound, of ACM
        raise Error(
            "CertificateNotFound", f"Certificate '{certificate}' not found"
        ) from unknown
    if found.status != "ISSUED":
        raise Error(
            "UnsupportedCertificate",
            f"The certificate '{certificate}' must have a fully-qualified "
            "domain name, a supported signature, and a supported key size.",
        )


def _modification(world):
    moto_modify = ELBv2Backend.modify_listener

    def modify(self, arn, port, protocol, ssl_policy, certificates, actions):
        listener = self.describe_listeners(None, [arn])[0]
        before = listener.certificate
        if (protocol or listener.protocol) == "HTTPS":
            _check_https(
                world,
                self.region_name,
                ssl_policy or listener.ssl_policy or DEFAULT_POLICY,
                (
                    certificates[0]["CertificateArn"]
                    if certificates
                    else listener.certificate
                ),
            )
        self._validate_actions([FakeAction(a) for a in actions or ()])
        moto_modify(
            self, arn, port, protocol, ssl_policy, certificates, actions
        )
        if listener.protocol == "HTTP":
            # "Changing the protocol from HTTPS to HTTP removes the security
            # policy and default certificate properties", says the model.
            listener.ssl_policy = listener.certificate = None
            listener.certificates = []
        elif listener.ssl_policy is None:
            listener.ssl_policy = DEFAULT_POLICY
        _release(world, self.region_name, before, arn)
        _use(world, self.region_name, listener.certificate, arn)
        return listener

    ELBv2Backend.modify_listener = modify


def _removal(world):
    def delete(self, listener_arn):
        for balancer in self.load_balancers.values():
            listener = balancer.listeners.pop(listener_arn, None)
            if listener is None:
                continue
            _release(
                world, self.region_name, listener.certificate, listener_arn
            )
            self.tagging_service.delete_all_tags_for_resource(listener_arn)
            return listener
        raise ListenerNotFoundError()

    ELBv2Backend.delete_listener = delete


def _users(world, region, certificate):
    """Who uses a certificate of ACM's: moto's list, which only ever grows."""
    found = world.backend("acm", region)._certificates.get(certificate)
    return found.in_use_by if found else []


def _use(world, region, certificate, arn):
    users = _users(world, region, certificate)
    if arn not in users:
        users.append(arn)


def _release(world, region, certificate, arn):
    users = _users(world, region, certificate)
    if arn in users:
        users.remove(arn)
