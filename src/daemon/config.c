/* SPDX-License-Identifier: MIT
 *
 * Reading the configuration: all of it, or nothing.
 *
 * The passes: the text is loaded and made ready (config_text), read option
 * by option (config_parse, by the table in config_option), completed by what
 * follows from other options (here), and checked as a whole (config_check).
 * Every pass adds its mistakes to one list; an empty list is the only way to
 * a configuration.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "daemon/config_check.h"
#include "daemon/config_parse.h"
#include "stack/names.h"

/* FNV-1a, 64 bits: tells two files apart, and proves nothing. */
static void
digest(const struct config_text *text, char out[CONFIG_DIGEST_SIZE])
{
	uint64_t hash = UINT64_C(14695981039346656037);
	size_t i;

	for (i = 0; i < text->len; i++) {
		hash ^= (unsigned char)text->s[i];
		hash *= UINT64_C(1099511628211);
	}
	snprintf(out, CONFIG_DIGEST_SIZE, "%016" PRIx64, hash);
}

static void
derive_balancer(const struct config_stack *stack, struct config_region *region)
{
	char name[NAME_MAX_LEN + 1];

	if (region->load_balancer == NULL && region->name != NULL &&
	    stack->service != NULL && stack->environment != NULL)
		region->load_balancer = mem_strdup(
		    name_of(name, NAME_LOAD_BALANCER_MAX, stack->service,
			region->name, stack->environment, "alb"));
}

static void
drop_final_dot(char *domain)
{
	size_t len = domain != NULL ? strlen(domain) : 0;

	if (len > 0 && domain[len - 1] == '.')
		domain[len - 1] = '\0';
}

/* What was left open and follows from the rest. */
static void
derive(struct config_stack *stack)
{
	if (stack->service == NULL)
		stack->service = mem_strdup(stack->name);
	if (stack->suffix == NULL && stack->environment != NULL)
		stack->suffix =
		    mem_printf("%s-%s", stack->service, stack->environment);
	if (stack->check_port == 0)
		stack->check_port = stack->check_https ? 443 : 80;
	drop_final_dot(stack->zone);
	drop_final_dot(stack->record);
	derive_balancer(stack, &stack->primary);
	derive_balancer(stack, &stack->standby);
}

static struct config *
read_text(struct config_text *text, struct config_source *source)
{
	struct config *config = mem_alloc(sizeof(*config));
	size_t i;

	config->path = mem_strdup(source->path);
	digest(text, config->digest);
	config_text_scan(text, source);
	if (text->whole && config_parse(text, source, config)) {
		for (i = 0; i < config->stack_count; i++)
			derive(&config->stacks[i]);
		config_check(config, source);
	}
	return config;
}

struct config *
config_read(const char *path, struct text *complaints)
{
	struct config_source source = { .path = path };
	struct config_text text;
	struct config *config;
	struct error e;

	if (config_text_load(&text, path, &e) < 0) {
		text_addf(complaints, "%s\n", e.text);
		return NULL;
	}
	config = read_text(&text, &source);
	if (source.mistake_count > 0) {
		config_source_print(&source, complaints);
		config_free(config);
		config = NULL;
	}
	config_source_release(&source);
	config_text_release(&text);
	return config;
}

static void
free_list(char **list, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		free(list[i]);
	free(list);
}

static void
release_stack(struct config_stack *stack)
{
	free(stack->name);
	free(stack->service);
	free(stack->environment);
	free(stack->suffix);
	free(stack->owner);
	free(stack->primary.name);
	free(stack->primary.load_balancer);
	free(stack->standby.name);
	free(stack->standby.load_balancer);
	free_list(stack->triggers, stack->trigger_count);
	free(stack->zone);
	free(stack->record);
	free_list(stack->name_servers, stack->name_server_count);
	free(stack->resolver);
	free(stack->check_path);
}

void
config_free(struct config *config)
{
	size_t i;

	if (config == NULL)
		return;
	for (i = 0; i < config->stack_count; i++)
		release_stack(&config->stacks[i]);
	free(config->stacks);
	for (i = 0; i < config->endpoint_count; i++) {
		free(config->endpoints[i].region);
		free(config->endpoints[i].url);
	}
	free(config->endpoints);
	free(config->path);
	free(config->state_dir);
	free(config->socket);
	free(config);
}

struct config_stack *
config_find_stack(const struct config *config, const char *name)
{
	size_t i;

	for (i = 0; i < config->stack_count; i++) {
		if (strcmp(config->stacks[i].name, name) == 0)
			return &config->stacks[i];
	}
	return NULL;
}
