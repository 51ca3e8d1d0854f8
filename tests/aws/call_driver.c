/* SPDX-License-Identifier: MIT
 *
 * drd's client as a filter: calls in, replies and errors out.
 *
 * Reads all of its input, one call per line: {"service", "region",
 * "operation", "template", "input"} with drd's name of the service.  The calls
 * are under way together; each is answered with one line as it ends, {"call",
 * "reply"} or {"call", "class", "code", "text"}, where `call` counts from 0.
 * Credentials and endpoints are the environment's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/client.h"
#include "aws/creds.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/tree.h"
#include "net/http.h"
#include "net/loop.h"

enum { DEADLINE_MS = 20000, PER_HOST = 8 };

struct call {
	struct call *next;
	json_t *line;
	json_int_t number;
};

static struct loop *loop;
static struct call *calls;
static unsigned under_way;

static void
die(const char *what, const char *line)
{
	fprintf(stderr, "call_driver: %s: %s\n", what, line);
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
on_done(const json_t *reply, const struct error *e, void *arg)
{
	const struct call *call = arg;
	json_t *out;
	char *text;

	if (e == NULL)
		out = json_pack("{s:I,s:O}", "call", call->number, "reply",
		    tree_at(reply, ""));
	else
		out = json_pack("{s:I,s:s,s:s,s:s}", "call", call->number,
		    "class", error_class_name(e->class), "code", e->code,
		    "text", e->text);
	text = tree_dump(out);
	puts(text);
	free(text);
	json_decref(out);
	if (--under_way == 0)
		loop_stop(loop);
}

static void
send_line(struct aws *aws, const char *text, json_int_t number)
{
	struct call *call = mem_alloc(sizeof(*call));
	struct aws_request request = { .lane = LANE_DETECT };

	call->line = tree_parse(text, strlen(text));
	call->number = number;
	call->next = calls;
	calls = call;
	request.service = service_of(tree_str(call->line, "service"));
	request.region = tree_str(call->line, "region");
	request.operation = tree_str(call->line, "operation");
	request.template = tree_str(call->line, "template");
	request.input = json_object_get(call->line, "input");
	request.deadline_ms = clock_mono_ms() + DEADLINE_MS;
	if (request.operation == NULL)
		die("no operation", text);
	under_way++;
	aws_send(aws, &request, on_done, call);
}

static void
send_all(struct aws *aws)
{
	json_int_t number = 0;
	char *line = NULL;
	size_t size = 0;

	while (getline(&line, &size, stdin) > 0)
		send_line(aws, line, number++);
	free(line);
}

int
main(void)
{
	struct http *http;
	struct creds creds = { 0 };
	struct call *call;
	struct error e;
	struct aws *aws;

	if (creds_from_environment(&creds, &e) != 1)
		die("credentials", "none in the environment");
	loop = loop_new();
	http = http_new(loop, PER_HOST);
	aws = aws_new(loop, http);
	aws_set_creds(aws, &creds);
	send_all(aws);
	if (under_way > 0 && loop_run(loop) != 0)
		die("the loop failed", "");
	aws_free(aws);
	http_free(http);
	loop_free(loop);
	while ((call = calls) != NULL) {
		calls = call->next;
		json_decref(call->line);
		free(call);
	}
	return 0;
}
