/* SPDX-License-Identifier: MIT
 *
 * What the file left open and follows from the rest of it.
 *
 * The defaults that are not one text for everybody: names by the rule of
 * stack/names.h, and what one option means for another.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "daemon/config_derive.h"
#include "stack/names.h"

enum { BUCKET_MAX = 63, TABLE_MAX = 255 };

static void
drop_final_dot(char *domain)
{
	size_t len = domain != NULL ? strlen(domain) : 0;

	if (len > 0 && domain[len - 1] == '.')
		domain[len - 1] = '\0';
}

/* Not given: `value`. */
static void
fall_back(char **member, const char *value)
{
	if (*member == NULL)
		*member = mem_strdup(value);
}

static void
derive_name(char **member, const struct config_stack *stack, const char *region,
    size_t limit, const char *purpose)
{
	char name[NAME_MAX_LEN + 1];

	if (region == NULL || stack->service == NULL ||
	    stack->environment == NULL)
		return;
	fall_back(member,
	    name_of(name, limit, stack->service, region, stack->environment,
		purpose));
}

static void
derive_region(const struct config_stack *stack, struct config_region *region,
    const char *cidr)
{
	derive_name(&region->load_balancer, stack, region->name,
	    NAME_LOAD_BALANCER_MAX, "alb");
	derive_name(&region->bucket, stack, region->name, BUCKET_MAX, "data");
	fall_back(&region->cidr, cidr);
	fall_back(&region->certificate, "");
}

/* A relative path begins where the file is. */
static void
derive_package(struct config_stack *stack, const char *path)
{
	const char *slash = strrchr(path, '/');
	char *given = stack->function_package;

	if (given == NULL) {
		stack->function_package =
		    mem_strdup(DRD_DATADIR "/handler.zip");
	} else if (given[0] != '/' && slash != NULL) {
		stack->function_package =
		    mem_printf("%.*s/%s", (int)(slash - path), path, given);
		free(given);
	}
}

static void
derive_protocol(struct config_stack *stack)
{
	stack->entry_https = stack->entry_domain[0] != '\0' ||
	    stack->primary.certificate[0] != '\0' ||
	    stack->standby.certificate[0] != '\0';
	stack->check_https = stack->check_protocol == CHECK_AUTO
	    ? stack->entry_https
	    : stack->check_protocol == CHECK_HTTPS;
	if (stack->check_port == 0)
		stack->check_port = stack->check_https ? 443 : 80;
	if (stack->probe_port == 0)
		stack->probe_port = stack->check_port;
}

/*
 * The latch is made of checks, of the record that follows them and, for a
 * metric, of an alarm.  Where these are somebody else's, so is the latch.
 */
static void
derive_latch(struct config_stack *stack)
{
	stack->latch = stack->latch_carrier;
	if (stack->manage_health_checks != POLICY_MANAGE ||
	    stack->manage_records != POLICY_MANAGE ||
	    (stack->latch == CARRIER_METRIC &&
		stack->manage_alarms != POLICY_MANAGE))
		stack->latch = CARRIER_NONE;
	if (stack->latch_key == NULL && stack->suffix != NULL)
		stack->latch_key = mem_printf("drd/%s/latch", stack->suffix);
}

void
config_derive(struct config_stack *stack, const char *path)
{
	if (stack->service == NULL)
		stack->service = mem_strdup(stack->name);
	if (stack->suffix == NULL && stack->environment != NULL)
		stack->suffix =
		    mem_printf("%s-%s", stack->service, stack->environment);
	drop_final_dot(stack->zone);
	drop_final_dot(stack->record);
	drop_final_dot(stack->entry_domain);
	fall_back(&stack->entry_domain, "");
	fall_back(&stack->parameter_key, "");
	fall_back(&stack->probe_body, "");
	derive_region(stack, &stack->primary, "10.0.0.0/16");
	derive_region(stack, &stack->standby, "10.1.0.0/16");
	derive_name(&stack->table_name, stack, "global", TABLE_MAX, "table");
	derive_package(stack, path);
	derive_protocol(stack);
	derive_latch(stack);
}
