/* SPDX-License-Identifier: MIT
 *
 * What the watch must not forget: over restarts, on a full disk, from a
 * journal that was edited or damaged, and when it has grown too long.
 */
#include <check.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "failover/journal.h"
#include "lib/json.h"

static bool disk_is_full;

static int
test_journal_add(struct journal *journal, const json_t *record, struct error *e)
{
	if (disk_is_full)
		return error_set(e, ERROR_AGAIN, "Journal", "no room");
	return journal_add(journal, record, e);
}

static const char *room; /* what is wrong with it; NULL: nothing */

static int
test_journal_room(const struct journal *journal, struct error *e)
{
	return room == NULL
	    ? 0
	    : error_set(e, ERROR_AGAIN,
		  text_starts(room, "148") ? JOURNAL_LOW : "Journal",
		  "journal x: %s", room);
}

#define journal_add  test_journal_add
#define journal_room test_journal_room

#include "../../src/failover/memory.c"
#include "../../src/failover/memory_disk.c"
#include "../../src/failover/memory_read.c"

#undef journal_add
#undef journal_room

static char dir[] = "/tmp/drd-memory-XXXXXX";
static char path[96];
static struct memory m;
static char said[1024]; /* the last line of the log */

static const struct active first = {
	.region = "us-east-1", .epoch = 1, .since_ms = INT64_C(1795395600000)
};

static log_sink keep_line;

static void
keep_line(
    enum log_level level, const struct log_fields *fields, const char *line)
{
	snprintf(said, sizeof(said), "%s", line);
}

static void
must_open(void)
{
	struct error e;

	ck_assert_msg(memory_open(&m, "shop", path, &e) == 0, "%s", e.text);
}

static void
reopen(void)
{
	memory_close(&m);
	must_open();
}

static void
set_up(void)
{
	memcpy(dir + sizeof(dir) - 7, "XXXXXX", 6);
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/shop.journal", dir);
	log_set_sink(keep_line);
	disk_is_full = false;
	room = NULL;
	said[0] = '\0';
	must_open();
}

static void
tear_down(void)
{
	static const char *const ends[] = { "", ".new", ".damaged" };
	char name[128];
	size_t i;

	memory_close(&m);
	for (i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		snprintf(name, sizeof(name), "%s%s", path, ends[i]);
		unlink(name);
	}
	rmdir(dir);
}

/* A record as drd, or somebody with an editor, could have written it. */
static void
add(const char *spec)
{
	json_t *record = json(spec);
	struct error e;

	ck_assert_msg(journal_add(m.journal, record, &e) == 0, "%s", e.text);
	json_decref(record);
}

static const char change_json[] =
    "{'type': 'change', 'epoch': 2, 'from': 'us-east-1', 'to': 'us-west-2',"
    "'failback': false, 'cause': 'automatic', 'reason': 'three polls',"
    "'at': '2026-11-23T01:00:00.000Z', 'effects': ["
    "{'key': 'us-west-2/parameter-active', 'kind': 'parameter',"
    " 'region': 'us-west-2', 'target': '/a', 'value': 'v', 'leads': true},"
    "{'key': 'us-east-1/fence', 'kind': 'fence', 'region': 'us-east-1',"
    " 'target': 'shop', 'value': '0', 'leads': false}]}";

static void
decide_once(void)
{
	json_t *record = json(change_json);
	struct change change;
	struct error e;

	ck_assert_int_eq(memory_set_active(&m, &first, &e), 0);
	ck_assert_int_eq(change_read(record, &change, &e), 0);
	ck_assert_int_eq(memory_set_change(&m, &change, &e), 0);
	json_decref(record);
}

static const struct pause lunch = { .from_ms = INT64_C(1795395600000),
	.until_ms = INT64_C(4102444800000), /* 2100 */
	.who = "uid 0",
	.reason = "lunch" };

static void
fill_with_facts(void)
{
	char *value = mem_alloc(60001);
	struct error e;
	int i;

	memset(value, 'x', 60000);
	for (i = 0; i < 5; i++) {
		value[0] = (char)('a' + i);
		ck_assert_int_eq(memory_set_facts(&m,
				     json_pack("{s:s}", "balancer", value), &e),
		    0);
	}
	free(value);
}

/* ---- what was edited --------------------------------------------------- */

static const struct {
	const char *record;
	const char *complaint; /* NULL: skipped without a word */
} unreadable[] = {
	{ "{'type': 'active', 'epoch': 9, 'since_ms': 1}", "unreadable" },
	{ "{'type': 'active', 'region': 'x', 'since_ms': 1}", "unreadable" },
	{ "{'type': 'active', 'region': 'x', 'epoch': 0, 'since_ms': 1}",
	    "unreadable" },
	{ "{'type': 'active', 'region': 'x', 'epoch': 9}", "unreadable" },
	{ "{'type': 'active', 'epoch': 9, 'since_ms': 1, 'region': "
	  "'a-region-whose-name-is-longer-than-any-that-there-is'}",
	    "unreadable" },
	{ "{'type': 'pause', 'who': 'x'}", "pause cannot be read" },
	{ "{'type': 'ack', 'epoch': 'x'}", "ack cannot be read" },
	{ "{'type': 'change', 'epoch': 9}", "change" },
	{ "{'type': 'lift', 'epoch': 2}", NULL },
	{ "{'type': 'lift', 'concurrency': 7}", NULL },
	{ "{'type': 'lift', 'epoch': 1, 'concurrency': 7}", NULL },
	{ "{'type': 'lift', 'epoch': 2, 'concurrency': 0}", NULL },
	{ "{'type': 'lift', 'epoch': 2, 'concurrency': 4294967297}", NULL },
	{ "{'type': 'news'}", NULL },
};

START_TEST(what_cannot_be_read_is_skipped)
{
	decide_once();
	add(unreadable[_i].record);
	said[0] = '\0';
	reopen();
	if (unreadable[_i].complaint != NULL)
		ck_assert_msg(
		    strstr(said, unreadable[_i].complaint) != NULL, "%s", said);
	else
		ck_assert_str_eq(said, "");
	ck_assert(m.active_known);
	ck_assert_uint_eq(m.active.epoch, 2);
	ck_assert_str_eq(m.active.region, "us-west-2");
	ck_assert_int_eq(m.hold.pause.until_ms, 0);
	ck_assert_str_eq(memory_fence(&m)->value, "0");
}
END_TEST

/* ---- over a restart ---------------------------------------------------- */

START_TEST(a_lifted_fence_stays_lifted)
{
	struct error e;

	decide_once();
	ck_assert_str_eq(memory_fence(&m)->region, "us-east-1");
	ck_assert_int_eq(memory_lift_fence(&m, 100, &e), 0);
	ck_assert_ptr_null(memory_fence(&m));
	ck_assert(memory_has_pending(&m));
	reopen();
	ck_assert_ptr_null(memory_fence(&m));
	ck_assert_str_eq(m.change.effects[1].value, "100");
}
END_TEST

START_TEST(a_fence_of_another_epoch_is_none)
{
	struct active theirs = first;
	struct error e;

	ck_assert_ptr_null(memory_fence(&m));
	ck_assert(!memory_has_pending(&m) && !memory_has_lost(&m));
	decide_once();
	theirs.epoch = 9;
	ck_assert_int_eq(memory_set_active(&m, &theirs, &e), 0);
	ck_assert_ptr_null(memory_fence(&m));
	ck_assert(!memory_is_changing(&m));
	ck_assert(!memory_has_pending(&m) && !memory_has_lost(&m));
}
END_TEST

START_TEST(canaries_are_remembered)
{
	memory_set_canary(&m, "us-west-2", "parameter", 1000);
	memory_set_canary(&m, "us-west-2", "notice", 2000);
	memory_set_canary(&m, "us-east-1", "notice", 3000);
	memory_set_canary(&m, "us-west-2", "parameter", 4000);
	reopen();
	ck_assert_int_eq(memory_canary_ms(&m, "us-west-2", "parameter"), 4000);
	ck_assert_int_eq(memory_canary_ms(&m, "us-west-2", "notice"), 2000);
	ck_assert_int_eq(memory_canary_ms(&m, "us-east-1", "notice"), 3000);
	ck_assert_int_eq(memory_canary_ms(&m, "us-east-1", "parameter"), 0);
}
END_TEST

/* ---- too long ---------------------------------------------------------- */

START_TEST(a_long_journal_is_written_anew)
{
	struct active theirs = { .region = "us-east-1", .epoch = 9 };
	struct error e;
	size_t before;

	decide_once();
	ck_assert_int_eq(memory_ack(&m, "seen", "uid 0", &e), 0);
	ck_assert_int_eq(memory_pause(&m, &lunch, &e), 0);
	memory_set_canary(&m, "us-west-2", "notice", 2000);
	if (_i == 1)
		ck_assert_int_eq(memory_set_active(&m, &theirs, &e), 0);
	fill_with_facts();
	before = journal_size(m.journal);
	ck_assert_uint_lt(before, COMPACT_SIZE);
	reopen();
	ck_assert_uint_eq(m.active.epoch, _i == 1 ? 9 : 2);
	ck_assert_uint_eq(m.change.epoch, 2);
	ck_assert_uint_eq(m.change.count, 2);
	ck_assert_uint_eq(m.hold.acked_epoch, 2);
	ck_assert_int_eq(m.hold.pause.until_ms, lunch.until_ms);
	ck_assert_int_eq(memory_canary_ms(&m, "us-west-2", "notice"), 2000);
	ck_assert_int_eq(*tree_str(m.facts, "balancer"), 'e');
}
END_TEST

/* A new stack that has decided nothing yet. */
START_TEST(so_is_one_with_nothing_in_it)
{
	struct pause pause = lunch;
	struct error e;
	size_t before;

	memset(pause.reason, 'x', sizeof(pause.reason) - 1);
	do {
		before = journal_size(m.journal);
		ck_assert_int_eq(memory_pause(&m, &pause, &e), 0);
		ck_assert_int_eq(memory_resume(&m, "", "uid 0", &e), 0);
	} while (journal_size(m.journal) > before);
	ck_assert_uint_lt(journal_size(m.journal), COMPACT_SIZE);
	reopen();
	ck_assert(!m.active_known);
}
END_TEST

START_TEST(one_that_cannot_be_is_kept)
{
	struct error e;
	char name[128];

	/* Nothing can be put in the place of a folder. */
	snprintf(name, sizeof(name), "%s.new", path);
	ck_assert_int_eq(mkdir(name, 0700), 0);
	decide_once();
	fill_with_facts();
	ck_assert_uint_ge(journal_size(m.journal), COMPACT_SIZE);
	ck_assert_msg(strstr(said, "shop") != NULL, "%s", said);
	rmdir(name);
	ck_assert_int_eq(memory_settle(&m, &e), 0);
	ck_assert_uint_lt(journal_size(m.journal), COMPACT_SIZE);
}
END_TEST

/* ---- a full disk ------------------------------------------------------- */

/* What still fits is kept, and nobody is told that it is not. */
START_TEST(little_room_is_not_none)
{
	struct error e;

	room = "148 KiB are left on its disk, 256 KiB are needed";
	memory_look_at_disk(&m);
	ck_assert(text_starts(m.trouble,
	    "once its disk is full no decision can be kept: journal x: 148"));
	ck_assert_ptr_nonnull(strstr(said, "shop: once its disk is full"));
	said[0] = '\0';
	ck_assert_int_eq(memory_pause(&m, &lunch, &e), 0);
	memory_look_at_disk(&m);
	ck_assert_str_eq(said, "");
	disk_is_full = true;
	ck_assert_int_eq(memory_resume(&m, "done", "uid 0", &e), -1);
	ck_assert(text_starts(m.trouble, "no decision can be kept: "));
	ck_assert_ptr_nonnull(strstr(said, "shop: no decision can be kept"));
	disk_is_full = false; /* what was asked for fits again */
	memory_look_at_disk(&m);
	ck_assert(text_starts(m.trouble, "once its disk is full"));
	room = NULL;
	memory_look_at_disk(&m);
	ck_assert_str_eq(m.trouble, "");
}
END_TEST

START_TEST(a_disk_that_takes_no_writes_keeps_nothing)
{
	room = "its disk is read-only";
	memory_look_at_disk(&m);
	ck_assert(text_starts(
	    m.trouble, "no decision can be kept: journal x: its disk is"));
}
END_TEST

START_TEST(what_is_not_on_disk_is_not_so)
{
	struct active theirs = { .region = "us-east-1", .epoch = 9 };
	json_t *record = json(change_json);
	struct change change;
	struct error e;

	decide_once();
	ck_assert_int_eq(memory_pause(&m, &lunch, &e), 0);
	disk_is_full = true;
	ck_assert_int_eq(memory_set_active(&m, &theirs, &e), -1);
	ck_assert_uint_eq(m.active.epoch, 2);
	json_object_set_new(record, "epoch", json_integer(3));
	ck_assert_int_eq(change_read(record, &change, &e), 0);
	ck_assert_int_eq(memory_set_change(&m, &change, &e), -1);
	ck_assert_uint_eq(m.change.epoch, 2);
	ck_assert_uint_eq(change.count, 2); /* still the caller's */
	change_release(&change);
	ck_assert_int_eq(memory_resume(&m, "done", "uid 0", &e), -1);
	ck_assert_int_eq(m.hold.pause.until_ms, lunch.until_ms);
	ck_assert_int_eq(memory_ack(&m, "seen", "uid 0", &e), -1);
	ck_assert_uint_eq(m.hold.acked_epoch, 0);
	ck_assert_int_eq(memory_lift_fence(&m, 100, &e), -1);
	ck_assert_ptr_nonnull(memory_fence(&m));
	ck_assert_int_eq(memory_settle(&m, &e), -1);
	ck_assert_int_eq(
	    memory_set_facts(&m, json("{'health_check': 'x'}"), &e), -1);
	ck_assert_ptr_null(m.facts);
	said[0] = '\0';
	memory_set_canary(&m, "us-west-2", "notice", 2000);
	ck_assert_ptr_nonnull(strstr(said, "journal"));
	json_decref(record);
}
END_TEST

/* ---- damage ------------------------------------------------------------ */

static void
damage(void)
{
	FILE *f = fopen(path, "ab");

	ck_assert_ptr_nonnull(f);
	ck_assert_int_ge(fputs("no record\nno record\n", f), 0);
	fclose(f);
}

START_TEST(damage_pauses)
{
	decide_once();
	damage();
	reopen();
	ck_assert(m.salvaged);
	ck_assert_uint_eq(m.active.epoch, 2);
	ck_assert_str_eq(m.hold.pause.who, "drd");
	ck_assert(!memory_has_pending(&m)); /* before anybody is asked */
	reopen();
	ck_assert(!m.salvaged);
	ck_assert_str_eq(m.hold.pause.who, "drd");
}
END_TEST

START_TEST(a_longer_pause_outlives_damage)
{
	struct error e;

	ck_assert_int_eq(memory_pause(&m, &lunch, &e), 0);
	damage();
	reopen();
	ck_assert(m.salvaged);
	ck_assert_str_eq(m.hold.pause.who, "uid 0");
}
END_TEST

START_TEST(damage_that_cannot_be_set_aside)
{
	struct error e;
	char name[128];

	snprintf(name, sizeof(name), "%s.damaged", path);
	ck_assert_int_eq(mkdir(name, 0700), 0);
	damage();
	memory_close(&m);
	ck_assert_int_eq(memory_open(&m, "shop", path, &e), -1);
	ck_assert_msg(strstr(e.text, "aside") != NULL, "%s", e.text);
	rmdir(name);
}
END_TEST

START_TEST(a_journal_that_cannot_be_opened)
{
	struct error e;

	memory_close(&m);
	ck_assert_int_eq(memory_open(&m, "shop", "/no/such/folder/j", &e), -1);
	ck_assert_ptr_null(m.journal);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("failover_memory");
	TCase *tc = tcase_create("failover_memory");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_set_timeout(tc, 120);
	tcase_add_loop_test(tc, what_cannot_be_read_is_skipped, 0,
	    sizeof(unreadable) / sizeof(*unreadable));
	tcase_add_test(tc, a_lifted_fence_stays_lifted);
	tcase_add_test(tc, a_fence_of_another_epoch_is_none);
	tcase_add_test(tc, canaries_are_remembered);
	tcase_add_loop_test(tc, a_long_journal_is_written_anew, 0, 2);
	tcase_add_test(tc, so_is_one_with_nothing_in_it);
	tcase_add_test(tc, one_that_cannot_be_is_kept);
	tcase_add_test(tc, little_room_is_not_none);
	tcase_add_test(tc, a_disk_that_takes_no_writes_keeps_nothing);
	tcase_add_test(tc, what_is_not_on_disk_is_not_so);
	tcase_add_test(tc, damage_pauses);
	tcase_add_test(tc, a_longer_pause_outlives_damage);
	tcase_add_test(tc, damage_that_cannot_be_set_aside);
	tcase_add_test(tc, a_journal_that_cannot_be_opened);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
