/* SPDX-License-Identifier: MIT
 *
 * Who may ask what of the daemon.
 *
 * Three levels, each with all that the ones before it may.  A viewer asks and
 * changes nothing.  An operator gives the orders of a normal incident, within
 * the gates.  An administrator replaces the configuration, and overrides
 * gates.  The kernel says who is at the other end of the socket (SO_PEERCRED,
 * SO_PEERGROUPS); nothing that the peer says about itself counts.
 */
#ifndef DRD_DAEMON_ACCESS_H
#define DRD_DAEMON_ACCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "net/local.h"

enum access {
	ACCESS_NONE,
	ACCESS_VIEWER,
	ACCESS_OPERATOR,
	ACCESS_ADMIN,
	ACCESS_COUNT
};

/* The group of a level; "" in the configuration is no group. */
struct access_group {
	char name[33]; /* "": none is configured */
	bool known;    /* the system knows it */
	gid_t gid;
};

struct access_rules {
	uid_t own; /* the user this process runs as: an administrator */
	struct access_group groups[ACCESS_COUNT];
};

/*
 * Root and the daemon's own user are administrators, members of a level's
 * group have that level.  Without a group for viewers everybody is one: the
 * permissions of the socket decide who can connect.  Pure.
 */
enum access
access_of(const struct access_rules *rules, const struct local_peer *peer);

/*
 * What is missing for `least`, for the one who was refused: "you are uid
 * 1000, a viewer; this is for members of the group drd-operator, ...".
 */
void access_explain(const struct access_rules *rules,
    const struct local_peer *peer, enum access least, char *out, size_t size);

/*
 * Look up the groups' names, which asks the system's user data base and may
 * block: at the start only.  One that is not known is logged, and nobody is
 * a member of it.
 */
void access_look_up(struct access_rules *rules);

const char *access_name(enum access access); /* "an operator" */

#endif
