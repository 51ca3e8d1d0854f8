/* SPDX-License-Identifier: MIT
 *
 * A conversation of one kind with AWS, on paper: real-shaped reply bodies go
 * through the real decoder, and what the kind would send through the real
 * encoder.
 */
#ifndef DRD_TESTS_STACK_WIRE_H
#define DRD_TESTS_STACK_WIRE_H

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "aws/wire.h"
#include "base/mem.h"
#include "stack/judge.h"

static inline json_t *
json_of(const char *s)
{
	json_t *t = tree_parse(s, strlen(s));

	ck_assert_msg(t != NULL, "not JSON: %s", s);
	return t;
}

static inline json_t *
reply_of(
    const struct kind *kind, const struct kind_read *read, const char *body)
{
	struct wire_reply reply = {
		.status = 200, .body = body, .body_len = strlen(body)
	};
	struct error e = { 0 };
	json_t *t = NULL;

	ck_assert_msg(
	    wire_decode(kind->service, read->operation, &reply, &t, &e) == 0,
	    "%s: %s", read->operation, e.text);
	return t;
}

/* One read: 0, or -1 and `e`. */
static inline int
take(const struct kind *kind, const struct kind_read *read, const json_t *want,
    const char *body, json_t **have, struct error *e)
{
	json_t *reply = reply_of(kind, read, body);
	int rc = read->have(want, reply, have, e);

	json_decref(reply);
	return rc;
}

/*
 * The state of a node of `kind` that wants `want` after these replies; NULL
 * bodies are not asked for.  The node is the caller's: node_clear.
 */
static inline void
look_at(struct node *node, const struct kind *kind, const char *want,
    const char *look, const char *detail, const char *tags)
{
	struct error e = { 0 };

	memset(node, 0, sizeof(*node));
	node->kind = kind;
	node->wanted = json_of(want);
	ck_assert_msg(
	    take(kind, &kind->look, node->wanted, look, &node->have, &e) == 0,
	    "%s", e.text);
	if (node->have != NULL && detail != NULL)
		ck_assert_int_eq(take(kind, &kind->detail, node->wanted, detail,
				     &node->have, &e),
		    0);
	if (node->have != NULL && tags != NULL)
		ck_assert_int_eq(take(kind, &kind->tags, node->wanted, tags,
				     &node->have, &e),
		    0);
	judge_node(node);
}

/* "POST /path?query\nbody" of an operation; caller frees. */
static inline char *
request_of(const struct kind *kind, const char *operation, const char *template,
    json_t *input)
{
	struct wire_request r = { 0 };
	struct error e = { 0 };
	char *s;

	ck_assert_msg(
	    wire_encode(kind->service, operation, template, input, &r, &e) == 0,
	    "%s: %s", operation, e.text);
	s = mem_printf("%s %s%s%s\n%s", r.method, r.path.s,
	    r.query.len > 0 ? "?" : "", r.query.s, r.body.s);
	wire_release(&r);
	json_decref(input);
	return s;
}

static inline void
ck_read(const struct kind *kind, const struct kind_read *read,
    const struct node *node, const char *expected)
{
	char *s = request_of(kind, read->operation, read->template,
	    read->input(node->wanted, node->have));

	ck_assert_str_eq(s, expected);
	free(s);
}

/* The next step is this operation, and its request has each of `parts`. */
static inline void
ck_step(const struct node *node, const char *operation, const char *request)
{
	const struct kind_step *step = judge_step(node);
	char *s;

	ck_assert_msg(step != NULL, "no step");
	ck_assert_str_eq(step->operation, operation);
	s = request_of(node->kind, step->operation, step->template,
	    step->input(node->wanted, node->have, "0123456789abcdef"));
	ck_assert_str_eq(s, request);
	free(s);
}

#define ck_state(node, is)                                                    \
	ck_assert_msg((node)->state == (is), "%s, not %s: %s: %s",            \
	    node_state_name((node)->state), node_state_name(is), (node)->why, \
	    (node)->error.text)

#define TAGS                                                             \
	"\"Tags\":{\"Name\":\"n\",\"drd:stack\":\"shop\",\"drd:owner\":" \
	"\"drd\"}"

#endif
