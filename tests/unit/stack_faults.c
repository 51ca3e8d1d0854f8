/* SPDX-License-Identifier: MIT
 *
 * Whatever goes wrong: passes in a world where any call can fail in any way,
 * lists come in halves, reads lag, tags are listed wrongly and passes are cut
 * off, and the laws that hold all the same.
 *
 * Each seed is another world.  The laws are checked as calls arrive:
 *
 *	- what is there is not created again;
 *	- what is not ours is not written, nor removed;
 *	- nothing is created or removed before its list was read whole.
 *
 * Then the trouble ends, and a few passes later all is as wanted, or removed.
 */
#include "lib/script.h"
#include "stack_things.h"

enum { SEEDS = 600, TROUBLED = 4, CALM = 6, BETWEEN_MS = 20000 };

static struct {
	uint64_t state;	  /* of chance */
	unsigned trouble; /* percent of calls */
	bool adopt;
	bool foreign;	     /* something in the way is somebody's */
	uint64_t listed[2];  /* when the region's list was last read whole */
	uint64_t pass_began; /* these are counted in calls */
	uint64_t calls;
	char broken[160]; /* the first law that was */
} chaos;

/* xorshift64: the same seed, the same world, on every machine. */
static uint64_t
chance(uint64_t sides)
{
	chaos.state ^= chaos.state << 13;
	chaos.state ^= chaos.state >> 7;
	chaos.state ^= chaos.state << 17;
	return chaos.state % sides;
}

/* --- The laws ------------------------------------------------------------- */

static void
broke(const struct aws_request *r, const char *law)
{
	if (chaos.broken[0] == '\0')
		snprintf(chaos.broken, sizeof(chaos.broken), "%s %s %s: %s",
		    r->region, r->operation, tree_str(r->input, "Name"), law);
}

static bool
has_tag(const json_t *t, const char *key, const char *value)
{
	const char *s =
	    json_string_value(json_object_get(tree_at(t, "Hidden.Tags"), key));

	return s != NULL && strcmp(s, value) == 0;
}

static bool
has_no_tag(const json_t *t, const char *key)
{
	return json_object_get(tree_at(t, "Hidden.Tags"), key) == NULL;
}

static bool
is_ours(const json_t *t)
{
	return has_tag(t, "drd:stack", "shop") &&
	    has_tag(t, "drd:owner", "drd");
}

/* Of a part: if it is in something of ours. */
static bool
may_be_written(const struct aws_request *r, const json_t *t)
{
	const char *place = tree_str(t, "Place");

	if (tree_true(t, "Part"))
		return place != NULL &&
		    is_ours(thing(r->region, place + strlen("id-")));
	if (is_ours(t))
		return true;
	return chaos.adopt && strcmp(r->operation, "TagThing") == 0 &&
	    (has_tag(t, "drd:stack", "shop") || has_no_tag(t, "drd:stack")) &&
	    (has_tag(t, "drd:owner", "drd") || has_no_tag(t, "drd:owner"));
}

static void
check_laws(const struct aws_request *r)
{
	const json_t *t = thing(r->region, tree_str(r->input, "Name"));
	bool creates = strcmp(r->operation, "CreateThing") == 0;
	bool deletes = strcmp(r->operation, "DeleteThing") == 0;
	bool west = strcmp(r->region, "us-west-2") == 0;

	if (!r->writes)
		broke(r, "a write that does not say so");
	if (creates && t != NULL)
		broke(r, "it is there already");
	if (!creates && t != NULL && !may_be_written(r, t))
		broke(r, "it is not ours");
	if ((creates || deletes) && chaos.listed[west] < chaos.pass_began)
		broke(r, "nobody has read the list");
}

/* --- The trouble ----------------------------------------------------------- */

static const struct {
	enum error_class class;
	const char *code;
} faults[] = {
	{ ERROR_AGAIN, "Timeout" },
	{ ERROR_AGAIN, "InternalError" },
	{ ERROR_AGAIN, "ConnectionBroken" },
	{ ERROR_AGAIN, "ConflictException" },
	{ ERROR_AGAIN, "ThingAlreadyExists" },
	{ ERROR_AGAIN, "DependencyViolation" },
	{ ERROR_AGAIN, "UnreadableReply" },
	{ ERROR_THROTTLED, "Throttling" },
	{ ERROR_DENIED, "AccessDenied" },
	{ ERROR_DENIED, "ExpiredToken" },
	{ ERROR_DENIED, "RequestTimeTooSkewed" },
	{ ERROR_BROKEN, "ValidationException" },
	{ ERROR_BROKEN, "LimitExceeded" },
	{ ERROR_BROKEN, "RoleNotReady" },
	{ ERROR_ABSENT, "NoSuchThing" },
	{ ERROR_ABSENT, "NotFound" },
};

static bool
meddle(const struct aws_request *r, struct trouble *t)
{
	size_t i;

	chaos.calls++;
	if (!fake_is_read(r->operation))
		check_laws(r);
	if (chance(100) >= chaos.trouble)
		return false;
	i = chance(sizeof(faults) / sizeof(faults[0]));
	memset(t, 0, sizeof(*t));
	t->class = faults[i].class;
	t->code = faults[i].code;
	t->times = 1;
	/* Lost on the way back, or on the way there. */
	t->lands = t->class == ERROR_AGAIN && chance(2) == 0;
	return true;
}

/* A list that came in half: no list, or no way to its other half. */
static void
halve(json_t *reply)
{
	switch (chance(3)) {
	case 0:
		json_object_del(reply, "Things");
		break;
	case 1:
		json_object_set_new(reply, "Next", json_string("0"));
		json_object_set_new(reply, "IsTruncated", json_true());
		break;
	default:
		json_object_set_new(reply, "IsTruncated", json_true());
		json_object_del(reply, "Next");
		break;
	}
}

static int
serve_chaos(const struct aws_request *r, json_t **reply, struct error *e)
{
	bool west = strcmp(r->region, "us-west-2") == 0;
	int rc = serve_things(r, reply, e);

	if (rc == -1 || strcmp(r->operation, "ListThings") != 0)
		return rc;
	if (chance(100) < chaos.trouble)
		halve(*reply);
	else if (json_object_get(*reply, "Next") == NULL)
		chaos.listed[west] = chaos.calls;
	return 0;
}

/* --- The world -------------------------------------------------------------- */

static struct kind kind_listed, kind_late, kind_part;

static bool
is_too_early(const struct error *e)
{
	return strcmp(e->code, "RoleNotReady") == 0;
}

static const struct kind_step late_steps[] = {
	{ "CreateThing", .absent = true, .input = thing_whole,
	    .why = "not there yet", .early = is_too_early },
	{ "ResizeThing", .differs = "Size", .input = thing_size,
	    .why = "other size", .early = is_too_early },
	{ "TagThing", .differs = "Tags", .input = thing_retag,
	    .why = "other tags" },
	{ .operation = NULL },
};

static bool
is_a_part(const json_t *want, const json_t *have)
{
	return true;
}

static void
setup_kinds(void)
{
	kind_listed = kind_thing;
	kind_listed.arn = "Arn";
	kind_late = kind_listed;
	kind_late.steps = late_steps;
	kind_part = kind_thing;
	kind_part.owned = is_a_part;
	kind_part.removal = NULL;
}

static const struct {
	const char *region;
	const char *name;
	const struct kind *kind;
	enum policy policy;
	const char *want;
} wanted[] = {
	{ "us-east-1", "a", &kind_listed, POLICY_MANAGE, "\"Size\":1" },
	{ "us-east-1", "b", &kind_thing, POLICY_MANAGE,
	    "\"Size\":1,\"Colour\":\"${us-east-1/a:Id}\"" },
	{ "us-east-1", "c", &kind_late, POLICY_MANAGE,
	    "\"Size\":1,\"Place\":\"${us-east-1/a:Id}\"" },
	{ "us-east-1", "d", &kind_listed, POLICY_OBSERVE, "\"Size\":1" },
	{ "us-east-1", "p", &kind_part, POLICY_MANAGE,
	    "\"Size\":1,\"Part\":true,\"Place\":\"${us-east-1/a:Id}\"" },
	{ "us-west-2", "e", &kind_late, POLICY_MANAGE, "\"Size\":1" },
	{ "us-west-2", "f", &kind_listed, POLICY_MANAGE,
	    "\"Size\":1,\"Colour\":\"${us-east-1/b:Id}\"" },
	{ "us-west-2", "g", &kind_thing, POLICY_MANAGE,
	    "\"Size\":1,\"Colour\":\"${us-west-2/e:Id}\"" },
};

enum { WANTED = sizeof(wanted) / sizeof(wanted[0]) };

/* There already: ours and changed, nobody's, or somebody's. */
static void
make_some(size_t i)
{
	static const char *const tags[] = { OURS, OURS, OURS, "{}", THEIRS };
	size_t which = chance(sizeof(tags) / sizeof(tags[0]));

	if (wanted[i].kind == &kind_part || chance(2) == 0)
		return;
	make_thing(wanted[i].region, wanted[i].name,
	    chance(2) == 0 ? "\"Size\":1" : "\"Size\":7,\"Colour\":\"old\"",
	    tags[which]);
	if (wanted[i].policy == POLICY_MANAGE &&
	    (which == 4 || (which == 3 && !chaos.adopt)))
		chaos.foreign = true;
}

/* The listing takes everything to be ours, or nothing. */
static void
make_wrong_listing(void)
{
	bool all = chance(2) == 0;
	const char *key;
	json_t *t;

	if (chance(2) == 0)
		return;
	world.listed = json_object();
	json_object_foreach(world.things, key, t) if (all) json_object_set_new(
	    world.listed, tree_str(t, "Arn"), json_of(OURS));
}

static void
build(int seed)
{
	static const uint64_t lags[] = { 0, 0, 300, 1500 };
	size_t i;

	setup();
	setup_kinds();
	memset(&chaos, 0, sizeof(chaos));
	chaos.state = UINT64_C(0x9e3779b97f4a7c15) * (uint64_t)(seed + 1);
	chaos.adopt = chance(2) == 0;
	fake.meddle = meddle;
	fake.service = serve_chaos;
	world.lag_ms = lags[chance(4)];
	world.page = chance(4);
	for (i = 0; i < WANTED; i++) {
		make_some(i);
		want_thing_of(wanted[i].kind, wanted[i].region, wanted[i].name,
		    wanted[i].policy, wanted[i].want);
	}
	make_wrong_listing();
	seal();
}

/* --- Passes ------------------------------------------------------------------ */

static void
one_pass(bool remove, unsigned trouble, bool cut)
{
	struct reconcile_options options = {
		.write = true,
		.destroy = remove,
		.adopt = chaos.adopt,
	};
	uint64_t began = clock_mono_ms();

	fake_forget();
	chaos.trouble = trouble;
	chaos.pass_began = ++chaos.calls;
	done_count = 0;
	told[0] = '\0';
	start_with(&options);
	if (cut) {
		script_advance(chance(6000));
		reconcile_cancel(pass); /* NULL if it is over */
		pass = NULL;
	} else {
		script_settle();
		ck_assert_uint_eq(done_count, 1);
		ck_assert_uint_le(clock_mono_ms() - began, 60000 + LATENCY_MS);
	}
	ck_assert_uint_eq(fake.in_flight, 0);
	ck_assert_msg(chaos.broken[0] == '\0', "%s\n%s", chaos.broken, told);
	script_advance(BETWEEN_MS); /* whatever lags, shows */
}

static void
passes(bool remove)
{
	static const unsigned percents[] = { 2, 10, 30, 70 };
	unsigned trouble = percents[chance(4)];
	unsigned i;

	for (i = 0; i < TROUBLED; i++)
		one_pass(remove, trouble, chance(3) == 0);
	json_decref(world.listed); /* it lags, but not for ever */
	world.listed = NULL;
	for (i = 0; i < CALM; i++)
		one_pass(remove, 0, false);
}

/* What is not ours, word for word. */
static json_t *
others(void)
{
	json_t *out = json_object(), *t;
	const char *key;

	json_object_foreach(world.things, key, t)
	{
		if (!tree_true(t, "Part") && !is_ours(t))
			json_object_set_new(out, key, json_deep_copy(t));
	}
	return out;
}

static void
ck_converged(void)
{
	const struct node *node;
	size_t i;

	for (i = 0; i < graph_count(graph); i++) {
		node = graph_node(graph, i);
		if (node->policy != POLICY_MANAGE)
			continue;
		ck_assert_msg(node->state == NODE_CLEAN ||
			(chaos.foreign &&
			    (node->state == NODE_FOREIGN ||
				node->state == NODE_BLOCKED)),
		    "%s is %s: %s", node->id, node_state_name(node->state),
		    node->error.text);
	}
	ck_assert_uint_eq(fake_writes(), 0);
}

static void
ck_removed(void)
{
	const struct node *node;
	size_t i;

	for (i = 0; i < graph_count(graph); i++) {
		node = graph_node(graph, i);
		if (node->policy != POLICY_MANAGE)
			continue;
		ck_assert_msg(node->state == NODE_GONE ||
			(chaos.foreign &&
			    (node->state == NODE_FOREIGN ||
				node->state == NODE_LEFT)),
		    "%s is %s: %s", node->id, node_state_name(node->state),
		    node->error.text);
	}
	ck_assert_uint_eq(fake_writes(), 0);
}

START_TEST(test_make)
{
	json_t *before, *after;

	build(_i);
	before = others();
	passes(false);
	ck_converged();
	after = others();
	ck_assert(chaos.adopt || json_equal(before, after));
	json_decref(before);
	json_decref(after);
	teardown();
}
END_TEST

START_TEST(test_make_and_remove)
{
	json_t *before, *after;
	const char *key;
	json_t *t;

	build(_i);
	passes(false);
	before = others();
	passes(true);
	ck_removed();
	after = others();
	ck_assert(json_equal(before, after));
	json_object_foreach(world.things, key, t)
	{
		ck_assert_msg(!is_ours(t) || strcmp(key, "us-east-1/d") == 0 ||
			(chaos.foreign && tree_true(t, "Part")),
		    "%s is left", key);
	}
	json_decref(before);
	json_decref(after);
	teardown();
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("stack_faults");
	TCase *t = tcase_create("faults");
	SRunner *runner;
	int failed;

	tcase_set_timeout(t, 20);
	tcase_add_loop_test(t, test_make, 0, SEEDS);
	tcase_add_loop_test(t, test_make_and_remove, SEEDS, 2 * SEEDS);
	suite_add_tcase(suite, t);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
