/* SPDX-License-Identifier: MIT
 *
 * SSM, SNS and STS: what drd writes, and to whom it speaks.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/tree.h"
#include "cloud.h"
#include "instant.h"
#include "laws.h"
#include "names.h"
#include "told.h"
#include "trace.h"

/* ---- SSM --------------------------------------------------------------- */

/* Reads may lag behind writes. */
static const char *
value_of(const struct parameter *p)
{
	if (world.lag_ms != 0 && p->before[0] != '\0' &&
	    instant_ms() - p->put_ms < world.lag_ms &&
	    chance_is(&world.chance, 500))
		return p->before;
	return p->value;
}

static const char *
arn_of(enum region region, const struct parameter *p, char *out, size_t size)
{
	snprintf(out, size, "arn:aws:ssm:%s:" NAMES_ACCOUNT ":parameter%s",
	    region_names[region], p->name);
	return out;
}

static void
say_parameter(
    const struct cloud_call *call, const struct parameter *p, bool first)
{
	json_t *t;
	char *s;

	char arn[256];

	t = json_pack("{s:s, s:s, s:s, s:i, s:s}", "Name", p->name, "Value",
	    value_of(p), "Type", "SecureString", "Version", (int)p->version,
	    "ARN", arn_of(call->region, p, arn, sizeof(arn)));
	s = tree_dump(t);
	text_addf(&call->answer->body, "%s%s", first ? "" : ",", s);
	free(s);
	json_decref(t);
}

static void
get_parameters(const struct cloud_call *call)
{
	json_t *input = tree_parse(call->body, strlen(call->body));
	const struct parameter *p;
	const char *name;
	size_t i, n = tree_count(input, "Names");
	bool first = true;

	text_add(&call->answer->body, "{\"Parameters\":[");
	for (i = 0; i < n; i++) {
		name = json_string_value(tree_item(input, "Names", i));
		p = world_parameter(call->region, name);
		if (p == NULL)
			continue;
		say_parameter(call, p, first);
		first = false;
	}
	text_add(&call->answer->body, "],\"InvalidParameters\":[");
	for (i = 0, first = true; i < n; i++) {
		name = json_string_value(tree_item(input, "Names", i));
		if (world_parameter(call->region, name) != NULL)
			continue;
		text_addf(
		    &call->answer->body, "%s\"%s\"", first ? "" : ",", name);
		first = false;
	}
	text_add(&call->answer->body, "]}");
	json_decref(input);
}

static void
get_parameter(const struct cloud_call *call)
{
	json_t *input = tree_parse(call->body, strlen(call->body));
	const struct parameter *p =
	    world_parameter(call->region, tree_str(input, "Name"));

	if (p == NULL) {
		cloud_error(call, 400, "ParameterNotFound");
	} else {
		text_add(&call->answer->body, "{\"Parameter\":");
		say_parameter(call, p, true);
		text_add(&call->answer->body, "}");
	}
	json_decref(input);
}

static void
keep_tags(struct parameter *p, const json_t *tags)
{
	char *s = tree_dump(tags);

	snprintf(p->tags, sizeof(p->tags), "%s", s);
	free(s);
}

/* ListTagsForResource and AddTagsToResource. */
static void
deal_with_tags(const struct cloud_call *call, bool add)
{
	json_t *input = tree_parse(call->body, strlen(call->body));
	struct parameter *p =
	    world_parameter(call->region, tree_str(input, "ResourceId"));

	if (p == NULL) {
		cloud_error(call, 400, "InvalidResourceId");
	} else if (add) {
		keep_tags(p, tree_at(input, "Tags"));
		call->answer->changes = true;
		text_add(&call->answer->body, "{}");
	} else {
		text_addf(&call->answer->body, "{\"TagList\":%s}",
		    p->tags[0] != '\0' ? p->tags : "[]");
	}
	json_decref(input);
}

static void
put_parameter(const struct cloud_call *call)
{
	json_t *input = tree_parse(call->body, strlen(call->body));
	const char *name = tree_str(input, "Name");
	const char *value = tree_str(input, "Value");
	struct parameter *p = world_parameter(call->region, name);

	if (p != NULL && !tree_true(input, "Overwrite")) {
		cloud_error(call, 400, "ParameterAlreadyExists");
		json_decref(input);
		return;
	}
	if (p == NULL)
		p = world_parameter(call->region, "");
	laws_put(call->region, name, value);
	snprintf(p->name, sizeof(p->name), "%s", name);
	memcpy(p->before, p->value, sizeof(p->before));
	snprintf(p->value, sizeof(p->value), "%s", value);
	if (tree_at(input, "Tags") != NULL)
		keep_tags(p, tree_at(input, "Tags"));
	p->put_ms = instant_ms();
	p->version++;
	call->answer->changes = true;
	text_addf(&call->answer->body, "{\"Version\":%u,\"Tier\":\"Standard\"}",
	    p->version);
	trace_line(region_names[call->region], "%s = %s", name, value);
	json_decref(input);
}

bool
cloud_ssm(const struct cloud_call *call)
{
	if (strcmp(call->operation, "GetParameters") == 0)
		get_parameters(call);
	else if (strcmp(call->operation, "GetParameter") == 0)
		get_parameter(call);
	else if (strcmp(call->operation, "PutParameter") == 0)
		put_parameter(call);
	else if (strcmp(call->operation, "ListTagsForResource") == 0)
		deal_with_tags(call, false);
	else if (strcmp(call->operation, "AddTagsToResource") == 0)
		deal_with_tags(call, true);
	else
		return false;
	return true;
}

/* ---- SNS --------------------------------------------------------------- */

/* An attribute of the message, or "". */
static const char *
attribute(
    const struct cloud_call *call, const char *what, char *out, size_t size)
{
	char name[96];
	int i;

	for (i = 1; i < 10; i++) {
		snprintf(
		    name, sizeof(name), "MessageAttributes.entry.%d.Name", i);
		if (strcmp(cloud_form(call, name, out, size), what) != 0)
			continue;
		snprintf(name, sizeof(name),
		    "MessageAttributes.entry.%d.Value.StringValue", i);
		return cloud_form(call, name, out, size);
	}
	out[0] = '\0';
	return out;
}

static void
publish(const struct cloud_call *call)
{
	char key[160], event[64], epoch[32], subject[200];

	attribute(call, "drd_step", key, sizeof(key));
	attribute(call, "drd_event", event, sizeof(event));
	attribute(call, "drd_epoch", epoch, sizeof(epoch));
	cloud_form(call, "Subject", subject, sizeof(subject));
	laws_publish(key, event, strtoull(epoch, NULL, 10));
	call->answer->notice = true;
	call->answer->number = told_note(call->region, key, event);
	world.region[call->region].publishes++;
	call->answer->changes = true;
	trace_line(region_names[call->region], "notice %s: %s", key, subject);
	text_addf(&call->answer->body,
	    "<PublishResponse><PublishResult><MessageId>m-%u</MessageId>"
	    "</PublishResult></PublishResponse>",
	    world.region[call->region].publishes);
}

bool
cloud_sns(const struct cloud_call *call)
{
	char arn[160];

	if (strcmp(call->operation, "Publish") == 0) {
		publish(call);
	} else if (strcmp(call->operation, "GetTopicAttributes") == 0) {
		cloud_form(call, "TopicArn", arn, sizeof(arn));
		text_addf(&call->answer->body,
		    "<GetTopicAttributesResponse><GetTopicAttributesResult>"
		    "<Attributes><entry><key>TopicArn</key><value>%s</value>"
		    "</entry><entry><key>Policy</key><value>{}</value></entry>"
		    "</Attributes></GetTopicAttributesResult>"
		    "</GetTopicAttributesResponse>",
		    arn);
	} else if (strcmp(call->operation, "ListTagsForResource") == 0) {
		text_add(&call->answer->body,
		    "<ListTagsForResourceResponse><ListTagsForResourceResult>"
		    "<Tags/></ListTagsForResourceResult>"
		    "</ListTagsForResourceResponse>");
	} else {
		return false;
	}
	return true;
}

/* ---- STS --------------------------------------------------------------- */

bool
cloud_sts(const struct cloud_call *call)
{
	if (strcmp(call->operation, "GetCallerIdentity") != 0)
		return false;
	text_add(&call->answer->body,
	    "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>"
	    "arn:aws:iam::" NAMES_ACCOUNT ":user/drd</Arn><UserId>x</UserId>"
	    "<Account>" NAMES_ACCOUNT "</Account></GetCallerIdentityResult>"
	    "</GetCallerIdentityResponse>");
	return true;
}

/* ---- the tagging API ---------------------------------------------------- */

bool
cloud_tagging(const struct cloud_call *call)
{
	struct text *out = &call->answer->body;
	const struct parameter *p;
	char arn[256];
	bool first = true;
	int i;

	if (strcmp(call->operation, "GetResources") != 0)
		return false;
	text_add(out, "{\"PaginationToken\":\"\",\"ResourceTagMappingList\":[");
	for (i = 0; i < PARAMETERS_MAX; i++) {
		p = &world.region[call->region].parameters[i];
		if (p->tags[0] == '\0')
			continue;
		text_addf(out, "%s{\"ResourceARN\":\"%s\",\"Tags\":%s}",
		    first ? "" : ",", arn_of(call->region, p, arn, sizeof(arn)),
		    p->tags);
		first = false;
	}
	text_add(out, "]}");
	return true;
}
