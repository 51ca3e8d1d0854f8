/* SPDX-License-Identifier: MIT
 *
 * A listener of a load balancer: a port, and where its requests go.
 *
 * The port identifies it.  One DescribeListeners serves all listeners of a
 * balancer.  A certificate that ACM has just issued may be unknown here, or
 * "unsupported", for some seconds more.
 */
#include "base/mem.h"
#include "base/text.h"
#include "stack/kind.h"
#include "stack/kinds/elb.h"
#include "stack/kinds/spell.h"

#define SETTINGS "Port Protocol SslPolicy Certificates DefaultActions"

static json_t *
by_balancer(const json_t *want, const json_t *have)
{
	return spell_pick(want, "LoadBalancerArn");
}

static int
find(const json_t *want, const json_t *reply, json_t **have, struct error *e)
{
	const char *path = "Listeners.member";
	const json_t *item;
	int64_t port, ours = -1;
	size_t i;

	(void)tree_int(want, "Port", &ours);
	if (tree_at(reply, "Listeners") == NULL)
		return error_set(e, ERROR_BROKEN, "UnreadableReply",
		    "no list of listeners in the reply");
	for (i = 0; i < tree_count(reply, path); i++) {
		item = tree_item(reply, path, i);
		if (tree_str(item, "ListenerArn") == NULL ||
		    tree_int(item, "Port", &port) == -1)
			return error_set(e, ERROR_BROKEN, "UnreadableReply",
			    "a listener without ARN or port");
		if (port == ours && *have == NULL)
			*have = spell_pick(item, "ListenerArn " SETTINGS);
	}
	return 0;
}

static json_t *
tags_input(const json_t *want, const json_t *have)
{
	return elb_tags_input(have, "ListenerArn");
}

static json_t *
create(const json_t *want, const json_t *have, const char *token)
{
	json_t *input = spell_pick(want, "LoadBalancerArn " SETTINGS);

	tree_put(input, "Tags.member",
	    spell_tag_list(json_object_get(want, "Tags")));
	return input;
}

static json_t *
modify(const json_t *want, const json_t *have, const char *token)
{
	json_t *input = spell_pick(want, SETTINGS);

	spell_put(
	    input, "ListenerArn", spell_string(tree_str(have, "ListenerArn")));
	return input;
}

static bool
certificate_lags(const struct error *e)
{
	return text_has_word(
	    "CertificateNotFound UnsupportedCertificate", e->code);
}

static json_t *
retag(const json_t *want, const json_t *have, const char *token)
{
	return elb_tag_input(want, have, "ListenerArn");
}

static json_t *delete (
    const json_t *want, const json_t *have, const char *token)
{
	return spell_pick(have, "ListenerArn");
}

static const struct kind_page pages[] = {
	{ "NextMarker", "Marker" },
	{ NULL, NULL },
};

static const struct kind_step steps[] = {
	{ "CreateListener", .absent = true, .input = create,
	    .early = certificate_lags, .why = "not there yet" },
	{ "AddTags", .differs = "Tags", .input = retag, .why = "other tags" },
	{ "ModifyListener", .differs = SETTINGS, .input = modify,
	    .early = certificate_lags, .why = "other settings" },
	{ .operation = NULL },
};

/* Before its target group, which it holds. */
static const struct kind_step removal[] = {
	{ "DeleteListener", .input = delete, .why = "no longer wanted" },
	{ .operation = NULL },
};

const struct kind kind_listener = {
	.name = "listener",
	.service = SERVICE_ELB,
	.look = { "DescribeListeners", .pages = pages,
	    .items = "Listeners.member", .absent = "LoadBalancerNotFound",
	    .input = by_balancer, .have = find },
	.tags = { "DescribeTags", .input = tags_input, .have = elb_tags_have },
	.steps = steps,
	.removal = removal,
	.arn = "ListenerArn",
	.ignores = "LoadBalancerArn Port",
};
