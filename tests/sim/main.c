/* SPDX-License-Identifier: MIT
 *
 * sim: drd, the real one, through outages that never were.
 *
 *	sim --seeds N [--from SEED] [--jobs J]	so many seeds, a sum
 *	sim --seed SEED [--trace]		one of them
 *	sim [--trace] FILE.sim ...		scenarios
 *
 * Exit status 0: no law was broken.
 */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
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
#include "plan.h"
#include "trace.h"

#define SECRET "example/not+a/secret"

struct sum {
	unsigned long seeds;
	unsigned long broken;
	uint64_t simulated_ms;
	struct laws_seen seen;
	unsigned long crashes;
	unsigned long injected[FAULT_COUNT];
};

static struct plan plan;

/* ---- one simulation ---------------------------------------------------- */

/* drd's own lines; the directory has another name each time. */
static void
log_it(enum log_level level, const struct log_fields *fields, const char *line)
{
	const char *dir = machine_dir(), *at;
	char text[2048];
	size_t n = 0;

	if (machine_is_dead())
		return;
	while ((at = strstr(line, dir)) != NULL && n + 256 < sizeof(text)) {
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%.*s@",
		    (int)(at - line), line);
		line = at + strlen(dir);
	}
	snprintf(text + n, sizeof(text) - n, "%s", line);
	if (strstr(text, SECRET) != NULL)
		laws_broken("secrets-stay-secret", "%s", text);
	trace_log(text);
}

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
	laws_reset();
	world_reset(plan.seed);
	oracle_reset(&plan.rules);
	machine_reset(plan.seed, plan.config);
	backoff_seed(plan.seed);
	for (i = 0; i < plan.count; i++)
		instant_after(plan.acts[i].at_ms, on_act, &plan.acts[i]);
	instant_after(plan.end_ms - 1, on_end, NULL);
	machine_run(plan.end_ms);
}

static void
count(struct sum *sum)
{
	const struct laws_seen *seen = laws_seen();
	int i;

	sum->seeds++;
	sum->broken += laws_are_broken();
	sum->simulated_ms += instant_ms();
	sum->seen.polls += seen->polls;
	sum->seen.failovers += seen->failovers;
	sum->seen.failbacks += seen->failbacks;
	sum->seen.writes += seen->writes;
	sum->seen.notices += seen->notices;
	sum->seen.orders += seen->orders;
	sum->seen.refusals += seen->refusals;
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
	to->seen.polls += sum->seen.polls;
	to->seen.failovers += sum->seen.failovers;
	to->seen.failbacks += sum->seen.failbacks;
	to->seen.writes += sum->seen.writes;
	to->seen.notices += sum->seen.notices;
	to->seen.orders += sum->seen.orders;
	to->seen.refusals += sum->seen.refusals;
	to->crashes += sum->crashes;
	for (i = 0; i < FAULT_COUNT; i++)
		to->injected[i] += sum->injected[i];
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
run_seeds(uint64_t from, uint64_t n, uint64_t step, struct sum *sum)
{
	uint64_t i;

	machine_open();
	for (i = 0; i < n; i += step) {
		plan_draw(&plan, from + i);
		simulate(false);
		count(sum);
		if (laws_are_broken())
			tell_broken();
	}
	machine_close();
}

/* A process for each job: drd's code has one of everything. */
static void
run_jobs(uint64_t from, uint64_t n, unsigned jobs, struct sum *sum)
{
	struct sum part;
	int ends[2];
	unsigned j;
	int status;

	if (pipe(ends) == -1) {
		perror("pipe");
		exit(1);
	}
	fflush(stdout);
	for (j = 0; j < jobs; j++) {
		if (fork() != 0)
			continue;
		memset(&part, 0, sizeof(part));
		if (j < n)
			run_seeds(from + j, n - j, jobs, &part);
		_exit(
		    write(ends[1], &part, sizeof(part)) == (ssize_t)sizeof(part)
			? 0
			: 1);
	}
	close(ends[1]);
	while (read(ends[0], &part, sizeof(part)) == (ssize_t)sizeof(part))
		add(sum, &part);
	close(ends[0]);
	while (wait(&status) > 0) {
		if (status == 0)
			continue;
		printf("a job has died: status %#x\n", (unsigned)status);
		sum->broken++;
	}
}

static void
tell_sum(const struct sum *sum, double seconds)
{
	double days = (double)sum->simulated_ms / 86400000.0;
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
	    seconds > 0 ? days / seconds : 0, sum->broken);
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

static int
many(uint64_t from, uint64_t n, unsigned jobs)
{
	struct sum sum = { 0 };

	run_jobs(from, n, jobs, &sum);
	tell_sum(&sum, spent_s());
	return sum.broken == 0 && sum.seeds == n ? 0 : 1;
}

static int
one(uint64_t seed, bool print)
{
	machine_open();
	plan_draw(&plan, seed);
	if (print)
		plan_tell(&plan);
	simulate(print);
	machine_close();
	if (laws_are_broken())
		tell_broken();
	printf("seed %" PRIu64 ": trace %016" PRIx64 "\n", seed, trace_hash());
	return laws_are_broken() ? 1 : 0;
}

static int
scenario(const char *path, bool print)
{
	if (plan_read(&plan, path) == -1)
		return 1;
	simulate(print);
	if (laws_are_broken())
		printf("%s: %s: %s\n", path, laws_broken_name(),
		    laws_broken_text());
	else
		printf("%s: ok\n", path);
	return laws_are_broken() ? 1 : 0;
}

static void
usage(void)
{
	fprintf(stderr,
	    "usage: sim --seeds N [--from SEED] [--jobs J]\n"
	    "       sim --seed SEED [--trace]\n"
	    "       sim [--trace] FILE.sim ...\n");
	exit(2);
}

static void
surroundings(void)
{
	static const char *const cleared[] = { "NOTIFY_SOCKET",
		"AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_REGION",
		"AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL", "JOURNAL_STREAM" };
	size_t i;

	for (i = 0; i < sizeof(cleared) / sizeof(cleared[0]); i++)
		unsetenv(cleared[i]);
	setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE", 1);
	setenv("AWS_SECRET_ACCESS_KEY", SECRET, 1);
	setenv("AWS_CONFIG_FILE", "/dev/null", 1);
	setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null", 1);
	log_set_sink(log_it);
}

int
main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "seed", required_argument, NULL, 's' },
		{ "seeds", required_argument, NULL, 'n' },
		{ "from", required_argument, NULL, 'f' },
		{ "jobs", required_argument, NULL, 'j' },
		{ "trace", no_argument, NULL, 't' },
		{ NULL, 0, NULL, 0 },
	};
	uint64_t seed = 0, seeds = 0, from = 1;
	bool print = false, has_seed = false;
	unsigned jobs = 1;
	int c, rc = 0;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 's') {
			seed = strtoull(optarg, NULL, 10);
			has_seed = true;
		} else if (c == 'n') {
			seeds = strtoull(optarg, NULL, 10);
		} else if (c == 'f') {
			from = strtoull(optarg, NULL, 10);
		} else if (c == 'j') {
			jobs = (unsigned)strtoul(optarg, NULL, 10);
		} else if (c == 't') {
			print = true;
		} else {
			usage();
		}
	}
	surroundings();
	if (has_seed)
		return one(seed, print);
	if (seeds > 0 && jobs > 0)
		return many(from, seeds, jobs);
	if (optind == argc)
		usage();
	machine_open();
	for (; optind < argc; optind++)
		rc |= scenario(argv[optind], print);
	machine_close();
	return rc;
}
