/* SPDX-License-Identifier: MIT
 *
 * The role machine, over every combination of facts there is.
 */
#include <check.h>
#include <string.h>

#include "../../src/failover/role.c"

enum { FALL = 3, FLAGS = 9, VIEWS = (1 << FLAGS) * (FALL + 2) };

/* The n-th combination of all flags and a streak of 0 to FALL + 1. */
static struct role_view
nth_view(unsigned n)
{
	return (struct role_view){
		.active_known = (n & 1) != 0,
		.standby_active = (n & 2) != 0,
		.changing = (n & 4) != 0,
		.standby_answers = (n & 8) != 0,
		.failing = (n & 16) != 0,
		.gates_open = (n & 32) != 0,
		.failover_ordered = (n & 64) != 0,
		.failback_ordered = (n & 128) != 0,
		.failback_due = (n & 256) != 0,
		.streak = n >> FLAGS,
		.fall = FALL,
	};
}

static enum role
next(enum role role, const struct role_view *v)
{
	const struct role_row *row = role_next(role, v);

	return row != NULL ? row->to : role;
}

/*
 * What is meant, said a second time and differently: the role that follows
 * from each role and view, as a person would decide it.
 */
static enum role
starting_leads_to(const struct role_view *v)
{
	if (!v->active_known)
		return ROLE_STARTING;
	if (v->changing)
		return v->standby_active ? ROLE_FAILING_OVER
					 : ROLE_FAILING_BACK;
	return v->standby_active ? ROLE_FAILED_OVER : ROLE_STEADY;
}

/* What makes a failover, and what makes the way back. */
static bool
goes_over(const struct role_view *v)
{
	if (!v->standby_answers || !v->gates_open)
		return false;
	return v->failover_ordered || (v->failing && v->streak >= FALL);
}

static bool
goes_back(const struct role_view *v)
{
	return v->gates_open && (v->failback_ordered || v->failback_due);
}

static enum role
steady_leads_to(enum role role, const struct role_view *v)
{
	if (!v->standby_answers)
		return ROLE_ISOLATED;
	if (role != ROLE_ISOLATED && v->failover_ordered && v->gates_open)
		return ROLE_FAILING_OVER;
	if (v->streak == 0)
		return ROLE_STEADY;
	return role == ROLE_SUSPECT && goes_over(v) ? ROLE_FAILING_OVER
						    : ROLE_SUSPECT;
}

static enum role
expected(enum role role, const struct role_view *v)
{
	switch (role) {
	case ROLE_STARTING:
		return starting_leads_to(v);
	case ROLE_STEADY:
	case ROLE_ISOLATED:
	case ROLE_SUSPECT:
		return steady_leads_to(role, v);
	case ROLE_FAILING_OVER:
		if (!v->active_known)
			return ROLE_STARTING;
		if (v->changing)
			return ROLE_FAILING_OVER;
		if (v->standby_active)
			return ROLE_FAILED_OVER;
		return goes_over(v) ? ROLE_FAILING_OVER : ROLE_STARTING;
	case ROLE_FAILED_OVER:
		return goes_back(v) ? ROLE_FAILING_BACK : ROLE_FAILED_OVER;
	case ROLE_FAILING_BACK:
		if (!v->active_known)
			return ROLE_STARTING;
		if (v->changing)
			return goes_over(v) ? ROLE_FAILING_OVER
					    : ROLE_FAILING_BACK;
		if (!v->standby_active)
			return ROLE_STEADY;
		return goes_back(v) ? ROLE_FAILING_BACK : ROLE_STARTING;
	case ROLE_COUNT:
		break;
	}
	ck_abort();
}

/* _i is the role. */
START_TEST(every_role_and_view_has_a_row_or_a_stay)
{
	const struct role_row *row;
	struct role_view v;
	unsigned n;

	for (n = 0; n < VIEWS; n++) {
		v = nth_view(n);
		row = role_next((enum role)_i, &v);
		ck_assert_msg(
		    next((enum role)_i, &v) == expected((enum role)_i, &v),
		    "%s, view %u: %s, expected %s", role_name((enum role)_i), n,
		    role_name(next((enum role)_i, &v)),
		    role_name(expected((enum role)_i, &v)));
		if (row != NULL) {
			ck_assert_int_eq(row->from, _i);
			ck_assert_int_ne(row->to, _i);
			ck_assert_uint_gt(strlen(row->why), 0);
		}
	}
}
END_TEST

/* At fixed facts every role comes to rest, without meeting one twice. */
START_TEST(iteration_ends)
{
	bool met[ROLE_COUNT];
	struct role_view v;
	enum role role;
	unsigned n;

	for (n = 0; n < VIEWS; n++) {
		v = nth_view(n);
		memset(met, 0, sizeof(met));
		role = (enum role)_i;
		while (role_next(role, &v) != NULL) {
			met[role] = true;
			role = next(role, &v);
			ck_assert_msg(!met[role], "view %u: %s again", n,
			    role_name(role));
		}
	}
}
END_TEST

START_TEST(every_role_has_a_way_out)
{
	struct role_view v;
	unsigned n, ways = 0;

	for (n = 0; n < VIEWS; n++) {
		v = nth_view(n);
		if (next((enum role)_i, &v) != (enum role)_i)
			ways++;
	}
	ck_assert_uint_gt(ways, 0);
}
END_TEST

/* From anywhere, with a primary that is well again, steady is reached; with
   the standby active, failed-over. */
START_TEST(every_role_can_come_to_rest)
{
	struct role_view v = {
		.active_known = true,
		.standby_answers = true,
		.gates_open = true,
		.fall = FALL,
	};
	enum role role;
	int steps;

	for (role = (enum role)_i, steps = 0; steps < ROLE_COUNT; steps++) {
		v.failback_ordered = role == ROLE_FAILED_OVER;
		role = next(role, &v);
	}
	ck_assert_int_eq(role, ROLE_STEADY);
}
END_TEST

START_TEST(no_failover_without_its_reasons)
{
	struct role_view v;
	unsigned n;

	for (n = 0; n < VIEWS; n++) {
		v = nth_view(n);
		if (_i == ROLE_FAILING_OVER ||
		    next((enum role)_i, &v) != ROLE_FAILING_OVER)
			continue;
		if (_i == ROLE_STARTING) {
			/* the decision is on disk already */
			ck_assert(
			    v.active_known && v.changing && v.standby_active);
			continue;
		}
		ck_assert(v.standby_answers);
		ck_assert(v.gates_open);
		if (v.failover_ordered)
			continue;
		ck_assert(_i == ROLE_SUSPECT || _i == ROLE_FAILING_BACK);
		ck_assert_uint_ge(v.streak, FALL);
		ck_assert(v.failing);
	}
}
END_TEST

START_TEST(no_failback_without_its_reasons)
{
	struct role_view v;
	unsigned n;

	for (n = 0; n < VIEWS; n++) {
		v = nth_view(n);
		if (_i == ROLE_FAILING_BACK || _i == ROLE_STARTING ||
		    next((enum role)_i, &v) != ROLE_FAILING_BACK)
			continue;
		ck_assert_int_eq(_i, ROLE_FAILED_OVER);
		ck_assert(v.gates_open);
		ck_assert(v.failback_ordered || v.failback_due);
	}
}
END_TEST

/* With a gate shut nothing begins: only what is begun goes on. */
START_TEST(a_shut_gate_begins_nothing)
{
	struct role_view v;
	enum role to;
	unsigned n;

	for (n = 0; n < VIEWS; n++) {
		v = nth_view(n);
		v.gates_open = false;
		to = next((enum role)_i, &v);
		if (_i != ROLE_STARTING && to != (enum role)_i)
			ck_assert(
			    to != ROLE_FAILING_OVER && to != ROLE_FAILING_BACK);
	}
}
END_TEST

START_TEST(a_fall_of_nothing_is_no_reason)
{
	struct role_view v = { .active_known = true, .standby_answers = true };

	ck_assert_int_eq(next(ROLE_SUSPECT, &v), ROLE_STEADY);
	ck_assert_int_eq(next(ROLE_STEADY, &v), ROLE_STEADY);
}
END_TEST

/* One outage as it is lived, with the sentences that the log prints. */
START_TEST(the_story_of_an_outage)
{
	struct role_view v = { .fall = FALL };
	enum role role = ROLE_STARTING;

#define STEP(want)             \
	role = next(role, &v); \
	ck_assert_int_eq(role, (want))

	STEP(ROLE_STARTING); /* nobody knows who is active */
	v.active_known = v.standby_answers = true;
	STEP(ROLE_STEADY);
	v.streak = 1;
	STEP(ROLE_SUSPECT);
	v.streak = 3;
	v.failing = true;
	STEP(ROLE_SUSPECT); /* a gate is shut */
	v.standby_answers = false;
	STEP(ROLE_ISOLATED);
	STEP(ROLE_ISOLATED); /* a blind controller does nothing */
	v.standby_answers = true;
	STEP(ROLE_SUSPECT);
	v.gates_open = true;
	v.failing = false;
	STEP(ROLE_SUSPECT); /* the gate is open, the streak is old */
	v.failing = true;
	STEP(ROLE_FAILING_OVER);
	v.changing = v.standby_active = true;
	STEP(ROLE_FAILING_OVER);
	v.changing = v.failing = false;
	STEP(ROLE_FAILED_OVER);
	v.streak = 0;
	STEP(ROLE_FAILED_OVER); /* no failback by itself */
	v.failback_ordered = true;
	STEP(ROLE_FAILING_BACK);
	v.changing = true;
	v.standby_active = v.failback_ordered = false;
	STEP(ROLE_FAILING_BACK);
	v.changing = false;
	STEP(ROLE_STEADY);
	STEP(ROLE_STEADY);
#undef STEP
}
END_TEST

START_TEST(a_lost_change_begins_again)
{
	struct role_view v = { .active_known = false,
		.changing = true,
		.standby_active = true,
		.standby_answers = true,
		.fall = FALL };

	ck_assert_int_eq(next(ROLE_FAILING_OVER, &v), ROLE_STARTING);
	ck_assert_int_eq(next(ROLE_FAILING_BACK, &v), ROLE_STARTING);
	v.active_known = true;
	v.changing = v.standby_active = false;
	ck_assert_int_eq(next(ROLE_FAILING_OVER, &v), ROLE_STARTING);
	ck_assert_int_eq(next(ROLE_STARTING, &v), ROLE_STEADY);
}
END_TEST

START_TEST(the_table_is_in_order)
{
	size_t i, count;
	const struct role_row *table = role_rows(&count);

	ck_assert_uint_eq(count, ROWS);
	for (i = 0; i < count; i++) {
		ck_assert_ptr_nonnull(table[i].claim);
		ck_assert_int_lt(table[i].from, ROLE_COUNT);
		ck_assert_int_lt(table[i].to, ROLE_COUNT);
		/* rows of a role stand together, or their order is lost */
		ck_assert(i == 0 || table[i].from >= table[i - 1].from);
	}
}
END_TEST

START_TEST(every_role_has_a_name)
{
	enum role other;

	ck_assert_ptr_nonnull(role_name((enum role)_i));
	for (other = ROLE_STARTING; other < (enum role)_i; other++)
		ck_assert_str_ne(role_name((enum role)_i), role_name(other));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("failover_role");
	TCase *tc = tcase_create("failover_role");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(
	    tc, every_role_and_view_has_a_row_or_a_stay, 0, ROLE_COUNT);
	tcase_add_loop_test(tc, iteration_ends, 0, ROLE_COUNT);
	tcase_add_loop_test(tc, every_role_has_a_way_out, 0, ROLE_COUNT);
	tcase_add_loop_test(tc, every_role_can_come_to_rest, 0, ROLE_COUNT);
	tcase_add_loop_test(tc, no_failover_without_its_reasons, 0, ROLE_COUNT);
	tcase_add_loop_test(tc, no_failback_without_its_reasons, 0, ROLE_COUNT);
	tcase_add_loop_test(tc, a_shut_gate_begins_nothing, 0, ROLE_COUNT);
	tcase_add_test(tc, a_fall_of_nothing_is_no_reason);
	tcase_add_test(tc, the_story_of_an_outage);
	tcase_add_test(tc, a_lost_change_begins_again);
	tcase_add_test(tc, the_table_is_in_order);
	tcase_add_loop_test(tc, every_role_has_a_name, 0, ROLE_COUNT);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
