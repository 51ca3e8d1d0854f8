/* SPDX-License-Identifier: MIT
 *
 * The latch: what each carrier is asked and told, what a role makes of it,
 * and what is done about it beat by beat.
 *
 * The AWS client is replaced by a world with one latch of each kind in it.
 */
#include <check.h>
#include <stdlib.h>

#include "lib/json.h"
#include "lib/script.h"

#include "../../src/failover/carrier.c"
#include "../../src/failover/latch.c"
#include "../../src/failover/latch_call.c"
#include "../../src/failover/soak.c"

#define WEST "us-west-2"

enum { BEAT_MS = 30000, CALL_MS = 5000, LATENCY_MS = 40 };

static const char *const endpoints[] = { "us-east-1=https://a.test/v1",
	"us-west-2=https://b.test/v1", "eu-west-1=https://c.test/v1" };

static const struct latch_place places[] = {
	[CARRIER_NONE] = { .carrier = CARRIER_NONE, .region = WEST },
	[CARRIER_METRIC] = { .carrier = CARRIER_METRIC,
	    .region = WEST,
	    .name = "shop-prod" },
	[CARRIER_OBJECT] = { .carrier = CARRIER_OBJECT,
	    .region = WEST,
	    .bucket = "b",
	    .key = "drd/latch" },
	[CARRIER_CONTROL] = { .carrier = CARRIER_CONTROL,
	    .region = WEST,
	    .control = "arn:control",
	    .endpoints = endpoints,
	    .endpoint_count = 3 },
};

/* ---- the world --------------------------------------------------------- */

struct aws_call {
	char operation[32];
	char endpoint[64];
	json_t *input;
	struct timer *timer;
	aws_done *done;
	void *arg;
};

static struct loop *loop;
static struct aws_call asked_now;
static struct latch *latch;

static struct {
	enum latch_state state; /* UNKNOWN: a metric without data */
	bool late;		/* what is told shows a beat later */
	bool foreign;		/* somebody else sets it all the time */
	enum latch_state next;
	enum error_class fails; /* each call */
	unsigned down;		/* so many endpoints, one after the other */
	unsigned tells, asks;
} world;

static json_t *
say(void)
{
	static const char *const metric[] = { "[]", "[0.0, 1.0]", "[1.0]" };
	char text[256];

	if (strcmp(asked_now.operation, "GetMetricData") == 0) {
		snprintf(text, sizeof(text),
		    "{'MetricDataResults': [{'Id': 'latch', 'Values': %s}]}",
		    metric[world.state]);
		return json(text);
	}
	if (strcmp(asked_now.operation, "ListObjectsV2") == 0)
		return json(world.state == LATCH_SET
			? "{'Name': 'b', 'Contents': {'Key': 'drd/latch'}}"
			: "{'Name': 'b', 'Contents': {'Key': 'drd/latch2'}}");
	return json(world.state == LATCH_SET ? "{'RoutingControlState': 'Off'}"
					     : "{'RoutingControlState': 'On'}");
}

static bool
is_question(const char *operation)
{
	return strncmp(operation, "Get", 3) == 0 ||
	    strncmp(operation, "List", 4) == 0;
}

static void
carry_out(void)
{
	const char *op = asked_now.operation;
	const json_t *item;
	int64_t value = 0;

	world.tells++;
	item = tree_item(asked_now.input, "MetricData", 0);
	if (strcmp(op, "PutMetricData") == 0 &&
	    tree_int(item, "Value", &value) == 0)
		world.next = value > 0 ? LATCH_SET : LATCH_CLEAR;
	else if (strcmp(op, "PutObject") == 0)
		world.next = LATCH_SET;
	else if (strcmp(op, "DeleteObject") == 0)
		world.next = LATCH_CLEAR;
	else
		world.next =
		    strcmp(tree_str(asked_now.input, "RoutingControlState"),
			"Off") == 0
		    ? LATCH_SET
		    : LATCH_CLEAR;
	if (world.foreign)
		world.next = LATCH_SET;
	if (!world.late)
		world.state = world.next;
}

static void
answer(void *arg)
{
	aws_done *done = asked_now.done;
	void *done_arg = asked_now.arg;
	json_t *reply = NULL;
	struct error e = { 0 };

	asked_now.timer = NULL;
	if (world.down > 0) {
		world.down--;
		error_set(&e, ERROR_AGAIN,
		    "EndpointTemporarilyUnavailableException", "down");
	} else if (world.fails != ERROR_NONE) {
		error_set(&e, world.fails, "Sorry", "it fails");
	} else if (is_question(asked_now.operation)) {
		world.asks++;
		reply = say();
	} else {
		carry_out();
		reply = json("{}");
	}
	json_decref(asked_now.input);
	asked_now.input = NULL;
	done(reply, reply != NULL ? NULL : &e, done_arg);
	json_decref(reply);
}

struct aws_call *
aws_send(
    struct aws *aws, const struct aws_request *r, aws_done *done, void *arg)
{
	ck_assert_ptr_null(asked_now.timer); /* one at a time */
	ck_assert_uint_eq(r->attempts, 1);
	ck_assert(r->writes == !is_question(r->operation));
	snprintf(asked_now.operation, sizeof(asked_now.operation), "%s",
	    r->operation);
	snprintf(asked_now.endpoint, sizeof(asked_now.endpoint), "%s %s",
	    r->region, r->endpoint != NULL ? r->endpoint : "");
	asked_now.input = json_deep_copy(r->input);
	asked_now.done = done;
	asked_now.arg = arg;
	asked_now.timer = loop_after(loop, LATENCY_MS, answer, NULL);
	return &asked_now;
}

void
aws_cancel(struct aws_call *c)
{
	if (c == NULL)
		return;
	timer_cancel(asked_now.timer);
	json_decref(asked_now.input);
	memset(&asked_now, 0, sizeof(asked_now));
}

static void
begin(enum carrier carrier, bool silent)
{
	struct latch_options options = { .stack = "shop",
		.place = &places[carrier],
		.beat_ms = BEAT_MS,
		.call_ms = CALL_MS,
		.silent = silent };

	latch = latch_new(loop, NULL, &options);
}

static void
setup(void)
{
	script_reset();
	log_set_level(LOG_LEVEL_ERROR);
	memset(&world, 0, sizeof(world));
	memset(&asked_now, 0, sizeof(asked_now));
	loop = loop_new();
	latch = NULL;
}

static void
teardown(void)
{
	latch_free(latch);
	loop_free(loop);
}

/* ---- carriers ---------------------------------------------------------- */

START_TEST(every_request_of_a_metric)
{
	struct carrier_request r;
	char *s;

	carrier_tell(&places[CARRIER_METRIC], true, &r);
	ck_assert(r.writes && r.service == SERVICE_CLOUDWATCH);
	s = tree_dump(r.input);
	ck_assert_str_eq(s,
	    "{\"MetricData\":[{\"Dimensions\":[{\"Name\":\"Stack\",\"Value\":"
	    "\"shop-prod\"}],\"MetricName\":\"Latch\",\"Unit\":\"None\","
	    "\"Value\":1}],\"Namespace\":\"drd\"}");
	free(s);
	json_decref(r.input);
	carrier_ask(&places[CARRIER_METRIC], 1000000, &r);
	ck_assert(!r.writes);
	s = tree_dump(r.input);
	ck_assert_ptr_nonnull(strstr(s, "\"StartTime\":700"));
	ck_assert_ptr_nonnull(strstr(s, "\"EndTime\":1060"));
	ck_assert_ptr_nonnull(strstr(s, "\"Stat\":\"Maximum\""));
	free(s);
	json_decref(r.input);
}
END_TEST

static const struct {
	enum carrier carrier;
	const char *reply;
	enum latch_state state;
	enum error_class class;
} replies[] = {
	{ CARRIER_METRIC, "{'MetricDataResults': [{'Values': [1.0, 0.0]}]}",
	    LATCH_SET, ERROR_NONE },
	{ CARRIER_METRIC, "{'MetricDataResults': [{'Values': [0.0, 1.0]}]}",
	    LATCH_CLEAR, ERROR_NONE },
	{ CARRIER_METRIC, "{'MetricDataResults': [{'Values': []}]}",
	    LATCH_UNKNOWN, ERROR_ABSENT },
	{ CARRIER_METRIC, "{'MetricDataResults': []}", LATCH_UNKNOWN,
	    ERROR_AGAIN },
	{ CARRIER_METRIC, "{}", LATCH_UNKNOWN, ERROR_AGAIN },
	{ CARRIER_OBJECT, "{'Name': 'b'}", LATCH_CLEAR, ERROR_NONE },
	{ CARRIER_OBJECT, "{'Name': 'b', 'Contents': {'Key': 'drd/latch'}}",
	    LATCH_SET, ERROR_NONE },
	{ CARRIER_OBJECT, "{'Name': 'b', 'Contents': {'Key': 'drd/latch-2'}}",
	    LATCH_CLEAR, ERROR_NONE },
	{ CARRIER_OBJECT, "{}", LATCH_UNKNOWN, ERROR_AGAIN },
	{ CARRIER_CONTROL, "{'RoutingControlState': 'Off'}", LATCH_SET,
	    ERROR_NONE },
	{ CARRIER_CONTROL, "{'RoutingControlState': 'On'}", LATCH_CLEAR,
	    ERROR_NONE },
	{ CARRIER_CONTROL, "{'RoutingControlState': 'Perhaps'}", LATCH_UNKNOWN,
	    ERROR_AGAIN },
	{ CARRIER_CONTROL, "{}", LATCH_UNKNOWN, ERROR_AGAIN },
};

START_TEST(an_answer_that_does_not_say_is_unknown)
{
	json_t *reply = json(replies[_i].reply);
	struct error e = { 0 };

	ck_assert_int_eq(carrier_judge(&places[replies[_i].carrier], reply, &e),
	    replies[_i].state);
	ck_assert_int_eq(e.class, replies[_i].class);
	json_decref(reply);
}
END_TEST

START_TEST(a_description_says_which_carrier_it_was)
{
	char text[128];
	int i;

	for (i = CARRIER_NONE; i <= CARRIER_CONTROL; i++) {
		carrier_describe(&places[i], text, sizeof(text));
		ck_assert_int_eq(carrier_described(text), i);
	}
}
END_TEST

/* ---- what is wanted ---------------------------------------------------- */

START_TEST(what_a_role_makes_of_it)
{
	struct latch_view v = {
		.active_known = _i & 1,
		.standby_active = _i & 2,
		.failing_back = _i & 4,
		.clearing = _i & 8,
	};
	enum latch_state wanted = latch_wanted(&v);

	if (!v.active_known)
		ck_assert_int_eq(wanted, LATCH_UNKNOWN);
	else if (v.standby_active || v.failing_back)
		ck_assert_int_eq(wanted, LATCH_SET);
	else
		ck_assert_int_eq(
		    wanted, v.clearing ? LATCH_UNKNOWN : LATCH_CLEAR);
}
END_TEST

/* ---- beats ------------------------------------------------------------- */

START_TEST(a_metric_is_fed_for_ever_and_asked_until_it_shows)
{
	begin(CARRIER_METRIC, false);
	script_advance(10 * BEAT_MS);
	ck_assert_uint_eq(world.tells, 0); /* not known what is wanted */
	world.late = true;
	latch_want(latch, LATCH_CLEAR);
	script_advance(BEAT_MS / 2);
	ck_assert_uint_eq(world.tells, 1);
	ck_assert_uint_eq(world.asks, 1);
	ck_assert(!latch_is_ready(latch)); /* no data yet */
	ck_assert_ptr_null(latch_facts(latch)->trouble);
	world.late = false;
	script_advance(10 * BEAT_MS);
	ck_assert(latch_is_ready(latch));
	ck_assert_uint_eq(world.tells, 11);
	ck_assert_uint_eq(world.asks, 2 + 9 / TOLD_PER_ASKED);
	latch_want(latch, LATCH_SET); /* at once */
	script_advance(1000);
	ck_assert_int_eq(world.state, LATCH_SET);
	ck_assert_int_eq(latch_facts(latch)->seen, LATCH_SET);
	latch_want(latch, LATCH_UNKNOWN);
	world.tells = 0;
	script_advance(3 * BEAT_MS);
	ck_assert_uint_eq(world.tells, 0);
}
END_TEST

/* Anybody who may publish metrics may publish this one. */
START_TEST(another_author_of_the_metric_is_noticed)
{
	begin(CARRIER_METRIC, false);
	latch_want(latch, LATCH_CLEAR);
	script_advance(5 * BEAT_MS);
	ck_assert(latch_is_ready(latch));
	world.foreign = true;
	world.tells = 0;
	script_advance(TOLD_PER_ASKED * BEAT_MS);
	ck_assert_int_eq(latch_facts(latch)->seen, LATCH_SET);
	ck_assert(!latch_is_ready(latch));
	ck_assert_ptr_nonnull(
	    strstr(latch_facts(latch)->trouble, "somebody else publishes it"));
	ck_assert_uint_eq(world.tells, TOLD_PER_ASKED); /* no storm of them */
	world.asks = 0;
	script_advance(4 * BEAT_MS);
	ck_assert_uint_eq(world.asks, 4); /* looked at more closely */
	ck_assert_ptr_nonnull(latch_facts(latch)->trouble);
	world.foreign = false;
	script_advance(BEAT_MS);
	ck_assert(latch_is_ready(latch));
	ck_assert_ptr_null(latch_facts(latch)->trouble);
}
END_TEST

/* What it takes to be seen after a change is nobody's fault. */
START_TEST(a_metric_that_takes_its_minute_is_no_trouble)
{
	begin(CARRIER_METRIC, false);
	latch_want(latch, LATCH_SET);
	script_advance(5 * BEAT_MS);
	world.late = true;
	latch_want(latch, LATCH_CLEAR);
	script_advance(2 * BEAT_MS);
	ck_assert_int_eq(latch_facts(latch)->seen, LATCH_SET);
	ck_assert_ptr_null(latch_facts(latch)->trouble);
	world.late = false;
	script_advance(BEAT_MS);
	ck_assert(latch_is_ready(latch));
}
END_TEST

/* No data is no state: what was seen stays, and somebody is told. */
START_TEST(a_metric_that_vanishes_is_trouble)
{
	begin(CARRIER_METRIC, false);
	latch_want(latch, LATCH_CLEAR);
	script_advance(5 * BEAT_MS);
	world.late = true;
	world.state = LATCH_UNKNOWN;
	script_advance(2 * BEAT_MS);
	ck_assert_int_eq(latch_facts(latch)->seen, LATCH_CLEAR);
	ck_assert_ptr_nonnull(strstr(latch_facts(latch)->trouble, "no data"));
	world.asks = 0;
	script_advance(3 * BEAT_MS);
	ck_assert_uint_eq(world.asks, 3);
	world.late = false;
	script_advance(BEAT_MS);
	ck_assert_ptr_null(latch_facts(latch)->trouble);
}
END_TEST

/* An object or a routing control. */
START_TEST(what_has_gone_is_set_again)
{
	begin((enum carrier)_i, false);
	world.state = LATCH_CLEAR;
	latch_want(latch, LATCH_SET);
	script_advance(1000);
	ck_assert_uint_eq(world.tells, 1);
	ck_assert_int_eq(world.state, LATCH_SET);
	script_advance(5 * BEAT_MS);
	ck_assert_uint_eq(world.tells, 1); /* it stays by itself */
	ck_assert(latch_is_ready(latch));
	world.state = LATCH_CLEAR; /* somebody took it away */
	script_advance(BEAT_MS);
	ck_assert_int_eq(world.state, LATCH_SET);
}
END_TEST

START_TEST(what_somebody_has_set_is_not_cleared)
{
	begin((enum carrier)_i, false);
	world.state = LATCH_SET;
	latch_want(latch, LATCH_CLEAR);
	script_advance(5 * BEAT_MS);
	ck_assert_uint_eq(world.tells, 0);
	ck_assert(!latch_is_ready(latch));
	ck_assert_ptr_nonnull(strstr(latch_facts(latch)->trouble, "by hand"));
	world.state = LATCH_CLEAR;
	script_advance(BEAT_MS);
	ck_assert(latch_is_ready(latch));
	ck_assert_ptr_null(latch_facts(latch)->trouble);
}
END_TEST

START_TEST(who_is_silent_only_looks)
{
	begin((enum carrier)_i, true);
	world.state = LATCH_CLEAR;
	latch_want(latch, LATCH_SET);
	script_advance(5 * BEAT_MS);
	ck_assert_uint_eq(world.tells, 0);
	ck_assert_uint_gt(world.asks, 3);
	ck_assert(!latch_is_ready(latch));
}
END_TEST

START_TEST(trouble_is_told_and_the_next_beat_tries_again)
{
	begin((enum carrier)_i, false);
	world.state = LATCH_SET;
	world.fails = ERROR_DENIED;
	latch_want(latch, LATCH_SET);
	script_advance(3 * BEAT_MS);
	ck_assert_str_eq(latch_facts(latch)->trouble, "it fails");
	ck_assert(!latch_is_ready(latch));
	world.fails = ERROR_NONE;
	script_advance(BEAT_MS);
	ck_assert_ptr_null(latch_facts(latch)->trouble);
	ck_assert(latch_is_ready(latch));
}
END_TEST

START_TEST(without_a_carrier_nothing_is_asked)
{
	begin(CARRIER_NONE, false);
	latch_want(latch, LATCH_SET);
	script_advance(3 * BEAT_MS);
	ck_assert_uint_eq(world.asks + world.tells, 0);
	ck_assert(latch_is_ready(latch));
}
END_TEST

/* ---- a cluster --------------------------------------------------------- */

static unsigned over;
static enum latch_state over_seen;

static void
on_call_over(enum latch_state seen, const struct error *error, void *arg)
{
	over++;
	over_seen = seen;
	ck_assert((seen == LATCH_UNKNOWN) == (error != NULL));
}

/* With so many of the three endpoints down. */
START_TEST(the_next_endpoint_is_asked)
{
	struct latch_request request = { .place = &places[CARRIER_CONTROL],
		.order = LATCH_ASK,
		.lane = LANE_FAILOVER,
		.call_ms = CALL_MS };

	over = 0;
	world.state = LATCH_SET;
	world.down = (unsigned)_i;
	latch_call_start(NULL, &request, on_call_over, NULL);
	script_advance(10 * LATENCY_MS);
	ck_assert_uint_eq(over, 1);
	ck_assert_int_eq(over_seen, _i < 3 ? LATCH_SET : LATCH_UNKNOWN);
	ck_assert_uint_eq(world.asks, _i < 3 ? 1 : 0);
}
END_TEST

START_TEST(any_endpoint_may_be_the_first)
{
	struct latch_request request = { .place = &places[CARRIER_CONTROL],
		.order = LATCH_TELL_SET,
		.lane = LANE_FAILOVER,
		.call_ms = CALL_MS };
	bool seen[3] = { false, false, false };
	struct latch_call *c;
	int i;

	for (i = 0; i < 100; i++) {
		c = latch_call_start(NULL, &request, on_call_over, NULL);
		seen[0] |= strcmp(asked_now.endpoint,
			       "us-east-1 https://a.test/v1") == 0;
		seen[1] |= strcmp(asked_now.endpoint,
			       "us-west-2 https://b.test/v1") == 0;
		seen[2] |= strcmp(asked_now.endpoint,
			       "eu-west-1 https://c.test/v1") == 0;
		latch_call_cancel(c);
	}
	ck_assert(seen[0] && seen[1] && seen[2]);
}
END_TEST

/* ---- soak -------------------------------------------------------------- */

START_TEST(only_time_between_two_good_polls_counts)
{
	struct soak soak = { 0, 0 };

	soak_note(&soak, VERDICT_OK, 1000);
	ck_assert_uint_eq(soak_left(&soak, 600), 600);
	soak_note(&soak, VERDICT_OK, 1300);
	soak_note(&soak, VERDICT_UNKNOWN, 1600);
	soak_note(&soak, VERDICT_OK, 9000); /* nobody knows of before */
	ck_assert_uint_eq(soak_left(&soak, 600), 300);
	soak_note(&soak, VERDICT_OK, 9300);
	ck_assert_uint_eq(soak_left(&soak, 600), 0);
	soak_note(&soak, VERDICT_FAIL, 9600);
	ck_assert_uint_eq(soak_left(&soak, 600), 600);
	ck_assert_uint_eq(soak_left(&soak, 0), 0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("failover_latch");
	TCase *tc = tcase_create("failover_latch");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, every_request_of_a_metric);
	tcase_add_loop_test(tc, an_answer_that_does_not_say_is_unknown, 0,
	    (int)(sizeof(replies) / sizeof(replies[0])));
	tcase_add_test(tc, a_description_says_which_carrier_it_was);
	tcase_add_loop_test(tc, what_a_role_makes_of_it, 0, 16);
	tcase_add_test(tc, a_metric_is_fed_for_ever_and_asked_until_it_shows);
	tcase_add_test(tc, another_author_of_the_metric_is_noticed);
	tcase_add_test(tc, a_metric_that_takes_its_minute_is_no_trouble);
	tcase_add_test(tc, a_metric_that_vanishes_is_trouble);
	tcase_add_loop_test(tc, what_has_gone_is_set_again, CARRIER_OBJECT,
	    CARRIER_CONTROL + 1);
	tcase_add_loop_test(tc, what_somebody_has_set_is_not_cleared,
	    CARRIER_OBJECT, CARRIER_CONTROL + 1);
	tcase_add_loop_test(
	    tc, who_is_silent_only_looks, CARRIER_METRIC, CARRIER_CONTROL + 1);
	tcase_add_loop_test(tc, trouble_is_told_and_the_next_beat_tries_again,
	    CARRIER_METRIC, CARRIER_CONTROL + 1);
	tcase_add_test(tc, without_a_carrier_nothing_is_asked);
	tcase_add_loop_test(tc, the_next_endpoint_is_asked, 0, 4);
	tcase_add_test(tc, any_endpoint_may_be_the_first);
	tcase_add_test(tc, only_time_between_two_good_polls_counts);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
