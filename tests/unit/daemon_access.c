/* SPDX-License-Identifier: MIT
 *
 * Who may ask what: by user, by group in effect, by supplementary group.
 */
#include <check.h>

#include <string.h>

#include "../../src/daemon/access.c"

enum { OWN = 900, VIEWERS = 901, OPERATORS = 902, ADMINS = 903, NOBODY = 999 };

static struct access_rules rules;

static void
setup(void)
{
	rules = (struct access_rules){
		.own = OWN,
		.groups = {
			[ACCESS_VIEWER] = { "drd", true, VIEWERS },
			[ACCESS_OPERATOR] = { "drd-operator", true, OPERATORS },
			[ACCESS_ADMIN] = { "drd-admin", true, ADMINS },
		},
	};
}

static enum access
level(uid_t uid, gid_t gid, gid_t other)
{
	const gid_t groups[] = { NOBODY, other };
	const struct local_peer peer = {
		.uid = uid,
		.gid = gid,
		.groups = groups,
		.group_count = 2,
	};

	return access_of(&rules, &peer);
}

START_TEST(root_and_the_daemon_itself_are_administrators)
{
	ck_assert_int_eq(level(0, NOBODY, NOBODY), ACCESS_ADMIN);
	ck_assert_int_eq(level(OWN, NOBODY, NOBODY), ACCESS_ADMIN);
}
END_TEST

START_TEST(a_group_gives_its_level)
{
	ck_assert_int_eq(level(1000, VIEWERS, NOBODY), ACCESS_VIEWER);
	ck_assert_int_eq(level(1000, NOBODY, VIEWERS), ACCESS_VIEWER);
	ck_assert_int_eq(level(1000, NOBODY, OPERATORS), ACCESS_OPERATOR);
	ck_assert_int_eq(level(1000, ADMINS, NOBODY), ACCESS_ADMIN);
	ck_assert_int_eq(level(1000, NOBODY, NOBODY), ACCESS_NONE);
}
END_TEST

START_TEST(the_highest_of_several_counts)
{
	ck_assert_int_eq(level(1000, VIEWERS, ADMINS), ACCESS_ADMIN);
	ck_assert_int_eq(level(1000, OPERATORS, VIEWERS), ACCESS_OPERATOR);
}
END_TEST

START_TEST(without_a_group_of_viewers_everybody_is_one)
{
	rules.groups[ACCESS_VIEWER] = (struct access_group){ .name = "" };
	ck_assert_int_eq(level(1000, NOBODY, NOBODY), ACCESS_VIEWER);
	ck_assert_int_eq(level(1000, NOBODY, OPERATORS), ACCESS_OPERATOR);
}
END_TEST

/* An id of 0 is root's group: a group that is not known must not match. */
START_TEST(a_group_that_is_not_known_is_nobodys)
{
	rules.groups[ACCESS_ADMIN] = (struct access_group){ .name = "gone" };
	ck_assert_int_eq(level(1000, 0, 0), ACCESS_NONE);
	rules.groups[ACCESS_VIEWER] = (struct access_group){ .name = "gone" };
	ck_assert_int_eq(level(1000, 0, 0), ACCESS_NONE);
}
END_TEST

static const char *
explained(enum access least)
{
	static char out[256];
	const struct local_peer peer = { .uid = 1000, .gid = OPERATORS };

	access_explain(&rules, &peer, least, out, sizeof(out));
	return out;
}

START_TEST(a_refusal_names_the_group)
{
	ck_assert_str_eq(explained(ACCESS_ADMIN),
	    "this is for members of the group drd-admin; you are uid 1000, an "
	    "operator");
	rules.groups[ACCESS_ADMIN].known = false;
	ck_assert_str_eq(explained(ACCESS_ADMIN),
	    "this is for members of the group drd-admin (which this system "
	    "did not know when drd started); you are uid 1000, an operator");
	rules.groups[ACCESS_ADMIN].name[0] = '\0';
	ck_assert_str_eq(explained(ACCESS_ADMIN),
	    "this is for root and the daemon's own user: no group is "
	    "configured for it; you are uid 1000, an operator");
}
END_TEST

START_TEST(groups_are_looked_up)
{
	struct access_rules found = { .own = OWN };

	log_set_level(LOG_LEVEL_ERROR);
	strcpy(found.groups[ACCESS_OPERATOR].name, "root");
	strcpy(found.groups[ACCESS_ADMIN].name, "no-such-group-here");
	access_look_up(&found);
	ck_assert(found.groups[ACCESS_OPERATOR].known);
	ck_assert_uint_eq(found.groups[ACCESS_OPERATOR].gid, 0);
	ck_assert(!found.groups[ACCESS_ADMIN].known);
	ck_assert(!found.groups[ACCESS_VIEWER].known);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("daemon_access");
	TCase *tc = tcase_create("daemon_access");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc, root_and_the_daemon_itself_are_administrators);
	tcase_add_test(tc, a_group_gives_its_level);
	tcase_add_test(tc, the_highest_of_several_counts);
	tcase_add_test(tc, without_a_group_of_viewers_everybody_is_one);
	tcase_add_test(tc, a_group_that_is_not_known_is_nobodys);
	tcase_add_test(tc, a_refusal_names_the_group);
	tcase_add_test(tc, groups_are_looked_up);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
