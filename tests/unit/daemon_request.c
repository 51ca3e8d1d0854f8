/* SPDX-License-Identifier: MIT
 *
 * Lines from the socket: those that are requests, with all their parts, and
 * those that are not, with what was expected.
 */
#include <check.h>

#include "../../src/daemon/request.c"

static struct request r;
static char why[256];

static int
parse(const char *line)
{
	return request_parse(line, &r, why, sizeof(why));
}

START_TEST(a_failover_has_all_its_parts)
{
	ck_assert_int_eq(parse("failover shop to=us-west-2 override=readiness "
			       "override=window reason=to=see; a=b  c"),
	    0);
	ck_assert_int_eq(r.verb, REQUEST_FAILOVER);
	ck_assert(r.order);
	ck_assert_str_eq(r.stack, "shop");
	ck_assert_str_eq(r.to, "us-west-2");
	ck_assert_uint_eq(r.override_count, 2);
	ck_assert_str_eq(r.overrides[0], "readiness");
	ck_assert_str_eq(r.overrides[1], "window");
	ck_assert_str_eq(r.reason, "to=see; a=b  c");
}
END_TEST

START_TEST(an_override_asks_for_an_administrator)
{
	ck_assert_int_eq(parse("failover s to=r reason=t"), 0);
	ck_assert_int_eq(r.least, ACCESS_OPERATOR);
	ck_assert_int_eq(parse("failover s to=r override=g reason=t"), 0);
	ck_assert_int_eq(r.least, ACCESS_ADMIN);
}
END_TEST

static const struct {
	const char *line;
	enum access least;
	bool order;
} levels[] = {
	{ "status", ACCESS_VIEWER, false },
	{ "history", ACCESS_VIEWER, false },
	{ "history shop", ACCESS_VIEWER, false },
	{ "history shop count=7", ACCESS_VIEWER, false },
	{ "history count=7", ACCESS_VIEWER, false },
	{ "verify", ACCESS_VIEWER, false },
	{ "metrics", ACCESS_VIEWER, false },
	{ "version", ACCESS_VIEWER, false },
	{ "poll", ACCESS_OPERATOR, true },
	{ "poll shop", ACCESS_OPERATOR, true },
	{ "failback shop reason=x", ACCESS_OPERATOR, true },
	{ "failback shop  reason=x", ACCESS_OPERATOR, true },
	{ "failback shop override=soak reason=x", ACCESS_ADMIN, true },
	{ "pause shop for=2h reason=x", ACCESS_OPERATOR, true },
	{ "resume shop reason=x", ACCESS_OPERATOR, true },
	{ "ack shop reason=x", ACCESS_OPERATOR, true },
	{ "reload", ACCESS_ADMIN, true },
};

START_TEST(each_verb_has_its_level)
{
	ck_assert_msg(
	    parse(levels[_i].line) == 0, "%s: %s", levels[_i].line, why);
	ck_assert_int_eq(r.least, levels[_i].least);
	ck_assert_int_eq(r.order, levels[_i].order);
}
END_TEST

START_TEST(numbers_are_read)
{
	ck_assert_int_eq(parse("history count=12"), 0);
	ck_assert_uint_eq(r.count, 12);
	ck_assert_int_eq(parse("pause s for=90m reason=x"), 0);
	ck_assert_uint_eq(r.for_ms, 90 * 60000);
}
END_TEST

#define LONG "a23456789b23456789c23456789d234567"

static const char *const wrong[] = {
	"status x",
	"status reason=x",
	"reload now",
	"poll a b",
	"poll " LONG,
	"poll a\tb",
	"poll \xff\xfe",
	"history count=0",
	"history count=-1",
	"history count=999999",
	"history count=1 count=2",
	"failback",
	"failback reason=x",
	"failback shop",
	"failback shop all is well",
	"failback shop reason=",
	"failback shop reason=  ",
	"failback shop reason=a\033[31m",
	"failback shop reason=\xff\xfe",
	"failback shop to=r reason=x",
	"failover shop reason=x",
	"failover shop to= reason=x",
	"failover shop to=a to=b reason=x",
	"failover shop to=" LONG " reason=x",
	"failover shop to=r override= reason=x",
	"failover s to=r override=a override=b override=c override=d "
	"override=e reason=x",
	"failover shop to=r force reason=x",
	"failover to=r reason=x",
	"pause shop reason=x",
	"pause shop for=2 reason=x",
	"pause shop for=0s reason=x",
	"pause shop for=2h for=3h reason=x",
	"pause shop for=99999999999999999999h reason=x",
	"resume shop",
};

START_TEST(wrong_ones_are_told_what_is_right)
{
	char name[16];

	ck_assert_int_eq(parse(wrong[_i]), -1);
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(wrong[_i], " "),
	    wrong[_i]);
	ck_assert(text_starts(why, "expected: "));
	ck_assert(text_starts(why + strlen("expected: "), name));
}
END_TEST

START_TEST(without_a_verb_all_are_listed)
{
	static const char *const lines[] = { "", "stat", "STATUS", " status",
		"statusstatusstatusstatus", "=" };
	size_t i;

	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		ck_assert_int_eq(parse(lines[i]), -1);
		ck_assert_str_eq(why,
		    "the first word must be one of status history verify "
		    "metrics version poll reload failover failback pause "
		    "resume ack");
	}
}
END_TEST

START_TEST(reasons_are_bounded)
{
	char line[512] = "ack s reason=";
	size_t start = strlen(line);

	memset(line + start, 'x', REQUEST_REASON_MAX + 1);
	ck_assert_int_eq(parse(line), -1);
	line[start + REQUEST_REASON_MAX] = '\0';
	ck_assert_int_eq(parse(line), 0);
	ck_assert_uint_eq(strlen(r.reason), REQUEST_REASON_MAX);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("daemon_request");
	TCase *tc = tcase_create("daemon_request");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tc, a_failover_has_all_its_parts);
	tcase_add_test(tc, an_override_asks_for_an_administrator);
	tcase_add_loop_test(
	    tc, each_verb_has_its_level, 0, sizeof(levels) / sizeof(levels[0]));
	tcase_add_test(tc, numbers_are_read);
	tcase_add_loop_test(tc, wrong_ones_are_told_what_is_right, 0,
	    sizeof(wrong) / sizeof(wrong[0]));
	tcase_add_test(tc, without_a_verb_all_are_listed);
	tcase_add_test(tc, reasons_are_bounded);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
