/* SPDX-License-Identifier: MIT
 *
 * The outbox: at least once, in order, each region for itself, over restarts
 * and with a disk that takes nothing.
 */
#include <check.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "aws/creds.h"
#include "lib/json.h"
#include "lib/world.h"
#include "net/http.h"

#include "failover/outbox.c"
#include "failover/outbox_file.c"

enum { MINUTE = 60 * 1000 };

static const char *const regions[] = { "us-east-1", "us-west-2" };

static struct world world;
static char dir[64], path[96];
static struct loop *loop;
static struct http *http;
static struct aws *aws;
static struct outbox *o;

static void
boot(void)
{
	struct creds creds = { 0 };
	struct error e;

	loop = loop_new();
	http = http_new(loop, 8);
	aws = aws_new(loop, http);
	ck_assert_int_eq(creds_from_environment(&creds, &e), 1);
	aws_set_creds(aws, &creds);
	o = outbox_new(loop, aws, "shop", regions, path);
	outbox_set_topic(o, "us-east-1", "arn:aws:sns:us-east-1:1:t");
	outbox_set_topic(o, "us-west-2", "arn:aws:sns:us-west-2:1:t");
	outbox_start(o);
}

static void
halt(void)
{
	outbox_free(o);
	aws_free(aws);
	http_free(http);
	loop_free(loop);
	o = NULL;
}

/* As SIGKILL would: what was not written by now never is. */
static void
crash(void)
{
	json_array_clear(o->unwritten);
	halt();
}

static void
setup(void)
{
	world_creds();
	world_start(&world);
	log_set_level(LOG_LEVEL_ERROR);
	strcpy(dir, "/tmp/drd-test-XXXXXX");
	ck_assert(mkdtemp(dir) != NULL);
	snprintf(path, sizeof(path), "%s/shop.outbox", dir);
	boot();
}

static void
teardown(void)
{
	char aside[128];

	if (o != NULL)
		halt();
	unlink(path);
	snprintf(aside, sizeof(aside), "%s.damaged", path);
	unlink(aside);
	rmdir(dir);
}

static void
tell(enum notice_event event, const char *step)
{
	struct notice n = { .event = event,
		.stack = "shop",
		.epoch = 1,
		.at_ms = 1,
		.reason = "because" };

	outbox_tell(o, step, &n);
}

static size_t
waiting(enum world_region region)
{
	struct outbox_status s;

	outbox_status(o, (size_t)region, &s);
	return s.waiting;
}

START_TEST(both_regions_are_told_once)
{
	tell(NOTICE_DETECTED, "detected-1");
	ck_assert_uint_eq(waiting(EAST), 1);
	script_advance(MINUTE);
	ck_assert_uint_eq(world.region[EAST].told, 1);
	ck_assert_uint_eq(world.region[WEST].told, 1);
	ck_assert_uint_eq(waiting(EAST) + waiting(WEST), 0);
	tell(NOTICE_DETECTED, "detected-1");
	script_advance(MINUTE);
	ck_assert_uint_eq(world.region[WEST].told, 1);
	tell(NOTICE_DETECTED, "detected-2");
	script_advance(MINUTE);
	ck_assert_uint_eq(world.region[WEST].told, 2);
}
END_TEST

START_TEST(a_region_that_is_gone_holds_up_nobody)
{
	struct outbox_status s;

	world.fault[EAST] = FAULT_NEVER;
	tell(NOTICE_COMPLETED, "completed-2");
	tell(NOTICE_ACK_NEEDED, "ack-needed-2");
	script_advance(10 * MINUTE);
	ck_assert_uint_eq(world.region[WEST].told, 2);
	outbox_status(o, EAST, &s);
	ck_assert_uint_eq(s.waiting, 2);
	ck_assert_uint_gt(s.tries, 5);
	ck_assert(strstr(s.trouble, "us-east-1") != NULL);
	ck_assert_uint_ne(s.oldest_ms, 0);
	world.fault[EAST] = FAULT_NONE;
	script_advance(2 * MINUTE);
	ck_assert_uint_eq(world.region[EAST].told, 2);
	outbox_status(o, EAST, &s);
	ck_assert_str_eq(s.trouble, "");
}
END_TEST

START_TEST(whatever_goes_wrong_it_is_told_in_the_end)
{
	enum world_fault fault = (enum world_fault)(_i + 1);

	world.fault[EAST] = world.fault[WEST] = fault;
	tell(NOTICE_COMPLETED, "completed-2");
	script_advance(5 * MINUTE);
	ck_assert_uint_eq(waiting(EAST), 1);
	world.fault[EAST] = world.fault[WEST] = FAULT_NONE;
	script_advance(3 * MINUTE);
	ck_assert_uint_eq(waiting(EAST) + waiting(WEST), 0);
	ck_assert_uint_ge(world.region[EAST].told, 1);
}
END_TEST

START_TEST(a_restart_goes_on)
{
	world.fault[EAST] = FAULT_REFUSED;
	tell(NOTICE_COMPLETED, "completed-2");
	script_advance(MINUTE);
	crash();
	world.fault[EAST] = FAULT_NONE;
	boot();
	script_advance(MINUTE);
	ck_assert_uint_eq(world.region[EAST].told, 1);
	ck_assert_uint_eq(world.region[WEST].told, 1);
	tell(NOTICE_COMPLETED, "completed-2"); /* as a start does */
	script_advance(MINUTE);
	ck_assert_uint_eq(world.region[WEST].told, 1);
}
END_TEST

/* A crash between the answer and the disk: told again, never not at all. */
START_TEST(a_crash_before_the_disk_repeats)
{
	tell(NOTICE_COMPLETED, "completed-2");
	script_advance(1);
	while (world.region[WEST].told == 0)
		script_advance(1);
	crash();
	boot();
	script_advance(MINUTE);
	ck_assert_uint_ge(world.region[WEST].told, 1);
	ck_assert_uint_eq(waiting(EAST) + waiting(WEST), 0);
}
END_TEST

START_TEST(an_episode_lasts_over_a_restart)
{
	tell(NOTICE_BLIND, "blind-1");
	script_advance(MINUTE);
	crash();
	boot();
	ck_assert(outbox_lasts(o, NOTICE_BLIND));
	outbox_is_over(o, NOTICE_BLIND);
	script_advance(MINUTE);
	crash();
	boot();
	ck_assert(!outbox_lasts(o, NOTICE_BLIND));
	tell(NOTICE_BLIND, "blind-1"); /* the ring still knows it */
	script_advance(MINUTE);
	ck_assert_uint_eq(world.region[WEST].told, 1);
}
END_TEST

START_TEST(without_a_topic_it_waits)
{
	struct outbox_status s;

	halt();
	loop = loop_new();
	http = http_new(loop, 8);
	aws = aws_new(loop, http);
	o = outbox_new(loop, aws, "shop", regions, path);
	outbox_start(o);
	tell(NOTICE_BRAKED, "braked-1");
	script_advance(MINUTE);
	outbox_status(o, EAST, &s);
	ck_assert_str_eq(s.trouble, "the topic of us-east-1 is not known");
	crash();
	boot();
	script_advance(MINUTE);
	ck_assert_uint_eq(waiting(EAST) + waiting(WEST), 0);
}
END_TEST

/* The oldest of the controller's own trouble gives way; a change's never. */
START_TEST(too_much_to_tell)
{
	struct outbox_status s;
	char step[32];
	unsigned i;
	size_t j;

	world.fault[EAST] = world.fault[WEST] = FAULT_REFUSED;
	tell(NOTICE_COMPLETED, "completed-2");
	for (i = 0; i < 200; i++) {
		snprintf(step, sizeof(step), "blind-%u", i);
		tell(NOTICE_BLIND, step);
	}
	tell(NOTICE_ACK_NEEDED, "ack-needed-2");
	tell(NOTICE_DETECTED, "detected-3");
	script_advance(MINUTE);
	outbox_status(o, EAST, &s);
	ck_assert_uint_eq(s.waiting, OUTBOX_WAITING_MAX);
	ck_assert_uint_eq(s.dropped, 203 - OUTBOX_WAITING_MAX);
	ck_assert_str_eq(
	    o->queues[EAST].items[0].step, "us-east-1/completed-2");
	ck_assert_str_eq(o->queues[EAST].items[OUTBOX_WAITING_MAX - 3].step,
	    "us-east-1/blind-199");
	ck_assert_str_eq(o->queues[EAST].items[OUTBOX_WAITING_MAX - 2].step,
	    "us-east-1/ack-needed-2");
	for (j = 0; j < 100; j++) {
		snprintf(step, sizeof(step), "completed-%zu", j + 3);
		tell(NOTICE_COMPLETED, step);
	}
	outbox_status(o, EAST, &s);
	ck_assert_uint_eq(s.waiting, OUTBOX_WAITING_MAX);
}
END_TEST

START_TEST(a_damaged_file_is_moved_aside)
{
	char aside[128];
	struct stat st;
	FILE *file;

	tell(NOTICE_COMPLETED, "completed-2");
	script_advance(MINUTE);
	halt();
	file = fopen(path, "r+");
	ck_assert(file != NULL);
	fputs("xxxxxxxx", file);
	fclose(file);
	boot();
	ck_assert_str_eq(outbox_trouble(o), "");
	snprintf(aside, sizeof(aside), "%s.damaged", path);
	ck_assert_int_eq(stat(aside, &st), 0);
	tell(NOTICE_BLIND, "blind-1");
	script_advance(MINUTE);
	ck_assert_uint_eq(world.region[WEST].told, 2);
}
END_TEST

/* Good checksums around what drd never wrote: nothing of it is told. */
static const char *const odd[] = {
	"{'type': 'turn', 'records': [{'step': 'x'}, {'type': 3}, 4]}",
	"{'type': 'turn', 'records': [{'type': 'turn', 'records': []}]}",
	"{'type': 'turn'}",
	"{'type': 'notice'}",
	"{'type': 'news', 'step': 'x', 'region': 'us-east-1'}",
	"{'type': 'mark', 'step': 'x', 'event': 'NEWS'}",
	"{'type': 'mark', 'step': 'x'}",
	"{'type': 'mark', 'event': 'BLIND', 'step': 'LONG'}",
	"{'type': 'told', 'step': 'us-east-1/completed-2'}",
	"{'type': 'told', 'step': 'x', 'region': 'us-east-1'}",
	"{'type': 'told', 'step': 'x', 'region': 'us-east-9'}",
	"{'type': 'notice', 'step': 'x', 'region': 'us-east-9'}",
	"{'type': 'notice', 'step': 'x', 'region': 'us-east-1'}",
	("{'type': 'notice', 'step': 'x', 'region': 'us-east-1',"
	 " 'event': 'BLIND'}"),
	("{'type': 'notice', 'step': 'x', 'region': 'us-east-1',"
	 " 'event': 'BLIND', 'value': '{}', 'epoch': -1}"),
	("{'type': 'notice', 'step': 'LONG', 'region': 'us-east-1',"
	 " 'event': 'BLIND', 'value': '{}', 'epoch': 1}"),
};

static char *
lengthen(const char *spec)
{
	const char *at = strstr(spec, "LONG");

	if (at == NULL)
		return mem_strdup(spec);
	return mem_printf(
	    "%.*s%0200d%s", (int)(at - spec), spec, 0, at + strlen("LONG"));
}

START_TEST(odd_records_are_skipped)
{
	char *spec = lengthen(odd[_i]);
	json_t *record = json(spec);
	struct error e;

	world.fault[EAST] = FAULT_REFUSED;
	tell(NOTICE_COMPLETED, "completed-2");
	script_advance(MINUTE);
	ck_assert_int_eq(journal_add(o->file, record, &e), 0);
	crash();
	boot();
	ck_assert_str_eq(outbox_trouble(o), "");
	ck_assert_uint_eq(waiting(EAST), 1);
	ck_assert(!outbox_lasts(o, NOTICE_BLIND));
	world.fault[EAST] = FAULT_NONE;
	script_advance(2 * MINUTE);
	ck_assert_uint_eq(world.region[EAST].told, 1);
	json_decref(record);
	free(spec);
}
END_TEST

/* More than there is room for: the first are told. */
START_TEST(a_file_with_too_many)
{
	char spec[256];
	struct error e;
	json_t *record;
	int i;

	world.fault[EAST] = FAULT_REFUSED;
	for (i = 0; i < OUTBOX_WAITING_MAX + 5; i++) {
		snprintf(spec, sizeof(spec),
		    "{'type': 'notice', 'step': 'us-east-1/blind-%d',"
		    " 'region': 'us-east-1', 'event': 'BLIND',"
		    " 'value': '{}', 'epoch': 1}",
		    i);
		record = json(spec);
		ck_assert_int_eq(journal_add(o->file, record, &e), 0);
		json_decref(record);
	}
	crash();
	boot();
	ck_assert_uint_eq(waiting(EAST), OUTBOX_WAITING_MAX);
	ck_assert_str_eq(o->queues[EAST].items[0].step, "us-east-1/blind-0");
}
END_TEST

START_TEST(a_damaged_file_that_cannot_be_moved)
{
	char inside[160];
	FILE *file;

	tell(NOTICE_COMPLETED, "completed-2");
	script_advance(MINUTE);
	halt();
	file = fopen(path, "r+");
	ck_assert(file != NULL);
	fputs("xxxxxxxx", file);
	fclose(file);
	snprintf(inside, sizeof(inside), "%s.damaged", path);
	ck_assert_int_eq(mkdir(inside, 0700), 0);
	boot();
	ck_assert(outbox_trouble(o)[0] != '\0');
	tell(NOTICE_BLIND, "blind-1");
	script_advance(MINUTE);
	ck_assert_uint_eq(world.region[WEST].told, 2);
	rmdir(inside);
}
END_TEST

START_TEST(a_topic_may_be_another_one)
{
	outbox_set_topic(o, "us-east-9", "arn:aws:sns:us-east-9:1:t");
	outbox_set_topic(o, "us-east-1", NULL);
	ck_assert_str_eq(o->queues[EAST].topic, "arn:aws:sns:us-east-1:1:t");
	outbox_set_topic(o, "us-east-1", "arn:aws:sns:us-east-1:1:other");
	outbox_set_topic(o, "us-east-1", "arn:aws:sns:us-east-1:1:new");
	ck_assert_str_eq(o->queues[EAST].topic, "arn:aws:sns:us-east-1:1:new");
	outbox_is_over(o, NOTICE_BLIND); /* there is none */
	ck_assert(!outbox_lasts(o, NOTICE_BLIND));
}
END_TEST

START_TEST(without_a_file_it_still_tells)
{
	halt();
	strcat(path, "/no/such/directory");
	boot();
	ck_assert(outbox_trouble(o)[0] != '\0');
	tell(NOTICE_COMPLETED, "completed-2");
	script_advance(MINUTE);
	ck_assert_uint_eq(world.region[EAST].told, 1);
	halt();
	*strstr(path, "/no/such") = '\0';
	boot();
}
END_TEST

/* The file is bounded: what was told is not kept for ever. */
START_TEST(the_file_does_not_grow)
{
	char step[32];
	struct stat st;
	unsigned i;

	for (i = 0; i < 500; i++) {
		snprintf(step, sizeof(step), "blind-%u", i);
		tell(NOTICE_BLIND, step);
		script_advance(MINUTE);
	}
	ck_assert_uint_eq(world.region[WEST].told, 500);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_lt(st.st_size, 2 * COMPACT_SIZE);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("outbox");
	TCase *t = tcase_create("outbox");
	SRunner *r;
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, both_regions_are_told_once);
	tcase_add_test(t, a_region_that_is_gone_holds_up_nobody);
	tcase_add_loop_test(
	    t, whatever_goes_wrong_it_is_told_in_the_end, 0, FAULT_COUNT - 1);
	tcase_add_test(t, a_restart_goes_on);
	tcase_add_test(t, a_crash_before_the_disk_repeats);
	tcase_add_test(t, an_episode_lasts_over_a_restart);
	tcase_add_test(t, without_a_topic_it_waits);
	tcase_add_test(t, too_much_to_tell);
	tcase_add_test(t, a_damaged_file_is_moved_aside);
	tcase_add_loop_test(
	    t, odd_records_are_skipped, 0, sizeof(odd) / sizeof(*odd));
	tcase_add_test(t, a_file_with_too_many);
	tcase_add_test(t, a_damaged_file_that_cannot_be_moved);
	tcase_add_test(t, a_topic_may_be_another_one);
	tcase_add_test(t, without_a_file_it_still_tells);
	tcase_add_test(t, the_file_does_not_grow);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? 0 : 1;
}
