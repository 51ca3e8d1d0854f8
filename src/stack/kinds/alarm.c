/* SPDX-License-Identifier: MIT
 *
 * A CloudWatch metric alarm.
 *
 * PutMetricAlarm replaces the whole alarm, so all of it is sent each time;
 * on an existing alarm it ignores tags, so those have a step of their own.
 * One DescribeAlarms by the stack's prefix serves all alarms of a region:
 * the account has nine such calls a second for everybody.
 */
#include <string.h>

#include "base/mem.h"
#include "stack/kind.h"
#include "stack/kinds/spell.h"

enum { RECORDS_MAX = 100 }; /* of DescribeAlarms */

#define SETTINGS                                                             \
	"AlarmDescription ActionsEnabled OKActions AlarmActions "            \
	"InsufficientDataActions MetricName Namespace Statistic Dimensions " \
	"Period EvaluationPeriods DatapointsToAlarm Threshold "              \
	"ComparisonOperator TreatMissingData"

static json_t *
by_prefix(const json_t *want, const json_t *have)
{
	return mem_must(json_pack("{s:O, s:[s], s:i}", "AlarmNamePrefix",
	    json_object_get(want, "AlarmNamePrefix"), "AlarmTypes",
	    "MetricAlarm", "MaxRecords", RECORDS_MAX));
}

static int
find(const json_t *want, const json_t *reply, json_t **have, struct error *e)
{
	const char *ours = tree_str(want, "AlarmName"), *name;
	const json_t *item;
	size_t i;

	if (!json_is_array(tree_at(reply, "MetricAlarms")))
		return error_set(e, ERROR_BROKEN, "UnreadableReply",
		    "no list of alarms in the reply");
	for (i = 0; i < tree_count(reply, "MetricAlarms"); i++) {
		item = tree_item(reply, "MetricAlarms", i);
		name = tree_str(item, "AlarmName");
		if (name != NULL && strcmp(name, ours) == 0 &&
		    tree_str(item, "AlarmArn") != NULL) {
			*have = mem_must(json_deep_copy(item));
			return 0;
		}
	}
	return 0;
}

static json_t *
tags_input(const json_t *want, const json_t *have)
{
	return mem_must(json_pack(
	    "{s:O}", "ResourceARN", json_object_get(have, "AlarmArn")));
}

static int
add_tags(
    const json_t *want, const json_t *reply, json_t **have, struct error *e)
{
	spell_put(*have, "Tags", spell_tags(reply, "Tags"));
	return 0;
}

static json_t *
put(const json_t *want, const json_t *have, const char *token)
{
	json_t *input = spell_pick(want, "AlarmName " SETTINGS);

	if (have == NULL)
		spell_put(input, "Tags",
		    spell_tag_list(json_object_get(want, "Tags")));
	return input;
}

static json_t *
retag(const json_t *want, const json_t *have, const char *token)
{
	json_t *input = tags_input(want, have);

	spell_put(input, "Tags", spell_tag_list(json_object_get(want, "Tags")));
	return input;
}

static json_t *
by_itself(const json_t *want, const json_t *have, const char *token)
{
	return mem_must(json_pack(
	    "{s:[O]}", "AlarmNames", json_object_get(have, "AlarmName")));
}

static const struct kind_page pages[] = {
	{ "NextToken", "NextToken" },
	{ NULL, NULL },
};

static const struct kind_step steps[] = {
	{ "PutMetricAlarm", .absent = true, .input = put,
	    .why = "not there yet" },
	{ "PutMetricAlarm", .differs = SETTINGS, .input = put,
	    .why = "other settings" },
	{ "TagResource", .differs = "Tags", .input = retag,
	    .why = "other tags" },
	{ .operation = NULL },
};

static const struct kind_step removal[] = {
	{ "DeleteAlarms", .input = by_itself, .why = "no longer wanted" },
	{ .operation = NULL },
};

const struct kind kind_alarm = {
	.name = "alarm",
	.service = SERVICE_CLOUDWATCH,
	.look = { "DescribeAlarms", .pages = pages, .items = "MetricAlarms",
	    .input = by_prefix, .have = find },
	.tags = { "ListTagsForResource", .input = tags_input,
	    .have = add_tags },
	.steps = steps,
	.removal = removal,
	.arn = "AlarmArn",
	.sets = "Dimensions AlarmActions OKActions InsufficientDataActions",
	.ignores = "AlarmName AlarmNamePrefix",
};
