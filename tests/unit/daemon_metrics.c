/* SPDX-License-Identifier: MIT
 *
 * Metrics: the text format, what is counted, and that every family obeys the
 * rules of a scrape.
 */
#include <check.h>

#include "../../src/daemon/counters.c"
#include "../../src/daemon/metrics.c"
#include "../../src/daemon/metrics_held.c"
#include "../../src/daemon/metrics_stack.c"

static struct metrics *metrics;
static struct signal signals[2];
static struct detected seen;
static struct change change;
static struct gate_state gates[GATE_COUNT];
static struct failover_counts counts;
static struct planes planes;
static struct status_stack stack;
static struct status_view view;
static struct failover_status status;
static struct text out;

static void
setup(void)
{
	memset(signals, 0, sizeof(signals));
	memset(gates, 0, sizeof(gates));
	memset(&counts, 0, sizeof(counts));
	memset(&change, 0, sizeof(change));
	memset(&planes, 0, sizeof(planes));
	strcpy(signals[0].id, "route53");
	strcpy(signals[0].region, "us-east-1");
	signals[0].last.verdict = VERDICT_OK;
	signals[0].observed_ms = 8000;
	strcpy(signals[1].id, "alarm:x");
	strcpy(signals[1].region, "us-east-1");
	signals[1].last.reason = REASON_THROTTLED;
	seen = (struct detected){ .signals = signals, .signal_count = 2 };
	strcpy(change.cause, CHANGE_AUTOMATIC);
	status = (struct failover_status){
		.stack = "shop", .detected = &seen, .change = &change
	};
	stack = (struct status_stack){ .name = "shop",
		.primary = "us-east-1",
		.standby = "us-west-2",
		.active = "us-east-1",
		.role = ROLE_STEADY,
		.epoch = 7,
		.signals = signals,
		.signal_count = 2,
		.gates = gates,
		.planes = &planes,
		.counts = &counts,
		.rto_target = 300000,
		.notices = { { .region = "us-west-2", .waiting = 2 } } };
	view = (struct status_view){ .version = "0.1.0",
		.config_digest = "0123456789abcdef",
		.now_ms = 1700000060000,
		.now_mono_ms = 10500,
		.started_ms = 1700000000500,
		.stacks = &stack,
		.stack_count = 1 };
	metrics = metrics_new();
	out = (struct text)TEXT_INIT;
}

static void
teardown(void)
{
	metrics_free(metrics);
	text_release(&out);
}

static void
has_line(const char *line)
{
	char *whole = mem_printf("\n%s\n", line);

	ck_assert_msg(
	    strstr(out.s, whole) != NULL, "no \"%s\" in\n%s", line, out.s);
	free(whole);
}

START_TEST(facts_are_samples)
{
	stack.role = ROLE_SUSPECT;
	gates[GATE_READINESS].applies = gates[GATE_READINESS].blocks = true;
	gates[GATE_SOAK].blocks = true; /* of another trigger */
	counts.blocked[GATE_READINESS] = 3;
	planes.each[PLANE_PARAMETER_STANDBY].says = PLANE_DIFFERS;
	metrics_text(metrics, &view, &out);
	has_line("drd_build_info{version=\"0.1.0\"} 1");
	has_line("drd_start_time_seconds 1700000000.500");
	has_line("drd_state{stack=\"shop\",state=\"steady\"} 0");
	has_line("drd_state{stack=\"shop\",state=\"suspect\"} 1");
	has_line("drd_active_region{stack=\"shop\",region=\"us-east-1\"} 1");
	has_line("drd_active_region{stack=\"shop\",region=\"us-west-2\"} 0");
	has_line("drd_epoch{stack=\"shop\"} 7");
	has_line("drd_rto_target_seconds{stack=\"shop\"} 300");
	has_line("drd_notify_queue{stack=\"shop\",region=\"us-west-2\"} 2");
	has_line("drd_gate_blocking{stack=\"shop\",gate=\"readiness\"} 1");
	has_line("drd_gate_blocking{stack=\"shop\",gate=\"soak\"} 0");
	has_line("drd_blocked_failovers_total{stack=\"shop\","
		 "gate=\"readiness\"} 3");
	has_line("drd_plane_agrees{stack=\"shop\",plane=\"parameter\","
		 "region=\"us-west-2\",agrees=\"no\"} 1");
	has_line("drd_plane_agrees{stack=\"shop\",plane=\"dns\","
		 "region=\"global\",agrees=\"no\"} 0");
	has_line("drd_signal_state{stack=\"shop\",region=\"us-east-1\","
		 "signal=\"route53\",state=\"ok\"} 1");
	has_line("drd_signal_last_observed_timestamp_seconds{stack=\"shop\","
		 "region=\"us-east-1\",signal=\"route53\"} 1700000057.500");
	ck_assert_ptr_null(strstr(out.s,
	    "observed_timestamp_seconds{stack=\"shop\",region="
	    "\"us-east-1\",signal=\"alarm:x\""));
	ck_assert_ptr_nonnull(strstr(out.s, "process_resident_memory_bytes "));
	ck_assert_ptr_nonnull(strstr(out.s, "process_open_fds "));
}
END_TEST

START_TEST(a_recovery_is_measured)
{
	metrics_text(metrics, &view, &out);
	ck_assert_ptr_null(strstr(out.s, "drd_last_recovery"));
	has_line("drd_recovery_waiting_seconds{stack=\"shop\"} 0");
	stack.change = &change;
	stack.recovery = (struct recovery){ .users_ms = -1, .all_ms = -1 };
	stack.waiting_ms = 7500;
	text_clear(&out);
	metrics_text(metrics, &view, &out);
	ck_assert_ptr_null(strstr(out.s, "drd_last_recovery"));
	ck_assert_ptr_null(strstr(out.s, "drd_last_settled"));
	has_line("drd_recovery_waiting_seconds{stack=\"shop\"} 7.500");
	stack.recovery =
	    (struct recovery){ .users_ms = 90000, .all_ms = 960000 };
	stack.waiting_ms = -1;
	text_clear(&out);
	metrics_text(metrics, &view, &out);
	has_line("drd_last_recovery_time_seconds{stack=\"shop\"} 90");
	has_line("drd_last_settled_time_seconds{stack=\"shop\"} 960");
	change.failback = true;
	text_clear(&out);
	metrics_text(metrics, &view, &out);
	ck_assert_ptr_null(strstr(out.s, "drd_last_recovery"));
	has_line("drd_last_settled_time_seconds{stack=\"shop\"} 960");
	change.failback = false;
	text_clear(&out);
	metrics_text(metrics, &view, &out);
	has_line("drd_recovery_waiting_seconds{stack=\"shop\"} 0");
}
END_TEST

START_TEST(the_daemon_tells_of_itself)
{
	static json_t *requests;

	requests = json_loads("[{\"service\":\"ssm\",\"region\":"
			      "\"us-west-2\",\"result\":\"throttled\","
			      "\"count\":12}]",
	    0, NULL);
	view.requests = requests;
	view.clients = 3;
	view.loop_longest_ms = 1500;
	metrics_text(metrics, &view, &out);
	has_line("drd_aws_requests_total{service=\"ssm\",region=\"us-west-2\","
		 "result=\"throttled\"} 12");
	has_line("drd_socket_clients 3");
	has_line("drd_loop_longest_callback_seconds 1.500");
	json_decref(requests);
}
END_TEST

START_TEST(old_news_and_old_proofs_have_an_age)
{
	stack.notices[0].oldest_ms = 4500;
	stack.proved_ms[1][CANARY_PARAMETER] = 1700000000250;
	metrics_text(metrics, &view, &out);
	has_line("drd_notify_oldest_age_seconds{stack=\"shop\","
		 "region=\"us-west-2\"} 6");
	has_line("drd_canary_last_success_timestamp_seconds{stack=\"shop\","
		 "region=\"us-west-2\",what=\"parameter\"} 1700000000.250");
	ck_assert_ptr_null(strstr(out.s, "what=\"notice\""));
	stack.notices[0].oldest_ms = 0;
	text_clear(&out);
	metrics_text(metrics, &view, &out);
	has_line("drd_notify_oldest_age_seconds{stack=\"shop\","
		 "region=\"us-west-2\"} 0");
}
END_TEST

START_TEST(what_is_not_known_has_no_sample)
{
	stack.active = NULL;
	stack.signal_count = 0;
	stack.gates = NULL;
	metrics_text(metrics, &view, &out);
	ck_assert_ptr_null(strstr(out.s, "drd_active_region"));
	ck_assert_ptr_null(strstr(out.s, "drd_epoch"));
	ck_assert_ptr_null(strstr(out.s, "drd_signal"));
	ck_assert_ptr_null(strstr(out.s, "drd_gate"));
	ck_assert_ptr_null(strstr(out.s, "drd_failovers_total"));
	ck_assert_ptr_null(strstr(out.s, "drd_pause_expiry"));
}
END_TEST

START_TEST(polls_are_counted_by_what_they_said)
{
	metrics_polled(metrics, &status);
	metrics_polled(metrics, &status);
	signals[1].last = (struct observation){ .verdict = VERDICT_FAIL };
	metrics_polled(metrics, &status);
	metrics_text(metrics, &view, &out);
	has_line("drd_signal_checks_total{stack=\"shop\",region=\"us-east-1\","
		 "signal=\"route53\",result=\"ok\"} 3");
	has_line("drd_signal_checks_total{stack=\"shop\",region=\"us-east-1\","
		 "signal=\"alarm:x\",result=\"unknown\"} 2");
	has_line("drd_signal_checks_total{stack=\"shop\",region=\"us-east-1\","
		 "signal=\"alarm:x\",result=\"fail\"} 1");
	has_line("drd_signal_unknown_total{stack=\"shop\",region=\"us-east-1\","
		 "signal=\"alarm:x\",reason=\"throttled\"} 2");
}
END_TEST

START_TEST(changes_are_counted_when_they_end)
{
	metrics_role(metrics, &status, ROLE_SUSPECT, ROLE_FAILING_OVER);
	metrics_text(metrics, &view, &out);
	ck_assert_ptr_null(strstr(out.s, "drd_failovers_total"));
	metrics_role(metrics, &status, ROLE_FAILING_OVER, ROLE_FAILED_OVER);
	strcpy(change.cause, "uid 7 (pid 8)");
	change.failback = true;
	metrics_role(metrics, &status, ROLE_FAILING_BACK, ROLE_STEADY);
	metrics_role(metrics, &status, ROLE_FAILING_BACK, ROLE_FAILED_OVER);
	text_clear(&out);
	metrics_text(metrics, &view, &out);
	has_line("drd_failovers_total{stack=\"shop\",kind=\"failover\","
		 "trigger=\"automatic\",result=\"done\"} 1");
	has_line("drd_failovers_total{stack=\"shop\",kind=\"failback\","
		 "trigger=\"operator\",result=\"done\"} 1");
	has_line("drd_failovers_total{stack=\"shop\",kind=\"failback\","
		 "trigger=\"operator\",result=\"overtaken\"} 1");
}
END_TEST

START_TEST(labels_are_escaped)
{
	metric_sample(&out, "m",
	    &(struct labels){ { { "a", "x\"y\\z\n" }, { "b", NULL } } }, 0.25);
	metric_sample(&out, "n", NULL, -3);
	metric_sample(&out, "o", &(struct labels){ { { NULL, NULL } } }, 1e18);
	ck_assert_str_eq(out.s,
	    "m{a=\"x\\\"y\\\\z\\n\",b=\"\"} 0.250\nn -3\n"
	    "o 1000000000000000000.000\n");
}
END_TEST

START_TEST(reloads_are_counted)
{
	metrics_reloaded(metrics, false);
	metrics_text(metrics, &view, &out);
	has_line("drd_config_reload_total{result=\"refused\"} 1");
	ck_assert_ptr_null(strstr(out.s, "last_reload_success"));
	metrics_reloaded(metrics, true);
	text_clear(&out);
	metrics_text(metrics, &view, &out);
	has_line("drd_config_reload_total{result=\"ok\"} 1");
	ck_assert_ptr_nonnull(
	    strstr(out.s, "drd_config_last_reload_success_timestamp_seconds "));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("daemon_metrics");
	TCase *tc = tcase_create("daemon_metrics");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, facts_are_samples);
	tcase_add_test(tc, a_recovery_is_measured);
	tcase_add_test(tc, the_daemon_tells_of_itself);
	tcase_add_test(tc, old_news_and_old_proofs_have_an_age);
	tcase_add_test(tc, what_is_not_known_has_no_sample);
	tcase_add_test(tc, polls_are_counted_by_what_they_said);
	tcase_add_test(tc, changes_are_counted_when_they_end);
	tcase_add_test(tc, labels_are_escaped);
	tcase_add_test(tc, reloads_are_counted);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
