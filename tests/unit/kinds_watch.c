/* SPDX-License-Identifier: MIT
 *
 * The kinds of what watches and tells: what they make of replies.
 */
#include "stack_wire.h"

/* --- account ---------------------------------------------------------- */

#define CALLER(members)                                                 \
	"<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/" \
	"doc/2011-06-15/\"><GetCallerIdentityResult>" members           \
	"</GetCallerIdentityResult><ResponseMetadata><RequestId>1"      \
	"</RequestId></ResponseMetadata></GetCallerIdentityResponse>"
#define CALLER_ARN "arn:aws-cn:sts::123456789012:assumed-role/drd/controller"

START_TEST(test_account)
{
	struct node n;

	look_at(&n, &kind_account, "{}",
	    CALLER("<Arn>" CALLER_ARN "</Arn><UserId>AROA:controller</UserId>"
		   "<Account>123456789012</Account>"),
	    NULL, NULL);
	ck_state(&n, NODE_CLEAN);
	ck_assert_str_eq(tree_str(n.have, "AccountId"), "123456789012");
	ck_assert_str_eq(tree_str(n.have, "Partition"), "aws-cn");
	ck_assert_str_eq(tree_str(n.have, "Arn"), CALLER_ARN);
	ck_read(n.kind, &n.kind->look, &n,
	    "POST /\nAction=GetCallerIdentity&Version=2011-06-15");
	node_reset(&n);
}
END_TEST

static const char *const callers[] = {
	CALLER(""),
	CALLER("<Arn>" CALLER_ARN "</Arn>"),
	CALLER("<Account>123456789012</Account>"),
	CALLER("<Account>123456789012</Account><Arn>drd</Arn>"),
};

START_TEST(test_account_that_cannot_be_read)
{
	json_t *want = json_of("{}"), *have = NULL;
	struct error e = { 0 };

	ck_assert_int_eq(take(&kind_account, &kind_account.look, want,
			     callers[_i], &have, &e),
	    -1);
	ck_assert_int_eq(e.class, ERROR_BROKEN);
	ck_assert_ptr_null(have);
	json_decref(want);
}
END_TEST

#define N(table) (int)(sizeof(table) / sizeof((table)[0]))

int
main(void)
{
	Suite *suite = suite_create("kinds_watch");
	TCase *t = tcase_create("watch");
	SRunner *runner;
	int failed;

	tcase_add_test(t, test_account);
	tcase_add_loop_test(t, test_account_that_cannot_be_read, 0, N(callers));
	suite_add_tcase(suite, t);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
