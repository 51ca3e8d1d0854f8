/* SPDX-License-Identifier: MIT
 *
 * drd: the command line.
 */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/log.h"
#include "base/text.h"
#include "daemon/config.h"
#include "daemon/daemon.h"
#include "daemon/notify.h"
#include "daemon/verb_check.h"
#include "daemon/verbs.h"

#define DEFAULT_CONFIG DRD_SYSCONFDIR "/drd/drd.conf"

struct command {
	const char *name;
	const char *help;
	int (*run)(struct config *config, struct verb_options *options);
	enum verb verb;
};

static int
do_run(struct config *config, struct verb_options *options)
{
	(void)options;
	notify_log_init();
	return daemon_run(config);
}

static int
do_check(struct config *config, struct verb_options *options)
{
	int rc = verb_check(config, options);

	config_free(config);
	return rc;
}

static int
do_verb(struct config *config, struct verb_options *options)
{
	int rc;

	log_set_level(LOG_LEVEL_WARNING);
	rc = verb_run(config, options);
	config_free(config);
	return rc;
}

static const struct command commands[] = {
	{ "run", "keep the stacks, watch and fail over (the default)", do_run,
	    VERB_PLAN },
	{ "check",
	    "check the configuration, with --online the account too; "
	    "1 something would fail",
	    do_check, VERB_PLAN },
	{ "plan",
	    "show what apply would change; 0 nothing, 2 changes, "
	    "1 error",
	    do_verb, VERB_PLAN },
	{ "apply", "make it so", do_verb, VERB_APPLY },
	{ "drift", "what differs from the declaration; like plan, reads only",
	    do_verb, VERB_DRIFT },
	{ "destroy", "take all of it away again", do_verb, VERB_DESTROY },
	{ "outputs", "ids, names and ARNs of what was built", do_verb,
	    VERB_OUTPUTS },
	{ "policy", "the IAM policy that drd itself needs", do_verb,
	    VERB_POLICY },
};

enum { COMMANDS = sizeof(commands) / sizeof(commands[0]) };

static const struct option long_options[] = {
	{ "config", required_argument, NULL, 'f' },
	{ "json", no_argument, NULL, 'j' },
	{ "yes", no_argument, NULL, 'y' },
	{ "adopt", no_argument, NULL, 'a' },
	{ "yes-destroy", required_argument, NULL, 'd' },
	{ "online", no_argument, NULL, 'o' },
	{ "strict", no_argument, NULL, 's' },
	{ "failover", no_argument, NULL, 'F' },
	{ "failback", no_argument, NULL, 'B' },
	{ "read-only", no_argument, NULL, 'r' },
	{ "account", required_argument, NULL, 'A' },
	{ "version", no_argument, NULL, 'V' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static void
usage(FILE *out)
{
	size_t i;

	fprintf(out,
	    "usage: drd [run] [-f FILE]\n"
	    "       drd check [-f FILE] [--online] [--strict]\n"
	    "       drd plan [-f FILE] [--json] [--adopt] [STACK]\n"
	    "       drd plan [-f FILE] --failover|--failback [--json] "
	    "[STACK]\n"
	    "       drd apply [-f FILE] [--yes] [--adopt] [STACK]\n"
	    "       drd drift|outputs [-f FILE] [--json] [STACK]\n"
	    "       drd destroy [-f FILE] [--yes-destroy STACK] [STACK]\n"
	    "       drd policy [-f FILE] [--read-only] [--account ID] "
	    "[STACK]\n\n");
	for (i = 0; i < COMMANDS; i++)
		fprintf(out, "  %-7s %s\n", commands[i].name, commands[i].help);
	fprintf(
	    out, "\n  -f, --config FILE  %s if not given\n", DEFAULT_CONFIG);
}

static const struct command *
find_command(const char *name)
{
	size_t i;

	for (i = 0; i < COMMANDS; i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

static struct config *
read_config(const char *path, const struct command *command,
    const struct verb_options *options)
{
	struct text complaints = TEXT_INIT;
	struct config *config;

	if (command->run == do_run)
		config = config_read_to_run(path, &complaints);
	else if (options->failover || options->failback)
		config = config_read_text(path, &complaints);
	else
		config = config_read(path, &complaints);
	if (config == NULL)
		fputs(complaints.s, stderr);
	text_release(&complaints);
	return config;
}

/* 0, or the exit status of a command line that asks for nothing else. */
static int
parse_options(int argc, char **argv, const char **path,
    struct verb_options *options, bool *over)
{
	int c;

	*over = false;
	while (
	    (c = getopt_long(argc, argv, "f:hV", long_options, NULL)) != -1) {
		switch (c) {
		case 'f':
			*path = optarg;
			break;
		case 'j':
			options->json = true;
			break;
		case 'y':
			options->yes = true;
			break;
		case 'a':
			options->adopt = true;
			break;
		case 'd':
			options->yes_destroy = optarg;
			break;
		case 'o':
			options->online = true;
			break;
		case 's':
			options->strict = true;
			break;
		case 'F':
			options->failover = true;
			break;
		case 'B':
			options->failback = true;
			break;
		case 'r':
			options->read_only = true;
			break;
		case 'A':
			options->account = optarg;
			break;
		case 'V':
			printf("drd %s\n", DRD_VERSION);
			*over = true;
			return EXIT_SUCCESS;
		case 'h':
			usage(stdout);
			*over = true;
			return EXIT_SUCCESS;
		default:
			usage(stderr);
			*over = true;
			return EX_USAGE;
		}
	}
	return EXIT_SUCCESS;
}

int
main(int argc, char **argv)
{
	const char *path = DEFAULT_CONFIG;
	struct verb_options options = { .stack = NULL };
	const struct command *command = &commands[0];
	struct config *config;
	bool over;
	int rc;

	rc = parse_options(argc, argv, &path, &options, &over);
	if (over)
		return rc;
	if (optind < argc && (command = find_command(argv[optind++])) == NULL) {
		usage(stderr);
		return EX_USAGE;
	}
	if (optind < argc && command->run == do_verb)
		options.stack = argv[optind++];
	if (optind < argc) {
		usage(stderr);
		return EX_USAGE;
	}
	options.verb = command->verb;
	if ((options.failover || options.failback) &&
	    (strcmp(command->name, "plan") != 0 ||
		(options.failover && options.failback))) {
		usage(stderr);
		return EX_USAGE;
	}
	/* Both are errors of a write, and are dealt with there. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	config = read_config(path, command, &options);
	if (config == NULL)
		return EX_CONFIG;
	return command->run(config, &options);
}
