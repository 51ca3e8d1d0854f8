/* SPDX-License-Identifier: MIT
 *
 * Any bytes as the answer of any service: an output or an error, never both,
 * and an error that can be printed and put into JSON.
 */
#include <stdint.h>
#include <stdlib.h>

#include "../../src/aws/wire_reply.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
judge(int rc, const json_t *out, const struct error *e)
{
	json_t *text;

	if (rc == 0) {
		if (!json_is_object(out))
			abort();
		return;
	}
	text = json_string(e->text);
	if (out != NULL || e->class == ERROR_NONE || e->code[0] == '\0' ||
	    text == NULL)
		abort();
	json_decref(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int statuses[] = { 200, 200, 200, 204, 301, 400, 403, 404,
		500, 503 };
	static const char *const operations[] = { "GetThing", "CreateThing",
		"GetBucketPolicy", "GetBucketReplication", "HeadBucket" };
	struct wire_reply reply = { 0 };
	struct error e = { 0 };
	const char *operation;
	char type[17] = "";
	json_t *out;
	char *body;
	int rc;

	if (size < 3 + 16)
		return 0;
	operation = operations[data[2] % 5];
	memcpy(type, data + 3, 16);
	body = mem_alloc(size - 19 + 1);
	memcpy(body, data + 19, size - 19);
	reply.status = statuses[data[1] % 10];
	reply.error_type = type[0] == '-' ? NULL : type;
	reply.body = body;
	reply.body_len = size - 19;
	rc = wire_decode((enum service)(data[0] % SERVICE_COUNT), operation,
	    &reply, &out, &e);
	judge(rc, out, &e);
	json_decref(out);
	free(body);
	return 0;
}
