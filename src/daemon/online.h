/* SPDX-License-Identifier: MIT
 *
 * drd check --online: would this account take these stacks?
 *
 * Asks AWS about everything at once and changes nothing.  Each question has a
 * line in the answer, always in the same order:
 *
 *	ok    us-east-1  account: 123456789012, as arn:aws:iam::...
 *	FAIL  us-east-1  VPCs: 5 of 5 in use and 1 more needed: raise ...
 *	????  us-west-2  account: could not be found out: ...
 */
#ifndef DRD_DAEMON_ONLINE_H
#define DRD_DAEMON_ONLINE_H

#include <stdio.h>

struct config;

/*
 * Returns the exit status: EXIT_FAULT if a line says FAIL or there are no
 * credentials, else EXIT_CLEAN.  What could not be found out is no failure:
 * a region that is dark is what drd is for.
 */
int online_check(const struct config *config, FILE *out);

#endif
