/* SPDX-License-Identifier: MIT
 *
 * What drd advises against.
 */
#include <check.h>
#include <stdlib.h>

#include "daemon/advice.c"

static char shop[] = "shop", books[] = "books";
static char east[] = "us-east-1", west[] = "us-west-2";

static struct config_stack stacks[] = {
	{ .name = shop,
	    .primary = { .name = east },
	    .standby = { .name = west } },
	{ .name = books,
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

	advise(&config, cases[_i].here, &out);
	if (cases[_i].names == NULL)
		ck_assert_str_eq(out.s, "");
	else
		ck_assert(strstr(out.s, cases[_i].names) != NULL);
	text_release(&out);
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
	suite_add_tcase(s, t);
	runner = srunner_create(s);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
