/* SPDX-License-Identifier: MIT
 *
 * credential_process: a program of the operator's that prints credentials.
 *
 * It is started without a shell, reads nothing, and may take a minute and say
 * 64 KiB; the loop goes on meanwhile.  What it says on its standard error goes
 * where ours goes.  It runs in a process group of its own, so that whatever it
 * started ends with it.
 *
 * Source: AWS SDKs and Tools Reference, "Process credential provider".
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "aws/origin.h"
#include "aws/source.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/tree.h"
#include "net/loop.h"

#define WHO "credential_process"

enum { LIMIT_MS = 60 * 1000, OUTPUT_MAX = 64 * 1024, WORDS_MAX = 64 };

static const struct source_shape shape = {
	.key = "AccessKeyId",
	.secret = "SecretAccessKey",
	.token = "SessionToken",
	.expires = "Expiration",
	.may_stay = true,
};

struct fetch {
	pid_t pid;  /* 0: none runs */
	int pidfd;  /* -1: likewise */
	int output; /* -1: closed */
	struct watch *on_output;
	struct watch *on_end;
	struct timer *timer;
	char *said; /* OUTPUT_MAX + 1 bytes */
	size_t len;
	bool ended;
	bool failing;
	struct error failed;
	source_done *done;
	void *arg;
};

/* ---- the command -------------------------------------------------------- */

struct words {
	char *word[WORDS_MAX + 1]; /* NULL behind the last */
	size_t count;
};

static void
words_release(struct words *words)
{
	while (words->count > 0)
		mem_free_secret(words->word[--words->count]);
}

/* One word, quotes taken off as a shell does; *s stands behind it. */
static int
take_word(const char **s, struct text *word, struct error *e)
{
	char quote = '\0';

	for (; **s != '\0'; (*s)++) {
		char c = **s;

		if (quote == '\0' && (c == ' ' || c == '\t'))
			break;
		if (quote == c && c != '\0') {
			quote = '\0';
		} else if (quote == '\0' && (c == '\'' || c == '"')) {
			quote = c;
		} else {
			/* In double quotes only these two can be escaped. */
			if (c == '\\' && quote != '\'' && (*s)[1] != '\0' &&
			    (quote == '\0' || strchr("\"\\", (*s)[1]) != NULL))
				c = *++*s;
			text_add_bytes(word, &c, 1);
		}
	}
	if (quote == '\0')
		return 0;
	return error_set(e, ERROR_DENIED, "NoCredentials",
	    WHO ": a quote in the command is not closed");
}

static int
split(const char *command, struct words *words, struct error *e)
{
	const char *s = command + strspn(command, " \t");

	while (*s != '\0') {
		struct text word = TEXT_INIT;

		if (words->count == WORDS_MAX)
			return error_set(e, ERROR_DENIED, "NoCredentials",
			    WHO ": the command has over %d words", WORDS_MAX);
		if (take_word(&s, &word, e) != 0) {
			text_release_secret(&word);
			return -1;
		}
		words->word[words->count++] = text_take(&word);
		s += strspn(s, " \t");
	}
	return words->count > 0 ? 0
				: error_set(e, ERROR_DENIED, "NoCredentials",
				      WHO ": there is no command");
}

/* ---- the process -------------------------------------------------------- */

/* With all that it started: the group's number is taken until it is reaped. */
static void
kill_it(const struct fetch *fetch)
{
	if (fetch->pid != 0)
		kill(-fetch->pid, SIGKILL);
}

/* Of one that has ended or was killed, so that this does not wait. */
static int
reap(struct fetch *fetch)
{
	int status = 0;
	pid_t pid = fetch->pid;

	fetch->pid = 0;
	return waitpid(pid, &status, 0) == pid ? status : -1;
}

static void
fetch_free(struct fetch *fetch)
{
	if (fetch->pid != 0) {
		kill_it(fetch);
		reap(fetch);
	}
	watch_free(fetch->on_output);
	watch_free(fetch->on_end);
	timer_cancel(fetch->timer);
	if (fetch->output >= 0)
		close(fetch->output);
	if (fetch->pidfd >= 0)
		close(fetch->pidfd);
	if (fetch->said != NULL)
		mem_wipe(fetch->said, fetch->len);
	free(fetch->said);
	free(fetch);
}

static void
finish(struct fetch *fetch, struct creds *creds, const struct error *e)
{
	source_done *done = fetch->done;
	void *arg = fetch->arg;

	fetch_free(fetch);
	done(creds, e, arg);
}

static int
check_status(int status, struct error *e)
{
	if (status == -1)
		return error_set(e, ERROR_AGAIN, "CredentialProcess",
		    WHO ": how it ended is not known");
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	if (WIFEXITED(status))
		return error_set(e, ERROR_AGAIN, "CredentialProcess",
		    WHO ": it ended with status %d", WEXITSTATUS(status));
	return error_set(e, ERROR_AGAIN, "CredentialProcess",
	    WHO ": it was ended by signal %d", WTERMSIG(status));
}

static int
read_output(const struct fetch *fetch, struct creds *creds, struct error *e)
{
	json_t *reply = tree_parse(fetch->said, fetch->len);
	int64_t version = 0;
	int rc;

	if (reply == NULL)
		return error_set(e, ERROR_AGAIN, "CredentialProcess",
		    WHO ": what it printed is not JSON");
	if (tree_int(reply, "Version", &version) != 0 || version != 1)
		rc = error_set(e, ERROR_BROKEN, "CredentialProcess",
		    WHO ": what it printed is not of Version 1");
	else
		rc = source_read(reply, &shape, WHO, creds, e);
	source_wipe_tree(reply);
	if (rc == 0 && source_check_fresh(creds, WHO, e) != 0) {
		creds_release(creds);
		rc = -1;
	}
	return rc;
}

/* Over, once it has ended and all that it said was read; or it was killed. */
static void
finish_if_over(struct fetch *fetch)
{
	struct creds creds = { 0 };
	struct error e = { 0 };

	if (!fetch->ended || fetch->output >= 0)
		return;
	if (fetch->failing) {
		e = fetch->failed;
		finish(fetch, NULL, &e);
	} else if (check_status(reap(fetch), &e) != 0 ||
	    read_output(fetch, &creds, &e) != 0) {
		finish(fetch, NULL, &e);
	} else {
		finish(fetch, &creds, NULL);
		creds_release(&creds);
	}
}

static void
close_output(struct fetch *fetch)
{
	watch_free(fetch->on_output);
	fetch->on_output = NULL;
	close(fetch->output);
	fetch->output = -1;
}

/* No more of it; `finish_if_over` follows when it is dead. */
static void
give_up(struct fetch *fetch, const char *why)
{
	if (!fetch->failing)
		error_set(&fetch->failed, ERROR_AGAIN, "CredentialProcess",
		    WHO ": %s", why);
	fetch->failing = true;
	kill_it(fetch);
	if (fetch->output >= 0)
		close_output(fetch);
	finish_if_over(fetch);
}

static void
on_output(void *arg, int events)
{
	struct fetch *fetch = arg;
	ssize_t n;

	n = read(fetch->output, fetch->said + fetch->len,
	    OUTPUT_MAX + 1 - fetch->len);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0) {
		fetch->len += (size_t)n;
		if (fetch->len > OUTPUT_MAX)
			give_up(fetch, "it printed more than 64 KiB");
		return;
	}
	close_output(fetch);
	finish_if_over(fetch);
}

static void
on_ended(void *arg, int events)
{
	struct fetch *fetch = arg;

	fetch->ended = true;
	watch_free(fetch->on_end);
	fetch->on_end = NULL;
	finish_if_over(fetch);
}

static void
on_limit(void *arg)
{
	struct fetch *fetch = arg;

	fetch->timer = NULL;
	give_up(fetch, "it took longer than a minute");
}

/* Ours to it: nothing but the end of the pipe and our standard error. */
static int
spawn(struct fetch *fetch, char *const *argv, int pipe_end)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none, usual;
	int rc;

	sigemptyset(&none);
	sigemptyset(&usual);
	sigaddset(&usual, SIGPIPE); /* ignored by us */
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attributes);
	rc = posix_spawn_file_actions_addopen(
	    &actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	if (rc == 0)
		rc = posix_spawn_file_actions_adddup2(
		    &actions, pipe_end, STDOUT_FILENO);
	if (rc == 0)
		rc = posix_spawnattr_setflags(&attributes,
		    POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
			POSIX_SPAWN_SETSIGDEF);
	if (rc == 0)
		rc = posix_spawnattr_setsigmask(&attributes, &none);
	if (rc == 0)
		rc = posix_spawnattr_setsigdefault(&attributes, &usual);
	if (rc == 0)
		rc = posix_spawnp(
		    &fetch->pid, argv[0], &actions, &attributes, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	if (rc != 0)
		fetch->pid = 0;
	return rc;
}

static int
run(struct fetch *fetch, const char *command, struct error *e)
{
	struct words words = { .count = 0 };
	int ends[2];
	int rc;

	if (split(command, &words, e) != 0) {
		words_release(&words);
		return -1;
	}
	assert(words.count > 0);
	if (pipe2(ends, O_CLOEXEC) != 0) {
		words_release(&words);
		return error_set(e, ERROR_AGAIN, "CredentialProcess",
		    WHO ": no pipe: %s", strerror(errno));
	}
	rc = spawn(fetch, words.word, ends[1]);
	close(ends[1]);
	fetch->output = ends[0];
	if (rc == 0 && fcntl(ends[0], F_SETFL, O_NONBLOCK) != 0)
		rc = errno;
	if (rc == 0) {
		fetch->pidfd = (int)syscall(SYS_pidfd_open, fetch->pid, 0);
		rc = fetch->pidfd < 0 ? errno : 0;
	}
	if (rc != 0)
		error_set(e, ERROR_AGAIN, "CredentialProcess",
		    WHO ": %.100s: %s", words.word[0], strerror(rc));
	words_release(&words);
	return rc == 0 ? 0 : -1;
}

static void
on_not_run(void *arg)
{
	struct fetch *fetch = arg;
	struct error e = fetch->failed;

	fetch->timer = NULL;
	finish(fetch, NULL, &e);
}

void *
process_fetch(const struct source_world *world, const struct origin *origin,
    source_done *done, void *arg)
{
	struct fetch *fetch = mem_alloc(sizeof(*fetch));

	fetch->output = fetch->pidfd = -1;
	fetch->done = done;
	fetch->arg = arg;
	if (run(fetch, origin->process, &fetch->failed) != 0) {
		fetch->timer = loop_after(world->loop, 0, on_not_run, fetch);
		return fetch;
	}
	fetch->said = mem_alloc(OUTPUT_MAX + 1);
	fetch->on_output = loop_watch(
	    world->loop, fetch->output, WATCH_READ, on_output, fetch);
	fetch->on_end =
	    loop_watch(world->loop, fetch->pidfd, WATCH_READ, on_ended, fetch);
	fetch->timer = loop_after(world->loop, LIMIT_MS, on_limit, fetch);
	return fetch;
}

void
process_cancel(void *arg)
{
	fetch_free(arg);
}
