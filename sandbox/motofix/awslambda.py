# SPDX-License-Identifier: MIT
"""Lambda: changes that take their time, revisions, concurrency, permissions."""

import base64
import io
import json
import re
import zipfile

from moto.awslambda.exceptions import (
    InvalidParameterValueException,
    LambdaClientError,
    PreconditionFailedException,
)
from moto.awslambda.models import LambdaBackend, LambdaFunction
from moto.awslambda.responses import LambdaResponse

from ..account import CONCURRENCY

UNRESERVED = 100  # must be left; of an account that has less, all
_NAME = re.compile(r"[a-zA-Z0-9-_]{1,64}\Z")
_SID = re.compile(r"[a-zA-Z0-9-_]{1,100}\Z")
_ZIPPED = 70167211  # bytes of a request
_UNZIPPED = 262144000
_STALE = (
    "The RevisionId provided does not match the latest RevisionId. Call the "
    "GetFunction/GetAlias API to retrieve the latest RevisionId"
)


class Conflict(LambdaClientError):
    code = 409

    def __init__(self, message):
        super().__init__("ResourceConflictException", message)


def apply(world):
    _configuration(world.functions)
    _creation(world.functions)
    _updates(world.functions)
    _concurrency(world)
    _permissions()
    _answers()


def _configuration(functions):
    moto_configuration = LambdaFunction.get_configuration
    moto_code = LambdaFunction.get_code

    def get_configuration(self, on_create=False):
        configuration = moto_configuration(self, on_create)
        configuration.update(functions.status(self))
        # AWS leaves out what is not there.
        return {k: v for k, v in configuration.items() if v is not None}

    def get_code(self):
        # A reservation of nothing is one, too: it stops the function.
        code = moto_code(self)
        if self.reserved_concurrency is not None:
            code["Concurrency"] = {
                "ReservedConcurrentExecutions": int(self.reserved_concurrency)
            }
        return code

    LambdaFunction.get_configuration = get_configuration
    LambdaFunction.get_code = get_code


def _creation(functions):
    moto_create = LambdaBackend.create_function

    def create(self, spec):
        name = spec.get("FunctionName", "").rsplit(":", 1)[-1]
        if not _NAME.match(name):
            raise LambdaClientError(
                "ValidationException",
                f"1 validation error detected: Value '{name}' at "
                "'functionName' failed to satisfy constraint: Member must "
                "have length less than or equal to 64 and satisfy regular "
                "expression pattern: [a-zA-Z0-9-_]+",
            )
        _check_settings(functions, spec)
        _check_zip(spec.get("Code", {}).get("ZipFile"))
        function = moto_create(self, spec)
        functions.begin(function, "State")
        return function

    LambdaBackend.create_function = create


def _check_settings(functions, spec):
    """A role that Lambda can become, and sizes within Lambda's."""
    if "Role" in spec and not functions.can_assume(spec["Role"]):
        raise InvalidParameterValueException(
            "The role defined for the function cannot be assumed by Lambda."
        )
    for what, least, most in (
        ("MemorySize", 128, 10240),
        ("Timeout", 1, 900),
    ):
        if not least <= int(spec.get(what, least)) <= most:
            raise LambdaClientError(
                "ValidationException",
                f"1 validation error detected: Value '{spec[what]}' at "
                f"'{what[0].lower() + what[1:]}' failed to satisfy "
                f"constraint: Member must be between {least} and {most}",
            )


def _check_zip(text):
    if text is None:
        return
    if len(text) > _ZIPPED:
        raise LambdaClientError(
            "RequestEntityTooLargeException",
            f"Request must be smaller than {_ZIPPED} bytes",
        )
    try:
        with zipfile.ZipFile(io.BytesIO(base64.b64decode(text))) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
            if not archive.namelist():
                raise InvalidParameterValueException(
                    "Uploaded file must be a non-empty zip"
                )
    except (zipfile.BadZipFile, ValueError):
        raise InvalidParameterValueException(
            "Could not unzip uploaded file. Please check your file, then try "
            "to upload again."
        ) from None
    if size > _UNZIPPED:
        raise InvalidParameterValueException(
            f"Unzipped size must be smaller than {_UNZIPPED} bytes"
        )


def _updates(functions):
    """One at a time, each with a revision of its own."""

    def check(function, body):
        busy = functions.busy_with(function)
        if busy == "State":
            raise Conflict(
                "The operation cannot be performed at this time. The function "
                "is currently in the following state: Pending"
            )
        if busy:
            raise Conflict(
                "The operation cannot be performed at this time. An update is "
                f"in progress for resource: {function.function_arn}"
            )
        revision = body.get("RevisionId")
        if revision and revision != functions.revision(function):
            raise PreconditionFailedException(_STALE)

    def update_code(self, function_name, qualifier, body):
        function = self.get_function(function_name, qualifier)
        check(function, body)
        _check_zip(body.get("ZipFile"))
        function.update_function_code(body)
        if not body.get("DryRun"):
            functions.begin(function, "LastUpdateStatus")
        if body.get("Publish", False):
            function = self.publish_version(function_name)
        return function.get_configuration()

    def update_configuration(self, function_name, qualifier, body):
        function = self.get_function(function_name, qualifier)
        check(function, body)
        _check_settings(functions, body)
        function.update_configuration(body)
        functions.begin(function, "LastUpdateStatus")
        return function.get_configuration()

    LambdaBackend.update_function_code = update_code
    LambdaBackend.update_function_configuration = update_configuration


def _concurrency(world):
    """Some of the account's must be left to functions that reserve none."""

    def put(self, function_name, reserved):
        function = self.get_function(function_name)
        limit = world.account.limit(self.region_name, CONCURRENCY)
        least = min(limit, UNRESERVED)
        left = limit - sum(
            int(f.reserved_concurrency or 0)
            for f in self.list_functions()
            if f.function_name != function.function_name
        )
        if int(reserved) > 0 and left - int(reserved) < least:
            raise InvalidParameterValueException(
                "Specified ReservedConcurrentExecutions for function "
                "decreases account's UnreservedConcurrentExecution below its "
                f"minimum value of [{least}]."
            )
        function.reserved_concurrency = int(reserved)
        return function.reserved_concurrency

    LambdaBackend.put_function_concurrency = put


def _permissions():
    """A statement is never overwritten, and of a well-formed id."""
    moto_add = LambdaBackend.add_permission

    def add(self, function_name, qualifier, raw):
        function = self.get_function(function_name, qualifier)
        sid = json.loads(raw).get("StatementId", "")
        if not _SID.match(sid):
            raise LambdaClientError(
                "ValidationException",
                f"1 validation error detected: Value '{sid}' at "
                "'statementId' failed to satisfy constraint: Member must "
                "satisfy regular expression pattern: ([a-zA-Z0-9-_]+)",
            )
        if any(s.get("Sid") == sid for s in function.policy.statements):
            raise Conflict(
                f"The statement id ({sid}) provided already exists. Please "
                "provide a new statement id, or remove the existing statement."
            )
        return moto_add(self, function_name, qualifier, raw)

    LambdaBackend.add_permission = add


def _answers():
    """TagResource has no body, and says so."""
    moto_tag = LambdaResponse.tag_resource

    def tag(self):
        moto_tag(self)
        return 204, {"status": 204}, ""

    LambdaResponse.tag_resource = tag
