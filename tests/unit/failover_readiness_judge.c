/* SPDX-License-Identifier: MIT
 *
 * Readiness: which item blocks, alone, and for how long it is believed.
 */
#include <check.h>
#include <stdlib.h>

#include "../../src/failover/readiness_judge.c"

enum { MINUTE = 60000, START = 1000000 };

static const struct readiness_ages ages = {
	.look = 5 * MINUTE,
	.canary = 36 * 60 * MINUTE,
};

static struct readiness_item all[READINESS_COUNT];
static struct readiness_opinion opinion;

static void
note(int what, enum verdict verdict, uint64_t at)
{
	struct observation seen = {
		.verdict = verdict,
		.reason =
		    verdict == VERDICT_UNKNOWN ? REASON_TIMEOUT : REASON_NONE,
	};

	snprintf(seen.detail, sizeof(seen.detail), "detail %s",
	    verdict_name(verdict));
	readiness_note(&all[what], &seen, at);
}

static void
set_up(void)
{
	int i;

	memset(all, 0, sizeof(all));
	for (i = 0; i < READINESS_COUNT; i++) {
		all[i].applies = true;
		note(i, VERDICT_OK, START);
	}
}

static const struct readiness_opinion *
judge(uint64_t at)
{
	readiness_judge(all, &ages, at, &opinion);
	return &opinion;
}

static bool
is_of_source(int what)
{
	return readiness_end((enum readiness_what)what) == READINESS_SOURCE;
}

START_TEST(all_ok_is_ready)
{
	ck_assert_int_eq(judge(START)->verdict, VERDICT_OK);
	ck_assert(!opinion.blocks);
	ck_assert_str_eq(opinion.why, "");
}
END_TEST

START_TEST(a_failing_item_blocks_alone)
{
	char begin[64];

	note(_i, VERDICT_FAIL, START);
	ck_assert_int_eq(judge(START)->verdict, VERDICT_FAIL);
	ck_assert(opinion.blocks);
	snprintf(begin, sizeof(begin), "%s: detail fail",
	    readiness_name((enum readiness_what)_i));
	ck_assert_str_eq(opinion.why, begin);
}
END_TEST

START_TEST(what_does_not_apply_does_not_block)
{
	note(_i, VERDICT_FAIL, START);
	all[_i].applies = false;
	ck_assert(!judge(START)->blocks);
}
END_TEST

/* Unknown of a sudden: what was known stays in force for a while. */
START_TEST(unknown_is_what_was_known_before)
{
	note(_i, VERDICT_UNKNOWN, START + MINUTE);
	ck_assert(!judge(START + ages.look)->blocks);
	ck_assert_int_eq(opinion.verdict, VERDICT_OK);

	note(_i, VERDICT_FAIL, START + 2 * MINUTE);
	note(_i, VERDICT_UNKNOWN, START + 3 * MINUTE);
	ck_assert(judge(START + 3 * MINUTE)->blocks);
	ck_assert_int_eq(opinion.verdict, VERDICT_FAIL);
}
END_TEST

/* ... and then it blocks, unless only a dead region could tell. */
START_TEST(unknown_for_long_blocks_if_it_is_the_targets)
{
	uint64_t age = _i == READINESS_CANARY ? ages.canary : ages.look;
	uint64_t late = START + age + 1;
	int i;

	for (i = 0; i < READINESS_COUNT; i++)
		note(i, i == _i ? VERDICT_UNKNOWN : VERDICT_OK, late);
	ck_assert_int_eq(judge(late)->blocks, !is_of_source(_i));
	ck_assert_int_eq(
	    opinion.verdict, is_of_source(_i) ? VERDICT_OK : VERDICT_UNKNOWN);
	if (opinion.blocks)
		ck_assert_ptr_nonnull(strstr(opinion.why, "not known for "));
}
END_TEST

START_TEST(never_known_blocks_if_it_is_the_targets)
{
	memset(&all[_i], 0, sizeof(all[_i]));
	all[_i].applies = true;
	all[_i].last.reason = REASON_NOT_ASKED;
	ck_assert_int_eq(
	    judge(START)->blocks, !is_of_source(_i) && _i != READINESS_CANARY);
	if (opinion.blocks)
		ck_assert_ptr_nonnull(strstr(opinion.why, "not known: "));
}
END_TEST

/* A violation by who is dead by now is not held against anybody for ever. */
START_TEST(an_old_violation_is_forgotten)
{
	int i;

	for (i = 0; i < READINESS_COUNT; i++)
		note(i, VERDICT_OK, START + 6 * MINUTE);
	note(_i, VERDICT_FAIL, START);
	note(_i, VERDICT_UNKNOWN, START + 6 * MINUTE);
	ck_assert(!judge(START + 6 * MINUTE)->blocks);
}
END_TEST

/* It has tried, and nobody knows: that is something else than not yet. */
START_TEST(a_canary_that_was_never_heard_blocks)
{
	memset(&all[READINESS_CANARY], 0, sizeof(all[0]));
	all[READINESS_CANARY].applies = true;
	note(READINESS_CANARY, VERDICT_UNKNOWN, START);
	ck_assert(judge(START)->blocks);
}
END_TEST

START_TEST(a_violation_is_told_before_what_is_unknown)
{
	memset(&all[READINESS_TARGETS], 0, sizeof(all[0]));
	all[READINESS_TARGETS].applies = true;
	note(READINESS_BUCKET_LAG, VERDICT_FAIL, START);
	ck_assert_int_eq(judge(START)->verdict, VERDICT_FAIL);
	ck_assert_ptr_eq(
	    strstr(opinion.why, "bucket-lag: detail fail; targets: not known"),
	    opinion.why);
}
END_TEST

/* The source's items apart from the target's, and both together all. */
START_TEST(data_is_judged_apart)
{
	struct readiness_opinion target, arrived;

	note(_i, VERDICT_FAIL, START);
	readiness_judge_target(all, &ages, START, &target);
	readiness_judge_arrived(all, &ages, START, &arrived);
	ck_assert_int_eq(target.blocks, !is_of_source(_i));
	ck_assert_int_eq(arrived.blocks, is_of_source(_i));
}
END_TEST

/* Of data that can wait, silence is not enough; that nothing was measured is. */
START_TEST(data_that_nobody_tells_of_has_not_arrived)
{
	struct observation quiet = { .verdict = VERDICT_UNKNOWN,
		.reason = REASON_NO_DATA };
	uint64_t late = START + ages.look + 1;

	readiness_judge_arrived(all, &ages, START + ages.look, &opinion);
	ck_assert(!opinion.blocks);
	note(READINESS_TABLE_LAG, VERDICT_UNKNOWN, late);
	readiness_note(&all[READINESS_BUCKET_LAG], &quiet, late);
	readiness_judge_arrived(all, &ages, late, &opinion);
	ck_assert(opinion.blocks);
	ck_assert_int_eq(opinion.verdict, VERDICT_UNKNOWN);
	ck_assert_ptr_eq(
	    strstr(opinion.why, "table-lag: not known"), opinion.why);
	ck_assert_ptr_null(strstr(opinion.why, "bucket-lag"));
	readiness_note(&all[READINESS_TABLE_LAG], &quiet, late);
	readiness_judge_arrived(all, &ages, late, &opinion);
	ck_assert(!opinion.blocks);
}
END_TEST

/* However much there is to say, it fits. */
START_TEST(a_long_story_is_cut)
{
	int i;

	for (i = 0; i < READINESS_COUNT; i++) {
		note(i, VERDICT_FAIL, START);
		memset(
		    all[i].known.detail, 'x', sizeof(all[i].known.detail) - 1);
	}
	ck_assert(judge(START)->blocks);
	ck_assert_uint_eq(strlen(opinion.why), sizeof(opinion.why) - 1);
}
END_TEST

START_TEST(every_item_has_a_name_and_a_sentence)
{
	enum readiness_what what = (enum readiness_what)_i;

	ck_assert(readiness_name(what)[0] != '\0');
	ck_assert(readiness_text(what)[0] != '\0');
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("failover/readiness_judge");
	TCase *judging = tcase_create("judge");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(judging, set_up, NULL);
	tcase_add_test(judging, all_ok_is_ready);
	tcase_add_loop_test(
	    judging, a_failing_item_blocks_alone, 0, READINESS_COUNT);
	tcase_add_loop_test(
	    judging, what_does_not_apply_does_not_block, 0, READINESS_COUNT);
	tcase_add_loop_test(
	    judging, unknown_is_what_was_known_before, 0, READINESS_COUNT);
	tcase_add_loop_test(judging,
	    unknown_for_long_blocks_if_it_is_the_targets, 0, READINESS_COUNT);
	tcase_add_loop_test(judging, never_known_blocks_if_it_is_the_targets, 0,
	    READINESS_COUNT);
	tcase_add_loop_test(judging, an_old_violation_is_forgotten,
	    READINESS_TABLE_LAG, READINESS_BUCKET_LAG + 1);
	tcase_add_test(judging, a_canary_that_was_never_heard_blocks);
	tcase_add_test(judging, a_violation_is_told_before_what_is_unknown);
	tcase_add_loop_test(judging, data_is_judged_apart, 0, READINESS_COUNT);
	tcase_add_test(judging, data_that_nobody_tells_of_has_not_arrived);
	tcase_add_test(judging, a_long_story_is_cut);
	tcase_add_loop_test(
	    judging, every_item_has_a_name_and_a_sentence, 0, READINESS_COUNT);
	suite_add_tcase(suite, judging);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
