# SPDX-License-Identifier: MIT
"""Does a request say what the AWS service model says it may?

`problems(call)` takes a request as the sandbox's call log has it (service,
operation, method, path, query, headers, body in base64) and decodes it from
its wire protocol back into the operation's input, by botocore's model of the
service and with nothing of drd's.  What the model does not know, misses, or
has as another type is a problem, one sentence each; none is conformance.

    python tests/aws/conformance.py calls.json

prints the problems of a saved call log and exits 1 if there are any.
"""

import base64
import functools
import json
import sys

import botocore.session
from botocore.exceptions import UnknownServiceError
from botocore.validate import ParamValidator
from readers import FormReader, JsonReader
from rest_readers import RestReader, RestXmlReader

# Signing names that differ from botocore's names of the services.
MODEL_OF = {
    "elasticloadbalancing": "elbv2",
    "monitoring": "cloudwatch",
    "tagging": "resourcegroupstaggingapi",
    "servicequotas": "service-quotas",
}

_session = botocore.session.Session()


@functools.cache
def model_of(service):
    try:
        return _session.get_service_model(MODEL_OF.get(service, service))
    except UnknownServiceError:
        return None


class Request:
    """A recorded call, taken apart as far as HTTP goes."""

    def __init__(self, call):
        self.method, self.path, self.query = (
            call["method"],
            call["path"],
            call["query"],
        )
        self.headers = {name.lower(): value for name, value in call["headers"]}
        self.body = base64.b64decode(call["body"])


READERS = {
    "query": FormReader,
    "ec2": FormReader,
    "json": JsonReader,
    "rest-json": RestReader,
    "rest-xml": RestXmlReader,
}


def reader_of(request, operation):
    """CloudWatch speaks three protocols; the request says which one it is."""
    metadata = operation.service_model.metadata
    if (
        "json" in metadata.get("protocols", ())
        and "x-amz-target" in request.headers
    ):
        return JsonReader
    return READERS.get(metadata["protocol"])


def reading_of(call):
    """(operation, reader) of a recorded call; ValueError: there is none."""
    model = model_of(call["service"])
    if model is None:
        raise ValueError("unknown service")
    if call["operation"] not in model.operation_names:
        raise ValueError("unknown operation")
    operation = model.operation_model(call["operation"])
    request = Request(call)
    make = reader_of(request, operation)
    if make is None:
        raise ValueError("no reader for its protocol")
    return operation, make(request, operation)


def input_of(call):
    """What the operation was asked, as boto3 would take it."""
    return without_none(reading_of(call)[1].read())


def problems(call):
    """What is wrong with a recorded call: sentences, none if it conforms."""
    name = f"{call['service']} {call['operation']}"
    try:
        operation, reader = reading_of(call)
        params = reader.read()
    except ValueError as error:  # undecodable text, a form that is none
        return [f"{name}: {error}"]
    found = reader.found
    # What has been found wrong already was read as None: not a second finding.
    if operation.input_shape is not None:
        report = ParamValidator().validate(
            without_none(params), operation.input_shape
        )
        found += report.generate_report().splitlines()
    return [f"{name}: {what}" for what in found]


def without_none(value):
    if isinstance(value, dict):
        return {
            key: without_none(item)
            for key, item in value.items()
            if item is not None
        }
    if isinstance(value, list):
        return [without_none(item) for item in value if item is not None]
    return value


def main(path):
    with open(path, encoding="utf-8") as file:
        calls = json.load(file)
    found = [(call, what) for call in calls for what in problems(call)]
    for call, what in found:
        print(f"{call.get('seq', '-')}: {what}")
    print(f"{len(calls)} calls, {len(found)} problems")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
