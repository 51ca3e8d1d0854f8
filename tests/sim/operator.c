/* SPDX-License-Identifier: MIT
 *
 * net/local.h on paper: an operator says a line, drd answers it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "instant.h"
#include "laws.h"
#include "machine.h"
#include "net/local.h"
#include "trace.h"

struct local_client {
	struct local_client *next;
	char *line;
	void (*gone)(void *arg);
	void *gone_arg;
};

struct local_server {
	local_on_line *on_line;
	void *arg;
};

static struct local_server *server; /* of the process that runs */
static struct local_client *clients;

struct local_server *
local_listen(struct loop *loop, const char *path, mode_t mode,
    local_on_line *on_line, void *arg, struct error *e)
{
	server = mem_alloc(sizeof(*server));
	server->on_line = on_line;
	server->arg = arg;
	return server;
}

static void
drop(struct local_client *client)
{
	struct local_client **link = &clients;

	while (*link != client)
		link = &(*link)->next;
	*link = client->next;
	free(client->line);
	free(client);
}

/* Whoever waits for an answer finds the door closed. */
void
local_close(struct local_server *s)
{
	while (clients != NULL)
		drop(clients);
	free(s);
	server = NULL;
}

size_t
local_clients(const struct local_server *s)
{
	const struct local_client *client;
	size_t count = 0;

	for (client = clients; client != NULL; client = client->next)
		count++;
	return count;
}

void
local_reply(struct local_client *client, const char *reply, size_t len)
{
	if (!machine_is_dead()) {
		/* A status tells pids and paths, other ones each time. */
		trace_line("operator", "%s: %.*s", client->line,
		    reply[0] == '{' ? 1 : (int)strcspn(reply, "\n"), reply);
		laws_answered(client->line, reply);
	}
	drop(client);
}

void
local_on_gone(struct local_client *client, void (*gone)(void *arg), void *arg)
{
	client->gone = gone;
	client->gone_arg = arg;
}

bool
operator_is_heard(void)
{
	return server != NULL && machine_is_up();
}

void
operator_says(const char *line)
{
	static const struct local_peer root = { .pid = 4711 };
	struct local_client *client;

	if (!operator_is_heard() || instant_is_frozen())
		return;
	client = mem_alloc(sizeof(*client));
	client->line = mem_strdup(line);
	client->next = clients;
	clients = client;
	laws_ordered(line);
	server->on_line(client, &root, client->line, server->arg);
}
