/* SPDX-License-Identifier: MIT
 *
 * Who is active: the value, read and written, and what two regions make of it
 * together.
 */
#include <check.h>

#include "../../src/failover/active.c"

#define COUNT(array) ((int)(sizeof(array) / sizeof(*(array))))
#define SINCE	     "'since': '2026-01-01T00:00:00.000Z'"

/* JSON with ' for "; caller frees. */
static char *
quoted(const char *spec)
{
	char *s = mem_strdup(spec), *c;

	for (c = s; *c != '\0'; c++)
		if (*c == '\'')
			*c = '"';
	return s;
}

/* ---- the value --------------------------------------------------------- */

START_TEST(what_is_written_is_read)
{
	const struct active active = { .region = "us-west-2",
		.epoch = 7,
		.since_ms = INT64_C(1767225600123) };
	char *value = active_write(&active, "http://west.example");
	struct active out;
	struct error e;

	ck_assert_int_eq(active_read(value, &out, &e), 0);
	ck_assert_str_eq(out.region, active.region);
	ck_assert_uint_eq(out.epoch, active.epoch);
	ck_assert_int_eq(out.since_ms, active.since_ms);
	free(value);
}
END_TEST

static const char *const bad[] = {
	"",
	"http://west.example",
	"{}",
	"{'epoch': 2, " SINCE "}",
	"{'active': 5, 'epoch': 2, " SINCE "}",
	"{'active': 'a-region-whose-name-is-longer-than-any-other', "
	"'epoch': 2, " SINCE "}",
	"{'active': 'us-west-2', " SINCE "}",
	"{'active': 'us-west-2', 'epoch': 'two', " SINCE "}",
	"{'active': 'us-west-2', 'epoch': 0, " SINCE "}",
	"{'active': 'us-west-2', 'epoch': -1, " SINCE "}",
	"{'active': 'us-west-2', 'epoch': 9007199254740993, " SINCE "}",
	"{'active': 'us-west-2', 'epoch': 2}",
	"{'active': 'us-west-2', 'epoch': 2, 'since': 'lately'}",
};

START_TEST(anything_else_is_refused)
{
	char *value = quoted(bad[_i]);
	struct active out;
	struct error e;

	ck_assert_int_eq(active_read(value, &out, &e), -1);
	ck_assert_int_eq(e.class, ERROR_BROKEN);
	free(value);
}
END_TEST

/* ---- both regions ------------------------------------------------------ */

struct aws_call {
	aws_done *done;
	void *arg;
};

static struct aws_call calls[2];
static size_t sent, cancelled;

struct aws_call *
aws_send(struct aws *aws, const struct aws_request *request, aws_done *done,
    void *arg)
{
	ck_assert_str_eq(request->operation, "GetParameter");
	ck_assert_str_eq(
	    request->region, sent == 0 ? "us-east-1" : "us-west-2");
	calls[sent] = (struct aws_call){ done, arg };
	return &calls[sent++];
}

void
aws_cancel(struct aws_call *call)
{
	cancelled++;
}

enum { SILENT, NONE, NO_VALUE, WRONG, EAST_1, EAST_2, WEST_2, WEST_3 };

static const char *const said[] = {
	[WRONG] = "{}",
	[EAST_1] = "{'active': 'us-east-1', 'epoch': 1, " SINCE "}",
	[EAST_2] = "{'active': 'us-east-1', 'epoch': 2, " SINCE "}",
	[WEST_2] = "{'active': 'us-west-2', 'epoch': 2, " SINCE "}",
	[WEST_3] = "{'active': 'us-west-2', 'epoch': 3, " SINCE "}",
};

static void
answer(const struct aws_call *call, int what)
{
	struct error e;
	json_t *reply = NULL;
	char *value;

	if (what == SILENT) {
		error_set(&e, ERROR_AGAIN, "Timeout", "no answer");
		call->done(NULL, &e, call->arg);
	} else if (what == NONE) {
		error_set(&e, ERROR_ABSENT, "ParameterNotFound", "none");
		call->done(NULL, &e, call->arg);
	} else if (what == NO_VALUE) {
		reply = json_pack("{s:{}}", "Parameter");
		call->done(reply, NULL, call->arg);
	} else {
		value = quoted(said[what]);
		reply = json_pack("{s:{s:s}}", "Parameter", "Value", value);
		call->done(reply, NULL, call->arg);
		free(value);
	}
	json_decref(reply);
}

static struct active_learned learned;
static struct error why;
static unsigned told;

static void
on_learned(const struct active_learned *what, void *arg)
{
	told++;
	learned = *what;
	if (what->error != NULL)
		why = *what->error;
}

static const struct {
	int primary, standby;
	enum active_answer answer;
	uint64_t epoch;
	bool disagree;
} pairs[] = {
	{ EAST_1, EAST_1, ACTIVE_KNOWN, 1, false },
	{ NONE, NONE, ACTIVE_ABSENT, 0, false },
	/* The higher one wins, wherever it is. */
	{ EAST_1, WEST_2, ACTIVE_KNOWN, 2, true },
	{ WEST_3, WEST_2, ACTIVE_KNOWN, 3, true },
	{ EAST_2, WEST_2, ACTIVE_KNOWN, 2, true },
	{ NONE, WEST_2, ACTIVE_KNOWN, 2, true },
	{ WEST_2, NONE, ACTIVE_KNOWN, 2, true },
	/* A failover is written in the standby region first. */
	{ SILENT, WEST_2, ACTIVE_KNOWN, 2, false },
	{ WRONG, EAST_1, ACTIVE_KNOWN, 1, false },
	{ EAST_1, SILENT, ACTIVE_UNKNOWN, 0, false },
	{ WEST_3, WRONG, ACTIVE_UNKNOWN, 0, false },
	{ EAST_1, NO_VALUE, ACTIVE_UNKNOWN, 0, false },
	{ SILENT, NONE, ACTIVE_UNKNOWN, 0, false },
	{ SILENT, SILENT, ACTIVE_UNKNOWN, 0, false },
};

static struct active_learning *
ask(void)
{
	sent = cancelled = 0;
	told = 0;
	return active_learn(NULL, "us-east-1", "us-west-2", "/active", 0,
	    LANE_DETECT, on_learned, NULL);
}

START_TEST(two_answers_make_one)
{
	int i = _i / 2;
	bool primary_first = _i % 2 == 0;

	ask();
	ck_assert_uint_eq(sent, 2);
	answer(&calls[!primary_first],
	    primary_first ? pairs[i].primary : pairs[i].standby);
	ck_assert_uint_eq(told, 0);
	answer(&calls[primary_first],
	    primary_first ? pairs[i].standby : pairs[i].primary);
	ck_assert_uint_eq(told, 1);
	ck_assert_int_eq(learned.answer, pairs[i].answer);
	ck_assert(learned.disagree == pairs[i].disagree);
	if (learned.answer == ACTIVE_KNOWN)
		ck_assert_uint_eq(learned.active.epoch, pairs[i].epoch);
	if (learned.answer == ACTIVE_UNKNOWN)
		ck_assert(why.text[0] != '\0');
	ck_assert(learned.each[0].answered ==
	    (pairs[i].primary == NONE || pairs[i].primary >= EAST_1));
}
END_TEST

START_TEST(nobody_waits_for_what_was_cancelled)
{
	struct active_learning *l = ask();

	answer(&calls[1], WEST_2);
	active_learn_cancel(l);
	ck_assert_uint_eq(cancelled, 1);
	ck_assert_uint_eq(told, 0);
	active_learn_cancel(NULL);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("failover_active");
	TCase *tc = tcase_create("failover_active");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tc, what_is_written_is_read);
	tcase_add_loop_test(tc, anything_else_is_refused, 0, COUNT(bad));
	tcase_add_loop_test(tc, two_answers_make_one, 0, 2 * COUNT(pairs));
	tcase_add_test(tc, nobody_waits_for_what_was_cancelled);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
