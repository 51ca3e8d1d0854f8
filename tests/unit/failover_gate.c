/* SPDX-License-Identifier: MIT
 *
 * The gates: each alone, all together, and who may override which.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#include "lib/manual.h"

#include "failover/gate.c"

enum { NOW = 1000000, HOUR = 3600000 };

/* Everything is as it should be. */
static struct gate_view
all_is_well(enum gate_trigger trigger)
{
	return (struct gate_view){
		.trigger = trigger,
		.now_ms = NOW,
		.to = "us-west-2",
		.paused_by = "uid 0",
		.paused_why = "why",
		.max_per_day = 3,
	};
}

/* One fact that shuts each gate, and a word of what is said of it. */
static void
spoil(struct gate_view *v, enum gate gate)
{
	switch (gate) {
	case GATE_ROLE_CHANGE:
		v->changing = "spoiled: a change";
		break;
	case GATE_FACTS:
		v->unknown = "spoiled: facts";
		break;
	case GATE_UNFENCED:
		v->fenced = "spoiled: a fence";
		break;
	case GATE_ISOLATION:
		v->isolation = "spoiled: silence";
		break;
	case GATE_CLOCK_JUMP:
		v->observing = "spoiled: a jump";
		break;
	case GATE_READINESS:
		v->not_ready = "spoiled: readiness";
		break;
	case GATE_BEHIND:
		v->behind = "spoiled: data";
		break;
	case GATE_PAUSED:
		v->paused_ms = NOW + HOUR;
		break;
	case GATE_MODE:
		v->advisory = true;
		break;
	case GATE_WINDOW:
		v->window_ms = NOW + 1;
		break;
	case GATE_MIN_BETWEEN:
		v->next_ms = NOW + 1;
		break;
	case GATE_DAILY_LIMIT:
		v->today = 3;
		v->day_ms = NOW + 1;
		break;
	case GATE_BRAKE:
		v->braked = "spoiled: the brake";
		break;
	case GATE_PRIMARY_NOT_OK:
		v->unwell = "spoiled: unwell";
		break;
	case GATE_SOAK:
		v->soaked_ms = NOW + 1;
		break;
	case GATE_PENDING:
		v->pending = "spoiled: pending";
		break;
	case GATE_COUNT:
		ck_abort();
	}
}

/*
 * Said a second time and differently than by the table: which gates stop what.
 * F failover, T turn back, B failback, each by itself; f and b as ordered.
 */
static const char *const stops[GATE_COUNT] = {
	[GATE_ROLE_CHANGE] = "FTBfb",
	[GATE_FACTS] = "FTBfb",
	[GATE_UNFENCED] = "FTBfb",
	[GATE_ISOLATION] = "FTBf",
	[GATE_CLOCK_JUMP] = "FTBfb",
	[GATE_READINESS] = "FBfb",
	[GATE_BEHIND] = "Bb",
	[GATE_PAUSED] = "FTB",
	[GATE_MODE] = "FTB",
	[GATE_WINDOW] = "FB",
	[GATE_MIN_BETWEEN] = "F",
	[GATE_DAILY_LIMIT] = "F",
	[GATE_BRAKE] = "FB",
	[GATE_PRIMARY_NOT_OK] = "Bb",
	[GATE_SOAK] = "Bb",
	[GATE_PENDING] = "Bb",
};

static const char letters[TRIGGER_COUNT + 1] = "FTBfb";

static bool
is_stopped(enum gate_trigger trigger, enum gate gate)
{
	return strchr(stops[gate], letters[trigger]) != NULL;
}

/* _i is the trigger. */
START_TEST(all_open_lets_pass)
{
	struct gate_view v = all_is_well((enum gate_trigger)_i);
	struct gate_state states[GATE_COUNT] = { 0 };
	unsigned i;

	gates_look(&v, states);
	ck_assert_uint_eq(gates_blocking(states, 0), 0);
	for (i = 0; i < GATE_COUNT; i++) {
		ck_assert(!states[i].blocks);
		ck_assert_str_eq(states[i].why, "");
		ck_assert_int_eq(states[i].applies,
		    is_stopped((enum gate_trigger)_i, (enum gate)i));
	}
}
END_TEST

/* Every trigger, and every gate alone. */
START_TEST(each_gate_alone_blocks)
{
	enum gate_trigger trigger = (enum gate_trigger)(_i / GATE_COUNT);
	enum gate gate = (enum gate)(_i % GATE_COUNT);
	struct gate_view v = all_is_well(trigger);
	struct gate_state states[GATE_COUNT] = { 0 };
	gate_set shut;

	spoil(&v, gate);
	gates_look(&v, states);
	shut = gates_blocking(states, 0);
	if (!is_stopped(trigger, gate)) {
		ck_assert_uint_eq(shut, 0);
		return;
	}
	ck_assert_uint_eq(shut, GATE_BIT(gate));
	ck_assert_int_eq(gates_first(shut), gate);
	ck_assert_uint_gt(strlen(states[gate].why), 10);
	ck_assert_uint_gt(strlen(states[gate].clears), 5);
}
END_TEST

/* ... and overridden, it lets pass unless nobody can. */
START_TEST(an_override_opens_one_gate)
{
	enum gate gate = (enum gate)_i;
	struct gate_view v = all_is_well(TRIGGER_ORDERED_FAILOVER);
	struct gate_state states[GATE_COUNT] = { 0 };
	bool can = gate_row(gate)->no_override == NULL;
	struct error e;
	unsigned i;

	for (i = 0; i < GATE_COUNT; i++)
		spoil(&v, (enum gate)i);
	gates_look(&v, states);
	ck_assert_uint_eq(
	    gates_blocking(states, 0) & ~gates_blocking(states, GATE_BIT(gate)),
	    can && is_stopped(TRIGGER_ORDERED_FAILOVER, gate) ? GATE_BIT(gate)
							      : 0);
	ck_assert_int_eq(gates_overridable(GATE_BIT(gate), &e), can ? 0 : -1);
	if (!can)
		ck_assert_str_eq(e.code, gate_name(gate));
}
END_TEST

/* Every set of gates there is: what blocks is what is shut and applies. */
START_TEST(every_combination_is_the_sum_of_its_gates)
{
	enum gate_trigger trigger = (enum gate_trigger)_i;
	struct gate_state states[GATE_COUNT] = { 0 };
	struct gate_view v;
	gate_set set, want;
	unsigned i;

	for (set = 0; set < GATE_BIT(GATE_COUNT); set += 7) {
		v = all_is_well(trigger);
		want = 0;
		for (i = 0; i < GATE_COUNT; i++) {
			if ((set & GATE_BIT(i)) == 0)
				continue;
			spoil(&v, (enum gate)i);
			if (is_stopped(trigger, (enum gate)i))
				want |= GATE_BIT(i);
		}
		gates_look(&v, states);
		ck_assert_uint_eq(gates_blocking(states, 0), want);
	}
}
END_TEST

/* A time that has come is over: at the millisecond. */
START_TEST(what_ends_at_a_time_ends_then)
{
	static const enum gate timed[] = { GATE_PAUSED, GATE_WINDOW,
		GATE_MIN_BETWEEN, GATE_SOAK };
	struct gate_view v = all_is_well(
	    timed[_i] == GATE_SOAK ? TRIGGER_FAILBACK : TRIGGER_FAILOVER);
	struct gate_state states[GATE_COUNT] = { 0 };

	spoil(&v, timed[_i]);
	v.now_ms = NOW + (timed[_i] == GATE_PAUSED ? HOUR : 1);
	gates_look(&v, states);
	ck_assert_uint_eq(gates_blocking(states, 0), 0);
	v.now_ms--;
	gates_look(&v, states);
	ck_assert_uint_eq(gates_blocking(states, 0), GATE_BIT(timed[_i]));
	ck_assert_int_eq(states[timed[_i]].until_ms, v.now_ms + 1);
	spoil(&v, GATE_ROLE_CHANGE);
	gates_look(&v, states);
	ck_assert_int_eq(states[GATE_ROLE_CHANGE].until_ms, 0);
}
END_TEST

START_TEST(a_limit_of_nothing_is_none)
{
	struct gate_view v = all_is_well(TRIGGER_FAILOVER);
	struct gate_state states[GATE_COUNT] = { 0 };

	v.max_per_day = 0;
	v.today = 30;
	gates_look(&v, states);
	ck_assert_uint_eq(gates_blocking(states, 0), 0);
}
END_TEST

START_TEST(a_refusal_says_who_paused_and_until_when)
{
	struct gate_view v = all_is_well(TRIGGER_FAILOVER);
	struct gate_state states[GATE_COUNT] = { 0 };
	char text[300], small[24];

	v.paused_ms = NOW + HOUR;
	v.paused_by = "uid 1000 (pid 7)";
	v.paused_why = "moving the racks";
	v.advisory = true;
	gates_look(&v, states);
	gates_text(states, gates_blocking(states, 0), text, sizeof(text));
	ck_assert_ptr_nonnull(strstr(text,
	    "paused: paused until 1970-01-01T01:16:40.000Z by uid 1000 (pid "
	    "7): moving the racks; mode: the mode is advisory"));
	gates_text(states, gates_blocking(states, 0), small, sizeof(small));
	ck_assert_uint_eq(strlen(small), sizeof(small) - 1);
}
END_TEST

static void
takes_out(char *part, const struct gate_row *row)
{
	char *entry = mem_printf("\n.It Li %s\n%s\n", row->name, row->guards);
	char *at = strstr(part, entry);
	size_t len = strlen(entry) - 1;

	ck_assert_msg(at != NULL, "drd.8 lacks, or not there: %s", entry);
	memmove(at, at + len, strlen(at + len) + 1);
	free(entry);
}

/* Each gate, under what it stops, in the same words; and nothing else. */
START_TEST(the_manual_lists_every_gate)
{
	char *never = manual_part("\nNobody can override", "\nThese stop an");
	char *orders = manual_part("\nThese stop an", "\nThese stop only");
	char *itself = manual_part("\nThese stop only", "\nThose that speak");
	const struct gate_row *row;

	for (row = rows; row < rows + GATE_COUNT; row++) {
		if (row->no_override != NULL)
			takes_out(never, row);
		else if ((row->triggers & (ORDERED | BACK_ORDERED)) != 0)
			takes_out(orders, row);
		else
			takes_out(itself, row);
	}
	ck_assert_ptr_null(strstr(never, "\n.It"));
	ck_assert_ptr_null(strstr(orders, "\n.It"));
	ck_assert_ptr_null(strstr(itself, "\n.It"));
	free(never);
	free(orders);
	free(itself);
}
END_TEST

START_TEST(names_are_listed_in_order)
{
	char text[40], small[8];
	gate_set set = GATE_BIT(GATE_MODE) | GATE_BIT(GATE_PAUSED);

	ck_assert_str_eq(gates_names(set, text, sizeof(text)), "paused, mode");
	ck_assert_str_eq(gates_names(set, small, sizeof(small)), "paused,");
	ck_assert_str_eq(gates_names(0, text, sizeof(text)), "");
}
END_TEST

START_TEST(a_gate_is_found_by_its_name)
{
	enum gate gate;
	struct error e;

	ck_assert_int_eq(gate_find(gate_name((enum gate)_i), &gate, &e), 0);
	ck_assert_int_eq(gate, _i);
}
END_TEST

START_TEST(another_name_is_answered_with_all_there_are)
{
	enum gate gate;
	struct error e;
	unsigned i;

	ck_assert_int_eq(gate_find("gravity", &gate, &e), -1);
	ck_assert_str_eq(e.code, "no-such-gate");
	for (i = 0; i < GATE_COUNT; i++)
		ck_assert_msg(strstr(e.text, rows[i].name) != NULL, "%s: %s",
		    rows[i].name, e.text);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("failover_gate");
	TCase *tc = tcase_create("failover_gate");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(tc, all_open_lets_pass, 0, TRIGGER_COUNT);
	tcase_add_loop_test(
	    tc, each_gate_alone_blocks, 0, TRIGGER_COUNT * GATE_COUNT);
	tcase_add_loop_test(tc, an_override_opens_one_gate, 0, GATE_COUNT);
	tcase_add_loop_test(
	    tc, every_combination_is_the_sum_of_its_gates, 0, TRIGGER_COUNT);
	tcase_add_loop_test(tc, what_ends_at_a_time_ends_then, 0, 4);
	tcase_add_test(tc, a_limit_of_nothing_is_none);
	tcase_add_test(tc, a_refusal_says_who_paused_and_until_when);
	tcase_add_test(tc, the_manual_lists_every_gate);
	tcase_add_test(tc, names_are_listed_in_order);
	tcase_add_loop_test(tc, a_gate_is_found_by_its_name, 0, GATE_COUNT);
	tcase_add_test(tc, another_name_is_answered_with_all_there_are);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
