/* SPDX-License-Identifier: MIT
 *
 * Who may ask what of the daemon.
 */
#include <grp.h>
#include <stdint.h>
#include <stdio.h>

#include "base/log.h"
#include "daemon/access.h"

static const char *const names[ACCESS_COUNT] = {
	[ACCESS_NONE] = "nobody known here",
	[ACCESS_VIEWER] = "a viewer",
	[ACCESS_OPERATOR] = "an operator",
	[ACCESS_ADMIN] = "an administrator",
};

const char *
access_name(enum access access)
{
	return names[access];
}

static bool
is_member(const struct local_peer *peer, const struct access_group *group)
{
	size_t i;

	if (!group->known)
		return false;
	for (i = 0; i < peer->group_count; i++)
		if (peer->groups[i] == group->gid)
			return true;
	return peer->gid == group->gid;
}

enum access
access_of(const struct access_rules *rules, const struct local_peer *peer)
{
	int level;

	if (peer->uid == 0 || peer->uid == rules->own)
		return ACCESS_ADMIN;
	for (level = ACCESS_ADMIN; level > ACCESS_NONE; level--)
		if (is_member(peer, &rules->groups[level]))
			return (enum access)level;
	return rules->groups[ACCESS_VIEWER].name[0] == '\0' ? ACCESS_VIEWER
							    : ACCESS_NONE;
}

void
access_explain(const struct access_rules *rules, const struct local_peer *peer,
    enum access least, char *out, size_t size)
{
	const struct access_group *group = &rules->groups[least];

	if (group->name[0] == '\0')
		snprintf(out, size,
		    "this is for root and the daemon's own user: no group is "
		    "configured for it; you are uid %ju, %s",
		    (uintmax_t)peer->uid, names[access_of(rules, peer)]);
	else
		snprintf(out, size,
		    "this is for members of the group %s%s; you are uid %ju, "
		    "%s",
		    group->name,
		    group->known ? ""
				 : " (which this system did not know "
				   "when drd started)",
		    (uintmax_t)peer->uid, names[access_of(rules, peer)]);
}

void
access_look_up(struct access_rules *rules)
{
	struct access_group *group;
	const struct group *found;
	int level;

	for (level = ACCESS_VIEWER; level < ACCESS_COUNT; level++) {
		group = &rules->groups[level];
		group->known = false;
		if (group->name[0] == '\0')
			continue;
		found = getgrnam(group->name);
		if (found == NULL) {
			log_info("control: there is no group \"%s\": nobody is "
				 "%s by it",
			    group->name, names[level]);
			continue;
		}
		group->known = true;
		group->gid = found->gr_gid;
	}
}
