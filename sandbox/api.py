# SPDX-License-Identifier: MIT
"""The front of the AWS APIs: faults, signatures, the call log, then moto.

127.0.0.1 answers for every region, so that plain AWS clients work; each region
also has an address of its own, which is what can be cut like a real one.  A
call's region and service come from its credential scope, as in AWS; moto would
also believe a User-Agent or a Host, so those are kept from it.
"""

import base64
import io
import sys
import time
import urllib.parse

from . import balancers, protocols, recovery, signing
from .faults import API, CARRIED_OUT
from .httpd import Headers, Server, reason_phrase
from .listener import DROPPED, OPEN, REFUSED, Listener
from .protocols import GLOBAL_REGION

HOLD_SECONDS = 0.2
BREAKS = ("refuse", "drop")  # the modes without an answer
_HIDDEN_FROM_MOTO = (
    "user-agent",
    "expect",
    "transfer-encoding",
    "content-length",
    "content-type",
)
_HIDDEN_FROM_CLIENT = ("connection", "date", "content-length")


class Call:
    """One request, as far as it can be told before anybody believes it."""

    def __init__(self, request, listener):
        self.request = request
        self.listener = listener
        try:
            self.scope, self.refused = signing.scope_of(request), None
            self.service = self.scope.service.lower()
            self.region = self.scope.region
            self.operation = protocols.operation(self.service, request)
        except signing.Refused as error:
            self.scope, self.refused = None, error
            self.service = self.operation = ""
            self.region = listener.region or GLOBAL_REGION
        self.kind = protocols.shape(self.service, request)
        self.throttled = False

    def facts(self):
        """What the call log keeps of it; it is not answered yet."""
        return {
            "service": self.service,
            "region": self.region,
            "operation": self.operation,
            "method": self.request.method,
            "path": self.request.path,
            "query": self.request.query,
            "headers": [list(header) for header in self.request.headers],
            "body": base64.b64encode(self.request.body).decode(),
            "received": time.time(),  # no skew: to measure clients by
            "answered": None,
            "status": None,
            "fault": None,
        }

    def error(self, status, code, text):
        """An error answer in the shape that the caller's parser expects."""
        return protocols.error(self.kind, self.service, status, code, text)


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
        self.listeners += self.world.recovery.listen(port, self.server)

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
        call = Call(request, connection.listener)
        entry = self.world.calls.add(**call.facts())
        fault, latency = self.world.faults.hit(
            API,
            self.world.fault_region(call.service, call.region),
            call.service,
            call.operation,
        )
        time.sleep(latency / 1000)
        if call.listener.state != OPEN or fault and fault.mode in BREAKS:
            entry["fault"] = fault.mode if fault else "drop"
            self._break(connection, fault)
            return
        entry["fault"] = fault.mode if fault else "latency" if latency else None
        status, headers, body, cut = self._respond(call, fault)
        entry["status"] = status
        if call.throttled:
            entry["fault"] = "bucket"
        entry["answered"] = time.time()
        if fault and fault.mode == "lost":
            connection.abort()
            return
        self.world.faults.answered(
            call.region, call.service, call.operation, connection
        )
        connection.send(status, headers, body, self.world.clock.now(), cut)
        if call.listener.state == REFUSED:
            connection.abort()

    def _break(self, connection, fault):
        """Reset, or hold the call for as long as packets are lost.

        A held call is never carried out: its bytes did not arrive.
        """

        def lost():
            if connection.listener.state == DROPPED:
                return True
            if fault is None or fault.mode != "drop":
                return False
            return fault.times is not None or fault in self.world.faults.list()

        while not connection.aborted and lost():
            if connection.peer_has_gone(HOLD_SECONDS):
                break
        connection.abort()

    def _respond(self, call, fault):
        """(status, headers, body, cut) of a call that gets an answer."""
        if fault is not None and fault.mode not in CARRIED_OUT:
            return _made_up(fault, call) + (None,)
        try:
            self._admit(call)
        except signing.Refused as error:
            status, code = signing.refusal(
                call.kind, call.service, error.reason
            )
            return call.error(status, code, error.text) + (None,)
        with self.world.lock:
            call.throttled = not self.world.buckets.take(call)
        if call.throttled:
            return _throttled(call) + (None,)
        if call.service == recovery.SERVICE:
            with self.world.lock:
                status, headers, body = self.world.recovery.answer(call)
        else:
            status, headers, body = self._call_moto(call)
        if fault is None:
            return status, headers, body, None
        if fault.mode in ("hollow", "cut"):
            change = getattr(protocols, fault.mode)
            return status, headers, change(body) if status < 300 else body, None
        half = len(body) // 2
        if fault.well_formed:
            return status, headers, body[:half], None
        return status, headers, body, half

    def _admit(self, call):
        """Raise Refused unless AWS would let the call in at this address."""
        if call.refused:
            raise call.refused
        if self.checker is not None:
            self.checker.check(call.request, call.scope)
        # A region that is not enabled knows nobody.
        if not self.world.account.is_enabled(call.region):
            raise signing.Refused("unknown", signing.INVALID_TOKEN)
        if protocols.model(call.service) is None:
            raise signing.Refused(
                "mismatch",
                "Credential should be scoped to correct service, "
                f"not '{call.service}'.",
            )
        # The shared address is lenient: there botocore signs even the global
        # services for whatever region its user named.
        here = call.listener.region
        if here and call.region != self.world.fault_region(call.service, here):
            raise signing.Refused(
                "mismatch",
                "Credential should be scoped to a valid region, "
                f"not '{call.region}'.",
            )
        # A cluster's endpoints are for it alone, and it has no others.
        only = getattr(call.listener, "service", None)
        if (call.service == recovery.SERVICE) != (only is not None):
            raise signing.Refused(
                "mismatch", f"this is no endpoint of '{call.service}'"
            )
        if only is None and call.region not in (
            *self.world.regions,
            GLOBAL_REGION,
        ):
            raise signing.Refused(
                "mismatch", f"the sandbox has no region '{call.region}'"
            )

    def _secret(self, access_key):
        """(secret, session token) of an access key: the sandbox's own, one that
        IAM or STS gave out here, or the environment's for any other."""
        if access_key == signing.SANDBOX_KEY:
            return signing.SANDBOX_SECRET, None
        for sts in self.world.backends("sts"):
            role = sts.get_assumed_role_from_access_key(access_key)
            if role is not None:
                return role.secret_access_key, role.session_token
        key = self.world.backend("iam").access_keys.get(access_key)
        if key is not None:
            return key.secret_access_key, None
        if self.world.default_secret is not None:
            return self.world.default_secret, None
        raise signing.Refused("unknown", signing.INVALID_TOKEN)

    # -- moto ------------------------------------------------------------

    def _call_moto(self, call):
        answer = {}

        def start_response(line, headers, _exc_info=None):
            answer["status"] = int(line.split()[0])
            answer["headers"] = headers

        try:
            with self.world.lock:
                self.world.tables.settle()  # in the present, not the past
                before = self.world.lag.begin(call)
                try:
                    body = b"".join(
                        self.app(_environ(call.request), start_response)
                    )
                finally:
                    self.world.lag.end(call, before, answer.get("status", 500))
                if balancers.changed_by(call.service, call.operation):
                    self.world.balancers.sync()
        except NotImplementedError:
            text = f"the sandbox does not have {call.operation}"
            return call.error(501, "NotImplemented", text)
        except Exception as error:  # a bug of moto's must not kill the call
            print(
                f"sandbox: {call.service} {call.operation}: {error!r}",
                file=sys.stderr,
            )
            text = f"the sandbox failed: {error!r}"
            return call.error(500, "InternalFailure", text)
        if _is_flask_s(answer):
            text = f"the sandbox does not have {call.operation}"
            return call.error(501, "NotImplemented", text)
        return _cleaned(answer["status"], answer["headers"], body, call.request)

    @property
    def app(self):
        if self._app is None:
            from moto.moto_server import werkzeug_app

            self._app = werkzeug_app.DomainDispatcherApplication(
                werkzeug_app.create_backend_app
            )
        return self._app


def _made_up(fault, call):
    """The answer of a fault that keeps the call from AWS."""
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
        return _throttled(call, fault.status)
    if fault.mode == "denied":
        status, code = protocols.denial(call.kind, call.service)
        text = "User is not authorized to perform this operation"
    elif fault.mode == "expired":
        status, code = protocols.expiry(call.kind, call.service)
        text = "The security token included in the request is expired"
    else:
        status = fault.status or 500
        usual = "ServiceUnavailable" if status == 503 else "InternalFailure"
        code = fault.code or usual
        text = "The request has failed due to an internal error"
        if fault.code:
            text = f"The sandbox was told to answer {code}"
    return call.error(fault.status or status, code, text)


def _throttled(call, status=None):
    usual, code = protocols.throttle(call.service, call.operation)
    return call.error(status or usual, code, "Rate exceeded")


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


def _is_flask_s(answer):
    """True for the HTML page by which Flask says that moto has no such path."""
    kind = Headers(answer["headers"]).get("Content-Type", "")
    return answer["status"] >= 400 and kind.startswith("text/html")


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
