/* SPDX-License-Identifier: MIT
 *
 * What drd advises against.
 */
#include <check.h>
#include <stdlib.h>

#include "daemon/advice.c"

#define NOW INT64_C(1795392000000) /* 2026-11-23 */

static char shop[] = "shop", books[] = "books";
static char east[] = "us-east-1", west[] = "us-west-2";
static char runtime[] = "nodejs24.x";

static struct config_stack stacks[] = {
	{ .name = shop,
	    .function_runtime = runtime,
	    .primary = { .name = east },
	    .standby = { .name = west } },
	{ .name = books,
	    .function_runtime = runtime,
	    .primary = { .name = west },
	    .standby = { .name = east } },
};

START_TEST(not_in_the_primary_region)
{
	static const struct {
		const char *here;
		const char *names; /* the stack that is named, or NULL */
	} cases[] = {
		{ NULL, NULL },
		{ "eu-west-1", NULL },
		{ "us-east-1", "\"shop\"" },
		{ "us-west-2", "\"books\"" },
	};
	struct config config = { .stacks = stacks, .stack_count = 2 };
	struct text out = TEXT_INIT;

	advise(&config, cases[_i].here, NOW, &out);
	if (cases[_i].names == NULL)
		ck_assert_str_eq(out.s, "");
	else
		ck_assert(strstr(out.s, cases[_i].names) != NULL);
	text_release(&out);
}
END_TEST

START_TEST(tells_of_runtimes)
{
	static char old[] = "nodejs20.x", gone[] = "nodejs14.x";
	static const struct {
		char *runtime;
		enum policy policy;
		const char *advice, *hindrance; /* begins with; "": none */
	} cases[] = {
		{ runtime, POLICY_MANAGE, "", "" },
		{ old, POLICY_MANAGE,
		    "stack \"shop\": runtime nodejs20.x: ", "" },
		{ gone, POLICY_MANAGE, "",
		    "stack \"shop\": runtime nodejs14.x: " },
		{ gone, POLICY_OBSERVE, "", "" },
	};
	struct config_stack stack = stacks[0];
	struct config config = { .stacks = &stack, .stack_count = 1 };
	struct text advice = TEXT_INIT, hindrance = TEXT_INIT;

	stack.function_runtime = cases[_i].runtime;
	stack.manage_function = cases[_i].policy;
	advise(&config, NULL, NOW, &advice);
	advise_hindrances(&config, NOW, &hindrance);
	ck_assert(text_starts(advice.s, cases[_i].advice));
	ck_assert_int_eq(advice.len == 0, *cases[_i].advice == '\0');
	ck_assert(text_starts(hindrance.s, cases[_i].hindrance));
	ck_assert_int_eq(hindrance.len == 0, *cases[_i].hindrance == '\0');
	text_release(&advice);
	text_release(&hindrance);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("advice");
	TCase *t = tcase_create("advice");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(t, not_in_the_primary_region, 0, 4);
	tcase_add_loop_test(t, tells_of_runtimes, 0, 4);
	suite_add_tcase(s, t);
	runner = srunner_create(s);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
