/* SPDX-License-Identifier: MIT
 *
 * Runs of simulations.  See run.h.
 *
 * drd's code has one of everything, so each job is a process.  Seeds go in
 * blocks; a block's result is one record through a pipe, and the last block
 * of the first job is run once more in a fresh process: it must take the same
 * course, whatever ran before it.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/backoff.h"
#include "base/log.h"
#include "instant.h"
#include "laws.h"
#include "machine.h"
#include "net.h"
#include "plan.h"
#include "run.h"
#include "told.h"
#include "trace.h"

enum { BLOCK = 100 }; /* seeds */

/* Through a pipe, in one piece: below PIPE_BUF. */
struct sum {
	uint64_t block;
	uint64_t hash; /* of the traces */
	unsigned long seeds;
	unsigned long broken;
	uint64_t simulated_ms;
	struct laws_seen seen;
	unsigned long crashes;
	unsigned long injected[FAULT_COUNT];
};

static struct plan plan;

/* ---- one simulation ---------------------------------------------------- */

static void
on_act(void *arg)
{
	act_do(&plan, arg);
}

static void
on_end(void *arg)
{
	if (plan.rests)
		laws_converged();
}

static void
simulate(bool print)
{
	size_t i;

	instant_reset();
	trace_reset(print, plan.file != NULL);
	net_reset();
	laws_reset();
	world_reset(plan.seed);
	oracle_reset(&plan.rules);
	holds_reset(&plan.holds);
	told_reset();
	machine_reset(plan.seed, plan.config);
	backoff_seed(plan.seed);
	for (i = 0; i < plan.count; i++)
		instant_after(plan.acts[i].at_ms, on_act, &plan.acts[i]);
	instant_after(plan.end_ms - 1, on_end, NULL);
	machine_run(plan.end_ms);
}

/* ---- the sum ----------------------------------------------------------- */

static void
count(struct sum *sum)
{
	int i;

	sum->seeds++;
	sum->broken += laws_are_broken();
	sum->simulated_ms += instant_ms();
	sum->hash = sum->hash * 31 + trace_hash();
	laws_add(&sum->seen, laws_seen());
	sum->crashes += machine_crashes();
	for (i = 0; i < FAULT_COUNT; i++)
		sum->injected[i] += world.injected[i];
}

static void
add(struct sum *to, const struct sum *sum)
{
	int i;

	to->seeds += sum->seeds;
	to->broken += sum->broken;
	to->simulated_ms += sum->simulated_ms;
	laws_add(&to->seen, &sum->seen);
	to->crashes += sum->crashes;
	for (i = 0; i < FAULT_COUNT; i++)
		to->injected[i] += sum->injected[i];
}

/* Of our children: what others do on the machine does not count. */
static double
spent_s(void)
{
	struct rusage usage;

	getrusage(RUSAGE_CHILDREN, &usage);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
	    (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void
tell_sum(const struct sum *sum)
{
	double days = (double)sum->simulated_ms / 86400000.0;
	double spent = spent_s();
	int i;

	printf("%lu seeds, %.1f simulated days, %lu polls, %lu failovers, "
	       "%lu failbacks, %lu crashes, %lu orders (%lu refused), "
	       "%lu writes, %lu notices\nfaults:",
	    sum->seeds, days, sum->seen.polls, sum->seen.failovers,
	    sum->seen.failbacks, sum->crashes, sum->seen.orders,
	    sum->seen.refusals, sum->seen.writes, sum->seen.notices);
	for (i = FAULT_NONE + 1; i < FAULT_COUNT; i++)
		printf(" %lu %s", sum->injected[i], fault_names[i]);
	printf("\n%.1f simulated days per second of a core\n%lu broken\n",
	    spent > 0 ? days / spent : 0, sum->broken);
}

/* ---- seeds ------------------------------------------------------------- */

static void
tell_broken(void)
{
	printf("seed %" PRIu64 ": %s: %s\n    replay: make sim SEED=%" PRIu64
	       "\n",
	    plan.seed, laws_broken_name(), laws_broken_text(), plan.seed);
	fflush(stdout);
}

static void
tell_hash(void)
{
	printf("seed %" PRIu64 ": trace %016" PRIx64 "\n", plan.seed,
	    trace_hash());
	fflush(stdout);
}

static void
run_block(const struct run_options *options, struct sum *sum)
{
	uint64_t i = sum->block * BLOCK, end = i + BLOCK;

	for (; i < end && i < options->seeds; i++) {
		plan_draw(&plan, options->from + i);
		simulate(false);
		count(sum);
		if (laws_are_broken())
			tell_broken();
		if (options->print)
			tell_hash();
	}
}

/* In a process of its own: from `block` on, each `step`-th one. */
static void
run_job(const struct run_options *options, uint64_t block, uint64_t step,
    int results)
{
	struct sum sum;

	machine_open();
	for (; block * BLOCK < options->seeds; block += step) {
		sum = (struct sum){ .block = block };
		run_block(options, &sum);
		if (write(results, &sum, sizeof(sum)) != (ssize_t)sizeof(sum))
			_exit(1);
	}
	machine_close();
	_exit(0);
}

static void
start_job(const struct run_options *options, uint64_t block, uint64_t step,
    const int results[2])
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == -1) {
		perror("fork");
		exit(1);
	}
	if (pid == 0) {
		close(results[0]);
		run_job(options, block, step, results[1]);
	}
}

/* How many jobs did not end well. */
static unsigned long
await_jobs(void)
{
	unsigned long dead = 0;
	int status;

	while (wait(&status) > 0) {
		if (status == 0)
			continue;
		printf("a job has died: status %#x\n", (unsigned)status);
		dead++;
	}
	return dead;
}

static void
tap(const struct run_options *options, bool good, const char *what,
    uint64_t from)
{
	if (options->tap != NULL)
		fprintf(options->tap, "%s - %s %" PRIu64 "\n",
		    good ? "ok" : "not ok", what, from);
}

/* The hash of the block that is to be run again. */
static uint64_t
collect(const struct run_options *options, int results, uint64_t again,
    struct sum *sum)
{
	struct sum part;
	uint64_t hash = 0;

	while (read(results, &part, sizeof(part)) == (ssize_t)sizeof(part)) {
		add(sum, &part);
		tap(options, part.broken == 0, "a hundred seeds from",
		    options->from + part.block * BLOCK);
		if (part.block == again)
			hash = part.hash;
	}
	return hash;
}

static void
open_pipe(int ends[2])
{
	if (pipe(ends) == -1) {
		perror("pipe");
		exit(1);
	}
}

/* The same seeds in a fresh process: the same course? */
static bool
is_the_same(const struct run_options *options, uint64_t block, uint64_t hash)
{
	struct sum sum = { 0 };
	int ends[2];

	open_pipe(ends);
	start_job(options, block, options->seeds, ends);
	close(ends[1]);
	if (read(ends[0], &sum, sizeof(sum)) != (ssize_t)sizeof(sum))
		sum.hash = ~hash;
	close(ends[0]);
	if (await_jobs() != 0 || sum.hash != hash) {
		printf("seeds from %" PRIu64
		       ": another course when run again\n",
		    options->from + block * BLOCK);
		return false;
	}
	return true;
}

int
run_seeds(const struct run_options *options)
{
	uint64_t blocks = (options->seeds + BLOCK - 1) / BLOCK;
	uint64_t again = (blocks - 1) / options->jobs * options->jobs;
	struct sum sum = { 0 };
	uint64_t hash;
	unsigned j;
	int ends[2];
	bool same;

	open_pipe(ends);
	for (j = 0; j < options->jobs; j++)
		start_job(options, j, options->jobs, ends);
	close(ends[1]);
	hash = collect(options, ends[0], again, &sum);
	close(ends[0]);
	sum.broken += await_jobs();
	same = is_the_same(options, again, hash);
	tap(options, same, "the same when run again, seeds from",
	    options->from + again * BLOCK);
	tell_sum(&sum);
	return sum.broken == 0 && sum.seeds == options->seeds && same ? 0 : 1;
}

/* ---- one --------------------------------------------------------------- */

int
run_seed(uint64_t seed, const struct run_options *options)
{
	plan_draw(&plan, seed);
	if (options->print)
		plan_tell(&plan);
	simulate(options->print);
	if (laws_are_broken())
		tell_broken();
	tell_hash();
	return laws_are_broken() ? 1 : 0;
}

int
run_until_broken(const struct run_options *options)
{
	uint64_t i;

	for (i = 0; i < options->seeds; i++) {
		plan_draw(&plan, options->from + i);
		simulate(false);
		if (laws_are_broken()) {
			tell_broken();
			return 1;
		}
		if (options->print)
			tell_hash();
	}
	return 0;
}

int
run_file(const char *path, const struct run_options *options)
{
	bool good = plan_read(&plan, path) == 0;

	if (good) {
		simulate(options->print);
		good = !laws_are_broken();
	}
	if (good)
		printf("%s: ok\n", path);
	else
		printf("%s: %s: %s\n", path, laws_broken_name(),
		    laws_broken_text());
	if (options->tap != NULL)
		fprintf(
		    options->tap, "%s - %s\n", good ? "ok" : "not ok", path);
	return good ? 0 : 1;
}
