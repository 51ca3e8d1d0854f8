/* SPDX-License-Identifier: MIT
 *
 * drd's encoder as a filter, for the comparison with the service models.
 *
 * Reads one JSON object per line, {"service", "operation", "template",
 * "input"} with drd's name of the service, and answers each with what would
 * be sent: {"method", "path", "query", "headers": [[name, value]], "body"}.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/wire.h"
#include "base/mem.h"
#include "base/tree.h"

static void
die(const char *what, const char *line)
{
	fprintf(stderr, "wire_driver: %s: %s\n", what, line);
	exit(1);
}

static enum service
service_of(const char *name)
{
	for (int i = 0; name != NULL && i < SERVICE_COUNT; i++) {
		if (strcmp(service_facts((enum service)i)->name, name) == 0)
			return (enum service)i;
	}
	die("unknown service", name == NULL ? "" : name);
	return SERVICE_COUNT;
}

static void
print(const struct wire_request *request)
{
	json_t *headers = json_array();
	json_t *reply;
	char *text;

	for (size_t i = 0; i < request->header_count; i++)
		json_array_append_new(headers,
		    json_pack("[s,s]", request->headers[i].name,
			request->headers[i].value.s));
	reply = json_pack("{s:s,s:s,s:s,s:o,s:s}", "method", request->method,
	    "path", request->path.s, "query", request->query.s, "headers",
	    headers, "body", request->body.s);
	text = tree_dump(reply);
	puts(text);
	free(text);
	json_decref(reply);
}

static void
answer(const char *text)
{
	json_t *line = tree_parse(text, strlen(text));
	struct wire_request request;
	struct error e;

	if (tree_str(line, "operation") == NULL)
		die("no operation", text);
	if (wire_encode(service_of(tree_str(line, "service")),
		tree_str(line, "operation"), tree_str(line, "template"),
		json_object_get(line, "input"), &request, &e) != 0)
		die(e.text, text);
	print(&request);
	wire_release(&request);
	json_decref(line);
}

int
main(void)
{
	char *line = NULL;
	size_t size = 0;

	while (getline(&line, &size, stdin) > 0)
		answer(line);
	free(line);
	return 0;
}
