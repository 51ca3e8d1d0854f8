/* SPDX-License-Identifier: MIT
 *
 * drd: the command line.
 *
 * What was not meant is not done: an option that does not go with the verb is
 * refused and never ignored, because `apply --read-only` would write, and
 * `--online` without its verb would be the daemon.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

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
	const char *may; /* its options, by their letters; all take -f */
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
	    VERB_PLAN, "" },
	{ "check",
	    "check the configuration, with --online the account too; "
	    "1 something would fail",
	    do_check, VERB_PLAN, "os" },
	{ "plan",
	    "show what apply would change; 0 nothing, 2 changes, "
	    "1 error",
	    do_verb, VERB_PLAN, "jaFB" },
	{ "apply", "make it so", do_verb, VERB_APPLY, "ya" },
	{ "drift", "what differs from the declaration; like plan, reads only",
	    do_verb, VERB_DRIFT, "j" },
	{ "destroy", "take all of it away again", do_verb, VERB_DESTROY, "d" },
	{ "outputs", "ids, names and ARNs of what was built", do_verb,
	    VERB_OUTPUTS, "j" },
	{ "policy", "the IAM policy that drd itself needs", do_verb,
	    VERB_POLICY, "rA" },
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

/* As many as there are, and a NUL. */
enum { LETTERS = sizeof(long_options) / sizeof(long_options[0]) };

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

/* Say what is wrong and how it is used; the exit status. */
static int __attribute__((format(printf, 1, 2))) wrong(const char *fmt, ...)
{
	va_list args;

	fputs("drd: ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputs("\n", stderr);
	usage(stderr);
	return EX_USAGE;
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
    struct verb_options *options, char given[LETTERS], bool *over)
{
	size_t count = 0;
	int c;

	*over = false;
	while (
	    (c = getopt_long(argc, argv, "f:hV", long_options, NULL)) != -1) {
		if (c != 'f' && strchr(given, c) == NULL)
			given[count++] = (char)c;
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

/* 0, or what wrong() says: all that was given must go with the command. */
static int
check_options(const struct command *command, const char *given)
{
	const struct option *option;

	for (; *given != '\0'; given++) {
		if (strchr(command->may, *given) != NULL)
			continue;
		for (option = long_options; option->val != *given; option++)
			continue;
		return wrong(
		    "--%s does not go with %s", option->name, command->name);
	}
	return 0;
}

/* Of a plan: one direction at most, and nothing is adopted on the way. */
static int
check_plan(const struct verb_options *options)
{
	if (options->failover && options->failback)
		return wrong("--failover or --failback, not both");
	if (options->adopt && (options->failover || options->failback))
		return wrong("--adopt does not go with --%s",
		    options->failover ? "failover" : "failback");
	return 0;
}

/*
 * Whoever closed a standard descriptor gets one that fails when it is used:
 * the next file or connection would take its number, and be written to.
 */
static void
hold_standard_descriptors(void)
{
	int fd;

	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) == -1 && errno == EBADF &&
		    open("/dev/null",
			fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) == -1)
			abort(); /* a system without /dev/null */
}

/*
 * `rc`, but 1 when not all that there was to say could be written.  What an
 * earlier write failed of is asked by one more.
 */
static int
finish(int rc)
{
	bool failed = fflush(stdout) == EOF;

	if (!failed && !ferror(stdout))
		return rc;
	if (!failed && (putchar('\n') == EOF || fflush(stdout) == EOF))
		failed = true;
	/* A reader that has seen enough is no news to anybody. */
	if (!failed || errno != EPIPE)
		fprintf(stderr,
		    "drd: standard output: %s: not all is written\n",
		    failed ? strerror(errno) : "a write failed");
	return EXIT_FAILURE;
}

static int
run(int argc, char **argv)
{
	const char *path = DEFAULT_CONFIG;
	struct verb_options options = { .stack = NULL };
	const struct command *command = &commands[0];
	struct config *config;
	char given[LETTERS] = "";
	bool over;
	int rc;

	rc = parse_options(argc, argv, &path, &options, given, &over);
	if (over)
		return rc;
	if (optind < argc && (command = find_command(argv[optind++])) == NULL)
		return wrong("there is no verb %s", argv[optind - 1]);
	if (optind < argc && command->run == do_verb)
		options.stack = argv[optind++];
	if (optind < argc)
		return wrong("expected nothing behind %s", argv[optind - 1]);
	rc = check_options(command, given);
	if (rc == 0 && options.account != NULL &&
	    !text_made_of(options.account, "0123456789", 12, 12))
		rc = wrong("--account: expected the twelve digits of one");
	if (rc == 0)
		rc = check_plan(&options);
	if (rc != 0)
		return rc;
	options.verb = command->verb;
	/* Both are errors of a write, and are dealt with there. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	config = read_config(path, command, &options);
	if (config == NULL)
		return EX_CONFIG;
	return command->run(config, &options);
}

int
main(int argc, char **argv)
{
	hold_standard_descriptors();
	return finish(run(argc, argv));
}
