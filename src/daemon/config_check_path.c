/* SPDX-License-Identifier: MIT
 *
 * Whether a failover could be made without the region that fails.
 *
 * Three things can bring that region back into the path: a key that lives in
 * one region, an endpoint that leads into the other one, and an effect that
 * users wait for and that is not of the standby's data plane.  The last is
 * judged by the path itself, made as a failover would make it.
 */
#include <string.h>

#include "base/text.h"
#include "daemon/config_check_path.h"
#include "daemon/way.h"

/*
 * SSM asks KMS in its own region.  Source: KMS developer guide, "Multi-Region
 * keys": their ids begin with mrk- and are the same in each region; an ARN
 * names one.
 */
static void
check_key(const struct config_stack *stack, struct config_source *source)
{
	const char *key = stack->parameter_key;

	if (*key == '\0' || text_starts(key, "alias/") ||
	    text_starts(key, "mrk-"))
		return;
	config_complain(source, &stack->parameter_key,
	    "parameter_key: %s is of one region, and the parameters of the "
	    "other one could not be written with it: name an alias that both "
	    "regions have (alias/...) or a multi-Region key (mrk-...)",
	    key);
}

/* Is `region` one of the labels of the URL's host? */
static bool
leads_into(const char *url, const char *region)
{
	const char *at;
	size_t len = strlen(region);

	for (at = strstr(url, region); at != NULL; at = strstr(at + 1, region))
		if (at > url && strchr("./", at[-1]) != NULL &&
		    (at[len] == '\0' || strchr(".:/", at[len]) != NULL))
			return true;
	return false;
}

static void
check_endpoint(const struct config *config, const char *region,
    const char *other, struct config_source *source)
{
	const struct config_endpoint *endpoint;
	size_t i;

	for (i = 0; i < config->endpoint_count; i++) {
		endpoint = &config->endpoints[i];
		if (strcmp(endpoint->region, region) == 0 &&
		    leads_into(endpoint->url, other))
			config_complain(source, &endpoint->url,
			    "url: %s leads into %s, so %s could not be "
			    "reached without it",
			    endpoint->url, other, region);
	}
}

void
config_check_path(const struct config *config, const struct config_stack *stack,
    struct config_source *source)
{
	struct error e;

	check_key(stack, source);
	check_endpoint(
	    config, stack->primary.name, stack->standby.name, source);
	check_endpoint(
	    config, stack->standby.name, stack->primary.name, source);
	if (way_judge(config, stack, &e) == -1)
		config_complain(
		    source, stack, "stack \"%s\": %s", stack->name, e.text);
}
