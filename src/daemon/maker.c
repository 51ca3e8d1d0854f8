/* SPDX-License-Identifier: MIT
 *
 * What wanted trees are made of.  See maker.h.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "daemon/maker.h"

json_t *
maker_string(const char *s)
{
	return mem_must(json_string(s));
}

json_t *
maker_taken(char *s)
{
	json_t *t = maker_string(s);

	free(s);
	return t;
}

json_t *
maker_reference(const char *region, const char *node, const char *path)
{
	return maker_taken(mem_printf("${%s/%s:%s}", region, node, path));
}

char *
maker_name(const struct maker *m, char out[NAME_MAX_LEN + 1], size_t limit,
    const char *region, const char *purpose)
{
	return name_of(out, limit, m->stack->service, region,
	    m->stack->environment, purpose);
}

const char *
maker_role(const struct maker *m, const char *region)
{
	if (strcmp(region, m->stack->primary.name) == 0)
		return "primary";
	if (strcmp(region, m->stack->standby.name) == 0)
		return "secondary";
	return "global";
}

void
maker_claim(const struct maker *m, json_t *want, enum policy policy,
    const char *name, const char *role)
{
	if (policy != POLICY_MANAGE)
		return;
	tree_put(want, "Tags",
	    mem_must(json_pack("{s:s, s:s, s:s, s:s, s:s}", "Name", name,
		"Environment", m->stack->environment, "DR-Role", role,
		"drd:stack", m->stack->name, "drd:owner", m->stack->owner)));
}

void
maker_add(const struct maker *m, const struct kind *kind, const char *region,
    const char *what, const char *name, enum policy policy, json_t *want)
{
	char *id = mem_printf("%s/%s", region, what);

	graph_add(m->graph, kind, region, id, name, policy, want);
	free(id);
}
