/* SPDX-License-Identifier: MIT
 *
 * What is wanted of the table, in both regions.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/topology_table.c"
#include "lib/declared.h"

/* The configuration owns its strings, so they are not const. */
static char text_table[] = "shop-prod-data";
static char text_key[] = "pk";

static struct config_stack stack;

static void
setup(void)
{
	stack = declared_bare();
	stack.table_name = text_table;
	stack.table_key = text_key;
	stack.table_protected = true;
	stack.manage_table = POLICY_MANAGE;
}

static struct graph *
build(void)
{
	struct maker m = { .stack = &stack };
	struct error e = { 0 };

	m.graph = graph_new(stack.name);
	maker_add_table(&m);
	ck_assert_msg(graph_seal(m.graph, &e) == 0, "%s", e.text);
	return m.graph;
}

#define TAGS                                                               \
	"{\"DR-Role\":\"global\",\"Environment\":\"prod\",\"Name\":\"shop" \
	"-prod-data\",\"drd:owner\":\"drd\",\"drd:stack\":\"shop\"}"
#define RECOVERY                                                       \
	"\"PointInTimeRecoveryDescription\":{\"PointInTimeRecoverySta" \
	"tus\":\"ENABLED\"}"
#define OF_TABLE   "\"TableName\":\"${us-east-1/table:TableName}\""
#define OF_REPLICA "\"TableName\":\"${us-east-1/table-replica:TableName}\""

static const struct {
	const char *id;
	const char *kind;
	const char *want; /* and the tags, ... */
	bool tagged;	  /* ... if it is claimed with any */
} nodes[] = {
	{ "us-east-1/table", "table",
	    "{\"AttributeDefinitions\":[{\"AttributeName\":\"pk\","
	    "\"AttributeType\":\"S\"}],\"BillingModeSummary\":{"
	    "\"BillingMode\":\"PAY_PER_REQUEST\"},"
	    "\"DeletionProtectionEnabled\":true,\"KeySchema\":[{"
	    "\"AttributeName\":\"pk\",\"KeyType\":\"HASH\"}],"
	    "\"StreamSpecification\":{\"StreamEnabled\":true,"
	    "\"StreamViewType\":\"NEW_AND_OLD_IMAGES\"},\"TableName\":"
	    "\"shop-prod-data\"}",
	    true },
	{ "us-east-1/table-replica", "table-replica",
	    "{\"RegionName\":\"us-west-2\"," OF_TABLE "}", false },
	{ "us-east-1/table-backups", "table-backups",
	    "{" RECOVERY "," OF_TABLE "}", false },
	{ "us-west-2/table-tags", "table-tags", "{" OF_REPLICA "}", true },
	{ "us-west-2/table-protection", "table-protection",
	    "{\"DeletionProtectionEnabled\":true," OF_REPLICA "}", false },
	{ "us-west-2/table-backups", "table-backups",
	    "{" RECOVERY "," OF_REPLICA "}", false },
};

#define N(table) (sizeof(table) / sizeof((table)[0]))

static void
ck_wants(const struct graph *g, size_t i, bool claimed)
{
	const struct node *node = graph_find(g, nodes[i].id);
	json_t *want = tree_parse(nodes[i].want, strlen(nodes[i].want));
	char *is, *expected;

	ck_assert_msg(node != NULL, "no node %s", nodes[i].id);
	ck_assert_str_eq(node->kind->name, nodes[i].kind);
	ck_assert_str_eq(node->name, "shop-prod-data");
	if (claimed && nodes[i].tagged)
		tree_put(want, "Tags", tree_parse(TAGS, strlen(TAGS)));
	is = tree_dump(node->want);
	expected = tree_dump(want);
	ck_assert_str_eq(is, expected);
	free(is);
	free(expected);
	json_decref(want);
}

START_TEST(test_a_managed_table)
{
	struct graph *g = build();
	size_t i;

	ck_assert_uint_eq(graph_count(g), N(nodes));
	for (i = 0; i < N(nodes); i++)
		ck_wants(g, i, true);
	graph_free(g);
}
END_TEST

/* What is only observed is not claimed. */
START_TEST(test_an_observed_table)
{
	struct graph *g;
	size_t i;

	stack.manage_table = POLICY_OBSERVE;
	g = build();
	for (i = 0; i < N(nodes); i++) {
		ck_assert_int_eq(
		    graph_find(g, nodes[i].id)->policy, POLICY_OBSERVE);
		ck_wants(g, i, false);
	}
	graph_free(g);
}
END_TEST

START_TEST(test_an_unprotected_table)
{
	struct graph *g;

	stack.table_protected = false;
	g = build();
	ck_assert(json_is_false(
	    json_object_get(graph_find(g, "us-east-1/table")->want,
		"DeletionProtectionEnabled")));
	ck_assert(json_is_false(
	    json_object_get(graph_find(g, "us-west-2/table-protection")->want,
		"DeletionProtectionEnabled")));
	graph_free(g);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("daemon_topology_table");
	TCase *t = tcase_create("table");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(t, setup, NULL);
	tcase_add_test(t, test_a_managed_table);
	tcase_add_test(t, test_an_observed_table);
	tcase_add_test(t, test_an_unprotected_table);
	suite_add_tcase(s, t);
	runner = srunner_create(s);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
