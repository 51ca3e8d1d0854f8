/* SPDX-License-Identifier: MIT
 *
 * The reads of one pass.  See look.h.
 *
 * Law: half a list is no list.  A page that fails, a page that repeats, a
 * list that says it goes on without saying where: the look has failed, and
 * nobody concludes from it that something is absent.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "aws/client.h"
#include "base/mem.h"
#include "stack/look.h"

enum { PAGES_MAX = 200 };

struct look {
	struct looks *looks;
	struct look *next;
	enum service service;
	char *region;
	const struct kind_read *read;
	json_t *asked; /* input of the first page */
	json_t *input; /* of the page under way */
	uint64_t sent; /* looks_now when it was sent */
	json_t *reply; /* first page, its list extended by the others */
	json_t *items; /* the list, growing */
	unsigned pages;
	struct aws_call *call; /* NULL: not pending */
	struct error error;    /* class ERROR_NONE: it succeeded */
};

struct looks {
	struct aws *aws;
	uint64_t deadline_ms;
	uint64_t now;
	unsigned calls;
	struct look *first;
	void (*done)(struct look *look, void *arg);
	void *arg;
};

struct looks *
looks_new(struct aws *aws, uint64_t deadline_ms,
    void (*done)(struct look *, void *), void *arg)
{
	struct looks *looks = mem_alloc(sizeof(*looks));

	looks->aws = aws;
	looks->deadline_ms = deadline_ms;
	looks->done = done;
	looks->arg = arg;
	return looks;
}

void
looks_free(struct looks *looks)
{
	struct look *look;

	if (looks == NULL)
		return;
	while ((look = looks->first) != NULL) {
		looks->first = look->next;
		if (look->call != NULL)
			aws_cancel(look->call);
		json_decref(look->asked);
		json_decref(look->input);
		json_decref(look->items);
		json_decref(look->reply);
		free(look->region);
		free(look);
	}
	free(looks);
}

uint64_t
looks_now(struct looks *looks)
{
	return ++looks->now;
}

unsigned
looks_calls(const struct looks *looks)
{
	return looks->calls;
}

bool
look_is_pending(const struct look *look)
{
	return look->call != NULL;
}

bool
looks_are_pending(const struct looks *looks)
{
	const struct look *look;

	for (look = looks->first; look != NULL; look = look->next)
		if (look_is_pending(look))
			return true;
	return false;
}

const json_t *
look_reply(const struct look *look, const struct error **e)
{
	assert(!look_is_pending(look));
	*e = &look->error;
	return look->error.class == ERROR_NONE ? look->reply : NULL;
}

static void on_page(const json_t *reply, const struct error *e, void *arg);

static void
send_page(struct look *look)
{
	struct aws_request request = {
		.service = look->service,
		.region = look->region,
		.operation = look->read->operation,
		.template = look->read->template,
		.input = look->input,
		.lane = LANE_RECONCILE,
		.deadline_ms = look->looks->deadline_ms,
	};

	look->looks->calls++;
	look->pages++;
	look->call = aws_send(look->looks->aws, &request, on_page, look);
}

static bool
is_same(const struct look *look, enum service service, const char *region,
    const struct kind_read *read, const json_t *input)
{
	return look->service == service && strcmp(look->region, region) == 0 &&
	    strcmp(look->read->operation, read->operation) == 0 &&
	    json_equal(look->asked, input) == 1;
}

struct look *
looks_at(struct looks *looks, enum service service, const char *region,
    const struct kind_read *read, json_t *input, uint64_t fresh)
{
	struct look *look;

	for (look = looks->first; look != NULL; look = look->next) {
		if (look->sent >= fresh &&
		    is_same(look, service, region, read, input)) {
			json_decref(input);
			return look;
		}
	}
	look = mem_alloc(sizeof(*look));
	look->looks = looks;
	look->service = service;
	look->region = mem_strdup(region);
	look->read = read;
	look->asked = input;
	look->input = mem_must(json_copy(input));
	look->sent = looks->now;
	look->items = mem_must(json_array());
	look->next = looks->first;
	looks->first = look;
	send_page(look);
	return look;
}

/* XML leaves the items of an empty list out, but not what they are in. */
static bool
has_list(const json_t *page, const char *path)
{
	const char *dot = strrchr(path, '.');
	char *outer = dot != NULL ? mem_strndup(path, (size_t)(dot - path))
				  : mem_strdup(path);
	bool there = tree_at(page, outer) != NULL;

	free(outer);
	return there;
}

static int
take_page(struct look *look, const json_t *page)
{
	const char *path = look->read->items;
	size_t i;

	if (look->reply == NULL)
		look->reply = json_incref((json_t *)(uintptr_t)page);
	if (path == NULL)
		return 0;
	if (!has_list(page, path))
		return error_set(&look->error, ERROR_BROKEN, "UnreadableReply",
		    "%s: no %s in the reply", look->read->operation, path);
	for (i = 0; i < tree_count(page, path); i++)
		if (json_array_append(look->items, tree_item(page, path, i)) !=
		    0)
			mem_must(NULL);
	return 0;
}

/* Is there a page after this one?  AWS says so in one of two ways. */
static bool
goes_on(const struct look *look, const json_t *page)
{
	const struct kind_page *pages = look->read->pages;

	if (pages == NULL ||
	    (look->read->enough != NULL &&
		look->read->enough(look->asked, page)))
		return false;
	if (tree_count(page, "IsTruncated") > 0)
		return tree_true(page, "IsTruncated");
	return tree_count(page, pages->from) > 0;
}

/* Aim the input at the next page.  -1: that would be this one again. */
static int
turn_page(struct look *look, const json_t *page)
{
	const struct kind_page *p;
	bool moves = false;
	const json_t *next;

	if (look->pages >= PAGES_MAX)
		return error_set(&look->error, ERROR_BROKEN, "TooManyPages",
		    "%s: more than %d pages", look->read->operation, PAGES_MAX);
	for (p = look->read->pages; p->from != NULL; p++) {
		next = tree_at(page, p->from);
		if (tree_count(page, p->from) == 0) {
			(void)json_object_del(look->input, p->to);
			continue;
		}
		moves |= !json_equal(next, json_object_get(look->input, p->to));
		if (json_object_set(look->input, p->to, tree_at(next, "")) != 0)
			mem_must(NULL);
	}
	if (!moves)
		return error_set(&look->error, ERROR_BROKEN, "CutShort",
		    "%s: the list goes on but the reply does not say where",
		    look->read->operation);
	return 0;
}

/* `t` with `value` at `path`: new on the way there, shared elsewhere. */
static json_t *
with_value(const json_t *t, const char *path, json_t *value)
{
	size_t len = strcspn(path, ".");
	json_t *out =
	    mem_must(json_is_object(t) ? json_copy((json_t *)(uintptr_t)t)
				       : json_object());

	if (path[len] == '.')
		value = with_value(
		    json_object_getn(t, path, len), path + len + 1, value);
	if (json_object_setn_new(out, path, len, value) != 0)
		mem_must(NULL);
	return out;
}

/* The reply is the client's; nothing in it may be changed. */
static void
finish(struct look *look)
{
	struct looks *looks = look->looks;
	json_t *whole;

	if (look->read->items != NULL && look->error.class == ERROR_NONE) {
		whole = with_value(
		    look->reply, look->read->items, json_incref(look->items));
		json_decref(look->reply);
		look->reply = whole;
	}
	looks->done(look, looks->arg);
}

static void
on_page(const json_t *reply, const struct error *e, void *arg)
{
	struct look *look = arg;

	look->call = NULL;
	if (e != NULL) {
		look->error = *e;
	} else if (take_page(look, reply) == 0 && goes_on(look, reply) &&
	    turn_page(look, reply) == 0) {
		send_page(look);
		return;
	}
	finish(look);
}
