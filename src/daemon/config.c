/* SPDX-License-Identifier: MIT
 *
 * Reading the configuration: all of it, or nothing.
 *
 * The passes: the text is loaded and made ready (config_text), read option
 * by option (config_parse, by the table in config_option), completed by what
 * follows from other options (config_derive), and checked as a whole (config_check).
 * Every pass adds its mistakes to one list; an empty list is the only way to
 * a configuration.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "daemon/config_check.h"
#include "daemon/config_derive.h"
#include "daemon/config_files.h"
#include "daemon/config_parse.h"
#include "daemon/config_warn.h"

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

static struct config *
read_text(struct config_text *text, struct config_source *source, bool files)
{
	struct config *config = mem_alloc(sizeof(*config));
	size_t i;

	config->path = mem_strdup(source->path);
	digest(text, config->digest);
	config_text_scan(text, source);
	if (text->whole && config_parse(text, source, config)) {
		if (config->viewer_group == NULL)
			config->viewer_group = mem_strdup("");
		for (i = 0; i < config->stack_count; i++)
			config_derive(&config->stacks[i], config->path);
		for (i = 0; i < config->stack_count && files; i++)
			config_read_files(&config->stacks[i], source);
		config_check(config, source);
	}
	return config;
}

static void
take_warnings(struct config *config, const struct config_source *source)
{
	struct text warnings = TEXT_INIT;

	config_warn(config, source, &warnings);
	config->warnings = text_take(&warnings);
}

static struct config *
read_config(const char *path, struct text *complaints, bool files)
{
	struct config_source source = { .path = path };
	struct config_text text;
	struct config *config;
	struct error e;

	if (config_text_load(&text, path, &e) < 0) {
		text_addf(complaints, "%s\n", e.text);
		return NULL;
	}
	config = read_text(&text, &source, files);
	if (source.mistake_count > 0) {
		config_source_print(&source, complaints);
		config_free(config);
		config = NULL;
	}
	if (config != NULL)
		take_warnings(config, &source);
	config_source_release(&source);
	config_text_release(&text);
	return config;
}

struct config *
config_read(const char *path, struct text *complaints)
{
	return read_config(path, complaints, true);
}

/* It is in order but for what it names: all that can be used of that is. */
static void
take_usable(struct config *config)
{
	struct config_source ignored = { .path = config->path };
	size_t i;

	for (i = 0; i < config->stack_count; i++)
		config_read_files(&config->stacks[i], &ignored);
	config_source_release(&ignored);
}

struct config *
config_read_to_run(const char *path, struct text *complaints)
{
	struct text all = TEXT_INIT;
	struct config *config = config_read(path, &all);

	if (config == NULL) {
		config = config_read_text(path, complaints);
		if (config != NULL) {
			take_usable(config);
			config->unusable = text_take(&all);
		} else {
			text_clear(complaints);
			text_add(complaints, all.s);
		}
	}
	text_release(&all);
	return config;
}

struct config *
config_read_text(const char *path, struct text *complaints)
{
	return read_config(path, complaints, false);
}

static void
free_list(char **list, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		free(list[i]);
	free(list);
}

void
config_region_release(struct config_region *region)
{
	free(region->name);
	free(region->load_balancer);
	free(region->cidr);
	free_list(region->zones, region->zone_count);
	free(region->certificate);
	free(region->bucket);
}

static void
release_stack(struct config_stack *stack)
{
	free(stack->name);
	free(stack->service);
	free(stack->environment);
	free(stack->suffix);
	free(stack->owner);
	config_region_release(&stack->primary);
	config_region_release(&stack->standby);
	free_list(stack->triggers, stack->trigger_count);
	free_list(stack->windows, stack->window_count);
	free(stack->zone);
	free(stack->record);
	free_list(stack->name_servers, stack->name_server_count);
	free(stack->resolver);
	free(stack->check_path);
	free(stack->latch_bucket);
	free(stack->latch_key);
	free(stack->latch_control);
	free_list(stack->latch_endpoints, stack->latch_endpoint_count);
	free(stack->probe_body);
	free(stack->function_package);
	free(stack->function_sha256);
	free(stack->function_runtime);
	free(stack->function_handler);
	free(stack->entry_domain);
	free(stack->entry_tls_policy);
	free(stack->table_name);
	free(stack->table_key);
	free(stack->parameter_key);
	free_list(stack->subscriptions, stack->subscription_count);
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
	free(config->unusable);
	free(config->path);
	free(config->warnings);
	free(config->state_dir);
	free(config->socket);
	free(config->viewer_group);
	free(config->operator_group);
	free(config->admin_group);
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
