/* SPDX-License-Identifier: MIT
 *
 * Requests: which protocol, which headers; the bodies are in wire_form.c and
 * wire_rest.c.
 */
#include <assert.h>
#include <stdlib.h>

#include "aws/wire.h"
#include "aws/wire_parts.h"
#include "base/mem.h"

void
wire_add_header(struct wire_request *out, const char *name, const char *value)
{
	assert(out->header_count < WIRE_HEADERS_MAX);
	out->headers[out->header_count].name = name;
	out->headers[out->header_count].value = (struct text)TEXT_INIT;
	text_add(&out->headers[out->header_count].value, value);
	out->header_count++;
}

/* JSON 1.0 and 1.1: the operation is a header, the input is the body. */
static int
encode_json(const struct service_facts *facts, const char *operation,
    const json_t *input, struct wire_request *out)
{
	struct text value = TEXT_INIT;
	char *body;

	out->method = "POST";
	text_add(&out->path, "/");
	text_addf(&value, "application/x-amz-json-%s", facts->json_version);
	wire_add_header(out, "content-type", value.s);
	text_clear(&value);
	text_addf(&value, "%s.%s", facts->target, operation);
	wire_add_header(out, "x-amz-target", value.s);
	text_release(&value);
	/* CloudWatch then names its errors as it always has. */
	if (facts == service_facts(SERVICE_CLOUDWATCH))
		wire_add_header(out, "x-amzn-query-mode", "true");
	if (input == NULL) {
		text_add(&out->body, "{}");
		return 0;
	}
	body = tree_dump(input);
	text_add(&out->body, body);
	mem_free_secret(body); /* SSM values pass here */
	return 0;
}

int
wire_encode(enum service service, const char *operation, const char *template,
    const json_t *input, struct wire_request *out, struct error *e)
{
	const struct service_facts *facts = service_facts(service);
	int rc = -1;

	*out = (struct wire_request){
		.path = TEXT_INIT, .query = TEXT_INIT, .body = TEXT_INIT
	};
	if (input != NULL && !json_is_object(input))
		return error_set(e, ERROR_BUG, "BadInput",
		    "%s: the input is not an object", operation);
	switch (facts->protocol) {
	case PROTOCOL_QUERY:
	case PROTOCOL_EC2:
		rc = wire_encode_form(facts, operation, input, out, e);
		break;
	case PROTOCOL_JSON:
		rc = encode_json(facts, operation, input, out);
		break;
	case PROTOCOL_REST_JSON:
	case PROTOCOL_REST_XML:
		rc =
		    wire_encode_rest(facts, operation, template, input, out, e);
		break;
	}
	if (rc != 0)
		wire_release(out);
	return rc;
}

void
wire_release(struct wire_request *request)
{
	text_release(&request->path);
	text_release(&request->query);
	text_release_secret(&request->body);
	for (size_t i = 0; i < request->header_count; i++)
		text_release(&request->headers[i].value);
	request->header_count = 0;
}
