/* SPDX-License-Identifier: MIT
 *
 * The canary: what it writes, when, and what it makes of the answers.
 *
 * The AWS client is replaced: a call waits until the test answers it.
 */
#include <check.h>
#include <stdlib.h>

#include "lib/json.h"
#include "lib/script.h"

#include "../../src/failover/canary.c"

enum { HOUR = 3600000, DAY = 24 * HOUR, CALLS_MAX = 32 };

struct aws_call {
	struct aws_request request; /* input: a copy */
	char region[32];
	aws_done *done;
	void *arg;
	bool over;
};

static struct aws_call calls[CALLS_MAX];
static size_t call_count;
static struct canary *canary;
static struct observation last; /* of the last song */
static unsigned songs, proofs;

struct aws_call *
aws_send(struct aws *aws, const struct aws_request *request, aws_done *done,
    void *arg)
{
	struct aws_call *call = &calls[call_count++];

	ck_assert_uint_lt(call_count, CALLS_MAX);
	ck_assert_int_eq(request->lane, LANE_DETECT);
	ck_assert_uint_eq(request->attempts, 1);
	call->request = *request;
	call->request.input = json_deep_copy(request->input);
	snprintf(call->region, sizeof(call->region), "%s", request->region);
	call->done = done;
	call->arg = arg;
	return call;
}

void
aws_cancel(struct aws_call *call)
{
	ck_assert(!call->over);
	call->over = true;
}

/* The newest call. */
static struct aws_call *
call(const char *operation)
{
	struct aws_call *newest = &calls[call_count - 1];

	ck_assert_uint_gt(call_count, 0);
	ck_assert_str_eq(newest->request.operation, operation);
	return newest;
}

static void
answer(const char *operation, const char *spec)
{
	struct aws_call *this = call(operation);
	json_t *reply = json(spec);

	this->over = true;
	this->done(reply, NULL, this->arg);
	json_decref(reply);
}

static void
refuse(const char *operation, enum error_class class, const char *request_id)
{
	struct aws_call *this = call(operation);
	struct error e;

	error_set(&e, class, "Code", "%s said no", operation);
	snprintf(e.request_id, sizeof(e.request_id), "%s", request_id);
	this->over = true;
	this->done(NULL, &e, this->arg);
}

static void
on_proved(unsigned region, enum canary_what what, int64_t at_ms, void *arg)
{
	ck_assert_int_eq(at_ms, clock_wall_ms());
	proofs++;
}

static void
on_sung(unsigned region, const struct observation *seen, void *arg)
{
	songs++;
	last = *seen;
}

static void
set_up(void)
{
	const struct canary_ops ops = { on_proved, on_sung, NULL };
	const struct canary_config config = {
		.interval = DAY,
		.call_ms = 5000,
		.key = "alias/shop",
		.regions = { "us-east-1", "us-west-2" },
	};

	script_reset();
	call_count = 0;
	memset(calls, 0, sizeof(calls));
	songs = proofs = 0;
	canary = canary_new(NULL, "shop", &config, &ops);
	canary_set_region(canary, 1, "/dr/shop-prod/us-west-2/endpoint",
	    "http://west", "arn:west");
}

static void
tear_down(void)
{
	size_t i;

	canary_free(canary);
	for (i = 0; i < call_count; i++)
		json_decref((json_t *)(uintptr_t)calls[i].request.input);
}

static void
sing_well(void)
{
	canary_sing(canary, 3);
	answer("PutParameter", "{'Version': 7}");
	answer("GetParameter", "{'Parameter': {'Value': 'http://west'}}");
	answer("Publish", "{'MessageId': 'm'}");
}

START_TEST(it_writes_what_is_there_and_tells_that_nothing_happened)
{
	char *attributes;

	sing_well();
	ck_assert_uint_eq(call_count, 3);
	ck_assert_str_eq(calls[0].region, "us-west-2");
	json_is(calls[0].request.input,
	    "{'Name': '/dr/shop-prod/us-west-2/endpoint', "
	    "'Value': 'http://west', 'Type': 'SecureString', "
	    "'KeyId': 'alias/shop', 'Overwrite': true}");
	json_is(calls[1].request.input,
	    "{'Name': '/dr/shop-prod/us-west-2/endpoint', "
	    "'WithDecryption': true}");
	ck_assert_str_eq(
	    tree_str(calls[2].request.input, "TopicArn"), "arn:west");
	ck_assert_ptr_nonnull(
	    strstr(tree_str(calls[2].request.input, "Message"), "CANARY"));
	attributes =
	    tree_dump(tree_at(calls[2].request.input, "MessageAttributes"));
	ck_assert_ptr_nonnull(strstr(attributes, "drd_event"));
	ck_assert_ptr_nonnull(strstr(attributes, "CANARY"));
	ck_assert_ptr_nonnull(strstr(attributes, "canary-"));
	free(attributes);
	ck_assert_uint_eq(songs, 1);
	ck_assert_uint_eq(proofs, 2);
	ck_assert_int_eq(last.verdict, VERDICT_OK);
}
END_TEST

START_TEST(it_sings_once_a_day)
{
	sing_well();
	script_advance(DAY - 1);
	canary_sing(canary, 3);
	ck_assert_uint_eq(call_count, 3);
	script_advance(1);
	sing_well();
	ck_assert_uint_eq(songs, 2);
}
END_TEST

START_TEST(it_sings_one_song_at_a_time)
{
	canary_sing(canary, 3);
	canary_sing(canary, 3);
	ck_assert_uint_eq(call_count, 1);
}
END_TEST

START_TEST(a_restart_does_not_make_it_sing)
{
	int what;

	for (what = 0; what < CANARY_WHATS; what++)
		canary_remember(
		    canary, 1, (enum canary_what)what, clock_wall_ms() - HOUR);
	canary_sing(canary, 3);
	ck_assert_uint_eq(call_count, 0);
	script_set_wall(clock_wall_ms() - 2 * HOUR); /* that was tomorrow */
	canary_sing(canary, 3);
	ck_assert_uint_eq(call_count, 1);
}
END_TEST

START_TEST(a_refusal_names_the_permission)
{
	canary_sing(canary, 3);
	refuse("PutParameter", ERROR_DENIED, "id");
	ck_assert_int_eq(last.reason, REASON_UNWRITABLE);
	ck_assert_int_eq(last.verdict, VERDICT_FAIL);
	ck_assert_str_eq(
	    last.detail, "grant ssm:PutParameter: PutParameter said no");
	ck_assert_uint_eq(proofs, 0);
}
END_TEST

START_TEST(a_topic_that_takes_nothing_is_told_too)
{
	canary_sing(canary, 3);
	answer("PutParameter", "{'Version': 7}");
	answer("GetParameter", "{'Parameter': {'Value': 'http://west'}}");
	refuse("Publish", ERROR_ABSENT, "id");
	ck_assert_int_eq(last.reason, REASON_UNWRITABLE);
	ck_assert_str_eq(last.detail, "Publish said no");
	ck_assert_uint_eq(proofs, 1);
	ck_assert_int_ne(canary_proved_ms(canary, 1, CANARY_PARAMETER), 0);
	ck_assert_int_eq(canary_proved_ms(canary, 1, CANARY_NOTICE), 0);
}
END_TEST

/* What gets lost, and what no AWS has said, is unknown (law 1). */
START_TEST(silence_is_no_refusal)
{
	static const struct {
		enum error_class class;
		const char *request_id;
	} errors[] = { { ERROR_AGAIN, "id" }, { ERROR_THROTTLED, "id" },
		{ ERROR_DENIED, "" }, { ERROR_BROKEN, "" } };

	canary_sing(canary, 3);
	refuse("PutParameter", errors[_i].class, errors[_i].request_id);
	ck_assert_int_eq(last.verdict, VERDICT_UNKNOWN);
}
END_TEST

START_TEST(another_value_is_no_proof)
{
	canary_sing(canary, 3);
	answer("PutParameter", "{'Version': 7}");
	answer("GetParameter", "{'Parameter': {'Value': 'http://else'}}");
	ck_assert_int_eq(last.verdict, VERDICT_UNKNOWN);
	ck_assert_uint_eq(proofs, 0);
	ck_assert_uint_eq(call_count, 2);
}
END_TEST

START_TEST(a_failed_song_is_tried_again_after_a_while)
{
	canary_sing(canary, 3);
	refuse("PutParameter", ERROR_DENIED, "id");
	script_advance(RETRY_MS - 1);
	canary_sing(canary, 3);
	ck_assert_uint_eq(call_count, 1);
	script_advance(1);
	sing_well();
	ck_assert_int_eq(last.verdict, VERDICT_OK);
}
END_TEST

START_TEST(what_is_not_ours_is_not_written)
{
	canary_set_region(canary, 1, NULL, "http://west", "arn:west");
	canary_sing(canary, 3);
	canary_set_region(canary, 1, "/p", NULL, "arn:west");
	canary_sing(canary, 3);
	ck_assert_uint_eq(call_count, 0);
}
END_TEST

START_TEST(without_a_topic_the_parameter_is_all)
{
	canary_set_region(canary, 1, "/p", "http://west", NULL);
	canary_sing(canary, 3);
	answer("PutParameter", "{'Version': 7}");
	answer("GetParameter", "{'Parameter': {'Value': 'http://west'}}");
	ck_assert_uint_eq(call_count, 2);
	ck_assert_int_eq(last.verdict, VERDICT_OK);
	canary_sing(canary, 3);
	ck_assert_uint_eq(call_count, 2);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("failover/canary");
	TCase *tc = tcase_create("canary");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(
	    tc, it_writes_what_is_there_and_tells_that_nothing_happened);
	tcase_add_test(tc, it_sings_once_a_day);
	tcase_add_test(tc, it_sings_one_song_at_a_time);
	tcase_add_test(tc, a_restart_does_not_make_it_sing);
	tcase_add_test(tc, a_refusal_names_the_permission);
	tcase_add_test(tc, a_topic_that_takes_nothing_is_told_too);
	tcase_add_loop_test(tc, silence_is_no_refusal, 0, 4);
	tcase_add_test(tc, another_value_is_no_proof);
	tcase_add_test(tc, a_failed_song_is_tried_again_after_a_while);
	tcase_add_test(tc, what_is_not_ours_is_not_written);
	tcase_add_test(tc, without_a_topic_the_parameter_is_all);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
