/* SPDX-License-Identifier: MIT
 *
 * sim: drd, the real one, through outages that never were.
 *
 *	sim --seeds N [--from SEED] [--jobs J]	so many seeds, a sum
 *	sim --seed SEED [--trace]		one of them
 *	sim --seeds N --trace			the hash of each
 *	sim [--trace] FILE.sim ...		scenarios
 *
 * With --first the first that breaks a law is the last to be run.
 * With --tap FILE what passed and what failed is written there, too; then
 * seeds and files may be asked for together.  Exit status 0: no law was
 * broken.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "laws.h"
#include "machine.h"
#include "run.h"
#include "trace.h"

#define SECRET "example/not+a/secret"

struct wishes {
	struct run_options options;
	uint64_t seed;
	bool has_seed;
	const char *tap;
};

static void
log_it(enum log_level level, const struct log_fields *fields, const char *line)
{
	if (machine_is_dead())
		return;
	if (strstr(line, SECRET) != NULL)
		laws_broken("secrets-stay-secret", "%s", line);
	trace_log(line);
}

/* Whoever runs this may be logged in to a real account. */
static void
surroundings(void)
{
	static const char *const cleared[] = { "NOTIFY_SOCKET",
		"AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_REGION",
		"AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL", "JOURNAL_STREAM",
		"WATCHDOG_USEC" };
	size_t i;

	for (i = 0; i < sizeof(cleared) / sizeof(cleared[0]); i++)
		unsetenv(cleared[i]);
	setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE", 1);
	setenv("AWS_SECRET_ACCESS_KEY", SECRET, 1);
	setenv("AWS_CONFIG_FILE", "/dev/null", 1);
	setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null", 1);
	log_set_sink(log_it);
}

static void
usage(void)
{
	fprintf(stderr,
	    "usage: sim --seeds N [--from SEED] [--jobs J] [--tap FILE]\n"
	    "       sim --seeds N [--from SEED] --first\n"
	    "       sim --seed SEED [--trace]\n"
	    "       sim [--trace] [--first] FILE.sim ...\n");
	exit(2);
}

static void
take_option(struct wishes *wishes, int c)
{
	if (c == 's') {
		wishes->seed = strtoull(optarg, NULL, 10);
		wishes->has_seed = true;
	} else if (c == 'n') {
		wishes->options.seeds = strtoull(optarg, NULL, 10);
	} else if (c == 'f') {
		wishes->options.from = strtoull(optarg, NULL, 10);
	} else if (c == 'j') {
		wishes->options.jobs = (unsigned)strtoul(optarg, NULL, 10);
	} else if (c == 'p') {
		wishes->tap = optarg;
	} else if (c == 't') {
		wishes->options.print = true;
	} else if (c == '1') {
		wishes->options.first = true;
	} else {
		usage();
	}
}

static FILE *
open_tap(const char *path)
{
	FILE *f = path != NULL ? fopen(path, "we") : NULL;

	if (path != NULL && f == NULL) {
		perror(path);
		exit(1);
	}
	return f;
}

static int
run(const struct wishes *wishes, char **files)
{
	const struct run_options *options = &wishes->options;
	int rc = 0;

	if (options->seeds > 0 && !options->first)
		rc |= run_seeds(options);
	machine_open();
	if (options->seeds > 0 && options->first)
		rc |= run_until_broken(options);
	if (wishes->has_seed)
		rc |= run_seed(wishes->seed, options);
	for (; *files != NULL && !(rc != 0 && options->first); files++)
		rc |= run_file(*files, options);
	machine_close();
	return rc;
}

int
main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "seed", required_argument, NULL, 's' },
		{ "seeds", required_argument, NULL, 'n' },
		{ "from", required_argument, NULL, 'f' },
		{ "jobs", required_argument, NULL, 'j' },
		{ "tap", required_argument, NULL, 'p' },
		{ "first", no_argument, NULL, '1' },
		{ "trace", no_argument, NULL, 't' },
		{ NULL, 0, NULL, 0 },
	};
	struct wishes wishes = { .options = { .from = 1, .jobs = 1 } };
	FILE *tap;
	int c, rc;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1)
		take_option(&wishes, c);
	if (wishes.options.jobs == 0 ||
	    (!wishes.has_seed && wishes.options.seeds == 0 && optind == argc))
		usage();
	surroundings();
	tap = wishes.options.tap = open_tap(wishes.tap);
	rc = run(&wishes, argv + optind);
	if (tap != NULL && fclose(tap) == EOF)
		rc = 1;
	return rc;
}
