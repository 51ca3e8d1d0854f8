/* SPDX-License-Identifier: MIT
 *
 * The planes and the journal: together, apart, or nobody knows.
 */
#include <check.h>
#include <stdlib.h>

#include "failover/plane.c"

static const struct active first = { .region = "us-east-1", .epoch = 1 };
static const struct active second = { .region = "us-west-2", .epoch = 2 };
static const struct active forged = { .region = "us-east-1", .epoch = 2 };
static const struct active none;

static struct planes planes;

static void
setup(void)
{
	memset(&planes, 0, sizeof(planes));
	planes_begin(&planes, &second);
}

static void
note(enum plane plane, enum plane_says says, const char *text)
{
	struct plane_look look = { .says = says, .seen_ms = 7 };

	snprintf(look.text, sizeof(look.text), "%s", text);
	planes_note(&planes, plane, &look);
}

static const struct {
	const struct active *said;
	enum plane_says says;
	const char *text;
} parameters[] = {
	{ &second, PLANE_AGREES, "us-west-2, epoch 2" },
	{ &first, PLANE_DIFFERS, "us-east-1, epoch 1" },
	{ &forged, PLANE_DIFFERS, "us-east-1, epoch 2" },
	{ &none, PLANE_UNKNOWN, "there is no such parameter" },
};

START_TEST(parameters_are_compared_with_the_journal)
{
	struct plane_look look =
	    plane_of_parameter(&second, parameters[_i].said, 7);

	ck_assert_int_eq(look.says, parameters[_i].says);
	ck_assert_str_eq(look.text, parameters[_i].text);
	ck_assert_uint_eq(look.seen_ms, 7);
}
END_TEST

static const struct {
	struct name_seen seen;
	enum plane_says east; /* if that is active */
	enum plane_says west;
} names[] = {
	{ { 4, 4, 0, 0, 0, true }, PLANE_AGREES, PLANE_DIFFERS },
	{ { 4, 0, 4, 0, 0, true }, PLANE_DIFFERS, PLANE_AGREES },
	{ { 4, 3, 0, 0, 1, true }, PLANE_AGREES, PLANE_DIFFERS },
	{ { 4, 2, 0, 0, 2, true }, PLANE_UNKNOWN, PLANE_UNKNOWN }, /* few */
	{ { 4, 3, 1, 0, 0, true }, PLANE_UNKNOWN, PLANE_UNKNOWN }, /* mixed */
	{ { 4, 0, 0, 4, 0, true }, PLANE_UNKNOWN, PLANE_UNKNOWN }, /* astray */
	{ { 4, 0, 0, 0, 4, true }, PLANE_UNKNOWN, PLANE_UNKNOWN },
	{ { 4, 4, 0, 0, 0, false }, PLANE_UNKNOWN, PLANE_UNKNOWN },
	{ { 0, 0, 0, 0, 0, false }, PLANE_UNKNOWN, PLANE_UNKNOWN },
	{ { 0, 0, 0, 0, 0, true }, PLANE_UNKNOWN, PLANE_UNKNOWN },
};

START_TEST(the_name_is_where_most_servers_lead)
{
	struct plane_look look;

	look =
	    plane_of_name(&names[_i].seen, false, "us-east-1", "us-west-2", 7);
	ck_assert_int_eq(look.says, names[_i].east);
	ck_assert_uint_eq(look.seen_ms, look.says == PLANE_UNKNOWN ? 0 : 7);
	look =
	    plane_of_name(&names[_i].seen, true, "us-east-1", "us-west-2", 7);
	ck_assert_int_eq(look.says, names[_i].west);
	ck_assert(look.text[0] != '\0');
}
END_TEST

static const struct {
	struct latch_facts latch;
	enum plane_says east;
	enum plane_says west;
} latches[] = {
	{ { .seen = LATCH_CLEAR }, PLANE_AGREES, PLANE_DIFFERS },
	{ { .seen = LATCH_SET }, PLANE_DIFFERS, PLANE_AGREES },
	{ { .seen = LATCH_UNKNOWN }, PLANE_UNKNOWN, PLANE_UNKNOWN },
	{ { .seen = LATCH_SET, .trouble = "503" }, PLANE_DIFFERS,
	    PLANE_UNKNOWN },
};

START_TEST(the_latch_is_set_where_the_standby_is_active)
{
	struct plane_look look;

	look = plane_of_latch(&latches[_i].latch, false);
	ck_assert_int_eq(look.says, latches[_i].east);
	look = plane_of_latch(&latches[_i].latch, true);
	ck_assert_int_eq(look.says, latches[_i].west);
}
END_TEST

START_TEST(apart_when_it_lasts_and_together_again)
{
	int i;

	note(PLANE_NAME, PLANE_AGREES, "4 of 4");
	note(PLANE_LATCH, PLANE_DIFFERS, "clear");
	for (i = 1; i < PLANES_LAST; i++) {
		planes_count(&planes);
		ck_assert(!planes_are_apart(&planes));
	}
	planes_count(&planes);
	ck_assert(planes_are_apart(&planes));
	ck_assert_str_eq(planes.apart,
	    "the latch is clear; the journal says us-west-2, epoch 2");
	note(PLANE_LATCH, PLANE_AGREES, "set");
	planes_count(&planes);
	ck_assert(!planes_are_apart(&planes));
	ck_assert_str_eq(planes.apart, "");
}
END_TEST

START_TEST(silence_neither_begins_nor_ends_it)
{
	note(PLANE_PARAMETER_PRIMARY, PLANE_UNKNOWN, "no answer");
	planes_count(&planes);
	ck_assert_uint_eq(planes.polls, 0);
	note(PLANE_PARAMETER_PRIMARY, PLANE_DIFFERS, "us-east-1, epoch 1");
	note(PLANE_PARAMETER_PRIMARY, PLANE_UNKNOWN, "no answer");
	planes_count(&planes);
	ck_assert_uint_eq(planes.polls, 1);
	ck_assert_str_eq(
	    planes.each[PLANE_PARAMETER_PRIMARY].text, "us-east-1, epoch 1");
	note(PLANE_PARAMETER_PRIMARY, PLANE_AGREES, "us-west-2, epoch 2");
	note(PLANE_PARAMETER_PRIMARY, PLANE_UNKNOWN, "no answer");
	ck_assert_int_eq(
	    planes.each[PLANE_PARAMETER_PRIMARY].says, PLANE_UNKNOWN);
	note(PLANE_PARAMETER_PRIMARY, PLANE_DIFFERS, "us-east-1, epoch 1");
	planes_excuse(&planes, PLANE_PARAMETER_PRIMARY, "it moves");
	planes_count(&planes);
	ck_assert_uint_eq(planes.polls, 0);
}
END_TEST

START_TEST(another_epoch_is_another_question)
{
	note(PLANE_LATCH, PLANE_DIFFERS, "clear");
	planes_count(&planes);
	planes_begin(&planes, &second);
	ck_assert_uint_eq(planes.polls, 1);
	planes_begin(&planes, &first);
	ck_assert_uint_eq(planes.polls, 0);
	ck_assert_int_eq(planes.each[PLANE_LATCH].says, PLANE_UNKNOWN);
}
END_TEST

/* All of them, each as long as it can be: cut, and whole as a string. */
START_TEST(the_sentence_fits)
{
	char text[sizeof(planes.each[0].text)];
	int i;

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	for (i = 0; i < PLANE_COUNT; i++)
		note((enum plane)i, PLANE_DIFFERS, text);
	planes_count(&planes);
	ck_assert_uint_lt(strlen(planes.apart), sizeof(planes.apart));
}
END_TEST

#define COUNT(rows) ((int)(sizeof(rows) / sizeof((rows)[0])))

int
main(void)
{
	Suite *s = suite_create("plane");
	TCase *t = tcase_create("plane");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(t, setup, NULL);
	tcase_add_loop_test(
	    t, parameters_are_compared_with_the_journal, 0, COUNT(parameters));
	tcase_add_loop_test(
	    t, the_name_is_where_most_servers_lead, 0, COUNT(names));
	tcase_add_loop_test(
	    t, the_latch_is_set_where_the_standby_is_active, 0, COUNT(latches));
	tcase_add_test(t, apart_when_it_lasts_and_together_again);
	tcase_add_test(t, silence_neither_begins_nor_ends_it);
	tcase_add_test(t, another_epoch_is_another_question);
	tcase_add_test(t, the_sentence_fits);
	suite_add_tcase(s, t);
	runner = srunner_create(s);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
