/* SPDX-License-Identifier: MIT
 *
 * What a pass that writes tells on the terminal.  See progress.h.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "daemon/progress.h"

/* What is over before anybody wonders is not worth a line. */
enum { QUIET_MS = 2000 };

static bool
is_to_do(const struct node *node, bool removing)
{
	if (removing)
		return node->state == NODE_DOOMED;
	return node->policy == POLICY_MANAGE &&
	    (node->state == NODE_ABSENT || node->state == NODE_DRIFTED ||
		node->state == NODE_ADOPTED);
}

static void
expect(struct progress *p, const struct node *node)
{
	p->expected[graph_index(node)] = true;
	p->total++;
}

static void
count_done(struct progress *p, const struct node *node)
{
	bool *expected = &p->expected[graph_index(node)];

	p->done += *expected;
	*expected = false;
}

void
progress_begin(
    struct progress *p, FILE *out, const struct graph *graph, bool removing)
{
	const struct node *node;
	size_t i;

	*p = (struct progress){
		.out = out,
		.graph = graph,
		.removing = removing,
		.began_ms = clock_mono_ms(),
		.signs = mem_array(graph_count(graph) + 1, sizeof(char)),
		.expected = mem_array(graph_count(graph) + 1, sizeof(bool)),
	};
	for (i = 0; i < graph_count(graph); i++) {
		node = graph_node(graph, i);
		if (is_to_do(node, removing))
			expect(p, node);
	}
}

void
progress_end(struct progress *p)
{
	free(p->signs);
	free(p->expected);
	p->signs = NULL;
	p->expected = NULL;
}

/* A control character in a name would write on the terminal. */
static void
print_text(FILE *out, const char *s)
{
	for (; *s != '\0'; s++)
		putc((unsigned char)*s < ' ' || *s == 0x7f ? '?' : *s, out);
}

static void
print_line(
    const struct progress *p, char sign, const struct node *node, const char *s)
{
	uint64_t ms = clock_mono_ms() - p->began_ms;

	fprintf(p->out, "[%3u/%u %5" PRIu64 ".%" PRIu64 "s] %c %-9s  %-20s ",
	    p->done, p->total, ms / 1000, ms % 1000 / 100, sign, node->region,
	    node->kind->name);
	print_text(p->out, node->name);
	if (s[0] != '\0') {
		fputs(": ", p->out);
		print_text(p->out, s);
	}
	putc('\n', p->out);
	fflush(p->out);
}

/* What the first write means for the object. */
static char
sign_of(const struct progress *p, const struct node *node)
{
	if (p->removing)
		return '-';
	if (node->state == NODE_ADOPTED)
		return '@';
	return node->have == NULL ? '+' : '~';
}

static bool
is_over(const struct progress *p, const struct node *node)
{
	if (node->state == NODE_FAILED || node->state == NODE_BLOCKED ||
	    node->state == NODE_FOREIGN)
		return true;
	return p->removing ? node->have == NULL : node->state == NODE_CLEAN;
}

/* It is about to be written: perhaps nobody knew that before. */
static void
begin_work(struct progress *p, const struct node *node)
{
	char *sign = &p->signs[graph_index(node)];

	if (*sign != '\0')
		return;
	*sign = sign_of(p, node);
	if (!p->expected[graph_index(node)])
		expect(p, node);
}

void
progress_step(const struct node *node, const char *what, void *arg)
{
	struct progress *p = arg;
	char *sign = &p->signs[graph_index(node)];

	if (text_starts(what, "waiting: ")) {
		if (clock_mono_ms() - p->began_ms >= QUIET_MS)
			print_line(p, '.', node, what);
	} else if (!is_over(p, node)) {
		begin_work(p, node);
	} else if (node->error.class != ERROR_NONE) {
		count_done(p, node);
		print_line(p, '!', node, node->error.text);
	} else if (*sign != '\0') {
		count_done(p, node);
		print_line(p, *sign, node, "");
		*sign = '\0';
	}
}
