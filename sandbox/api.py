# SPDX-License-Identifier: MIT
"""The front of the AWS APIs: faults, signatures, the call log, then moto.

127.0.0.1 answers for every region, so that plain AWS clients work; each region
also has an address of its own, which is what can be cut like a real one.  A
call's region and service come from its credential scope, as in AWS; moto would
also believe a User-Agent or a Host, so those are kept from it.
"""

import io
import sys
import time
import urllib.parse

from . import balancers, protocols, signing
from .calls import call_facts
from .faults import API
from .httpd import Headers, Server, reason_phrase
from .listener import DROPPED, OPEN, REFUSED, Listener
from .protocols import GLOBAL_REGION

HOLD_SECONDS = 0.2
_HIDDEN_FROM_MOTO = (
    "user-agent",
    "expect",
    "transfer-encoding",
    "content-length",
    "content-type",
)
_HIDDEN_FROM_CLIENT = ("connection", "date", "content-length")


class Api:
    def __init__(self, world, check_signatures=True):
        self.world = world
        self.server = Server("api", self.handle)
        self.checker = (
            signing.Checker(world.clock, self._secret)
            if check_signatures
            else None
        )
        self.listeners = []
        self._app = None

    # -- addresses -------------------------------------------------------

    def listen(self, port):
        shared = Listener("127.0.0.1", port, self.server)
        shared.region = None
        self.listeners.append(shared)
        for region in self.world.regions.values():
            listener = Listener(region.api_address, port, self.server)
            listener.region = region.name
            self.listeners.append(listener)

    def follow_faults(self, spare=None):
        """Turn the regions' addresses to what the faults say."""
        for listener in self.listeners:
            if listener.region is not None:
                listener.turn(
                    self.world.faults.address_state(API, listener.region), spare
                )

    def close(self):
        for listener in self.listeners:
            listener.close()

    # -- one call --------------------------------------------------------

    def handle(self, connection, request):
        listener = connection.listener
        try:
            scope, refused = signing.scope_of(request), None
            service, region = scope.service.lower(), scope.region
        except signing.Refused as error:
            scope, refused = None, error
            service, region = "", listener.region or GLOBAL_REGION
        operation = protocols.operation(service, request) if service else ""
        entry = self.world.calls.add(
            **call_facts(request, service, region, operation)
        )
        fault, latency = self.world.faults.hit(
            API, self.world.fault_region(service, region), service, operation
        )
        time.sleep(latency / 1000)
        if listener.state != OPEN or fault and fault.mode in ("refuse", "drop"):
            entry["fault"] = fault.mode if fault else "drop"
            self._break(connection, fault)
            return
        entry["fault"] = fault.mode if fault else "latency" if latency else None
        status, headers, body, cut = self._respond(
            fault, request, scope, refused, operation, listener
        )
        entry["status"] = status
        entry["answered"] = time.time()
        self.world.faults.answered(region, service, operation, connection)
        connection.send(status, headers, body, self.world.clock.now(), cut)
        if listener.state == REFUSED:
            connection.abort()

    def _break(self, connection, fault):
        """Reset, or hold the call for as long as packets are lost.

        A held call is never carried out: its bytes did not arrive.
        """

        def listener_drops():
            return connection.listener.state == DROPPED

        def lost():
            return (
                listener_drops()
                or fault
                and (
                    fault.times is not None or fault in self.world.faults.list()
                )
            )

        if listener_drops() or fault and fault.mode == "drop":
            while not connection.aborted and lost():
                if connection.peer_has_gone(HOLD_SECONDS):
                    break
        connection.abort()

    def _respond(self, fault, request, scope, refused, operation, listener):
        """(status, headers, body, cut) of a call that gets an answer."""
        service = scope.service.lower() if scope else ""
        kind = protocols.shape(service, request)
        if fault is not None:
            made_up = _made_up(fault, kind, service)
            if made_up is not None:
                return made_up + (None,)
        try:
            if refused:
                raise refused
            self._admit(request, scope, listener)
        except signing.Refused as error:
            status, code = signing.refusal(kind, service, error.reason)
            return protocols.error(kind, service, status, code, error.text) + (
                None,
            )
        status, headers, body = self._call_moto(
            request, kind, service, operation
        )
        if fault is not None and fault.mode == "truncated" and body:
            half = len(body) // 2
            return (
                (status, headers, body, half)
                if not fault.well_formed
                else (status, headers, body[:half], None)
            )
        return status, headers, body, None

    def _admit(self, request, scope, listener):
        """Raise Refused unless AWS would let the call in at this address."""
        if self.checker is not None:
            self.checker.check(request, scope)
        if protocols.model(scope.service.lower()) is None:
            raise signing.Refused(
                "mismatch",
                "Credential should be scoped to "
                f"correct service, not '{scope.service}'.",
            )
        home = self.world.fault_region(scope.service.lower(), listener.region)
        if listener.region and scope.region != home:
            raise signing.Refused(
                "mismatch",
                "Credential should be scoped to a "
                f"valid region, not '{scope.region}'.",
            )
        if scope.region not in (*self.world.regions, GLOBAL_REGION):
            raise signing.Refused(
                "mismatch", f"the sandbox has no region '{scope.region}'"
            )

    def _secret(self, access_key):
        """(secret, session token) of an access key: the sandbox's own, one that
        IAM or STS gave out here, or the environment's for any other."""
        if access_key == signing.SANDBOX_KEY:
            return signing.SANDBOX_SECRET, None
        role = self.world.backend("sts").get_assumed_role_from_access_key(
            access_key
        )
        if role is not None:
            return role.secret_access_key, role.session_token
        key = self.world.backend("iam").access_keys.get(access_key)
        if key is not None:
            return key.secret_access_key, None
        if self.world.default_secret is not None:
            return self.world.default_secret, None
        raise signing.Refused("unknown", signing.INVALID_TOKEN)

    # -- moto ------------------------------------------------------------

    def _call_moto(self, request, kind, service, operation):
        answer = {}

        def start_response(line, headers, _exc_info=None):
            answer["status"] = int(line.split()[0])
            answer["headers"] = headers

        try:
            with self.world.lock:
                body = b"".join(self.app(_environ(request), start_response))
                if service == "elasticloadbalancing" and balancers.changes(
                    operation
                ):
                    self.world.balancers.sync()
        except NotImplementedError:
            return protocols.error(
                kind,
                service,
                501,
                "NotImplemented",
                f"the sandbox does not have {operation}",
            )
        except Exception as error:  # a bug of moto's must not kill the call
            print(f"sandbox: {service} {operation}: {error!r}", file=sys.stderr)
            return protocols.error(
                kind,
                service,
                500,
                "InternalFailure",
                f"the sandbox failed: {error!r}",
            )
        return _cleaned(answer["status"], answer["headers"], body, request)

    @property
    def app(self):
        if self._app is None:
            from moto.moto_server import werkzeug_app

            self._app = werkzeug_app.DomainDispatcherApplication(
                werkzeug_app.create_backend_app
            )
        return self._app


def _made_up(fault, kind, service):
    """The answer of a fault that keeps the call from AWS, or None."""
    if fault.mode == "html":
        status = fault.status or 503
        text = f"{status} {reason_phrase(status)}"
        return (
            status,
            [("Content-Type", "text/html")],
            (
                f"<html><head><title>{text}</title></head>"
                f"<body><h1>{text}</h1></body></html>\n"
            ).encode(),
        )
    if fault.mode == "empty":
        return fault.status or 200, [], b""
    if fault.mode == "throttle":
        status, code = protocols.throttle(service)
        text = "Rate exceeded"
    elif fault.mode == "denied":
        status, code = protocols.denial(kind, service)
        text = "User is not authorized to perform this operation"
    elif fault.mode == "expired":
        status, code = protocols.expiry(kind, service)
        text = "The security token included in the request is expired"
    elif fault.mode == "error":
        status = fault.status or 500
        code = "ServiceUnavailable" if status == 503 else "InternalFailure"
        text = "The request has failed due to an internal error"
    else:
        return None
    return protocols.error(kind, service, fault.status or status, code, text)


def _environ(request):
    """A WSGI environment with nothing in it that could mislead moto."""
    path = urllib.parse.unquote(request.path, "latin-1")
    environ = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": request.query,
        "RAW_URI": request.target,
        "REQUEST_URI": request.target,
        "SERVER_PROTOCOL": "HTTP/1.1",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "CONTENT_LENGTH": str(len(request.body)),
    }
    content_type = request.headers.get("Content-Type")
    if content_type is not None:
        environ["CONTENT_TYPE"] = content_type
    for name, value in request.headers:
        if name.lower() not in _HIDDEN_FROM_MOTO:
            environ["HTTP_" + name.upper().replace("-", "_")] = value
    return environ


def _cleaned(status, headers, body, request):
    kept = Headers(
        (n, v) for n, v in headers if n.lower() not in _HIDDEN_FROM_CLIENT
    )
    if (
        kept.get("x-amzn-RequestId") is None
        and kept.get("x-amz-request-id") is None
    ):
        kept.append(("x-amzn-RequestId", protocols.new_request_id()))
    if request.method == "HEAD":
        length = Headers(headers).get("Content-Length")
        kept.append(("Content-Length", length or "0"))
        body = b""
    return status, kept, body
