/* SPDX-License-Identifier: MIT
 *
 * Names, once given, are for ever: a changed name is a second object.
 */
#include <check.h>

#include "stack/names.c"

static const struct {
	size_t limit;
	const char *service, *region, *environment, *purpose;
	const char *name;
} rows[] = {
	{ NAME_MAX_LEN, "shop", "us-east-1", "prod", "notice",
	    "shop-us-east-1-prod-notice" },
	{ NAME_LOAD_BALANCER_MAX, "shop", "us-east-1", "prod", "alb",
	    "shop-us-east-1-prod-alb" },
	/* Exactly 32. */
	{ NAME_LOAD_BALANCER_MAX, "exactly-long1", "us-east-1", "prod", "alb",
	    "exactly-long1-us-east-1-prod-alb" },
	/* 33: the service is cut. */
	{ NAME_LOAD_BALANCER_MAX, "exactly-long12", "us-east-1", "prod", "alb",
	    "exactlyfdb50c-us-east-1-prod-alb" },
	{ NAME_LOAD_BALANCER_MAX, "exactly-long13", "us-east-1", "prod", "alb",
	    "exactlyd370b9-us-east-1-prod-alb" },
	/* No room for any of the service: the end is what remains. */
	{ NAME_LOAD_BALANCER_MAX, "shop", "ap-southeast-2", "production", "alb",
	    "" },
};

START_TEST(test_names)
{
	char name[NAME_MAX_LEN + 1];

	ck_assert_ptr_eq(
	    name_of(name, rows[_i].limit, rows[_i].service, rows[_i].region,
		rows[_i].environment, rows[_i].purpose),
	    name);
	ck_assert_uint_le(strlen(name), rows[_i].limit);
	if (rows[_i].name[0] != '\0')
		ck_assert_str_eq(name, rows[_i].name);
	else
		ck_assert_str_eq(name + strlen(name) - 15, "-production-alb");
}
END_TEST

START_TEST(test_no_limit_is_broken)
{
	char service[301], name[NAME_MAX_LEN + 1];
	size_t limit;

	memset(service, 's', 300);
	service[300] = '\0';
	for (limit = 8; limit <= 300; limit++) {
		name_of(name, limit, service, "us-east-1", "prod", "alb");
		ck_assert_uint_eq(
		    strlen(name), limit < NAME_MAX_LEN ? limit : NAME_MAX_LEN);
		ck_assert_int_ne(name[0], '-');
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("stack_names");
	TCase *t = tcase_create("names");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(
	    t, test_names, 0, (int)(sizeof(rows) / sizeof(rows[0])));
	tcase_add_test(t, test_no_limit_is_broken);
	suite_add_tcase(suite, t);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
