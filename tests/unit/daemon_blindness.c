/* SPDX-License-Identifier: MIT
 *
 * What is left to decide by when a region is gone.
 */
#include <check.h>
#include <string.h>

#include "lib/declared.h"

#include "daemon/advice.c"
#include "daemon/blindness.c"

#define TRIGGERS(list) "trigger = { " list " }\n"
#define HOLD	       "when_blind = hold\n"
#define QUORUM(n)      "quorum = " n "\n"

static const char ireland[] = "region \"eu-west-1\" { role = primary }\n"
			      "region \"us-west-2\" { role = standby }\n";
static const char homeward[] = "region \"us-west-2\" { role = primary }\n"
			       "region \"us-east-1\" { role = standby }\n";

static const struct {
	const char *more;
	const char *regions; /* NULL: the usual two */
	const char *primary; /* who decides without it; a part of the text */
	size_t left;
	const char *text;
	const char *global; /* the same without us-east-1, or NULL */
} cases[] = {
	/* What is there by default. */
	{ "", NULL, "probe and dns", 0, "probe of us-east-1 and DNS", NULL },
	{ HOLD, NULL, "nobody", 0, "no failover by itself", NULL },
	{ "manage { records = observe }\n", NULL, "not proved", 0,
	    "does not manage the records", NULL },
	/* A metric of the check is as far away as its status. */
	{ "route53_source = metric\n", NULL, "probe and dns", 0, "no trigger",
	    NULL },
	{ HOLD TRIGGERS("route53, probe"), NULL, "triggers", 1,
	    "1 of 2 triggers is left, enough for a quorum of 1", NULL },
	{ HOLD QUORUM("2") TRIGGERS("route53, probe"), NULL, "nobody", 1,
	    "1 is left, too few for a quorum of 2", NULL },
	/* All that AWS is asked for is dumb, so the others may speak. */
	{ QUORUM("2") TRIGGERS("route53, probe"), NULL, "probe and dns", 1,
	    "no trigger that AWS is asked for", NULL },
	/* Elsewhere us-east-1 takes what is asked there, and no more. */
	{ "", ireland, "triggers", 2, "2 of 2 triggers are left",
	    "probe and dns" },
	{ TRIGGERS("route53, \"alarm:elb-5xx\"") QUORUM("2"), ireland, "nobody",
	    1, "1 is left", "nobody" },
	{ HOLD TRIGGERS("\"alarm:elb-5xx\""), ireland, "nobody", 0,
	    "when_blind = hold", "triggers" },
	/* Without the standby there is no failover to miss. */
	{ "", homeward, "triggers", 2, "enough", NULL },
};

START_TEST(somebody_decides_or_nobody)
{
	struct config *config = declared(cases[_i].more, cases[_i].regions);
	struct blindness out[BLINDNESS_REGIONS];
	size_t count = blindness_of(config, &config->stacks[0], out);

	ck_assert_uint_eq(count, 1 + (cases[_i].global != NULL));
	ck_assert_str_eq(out[0].region, config->stacks[0].primary.name);
	ck_assert_str_eq(blindness_name(out[0].kind), cases[_i].primary);
	ck_assert_uint_eq(out[0].left, cases[_i].left);
	ck_assert_msg(
	    strstr(out[0].text, cases[_i].text) != NULL, "%s", out[0].text);
	if (count == 2) {
		ck_assert_str_eq(out[1].region, "us-east-1");
		ck_assert_str_eq(blindness_name(out[1].kind), cases[_i].global);
	}
	config_free(config);
}
END_TEST

/* What is covered is told, what is not is a warning (config_warn.c). */
START_TEST(either_advice_or_a_warning)
{
	struct config *config = declared(cases[_i].more, cases[_i].regions);
	struct blindness out[BLINDNESS_REGIONS];
	struct text advice = TEXT_INIT;
	size_t i, count = blindness_of(config, &config->stacks[0], out);
	char *gone;

	advise_blindness(config, &advice);
	for (i = 0; i < count; i++) {
		gone = mem_printf("when %s is gone ", out[i].region);
		ck_assert_int_eq(strstr(advice.s, gone) != NULL,
		    out[i].kind == BLINDNESS_OUTSIDE);
		ck_assert_int_eq(strstr(config->warnings, gone) != NULL,
		    out[i].kind != BLINDNESS_OUTSIDE &&
			out[i].kind != BLINDNESS_NONE);
		free(gone);
	}
	text_release(&advice);
	config_free(config);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("daemon_blindness");
	TCase *tc = tcase_create("daemon_blindness");
	SRunner *runner = srunner_create(suite);
	const int count = sizeof(cases) / sizeof(cases[0]);
	int failed;

	tcase_add_loop_test(tc, somebody_decides_or_nobody, 0, count);
	tcase_add_loop_test(tc, either_advice_or_a_warning, 0, count);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
