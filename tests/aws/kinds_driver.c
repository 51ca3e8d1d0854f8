/* SPDX-License-Identifier: MIT
 *
 * Every kind's tables as JSON: what it reads, which writes it has, and when.
 *
 * {"symbol", "kind", "service", "reads": [operation, ...], "arn", "steps":
 * [{"operation", "absent", "differs": [member, ...], "deletes", "why"}, ...],
 * "removal": [the same, ...]}, a line each.  `service` is the signing name.
 * So that a test can ask whether a life of drd's had all of it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/tree.h"
#include "stack/kind.h"

/* clang-format off */
#define KIND(name) { #name, &name }
/* clang-format on */

/* All of kind.h; the test compares. */
static const struct {
	const char *symbol;
	const struct kind *kind;
} kinds[] = {
	KIND(kind_account),
	KIND(kind_zones),
	KIND(kind_vpc),
	KIND(kind_vpc_dns_support),
	KIND(kind_vpc_dns_hostnames),
	KIND(kind_subnet),
	KIND(kind_gateway),
	KIND(kind_gateway_attachment),
	KIND(kind_route_table),
	KIND(kind_route),
	KIND(kind_route_association),
	KIND(kind_security_group),
	KIND(kind_security_rule),
	KIND(kind_security_extra),
	KIND(kind_role),
	KIND(kind_role_policy),
	KIND(kind_function),
	KIND(kind_function_concurrency),
	KIND(kind_function_permission),
	KIND(kind_load_balancer),
	KIND(kind_load_balancer_attributes),
	KIND(kind_target_group),
	KIND(kind_target),
	KIND(kind_listener),
	KIND(kind_certificate),
	KIND(kind_certificate_issued),
	KIND(kind_table),
	KIND(kind_table_replica),
	KIND(kind_table_tags),
	KIND(kind_table_protection),
	KIND(kind_table_backups),
	KIND(kind_bucket),
	KIND(kind_bucket_versioning),
	KIND(kind_bucket_encryption),
	KIND(kind_bucket_public_access),
	KIND(kind_bucket_policy),
	KIND(kind_bucket_ownership),
	KIND(kind_bucket_lifecycle),
	KIND(kind_bucket_replication),
	KIND(kind_hosted_zone),
	KIND(kind_health_check),
	KIND(kind_record),
	KIND(kind_validation_record),
	KIND(kind_alarm),
	KIND(kind_topic),
	KIND(kind_topic_policy),
	KIND(kind_subscription),
	KIND(kind_parameter),
};

static void
append(json_t *list, json_t *item)
{
	if (json_array_append_new(list, mem_must(item)) != 0)
		mem_must(NULL);
}

/* "A B" as ["A", "B"]; NULL as []. */
static json_t *
words_of(const char *s)
{
	json_t *list = mem_must(json_array());
	char *copy = mem_strdup(s != NULL ? s : ""), *rest = copy, *word;

	while ((word = strsep(&rest, " ")) != NULL)
		if (*word != '\0')
			append(list, json_string(word));
	free(copy);
	return list;
}

static json_t *
reads_of(const struct kind *kind)
{
	const struct kind_read *reads[] = { &kind->look, &kind->detail,
		&kind->tags, &kind->remains };
	json_t *list = mem_must(json_array());
	size_t i;

	for (i = 0; i < sizeof(reads) / sizeof(reads[0]); i++)
		if (reads[i]->operation != NULL)
			append(list, json_string(reads[i]->operation));
	return list;
}

static json_t *
steps_of(const struct kind_step *step)
{
	json_t *list = mem_must(json_array());

	for (; step != NULL && step->operation != NULL; step++)
		append(list,
		    json_pack("{s:s, s:b, s:o, s:b, s:s}", "operation",
			step->operation, "absent", (int)step->absent, "differs",
			words_of(step->differs), "deletes", (int)step->deletes,
			"why", step->why));
	return list;
}

int
main(void)
{
	const struct kind *kind;
	json_t *line;
	char *text;
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		kind = kinds[i].kind;
		line = mem_must(json_pack("{s:s, s:s, s:s, s:o, s:b, s:o, s:o}",
		    "symbol", kinds[i].symbol, "kind", kind->name, "service",
		    service_facts(kind->service)->signing, "reads",
		    reads_of(kind), "arn", kind->arn != NULL, "steps",
		    steps_of(kind->steps), "removal", steps_of(kind->removal)));
		text = tree_dump(line);
		puts(text);
		free(text);
		json_decref(line);
	}
	return 0;
}
