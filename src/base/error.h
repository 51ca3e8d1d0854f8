/* SPDX-License-Identifier: MIT
 *
 * What went wrong, as a value.
 *
 * A function that can fail returns 0 or -1 and fills the `struct error` that
 * is its last argument.  Code decides on `class`, and on `code` where AWS
 * distinguishes what a class does not; `text` is for people: a sentence with
 * what, where and what to do about it.  Whoever gets an error either returns
 * it or logs it, never both.
 */
#ifndef DRD_BASE_ERROR_H
#define DRD_BASE_ERROR_H

enum error_class {
	ERROR_NONE = 0,
	ERROR_ABSENT,	 /* the object is not there (an answer, not a fault) */
	ERROR_AGAIN,	 /* may pass by itself: time-out, 5xx, lost connection,
			    a conflict with somebody's change: look again */
	ERROR_THROTTLED, /* asked too often */
	ERROR_DENIED,	 /* credentials or permissions */
	ERROR_BROKEN,	 /* asking again will not help: a request that AWS
			    refuses, a reply or a file nobody can read */
	ERROR_BUG,	 /* ours */
};

struct error {
	enum error_class class;
	char code[64];	     /* AWS's code, or ours: "Timeout", "Unreachable" */
	char request_id[80]; /* AWS's, empty when no answer came */
	char text[512];
};

/* "again", "denied", ...; never NULL. */
const char *error_class_name(enum error_class cls);

/*
 * Fill `e` and return -1, so that a caller can `return error_set(...)`.
 * `e` may be NULL; `code` may be NULL.  Over-long text is cut.
 */
int error_set(struct error *e, enum error_class cls, const char *code,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* Put `what: ` in front of the text: where the error happened. */
int error_prefix(struct error *e, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

void error_clear(struct error *e);

#endif
