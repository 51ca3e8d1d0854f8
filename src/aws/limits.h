/* SPDX-License-Identifier: MIT
 *
 * AWS's limits on how often its operations may be called, as rows.
 *
 * A limit holds for one account and region; for a global service, for the
 * account.  Each is a bucket: `burst` calls at once, `rate` more a second.
 */
#ifndef DRD_AWS_LIMITS_H
#define DRD_AWS_LIMITS_H

#include "aws/service.h"

struct limit {
	enum service service;
	const char *name; /* of one bucket; NULL: each operation has its own */
	const char *operations; /* words, a star at the end stands for more */
	double burst;
	double rate;
};

/* The one that counts this operation; never NULL. */
const struct limit *limit_of(enum service service, const char *operation);

/*
 * The one that counts all calls of the service besides, or NULL.  Where no
 * narrower one is known, both are the same row.
 */
const struct limit *limit_of_all(enum service service);

#endif
