/* SPDX-License-Identifier: MIT
 *
 * A service of things, and a kind of them: all that the engine can meet, and
 * nothing that AWS is needed for.
 *
 * A thing has a size, a colour, a shape that cannot be changed, and tags.
 * ListThings is paged.  A thing can be invisible for a while after it was
 * made, or removed; and one can be busy, or broken.  It cannot be removed
 * while the Colour of another is its Id, nor before it is empty; what is a
 * Part of it, at the Place that is its Id, goes with it.  GetResources lists
 * what carries the stack's tag, as it is or as it was.
 */
#ifndef DRD_TESTS_STACK_THINGS_H
#define DRD_TESTS_STACK_THINGS_H

#include <check.h>

#include "stack/graph.h"
#include "stack/reconcile.h"
#include "stack_aws.h"

#define OURS   "{\"drd:stack\":\"shop\",\"drd:owner\":\"drd\"}"
#define THEIRS "{\"drd:stack\":\"shop\",\"drd:owner\":\"sandbox\"}"

static struct {
	json_t *things;	 /* {"region/name": {...}} */
	json_t *ghosts;	 /* likewise: removed, and still seen for a while */
	size_t page;	 /* items a page; 0: all */
	uint64_t lag_ms; /* until a write is seen */
	bool whole;	 /* false: the list is missing in the reply */
	json_t *listed;	 /* {arn: tags} as GetResources sees it; NULL: right */
} world;

/* --- The service ------------------------------------------------------ */

static inline json_t *
json_of(const char *s)
{
	json_t *t = tree_parse(s, strlen(s));

	ck_assert_msg(t != NULL, "not JSON: %s", s);
	return t;
}

static inline json_t *
thing(const char *region, const char *name)
{
	char *key = mem_printf("%s/%s", region, name);
	json_t *t = json_object_get(world.things, key);

	free(key);
	return t;
}

/* `members`: "\"Size\": 1, ..." */
static inline void
make_thing(
    const char *region, const char *name, const char *members, const char *tags)
{
	char *key = mem_printf("%s/%s", region, name);
	char *s = mem_printf("{\"Name\":\"%s\",\"Id\":\"id-%s\","
			     "\"Arn\":\"arn:%s\",%s,"
			     "\"Hidden\":{\"Tags\":%s}}",
	    name, name, key, members, tags);

	json_object_set_new(world.things, key, json_of(s));
	free(key);
	free(s);
}

static inline int
list_things(const struct aws_request *r, json_t **reply)
{
	json_t *list = json_array(), *copy, *old;
	const char *key, *from = tree_str(r->input, "From");
	size_t first = from != NULL ? strtoul(from, NULL, 10) : 0, i = 0;
	int64_t seen_at;
	json_t *t;

	*reply = json_object();
	json_object_foreach(world.things, key, t)
	{
		if (strncmp(key, r->region, strlen(r->region)) != 0)
			continue;
		seen_at = 0;
		(void)tree_int(t, "Hidden.SeenAt", &seen_at);
		old = tree_at(t, "Hidden.Before");
		if ((uint64_t)seen_at > clock_mono_ms() && old == NULL)
			continue;
		if (i++ < first)
			continue;
		if (world.page != 0 && i > first + world.page) {
			char next[24];

			snprintf(next, sizeof(next), "%zu", first + world.page);
			json_object_set_new(*reply, "Next", json_string(next));
			break;
		}
		copy = json_deep_copy(
		    (uint64_t)seen_at > clock_mono_ms() ? old : t);
		json_object_del(copy, "Hidden");
		json_array_append_new(list, copy);
	}
	json_object_foreach(world.ghosts, key, t)
	{
		seen_at = 0;
		(void)tree_int(t, "Hidden.SeenAt", &seen_at);
		if (strncmp(key, r->region, strlen(r->region)) == 0 &&
		    (uint64_t)seen_at > clock_mono_ms() &&
		    json_object_get(world.things, key) == NULL) {
			copy = json_deep_copy(t);
			json_object_del(copy, "Hidden");
			json_array_append_new(list, copy);
		}
	}
	if (world.whole)
		json_object_set_new(*reply, "Things", list);
	else
		json_decref(list);
	return 0;
}

static inline int
create_thing(const struct aws_request *r, json_t **reply, struct error *e)
{
	const char *name = tree_str(r->input, "Name");
	char *key = mem_printf("%s/%s", r->region, name);
	json_t *t;

	if (thing(r->region, name) != NULL) {
		free(key);
		return error_set(e, ERROR_AGAIN, "ThingAlreadyExists",
		    "there is one of this name");
	}
	t = json_deep_copy(r->input);
	tree_put(t, "Id", json_pack("s+", "id-", name));
	tree_put(t, "Arn", json_pack("s+", "arn:", key));
	tree_put(t, "Hidden.Tags", json_incref(json_object_get(t, "Tags")));
	tree_put(t, "Hidden.SeenAt",
	    json_integer((json_int_t)(clock_mono_ms() + world.lag_ms)));
	json_object_del(t, "Tags");
	json_object_set_new(world.things, key, t);
	free(key);
	*reply = json_object();
	return 0;
}

static inline int
change_thing(const struct aws_request *r, json_t **reply, struct error *e)
{
	json_t *t = thing(r->region, tree_str(r->input, "Name")), *before;

	if (t == NULL)
		return error_set(e, ERROR_ABSENT, "NoSuchThing", "no");
	before = json_deep_copy(t);
	json_object_del(before, "Hidden");
	json_object_update(t, tree_at(r->input, ""));
	if (json_object_get(r->input, "Tags") != NULL) {
		tree_put(t, "Hidden.Tags",
		    json_incref(json_object_get(r->input, "Tags")));
		json_object_del(t, "Tags");
	}
	tree_put(t, "Hidden.Before", before);
	tree_put(t, "Hidden.SeenAt",
	    json_integer((json_int_t)(clock_mono_ms() + world.lag_ms)));
	*reply = json_object();
	return 0;
}

static inline int
get_tags(const struct aws_request *r, json_t **reply, struct error *e)
{
	const char *name = tree_str(r->input, "Name");
	const json_t *t = thing(r->region, name);
	char *key = mem_printf("%s/%s", r->region, name);

	if (t == NULL)
		t = json_object_get(world.ghosts, key);
	free(key);
	if (t == NULL)
		return error_set(e, ERROR_ABSENT, "NoSuchThing", "no");
	*reply = json_pack("{s:O}", "Tags", tree_at(t, "Hidden.Tags"));
	return 0;
}

static inline int
list_content(const struct aws_request *r, json_t **reply, struct error *e)
{
	const json_t *t = thing(r->region, tree_str(r->input, "Name"));

	if (t == NULL)
		return error_set(e, ERROR_ABSENT, "NoSuchThing", "no");
	*reply = json_pack("{s:O}", "Content", tree_at(t, "Hidden.Content"));
	return 0;
}

static inline int
empty_thing(const struct aws_request *r, json_t **reply, struct error *e)
{
	json_t *t = thing(r->region, tree_str(r->input, "Name")), *content;
	size_t i;

	if (t == NULL)
		return error_set(e, ERROR_ABSENT, "NoSuchThing", "no");
	content = tree_at(t, "Hidden.Content");
	for (i = 0; i < tree_count(r->input, "Content"); i++)
		json_array_remove(content, 0);
	*reply = json_object();
	return 0;
}

static inline int
delete_thing(const struct aws_request *r, json_t **reply, struct error *e)
{
	char *key = mem_printf("%s/%s", r->region, tree_str(r->input, "Name"));
	json_t *t = json_object_get(world.things, key), *other;
	const char *id = tree_str(t, "Id"), *at, *k;
	void *next;

	if (t == NULL) {
		free(key);
		return error_set(e, ERROR_ABSENT, "NoSuchThing", "no");
	}
	json_object_foreach(world.things, k, other)
	{
		at = tree_str(other, "Colour");
		if (other != t && at != NULL && strcmp(at, id) == 0) {
			free(key);
			return error_set(e, ERROR_AGAIN, "DependencyViolation",
			    "%s needs it", k);
		}
	}
	if (tree_count(t, "Hidden.Content") > 0) {
		free(key);
		return error_set(
		    e, ERROR_AGAIN, "ThingNotEmpty", "it is not empty");
	}
	json_object_foreach_safe(world.things, next, k, other)
	{
		at = tree_str(other, "Place");
		if (tree_true(other, "Part") && at != NULL &&
		    strcmp(at, id) == 0)
			json_object_del(world.things, k);
	}
	tree_put(t, "Hidden.SeenAt",
	    json_integer((json_int_t)(clock_mono_ms() + world.lag_ms)));
	json_object_set(world.ghosts, key, t);
	json_object_del(world.things, key);
	free(key);
	*reply = json_object();
	return 0;
}

/* Two a page, so that there are pages. */
static inline int
get_resources(const struct aws_request *r, json_t **reply)
{
	const char *from = tree_str(r->input, "PaginationToken"), *key, *k;
	size_t first = from != NULL ? strtoul(from, NULL, 10) : 0, i = 0;
	json_t *list = json_array(), *t, *v, *tags;
	const char *arn;
	char next[24] = "";

	ck_assert_str_eq(tree_str(r->input, "TagFilters.Key"), "drd:stack");
	ck_assert_str_eq(tree_str(r->input, "TagFilters.Values"), "shop");
	json_object_foreach(world.things, key, t)
	{
		arn = tree_str(t, "Arn");
		tags = world.listed != NULL ? json_object_get(world.listed, arn)
					    : tree_at(t, "Hidden.Tags");
		if (strncmp(key, r->region, strlen(r->region)) != 0 ||
		    json_object_get(tags, "drd:stack") == NULL || i++ < first)
			continue;
		if (i > first + 2) {
			snprintf(next, sizeof(next), "%zu", first + 2);
			break;
		}
		json_array_append_new(
		    list, json_pack("{s:s, s:[]}", "ResourceARN", arn, "Tags"));
		json_object_foreach(tags, k, v) json_array_append_new(
		    tree_at(json_array_get(list, json_array_size(list) - 1),
			"Tags"),
		    json_pack("{s:s, s:O}", "Key", k, "Value", v));
	}
	*reply = json_pack("{s:o, s:s}", "ResourceTagMappingList", list,
	    "PaginationToken", next);
	return 0;
}

static inline int
serve_things(const struct aws_request *r, json_t **reply, struct error *e)
{
	if (strcmp(r->operation, "ListThings") == 0)
		return list_things(r, reply);
	if (strcmp(r->operation, "GetTags") == 0)
		return get_tags(r, reply, e);
	if (strcmp(r->operation, "GetResources") == 0)
		return get_resources(r, reply);
	if (strcmp(r->operation, "ListContent") == 0)
		return list_content(r, reply, e);
	if (strcmp(r->operation, "EmptyThing") == 0)
		return empty_thing(r, reply, e);
	if (strcmp(r->operation, "DeleteThing") == 0)
		return delete_thing(r, reply, e);
	if (strcmp(r->operation, "CreateThing") == 0)
		return create_thing(r, reply, e);
	return change_thing(r, reply, e);
}

/* --- The kind --------------------------------------------------------- */

static inline json_t *
thing_all(const json_t *want, const json_t *have)
{
	json_t *input = json_object();

	/* Some things are looked for at a place that must be known. */
	if (json_object_get(want, "Place") != NULL)
		json_object_set(input, "Place", json_object_get(want, "Place"));
	return input;
}

static inline int
thing_find(
    const json_t *want, const json_t *reply, json_t **have, struct error *e)
{
	const json_t *t;
	size_t i;

	for (i = 0; i < tree_count(reply, "Things"); i++) {
		t = tree_item(reply, "Things", i);
		if (strcmp(tree_str(t, "Name"), tree_str(want, "Name")) != 0)
			continue;
		if (*have != NULL)
			return error_set(e, ERROR_BROKEN, "Ambiguous", "two");
		*have = json_deep_copy(t);
	}
	return 0;
}

static inline json_t *
thing_by_name(const json_t *want, const json_t *have)
{
	return json_pack("{s:O}", "Name", json_object_get(want, "Name"));
}

static inline int
thing_tags(
    const json_t *want, const json_t *reply, json_t **have, struct error *e)
{
	json_object_set(*have, "Tags", json_object_get(reply, "Tags"));
	return 0;
}

static inline json_t *
thing_whole(const json_t *want, const json_t *have, const char *token)
{
	return json_deep_copy(want);
}

static inline json_t *
thing_with(const json_t *want, const char *member)
{
	return json_pack("{s:O, s:O}", "Name", json_object_get(want, "Name"),
	    member, json_object_get(want, member));
}

static inline json_t *
thing_size(const json_t *want, const json_t *have, const char *token)
{
	return thing_with(want, "Size");
}

static inline json_t *
thing_colour(const json_t *want, const json_t *have, const char *token)
{
	return thing_with(want, "Colour");
}

static inline json_t *
thing_retag(const json_t *want, const json_t *have, const char *token)
{
	return thing_with(want, "Tags");
}

static inline int
thing_has_landed(const json_t *want, const json_t *have, struct error *e)
{
	if (tree_true(have, "Broken"))
		return error_set(
		    e, ERROR_BROKEN, "Broken", "the thing is broken");
	return tree_true(have, "Busy")
	    ? error_set(e, ERROR_AGAIN, "Busy", "the thing is busy")
	    : 0;
}

static const struct kind_page thing_pages[] = {
	{ "Next", "From" },
	{ NULL, NULL },
};

static const struct kind_step thing_steps[] = {
	{ "CreateThing", .absent = true, .input = thing_whole,
	    .why = "not there yet" },
	{ "ResizeThing", .differs = "Size", .input = thing_size,
	    .why = "other size" },
	{ "PaintThing", .differs = "Colour", .input = thing_colour,
	    .why = "other colour" },
	{ "TagThing", .differs = "Tags", .input = thing_retag,
	    .why = "other tags" },
	{ .operation = NULL },
};

static inline json_t *
thing_name(const json_t *want, const json_t *have, const char *token)
{
	return thing_by_name(want, have);
}

static const struct kind_step thing_removal[] = {
	{ "DeleteThing", .input = thing_name, .why = "to be removed" },
	{ .operation = NULL },
};

static const struct kind_hint thing_hints[] = {
	{ "NotYours", "ask its owner" },
	{ NULL, NULL },
};

static const struct kind kind_thing = {
	.name = "thing",
	.service = SERVICE_EC2,
	.look = { "ListThings", .pages = thing_pages, .items = "Things",
	    .input = thing_all, .have = thing_find },
	.tags = { "GetTags", .absent = "NoSuchTags", .input = thing_by_name,
	    .have = thing_tags },
	.landed = thing_has_landed,
	.steps = thing_steps,
	.removal = thing_removal,
	.ignores = "Name Place",
	.advice = "melt it",
	.hints = thing_hints,
};

/* --- A pass ----------------------------------------------------------- */

static struct graph *graph;
static struct reconcile *pass;
static struct reconcile_result result;
static unsigned done_count;
static char told[4096];

static inline void
setup(void)
{
	fake_start(serve_things);
	world.things = json_object();
	world.ghosts = json_object();
	world.page = 0;
	world.lag_ms = 0;
	world.whole = true;
	world.listed = NULL;
	graph = graph_new("shop");
	pass = NULL;
	done_count = 0;
	told[0] = '\0';
}

static inline void
teardown(void)
{
	graph_free(graph);
	json_decref(world.things);
	json_decref(world.ghosts);
	json_decref(world.listed);
	fake_stop();
}

/* Adds a node; `members` as in make_thing; our tags are wanted. */
static inline struct node *
want_thing_of(const struct kind *kind, const char *region, const char *name,
    enum policy policy, const char *members)
{
	char *id = mem_printf("%s/%s", region, name);
	char *s =
	    mem_printf("{\"Name\":\"%s\",%s,\"Tags\":%s}", name, members, OURS);
	struct node *node;

	node = graph_add(graph, kind, region, id, name, policy, json_of(s));
	free(id);
	free(s);
	return node;
}

static inline struct node *
want_thing(const char *region, const char *name, const char *members)
{
	return want_thing_of(&kind_thing, region, name, POLICY_MANAGE, members);
}

static inline void
on_done(const struct reconcile_result *r, void *arg)
{
	result = *r;
	pass = NULL;
	done_count++;
}

static inline void
on_told(const struct node *node, const char *what, void *arg)
{
	size_t len = strlen(told);

	snprintf(told + len, sizeof(told) - len, "%s: %s\n", node->id, what);
}

static inline void
start_with(const struct reconcile_options *given)
{
	struct reconcile_options options = *given;
	unsigned before = done_count;

	if (options.deadline_ms == 0)
		options.deadline_ms = clock_mono_ms() + 60000;
	options.on_step = on_told;
	pass = reconcile_start(fake.loop, NULL, graph, &options, on_done, NULL);
	ck_assert_ptr_nonnull(pass);
	ck_assert_uint_eq(done_count, before); /* never before it returns */
}

static inline void
run_with(const struct reconcile_options *options)
{
	unsigned before = done_count;

	start_with(options);
	script_settle();
	ck_assert_uint_eq(done_count, before + 1);
	ck_assert_uint_eq(fake.in_flight, 0);
	ck_assert_uint_eq(result.calls, fake.count);
}

static inline void
start(bool write, unsigned max_changes)
{
	struct reconcile_options options = {
		.write = write,
		.max_changes = max_changes,
	};

	start_with(&options);
}

static inline void
run(bool write, unsigned max_changes)
{
	struct reconcile_options options = {
		.write = write,
		.max_changes = max_changes,
	};

	run_with(&options);
}

static inline void
seal(void)
{
	struct error e = { 0 };

	ck_assert_msg(graph_seal(graph, &e) == 0, "%s", e.text);
}

static inline void
apply(void)
{
	run(true, 0);
}

static inline void
survey(void)
{
	run(false, 0);
}

#define ck_state(node, is)                                                   \
	ck_assert_msg((node)->state == (is), "%s is %s, not %s: %s",         \
	    (node)->id, node_state_name((node)->state), node_state_name(is), \
	    (node)->error.text)

#endif
