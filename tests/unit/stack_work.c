/* SPDX-License-Identifier: MIT
 *
 * The half of a pass that writes: one step, then a look; nothing twice, and
 * nothing in the dark.
 */
#include "lib/script.h"
#include "stack_things.h"

START_TEST(test_create_then_look)
{
	struct node *a = want_thing("us-east-1", "a", "\"Size\":1");

	seal();
	apply();
	ck_state(a, NODE_CLEAN);
	ck_assert(a->changed);
	ck_assert_uint_eq(fake_count("CreateThing"), 1);
	ck_assert_uint_eq(fake_count("ListThings"), 2);
	ck_assert_uint_eq(result.changes, 1);
	ck_assert_uint_eq(result.written, 1);
	ck_assert_uint_eq(result.clean, 1);
	ck_assert_str_eq(told,
	    "us-east-1/a: CreateThing: not there yet\n"
	    "us-east-1/a: as wanted\n");
}
END_TEST

START_TEST(test_a_second_pass_has_nothing_to_do)
{
	want_thing("us-east-1", "a", "\"Size\":1");
	seal();
	apply();
	fake_forget();
	apply();
	ck_assert_uint_eq(fake_writes(), 0);
	ck_assert_uint_eq(result.written, 0);
	ck_assert_uint_eq(result.changes, 0);
}
END_TEST

START_TEST(test_steps_in_their_order)
{
	struct node *a =
	    want_thing("us-east-1", "a", "\"Size\":1,\"Colour\":\"red\"");

	make_thing("us-east-1", "a", "\"Size\":2,\"Colour\":\"blue\"", OURS);
	seal();
	apply();
	ck_state(a, NODE_CLEAN);
	ck_assert_uint_eq(fake_writes(), 2);
	ck_assert_str_eq(told,
	    "us-east-1/a: ResizeThing: other size\n"
	    "us-east-1/a: PaintThing: other colour\n"
	    "us-east-1/a: as wanted\n");
}
END_TEST

/* Twice would make two: then the client leaves the repeating to us. */
START_TEST(test_create_that_is_sent_once)
{
	struct kind_step steps[] = { thing_steps[0], { .operation = NULL } };
	struct kind careful = kind_thing;

	steps[0].once = true;
	careful.steps = steps;
	want_thing_of(&careful, "us-east-1", "a", POLICY_MANAGE, "\"Size\":1");
	want_thing("us-east-1", "b", "\"Size\":1");
	seal();
	apply();
	ck_assert(fake_call("CreateThing", 0)->once);
	ck_assert(!fake_call("CreateThing", 1)->once);
	ck_assert(!fake_call("ListThings", 0)->once);
}
END_TEST

START_TEST(test_tags_are_repaired)
{
	struct node *a = want_thing("us-east-1", "a", "\"Size\":1");

	make_thing("us-east-1", "a", "\"Size\":1", OURS);
	tree_put(a->want, "Tags.Environment", json_string("prod"));
	seal();
	apply();
	ck_state(a, NODE_CLEAN);
	ck_assert_uint_eq(fake_writes(), 1);
	ck_assert_uint_eq(fake_count("TagThing"), 1);
}
END_TEST

/* Five at once take as long as one. */
START_TEST(test_independent_writes_are_in_flight_together)
{
	const char *names[] = { "a", "b", "c", "d", "e" };
	size_t i;

	for (i = 0; i < 5; i++)
		want_thing("us-east-1", names[i], "\"Size\":1");
	seal();
	apply();
	ck_assert_uint_eq(fake.most_in_flight, 5);
	ck_assert_uint_eq(result.written, 5);
	/* look, write, look, tags */
	ck_assert_uint_eq(result.took_ms, 4 * LATENCY_MS);
}
END_TEST

START_TEST(test_one_at_a_time_where_the_kind_says_so)
{
	struct kind kind = kind_thing;

	kind.one_at_a_time = "Place";
	want_thing_of(&kind, "us-east-1", "a", POLICY_MANAGE,
	    "\"Place\":\"x\",\"Size\":1");
	want_thing_of(&kind, "us-east-1", "b", POLICY_MANAGE,
	    "\"Place\":\"x\",\"Size\":1");
	seal();
	apply();
	ck_assert_uint_eq(fake.most_in_flight, 1);
	ck_assert_uint_eq(result.written, 2);
}
END_TEST

START_TEST(test_other_places_do_not_wait)
{
	struct kind kind = kind_thing;

	kind.one_at_a_time = "Place";
	want_thing_of(&kind, "us-east-1", "a", POLICY_MANAGE,
	    "\"Place\":\"x\",\"Size\":1");
	want_thing_of(&kind, "us-east-1", "b", POLICY_MANAGE,
	    "\"Place\":\"y\",\"Size\":1");
	seal();
	apply();
	ck_assert_uint_eq(fake.most_in_flight, 2);
	ck_assert_uint_eq(result.written, 2);
}
END_TEST

START_TEST(test_references_make_the_order)
{
	struct node *b;

	b = want_thing("us-east-1", "b", "\"Colour\":\"${us-east-1/a:Id}\"");
	want_thing("us-east-1", "a", "\"Size\":1");
	seal();
	apply();
	ck_state(b, NODE_CLEAN);
	ck_assert_str_eq(tree_str(b->have, "Colour"), "id-a");
	ck_assert_str_eq(
	    tree_str(fake_call("CreateThing", 0)->input, "Name"), "a");
	ck_assert_uint_eq(fake_count("CreateThing"), 2);
}
END_TEST

/* Where it is depends on what is made first: looked for only then. */
START_TEST(test_what_can_be_looked_for_later)
{
	struct node *b;

	want_thing("us-east-1", "a", "\"Size\":1");
	b = want_thing(
	    "us-east-1", "b", "\"Place\":\"${us-east-1/a:Id}\",\"Size\":1");
	seal();
	apply();
	ck_state(b, NODE_CLEAN);
	ck_assert_str_eq(
	    tree_str(fake_call("CreateThing", 1)->input, "Place"), "id-a");
}
END_TEST

/* What some kinds find is what is wanted, and what they see of it. */
static int
find_as_wanted(
    const json_t *want, const json_t *reply, json_t **have, struct error *e)
{
	*have = json_deep_copy(want);
	return 0;
}

static bool
is_always_ours(const json_t *want, const json_t *have)
{
	return true;
}

/* Found by something that was not known yet: looked at once more. */
START_TEST(test_what_was_found_too_early)
{
	static const struct kind kind_door = {
		.name = "door",
		.service = SERVICE_EC2,
		.look = { "ListThings", .pages = thing_pages, .items = "Things",
		    .input = thing_all, .have = find_as_wanted },
		.owned = is_always_ours,
		.steps = thing_steps,
	};
	struct node *b;

	want_thing("us-east-1", "a", "\"Size\":1");
	b = want_thing_of(&kind_door, "us-east-1", "b", POLICY_MANAGE,
	    "\"Shape\":\"${us-east-1/a:Id}\"");
	seal();
	apply();
	ck_state(b, NODE_CLEAN);
	ck_assert_str_eq(tree_str(b->have, "Shape"), "id-a");
}
END_TEST

/* A clean node whose reference changes under it is written too. */
START_TEST(test_a_reference_that_changes)
{
	struct node *b;

	want_thing("us-east-1", "a", "\"Size\":2");
	b = want_thing("us-east-1", "b", "\"Size\":\"${us-east-1/a:Size}\"");
	make_thing("us-east-1", "a", "\"Size\":1", OURS);
	make_thing("us-east-1", "b", "\"Size\":1", OURS);
	seal();
	apply();
	ck_state(b, NODE_CLEAN);
	ck_assert_uint_eq(fake_count("ResizeThing"), 2);
	ck_assert_int_eq(
	    json_integer_value(tree_at(thing("us-east-1", "b"), "Size")), 2);
}
END_TEST

/* Never a request with a reference in it. */
START_TEST(test_a_reference_that_stays_unknown)
{
	struct node *b;

	want_thing_of(
	    &kind_thing, "us-east-1", "a", POLICY_OBSERVE, "\"Size\":2");
	b = want_thing("us-east-1", "b", "\"Colour\":\"${us-east-1/a:Soul}\"");
	make_thing("us-east-1", "a", "\"Size\":1", OURS);
	seal();
	apply();
	ck_state(b, NODE_FAILED);
	ck_assert_str_eq(b->error.code, "Unresolved");
	ck_assert_uint_eq(fake_writes(), 0);
}
END_TEST

START_TEST(test_a_throttled_create_is_sent_again)
{
	struct node *a = want_thing("us-east-1", "a", "\"Size\":1");

	fake_trouble("CreateThing", ERROR_THROTTLED, "Throttling", 2, false);
	seal();
	apply();
	ck_state(a, NODE_CLEAN);
	ck_assert_uint_eq(fake_count("CreateThing"), 3);
}
END_TEST

/* What it is made in is so new that not all of AWS knows it. */
START_TEST(test_a_create_that_is_too_early_is_sent_again)
{
	struct node *a = want_thing("us-east-1", "a", "\"Size\":1");
	unsigned n = (unsigned)_i;

	fake_trouble("CreateThing", ERROR_ABSENT, "NoSuchBucket", n, false);
	seal();
	apply();
	ck_state(a, NODE_CLEAN);
	ck_assert_uint_eq(fake_count("CreateThing"), n + 1);
	/* After pauses that grow: the first is 100 ms. */
	ck_assert_uint_ge(result.took_ms, 100 * ((UINT64_C(1) << n) - 1));
}
END_TEST

START_TEST(test_a_create_that_is_always_too_early)
{
	struct node *a = want_thing("us-east-1", "a", "\"Size\":1");

	fake_trouble("CreateThing", ERROR_ABSENT, "NoSuchBucket", 99, false);
	seal();
	apply();
	ck_state(a, NODE_FAILED);
	ck_assert_str_eq(a->error.code, "NoSuchBucket");
	ck_assert_uint_eq(fake_count("CreateThing"), 9);
	ck_assert_uint_lt(result.took_ms, 15000);
}
END_TEST

START_TEST(test_a_failed_write_blocks_only_its_kin)
{
	struct node *a, *b, *c;

	a = want_thing("us-east-1", "a", "\"Size\":1");
	b = want_thing("us-east-1", "b", "\"Colour\":\"${us-east-1/a:Id}\"");
	c = want_thing("us-west-2", "c", "\"Size\":1");
	fake_trouble(
	    "us-east-1 CreateThing", ERROR_DENIED, "AccessDenied", 9, false);
	seal();
	apply();
	ck_state(a, NODE_FAILED);
	ck_assert_str_eq(a->error.code, "AccessDenied");
	ck_state(b, NODE_BLOCKED);
	ck_state(c, NODE_CLEAN);
	ck_assert_uint_eq(fake_count("us-east-1 CreateThing"), 1);
	ck_assert_uint_eq(result.failed, 2);
}
END_TEST

/* --- The brake and the freeze ----------------------------------------- */

START_TEST(test_the_brake)
{
	want_thing("us-east-1", "a", "\"Size\":1");
	want_thing("us-east-1", "b", "\"Size\":1");
	want_thing_of(
	    &kind_thing, "us-east-1", "c", POLICY_OBSERVE, "\"Size\":1");
	seal();
	run(true, 1);
	ck_assert(result.braked);
	ck_assert_str_eq(result.limit, "max_changes");
	ck_assert_uint_eq(result.allowed, 1);
	ck_assert_uint_eq(result.changes, 3);
	ck_assert_uint_eq(result.writes, 2);
	ck_assert_uint_eq(fake_writes(), 0);
	/* What is only observed is never written and does not count. */
	fake_forget();
	run(true, 2);
	ck_assert(!result.braked);
	ck_assert_uint_eq(result.written, 2);
}
END_TEST

/* Of ten managed nodes; `differ` of them do. */
static const struct {
	unsigned percent, max;
	unsigned differ;
	const char *limit; /* NULL: goes through */
	unsigned allowed;
} brakes[] = {
	{ 0, 0, 10, NULL, 0 },
	{ 20, 0, 2, NULL, 0 },
	{ 20, 0, 3, "max_change_percent", 2 },
	{ 29, 0, 3, "max_change_percent", 2 },
	{ 5, 0, 1, NULL, 0 },
	{ 5, 0, 2, "max_change_percent", 1 },
	{ 50, 3, 4, "max_changes", 3 },
	{ 20, 3, 4, "max_change_percent", 2 },
	{ 100, 0, 10, NULL, 0 },
};

START_TEST(test_the_brakes)
{
	struct reconcile_options options = {
		.write = true,
		.max_changes = brakes[_i].max,
		.max_change_percent = brakes[_i].percent,
	};
	char name[] = "a";
	unsigned i;

	for (i = 0; i < 10; i++, name[0]++) {
		want_thing("us-east-1", name, "\"Size\":1");
		if (i >= brakes[_i].differ)
			make_thing("us-east-1", name, "\"Size\":1", OURS);
	}
	want_thing_of(
	    &kind_thing, "us-east-1", "z", POLICY_OBSERVE, "\"Size\":1");
	seal();
	run_with(&options);
	ck_assert_uint_eq(result.writes, brakes[_i].differ);
	ck_assert(result.braked == (brakes[_i].limit != NULL));
	ck_assert_uint_eq(fake_writes(), result.braked ? 0 : brakes[_i].differ);
	if (brakes[_i].limit != NULL) {
		ck_assert_str_eq(result.limit, brakes[_i].limit);
		ck_assert_uint_eq(result.allowed, brakes[_i].allowed);
	}
}
END_TEST

/* What is only not known yet is not one more change. */
START_TEST(test_the_brake_counts_what_is_sure)
{
	char name[] = "b";

	want_thing("us-east-1", "a", "\"Size\":1");
	for (; name[0] < 'g'; name[0]++) {
		want_thing("us-east-1", name,
		    "\"Size\":1,\"Colour\":\"${us-east-1/a:Id}\"");
		make_thing("us-east-1", name,
		    name[0] == 'b' ? "\"Size\":2,\"Colour\":\"id-a\""
				   : "\"Size\":1,\"Colour\":\"id-a\"",
		    OURS);
	}
	seal();
	run(true, 1);
	ck_assert(result.braked);
	ck_assert_uint_eq(result.changes, 6);
	ck_assert_uint_eq(result.writes, 2);
	fake_forget();
	run(true, 2);
	ck_assert(!result.braked);
	ck_assert_uint_eq(fake_writes(), 2);
	ck_assert_uint_eq(result.clean, 6);
}
END_TEST

START_TEST(test_frozen_is_read_and_not_written)
{
	struct node *a = want_thing("us-east-1", "a", "\"Size\":1");
	struct node *b = want_thing("us-east-1", "b", "\"Size\":1");

	make_thing("us-east-1", "a", "\"Size\":2", OURS);
	a->frozen = true;
	seal();
	apply();
	ck_state(a, NODE_FROZEN);
	ck_assert_ptr_nonnull(a->have);
	ck_state(b, NODE_CLEAN);
	ck_assert_uint_eq(result.frozen, 1);
	ck_assert_uint_eq(fake_count("ResizeThing"), 0);
}
END_TEST

/* Made, and made whole; what was there before stays as it is. */
START_TEST(test_kept_is_made_and_not_changed)
{
	struct node *a = want_thing("us-east-1", "a", "\"Size\":1");
	struct node *b = want_thing("us-east-1", "b", "\"Size\":1");

	make_thing("us-east-1", "a", "\"Size\":2", OURS);
	a->kept = b->kept = true;
	seal();
	apply();
	ck_state(a, NODE_FROZEN);
	ck_state(b, NODE_CLEAN);
	ck_assert_uint_eq(fake_count("ResizeThing"), 0);
	ck_assert_uint_eq(fake_count("CreateThing"), 1);
	fake_forget();
	apply();
	ck_state(b, NODE_FROZEN);
}
END_TEST

START_TEST(test_frozen_in_the_middle_of_a_pass)
{
	struct node *a = want_thing("us-east-1", "a", "\"Size\":1");
	struct node *b =
	    want_thing("us-east-1", "b", "\"Size\":\"${us-east-1/a:Size}\"");

	make_thing("us-east-1", "b", "\"Size\":2", OURS);
	seal();
	start(true, 0);
	script_advance(LATENCY_MS * 2 + LATENCY_MS / 2); /* a is being made */
	ck_assert_uint_eq(fake_count("CreateThing"), 1);
	b->frozen = true;
	script_settle();
	ck_state(a, NODE_CLEAN);
	ck_state(b, NODE_FROZEN);
	ck_assert_uint_eq(fake_count("ResizeThing"), 0);
}
END_TEST

/* --- Reads that lag, answers that are lost ---------------------------- */

START_TEST(test_a_look_that_lags_is_repeated)
{
	struct node *a = want_thing("us-east-1", "a", "\"Size\":1");

	world.lag_ms = 1500;
	seal();
	apply();
	ck_state(a, NODE_CLEAN);
	ck_assert_uint_eq(fake_count("CreateThing"), 1);
	ck_assert_uint_ge(fake_count("ListThings"), 4);
}
END_TEST

START_TEST(test_a_change_that_lags)
{
	struct node *a = want_thing("us-east-1", "a", "\"Size\":1");

	make_thing("us-east-1", "a", "\"Size\":2", OURS);
	world.lag_ms = 1500;
	seal();
	apply();
	ck_state(a, NODE_CLEAN);
	ck_assert_uint_eq(fake_count("ResizeThing"), 1);
}
END_TEST

START_TEST(test_a_write_that_is_never_seen)
{
	struct node *a = want_thing("us-east-1", "a", "\"Size\":1");

	world.lag_ms = 3600000;
	seal();
	apply();
	ck_state(a, NODE_FAILED);
	ck_assert_str_eq(a->error.code, "NotSeen");
	ck_assert_uint_eq(fake_count("CreateThing"), 1);
	ck_assert_uint_lt(result.took_ms, 20000);
}
END_TEST

START_TEST(test_a_lost_answer_of_a_create_that_landed)
{
	struct node *a = want_thing("us-east-1", "a", "\"Size\":1");

	fake_trouble("CreateThing", ERROR_AGAIN, "Timeout", 1, true);
	seal();
	apply();
	ck_state(a, NODE_CLEAN);
	ck_assert_uint_eq(fake_count("CreateThing"), 1);
}
END_TEST

START_TEST(test_a_lost_answer_of_a_create_that_did_not_land)
{
	struct node *a = want_thing("us-east-1", "a", "\"Size\":1");

	fake_trouble("CreateThing", ERROR_AGAIN, "Timeout", 1, false);
	seal();
	apply();
	ck_state(a, NODE_FAILED);
	ck_assert_str_eq(a->error.code, "Timeout");
	ck_assert_uint_eq(fake_count("CreateThing"), 1);
	/* The next pass is the one that may try again. */
	fake_forget();
	apply();
	ck_state(a, NODE_CLEAN);
	ck_assert_uint_eq(fake_count("CreateThing"), 1);
}
END_TEST

START_TEST(test_a_change_that_was_put_off)
{
	struct node *a = want_thing("us-east-1", "a", "\"Size\":1");

	make_thing("us-east-1", "a", "\"Size\":2", OURS);
	fake_trouble(
	    "ResizeThing", ERROR_AGAIN, "PriorRequestNotComplete", 2, false);
	seal();
	apply();
	ck_state(a, NODE_CLEAN);
	ck_assert_uint_eq(fake_count("ResizeThing"), 3);
}
END_TEST

START_TEST(test_a_change_that_is_always_put_off)
{
	struct node *a = want_thing("us-east-1", "a", "\"Size\":1");

	make_thing("us-east-1", "a", "\"Size\":2", OURS);
	fake_trouble(
	    "ResizeThing", ERROR_AGAIN, "PriorRequestNotComplete", 99, false);
	seal();
	apply();
	ck_state(a, NODE_FAILED);
	ck_assert_str_eq(a->error.code, "PriorRequestNotComplete");
	ck_assert_uint_eq(fake_count("ResizeThing"), 3);
}
END_TEST

static int
serve_a_rival(const struct aws_request *r, json_t **reply, struct error *e)
{
	if (strcmp(r->operation, "CreateThing") == 0 &&
	    thing("us-east-1", "a") == NULL)
		make_thing("us-east-1", "a", "\"Size\":1", THEIRS);
	return serve_things(r, reply, e);
}

START_TEST(test_somebody_else_was_faster)
{
	struct node *a = want_thing("us-east-1", "a", "\"Size\":1");

	fake.service = serve_a_rival;
	seal();
	apply();
	ck_state(a, NODE_FOREIGN);
	ck_assert_uint_eq(fake_count("CreateThing"), 1);
	ck_assert_uint_eq(fake_writes(), 1);
}
END_TEST

/* Known to one of AWS's machines, not yet to the next. */
START_TEST(test_tags_that_come_late)
{
	struct node *a = want_thing("us-east-1", "a", "\"Size\":1");

	fake_trouble("GetTags", ERROR_ABSENT, "NoSuchThing", 2, false);
	seal();
	apply();
	ck_state(a, NODE_CLEAN);
	ck_assert_uint_eq(fake_writes(), 1);
}
END_TEST

/* Or the object is known already, and its tags are not. */
START_TEST(test_no_tags_at_first)
{
	struct node *a = want_thing("us-east-1", "a", "\"Size\":1");

	fake_trouble("GetTags", ERROR_ABSENT, "NoSuchTags", 2, false);
	seal();
	apply();
	ck_state(a, NODE_CLEAN);
	ck_assert_uint_eq(fake_writes(), 1);
}
END_TEST

START_TEST(test_a_thing_that_is_busy)
{
	struct node *a = want_thing("us-east-1", "a", "\"Size\":1");

	make_thing("us-east-1", "a", "\"Size\":2,\"Busy\":true", OURS);
	seal();
	start(true, 0);
	script_advance(500);
	ck_assert_uint_eq(fake_writes(), 0);
	tree_put(thing("us-east-1", "a"), "Busy", json_false());
	script_settle();
	ck_state(a, NODE_CLEAN);
	ck_assert_uint_eq(fake_count("ResizeThing"), 1);
}
END_TEST

START_TEST(test_nothing_is_written_after_the_deadline)
{
	struct reconcile_options options = { .write = true };
	struct node *a = want_thing("us-east-1", "a", "\"Size\":1");

	options.deadline_ms = clock_mono_ms() + LATENCY_MS;
	seal();
	pass = reconcile_start(fake.loop, NULL, graph, &options, on_done, NULL);
	script_settle();
	ck_assert_uint_eq(done_count, 1);
	ck_state(a, NODE_FAILED);
	ck_assert_str_eq(a->error.code, "Deadline");
	ck_assert_uint_eq(fake_writes(), 0);
}
END_TEST

START_TEST(test_looking_again_ends_at_the_deadline)
{
	struct reconcile_options options = { .write = true };
	struct node *a = want_thing("us-east-1", "a", "\"Size\":1");

	world.lag_ms = 3600000;
	options.deadline_ms = clock_mono_ms() + 1000;
	seal();
	pass = reconcile_start(fake.loop, NULL, graph, &options, on_done, NULL);
	script_settle();
	ck_assert_uint_eq(done_count, 1);
	ck_state(a, NODE_FAILED);
	ck_assert_uint_le(result.took_ms, 1000);
}
END_TEST

/* --- Cancel ------------------------------------------------------------ */

static void
build_three(void)
{
	want_thing("us-east-1", "a", "\"Size\":1");
	want_thing("us-east-1", "b", "\"Colour\":\"${us-east-1/a:Id}\"");
	want_thing("us-west-2", "c", "\"Size\":1,\"Colour\":\"red\"");
	make_thing("us-west-2", "c", "\"Size\":2,\"Colour\":\"blue\"", OURS);
	world.lag_ms = 300; /* so that pauses are among the moments */
	seal();
}

/* At every moment of a pass. */
START_TEST(test_cancel_at_any_time)
{
	size_t calls;

	build_three();
	start(true, 0);
	script_advance((uint64_t)_i * 10);
	if (pass == NULL)
		return;
	calls = fake.count;
	reconcile_cancel(pass);
	ck_assert_uint_eq(script_pending(), 0);
	script_settle();
	ck_assert_uint_eq(fake.count, calls);
	ck_assert_uint_eq(done_count, 0);
	ck_assert_uint_eq(fake.in_flight, 0);
}
END_TEST

static int tells_left;
static size_t calls_at_cancel;

static void
on_told_cancel(const struct node *node, const char *what, void *arg)
{
	if (tells_left-- > 0)
		return;
	if (pass != NULL) {
		reconcile_cancel(pass);
		calls_at_cancel = fake.count;
	}
	pass = NULL;
}

START_TEST(test_cancel_from_a_callback)
{
	struct reconcile_options options = { .write = true,
		.deadline_ms = clock_mono_ms() + 60000,
		.on_step = on_told_cancel };

	build_three();
	tells_left = _i;
	pass = reconcile_start(fake.loop, NULL, graph, &options, on_done, NULL);
	script_settle();
	ck_assert_uint_eq(done_count, tells_left < 0 ? 0 : 1);
	if (tells_left < 0)
		ck_assert_uint_eq(fake.count, calls_at_cancel);
	ck_assert_uint_eq(fake.in_flight, 0);
}
END_TEST

static void
add_tests(TCase *t)
{
	tcase_add_test(t, test_create_then_look);
	tcase_add_test(t, test_a_second_pass_has_nothing_to_do);
	tcase_add_test(t, test_steps_in_their_order);
	tcase_add_test(t, test_create_that_is_sent_once);
	tcase_add_test(t, test_tags_are_repaired);
	tcase_add_test(t, test_independent_writes_are_in_flight_together);
	tcase_add_test(t, test_one_at_a_time_where_the_kind_says_so);
	tcase_add_test(t, test_other_places_do_not_wait);
	tcase_add_test(t, test_references_make_the_order);
	tcase_add_test(t, test_what_can_be_looked_for_later);
	tcase_add_test(t, test_what_was_found_too_early);
	tcase_add_test(t, test_a_reference_that_changes);
	tcase_add_test(t, test_a_reference_that_stays_unknown);
	tcase_add_test(t, test_a_throttled_create_is_sent_again);
	tcase_add_loop_test(
	    t, test_a_create_that_is_too_early_is_sent_again, 1, 5);
	tcase_add_test(t, test_a_create_that_is_always_too_early);
	tcase_add_test(t, test_a_failed_write_blocks_only_its_kin);
	tcase_add_test(t, test_the_brake);
	tcase_add_loop_test(
	    t, test_the_brakes, 0, (int)(sizeof(brakes) / sizeof(brakes[0])));
	tcase_add_test(t, test_the_brake_counts_what_is_sure);
	tcase_add_test(t, test_frozen_is_read_and_not_written);
	tcase_add_test(t, test_kept_is_made_and_not_changed);
	tcase_add_test(t, test_frozen_in_the_middle_of_a_pass);
	tcase_add_test(t, test_a_look_that_lags_is_repeated);
	tcase_add_test(t, test_a_change_that_lags);
	tcase_add_test(t, test_a_write_that_is_never_seen);
	tcase_add_test(t, test_a_lost_answer_of_a_create_that_landed);
	tcase_add_test(t, test_a_lost_answer_of_a_create_that_did_not_land);
	tcase_add_test(t, test_a_change_that_was_put_off);
	tcase_add_test(t, test_a_change_that_is_always_put_off);
	tcase_add_test(t, test_somebody_else_was_faster);
	tcase_add_test(t, test_tags_that_come_late);
	tcase_add_test(t, test_no_tags_at_first);
	tcase_add_test(t, test_a_thing_that_is_busy);
	tcase_add_test(t, test_nothing_is_written_after_the_deadline);
	tcase_add_test(t, test_looking_again_ends_at_the_deadline);
	tcase_add_loop_test(t, test_cancel_at_any_time, 0, 120);
	tcase_add_loop_test(t, test_cancel_from_a_callback, 0, 9);
}

int
main(void)
{
	Suite *suite = suite_create("stack_work");
	TCase *t = tcase_create("work");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	add_tests(t);
	suite_add_tcase(suite, t);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
