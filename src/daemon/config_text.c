/* SPDX-License-Identifier: MIT
 *
 * The text of the configuration file, made ready for libconfuse.
 *
 * Three things are done here because libconfuse 3.3, the one of Debian 12,
 * does them badly: it counts a line that ends in a comment twice, does not
 * take a comment inside a list, and is content when the file ends before a
 * block does.  So comments are blanked first (every line keeps its number),
 * and quotes and braces are paired here, where the line that opened is known.
 * It also expands ${NAME} from the environment: that is refused, because a
 * file should mean the same to the daemon and to whoever checks it.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "daemon/config_text.h"

#define BOM "\xef\xbb\xbf" /* what some editors begin a file with */

enum {
	DEPTH_MAX = 8, /* of blocks; three are in use */
	BOM_LEN = sizeof(BOM) - 1,
};

struct scan {
	struct config_text *text;
	struct config_source *source;
	size_t at;
	unsigned line;
	unsigned open[DEPTH_MAX]; /* lines of the open braces */
	unsigned depth;
};

static int
read_whole(int fd, const char *path, struct config_text *text, struct error *e)
{
	struct stat st;
	ssize_t n;

	if (fstat(fd, &st) < 0)
		return error_set(e, ERROR_BROKEN, "Unreadable",
		    "%s: cannot be read: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return error_set(e, ERROR_BROKEN, "Unreadable",
		    "%s: not a regular file", path);
	text->s = mem_alloc(CONFIG_SIZE_MAX + 2);
	while (text->len <= CONFIG_SIZE_MAX) {
		n = read(
		    fd, text->s + text->len, CONFIG_SIZE_MAX + 1 - text->len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_set(e, ERROR_BROKEN, "Unreadable",
			    "%s: cannot be read: %s", path, strerror(errno));
		if (n == 0)
			return 0;
		text->len += (size_t)n;
	}
	return error_set(e, ERROR_BROKEN, "TooBig",
	    "%s: larger than %d bytes: not a configuration of drd", path,
	    CONFIG_SIZE_MAX);
}

int
config_text_load(struct config_text *text, const char *path, struct error *e)
{
	int fd, result;

	*text = (struct config_text){ 0 };
	/* Not blocking: a FIFO in its place must not hold the daemon. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return error_set(e, ERROR_BROKEN, "Unreadable",
		    "%s: cannot be opened: %s", path, strerror(errno));
	result = read_whole(fd, path, text, e);
	close(fd);
	if (result < 0)
		config_text_release(text);
	return result;
}

void
config_text_release(struct config_text *text)
{
	free(text->s);
	free(text->opened);
	*text = (struct config_text){ 0 };
}

static void
unsound(struct scan *scan, unsigned line, const char *what)
{
	config_complain_at(scan->source, line, "%s", what);
	scan->text->sound = false;
}

static void
cut_short(struct scan *scan, unsigned line, const char *what)
{
	unsound(scan, line, what);
	scan->text->whole = false;
}

/* To the next character, counting lines; blanks this one if `blank`. */
static void
step(struct scan *scan, bool blank)
{
	char *c = &scan->text->s[scan->at++];

	if (*c == '\n')
		scan->line++;
	else if (blank)
		*c = ' ';
}

static char
peek(const struct scan *scan, size_t ahead)
{
	size_t at = scan->at + ahead;

	return at < scan->text->len ? scan->text->s[at] : '\0';
}

static bool
at_end(const struct scan *scan)
{
	return scan->at >= scan->text->len;
}

static void
skip_line_comment(struct scan *scan)
{
	while (!at_end(scan) && peek(scan, 0) != '\n')
		step(scan, true);
}

static void
skip_block_comment(struct scan *scan)
{
	unsigned line = scan->line;

	step(scan, true);
	step(scan, true);
	while (!at_end(scan) && !(peek(scan, 0) == '*' && peek(scan, 1) == '/'))
		step(scan, true);
	if (at_end(scan)) {
		cut_short(scan, line, "this comment is never closed");
		return;
	}
	step(scan, true);
	step(scan, true);
}

static void
refuse_expansion(struct scan *scan)
{
	if (peek(scan, 0) == '$' && peek(scan, 1) == '{')
		unsound(scan, scan->line,
		    "\"${\": values do not come from "
		    "the environment (in single quotes it is plain text)");
}

static void
skip_string(struct scan *scan)
{
	unsigned line = scan->line;
	char quote = peek(scan, 0);

	step(scan, false);
	while (!at_end(scan) && peek(scan, 0) != quote) {
		if (quote == '"')
			refuse_expansion(scan);
		if (peek(scan, 0) == '\\' && scan->at + 1 < scan->text->len)
			step(scan, false);
		step(scan, false);
	}
	if (at_end(scan))
		cut_short(scan, line,
		    "this quote is never closed, or "
		    "one before it");
	else
		step(scan, false);
}

static void
skip_word(struct scan *scan)
{
	do {
		refuse_expansion(scan);
		step(scan, false);
	} while (!at_end(scan) &&
	    strchr(" #\"'\t\n\r={}()+,", peek(scan, 0)) == NULL);
}

static void
open_block(struct scan *scan)
{
	if (scan->depth == DEPTH_MAX)
		unsound(scan, scan->line, "too many blocks inside each other");
	if (scan->depth < DEPTH_MAX)
		scan->open[scan->depth] = scan->line;
	scan->depth++;
	step(scan, false);
}

static void
close_block(struct scan *scan)
{
	if (scan->depth == 0) {
		unsound(scan, scan->line, "this brace closes nothing");
	} else {
		scan->depth--;
		if (scan->depth < DEPTH_MAX)
			scan->text->opened[scan->line] =
			    scan->open[scan->depth];
	}
	step(scan, false);
}

static void
scan_token(struct scan *scan)
{
	char c = peek(scan, 0), next = peek(scan, 1);

	if (c == '#' || (c == '/' && next == '/'))
		skip_line_comment(scan);
	else if (c == '/' && next == '*')
		skip_block_comment(scan);
	else if (c == '"' || c == '\'')
		skip_string(scan);
	else if (c == '{')
		open_block(scan);
	else if (c == '}')
		close_block(scan);
	else if (strchr(" \t\n\r=()+,", c) != NULL)
		step(scan, false);
	else
		skip_word(scan);
}

void
config_text_scan(struct config_text *text, struct config_source *source)
{
	struct scan scan = { .text = text, .source = source, .line = 1 };
	size_t i;

	text->sound = text->whole = true;
	text->lines = 1;
	for (i = 0; i < text->len; i++)
		text->lines += text->s[i] == '\n';
	text->opened =
	    mem_array((size_t)text->lines + 1, sizeof(*text->opened));
	if (memchr(text->s, '\0', text->len) != NULL) {
		cut_short(&scan, 0, "not a text file: it has a NUL byte");
		return;
	}
	if (text->len >= BOM_LEN && memcmp(text->s, BOM, BOM_LEN) == 0) {
		for (i = 0; i < BOM_LEN; i++)
			step(&scan, true);
	}
	while (!at_end(&scan))
		scan_token(&scan);
	while (scan.depth > 0) {
		scan.depth--;
		if (scan.depth < DEPTH_MAX)
			unsound(&scan, scan.open[scan.depth],
			    "this block is never closed");
	}
}

static size_t
line_start(const struct config_text *text, unsigned line)
{
	const char *at = text->s, *end;

	while (--line > 0 && (end = strchr(at, '\n')) != NULL)
		at = end + 1;
	return (size_t)(at - text->s);
}

/* `word` standing alone on the line that starts at `start`, else its start. */
static size_t
find_word(const struct config_text *text, size_t start, const char *word)
{
	const char *line = text->s + start, *at = line;
	size_t len = strlen(word), room = strcspn(line, "\n");

	while (len > 0 &&
	    (at = memmem(at, room - (size_t)(at - line), word, len)) != NULL) {
		if ((at == line || strchr(" \t{}", at[-1]) != NULL) &&
		    strchr(" \t={\r\n", at[len]) != NULL)
			return (size_t)(at - text->s);
		at += len;
	}
	return start;
}

/*
 * A statement ends with its line or, if a brace opens on it, with the brace
 * that closes; the brace of the block around it is not its own.
 */
bool
config_text_cut(struct config_text *text, unsigned line, const char *word)
{
	struct config_source nobody = { 0 };
	struct scan scan = { .text = text, .source = &nobody, .line = line };
	size_t at, start = line_start(text, line);

	start = find_word(text, start, word);
	start += strspn(text->s + start, " \t");
	scan.at = start;
	while (!at_end(&scan)) {
		if (scan.depth == 0 && strchr("\n}", peek(&scan, 0)) != NULL)
			break;
		scan_token(&scan);
		if (scan.depth == 0 && text->s[scan.at - 1] == '}')
			break;
	}
	for (at = start; at < scan.at; at++) {
		if (text->s[at] != '\n')
			text->s[at] = ' ';
	}
	config_source_release(&nobody);
	return scan.at > start;
}

unsigned
config_text_opened(const struct config_text *text, unsigned line)
{
	if (line <= text->lines && text->opened[line] > 0)
		return text->opened[line];
	return line;
}
