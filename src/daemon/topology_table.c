/* SPDX-License-Identifier: MIT
 *
 * The table: one in the primary region, and its replica in the standby's.
 *
 * Its name holds no region, as a replica has the name of its table.  Which
 * region is the active one does not matter here: both copies take writes.
 */
#include "base/mem.h"
#include "daemon/maker.h"

static json_t *
table_wanted(const struct config_stack *stack)
{
	return mem_must(json_pack(
	    "{s:s, s:[{s:s, s:s}], s:[{s:s, s:s}], s:{s:s}, s:{s:b, s:s}, "
	    "s:b}",
	    "TableName", stack->table_name, "AttributeDefinitions",
	    "AttributeName", stack->table_key, "AttributeType", "S",
	    "KeySchema", "AttributeName", stack->table_key, "KeyType", "HASH",
	    "BillingModeSummary", "BillingMode", "PAY_PER_REQUEST",
	    "StreamSpecification", "StreamEnabled", 1, "StreamViewType",
	    "NEW_AND_OLD_IMAGES", "DeletionProtectionEnabled",
	    stack->table_protected));
}

/* Known once `node`, of the primary region, has made what it stands for. */
static json_t *
named_by(const struct maker *m, const char *node)
{
	return mem_must(json_pack("{s:o}", "TableName",
	    maker_reference(m->stack->primary.name, node, "TableName")));
}

static void
add_backups(const struct maker *m, const char *region, const char *made_by)
{
	json_t *want = named_by(m, made_by);

	tree_put(want,
	    "PointInTimeRecoveryDescription.PointInTimeRecoveryStatus",
	    maker_string("ENABLED"));
	maker_add(m, &kind_table_backups, region, "table-backups",
	    m->stack->table_name, m->stack->manage_table, want);
}

/* What a replica keeps for itself. */
static void
add_standby(const struct maker *m)
{
	const char *region = m->stack->standby.name;
	enum policy policy = m->stack->manage_table;
	const char *name = m->stack->table_name;
	json_t *want = named_by(m, "table-replica");

	maker_claim(m, want, policy, name, "global");
	maker_add(
	    m, &kind_table_tags, region, "table-tags", name, policy, want);
	want = named_by(m, "table-replica");
	tree_put(want, "DeletionProtectionEnabled",
	    mem_must(json_boolean(m->stack->table_protected)));
	maker_add(m, &kind_table_protection, region, "table-protection", name,
	    policy, want);
	add_backups(m, region, "table-replica");
}

void
maker_add_table(const struct maker *m)
{
	const char *region = m->stack->primary.name;
	enum policy policy = m->stack->manage_table;
	const char *name = m->stack->table_name;
	json_t *want = table_wanted(m->stack);

	maker_claim(m, want, policy, name, "global");
	maker_add(m, &kind_table, region, "table", name, policy, want);
	want = named_by(m, "table");
	tree_put(want, "RegionName", maker_string(m->stack->standby.name));
	maker_add(m, &kind_table_replica, region, "table-replica", name, policy,
	    want);
	add_backups(m, region, "table");
	add_standby(m);
}
