/* SPDX-License-Identifier: MIT
 *
 * From the tree of strings to the facts, by the table of options.
 *
 * Every option of a section gets its value, its default or a complaint, and
 * every fact its line, so that checks made later can say where it stands.
 */
#include <confuse.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "daemon/config_form.h"
#include "daemon/config_option.h"
#include "daemon/config_parse.h"
#include "daemon/config_reading.h"

static void
fill_text(struct reading *reading, const struct config_option *option,
    const char *value, unsigned line, void *base)
{
	char why[320];

	if (config_option_set(option, value, base, why, sizeof(why)) < 0)
		config_complain_at(reading->source, line, "%s: \"%.100s\" %s",
		    option->name, value, why);
}

static void
fill_list(struct reading *reading, const struct config_option *option,
    cfg_opt_t *opt, unsigned line, void *base)
{
	const char **values;
	unsigned i, count = cfg_opt_size(opt);
	char why[320];

	values = mem_array((size_t)count + 1, sizeof(*values));
	for (i = 0; i < count; i++)
		values[i] = cfg_opt_getnstr(opt, i);
	if (config_option_set_list(
		option, values, count, base, why, sizeof(why)) < 0)
		config_complain_at(
		    reading->source, line, "%s: %s", option->name, why);
	free(values);
}

static void
fill_default(const struct config_option *option, void *base)
{
	const char *values[8];
	size_t count = 0;
	char *words, *word, *rest, why[320];

	if (option->type != TYPE_LIST) {
		/* A test sets every default: none is refused. */
		if (option->fallback[0] != '\0')
			(void)config_option_set(
			    option, option->fallback, base, why, sizeof(why));
		return;
	}
	rest = words = mem_strdup(option->fallback);
	while ((word = strsep(&rest, " ")) != NULL) {
		if (word[0] != '\0' && count < 8)
			values[count++] = word;
	}
	(void)config_option_set_list(
	    option, values, count, base, why, sizeof(why));
	free(words);
}

/*
 * Read one section into `base`; `sec` NULL: it is not in the file.  `line` is
 * where what is missing is missing.
 */
static void
fill_section(struct reading *reading, enum config_section section, cfg_t *sec,
    unsigned line, void *base)
{
	const struct config_option *option;
	const char *fact;
	unsigned at;
	cfg_opt_t *opt;

	for (option = config_options; option->name != NULL; option++) {
		if (option->section != section)
			continue;
		fact = (char *)base + option->offset;
		opt = sec != NULL ? cfg_getopt(sec, option->name) : NULL;
		at = opt != NULL
		    ? reading_line(reading, sec, option->name, line)
		    : line;
		config_note(reading->source, fact, at);
		if (opt != NULL && option->type == TYPE_LIST &&
		    (opt->flags & CFGF_MODIFIED) != 0)
			fill_list(reading, option, opt, at, base);
		else if (opt != NULL && option->type != TYPE_LIST &&
		    cfg_opt_size(opt) > 0)
			fill_text(
			    reading, option, cfg_opt_getnstr(opt, 0), at, base);
		else if (option->fallback != NULL)
			fill_default(option, base);
		else if (!reading->broken)
			config_complain_at(reading->source, line,
			    "%s%s%s is missing: %s",
			    config_sections[section].name,
			    section == SECTION_TOP ? "" : ": ", option->name,
			    option->help);
	}
}

/* From the draft to its place, the lines of its facts with them. */
static void
take_region(struct reading *reading, struct config_region_draft *draft,
    struct config_region *region)
{
	const struct config_option *option;
	size_t offset;

	*region = draft->region;
	memset(&draft->region, 0, sizeof(draft->region));
	for (option = config_options; option->name != NULL; option++) {
		if (option->section != SECTION_REGION ||
		    strcmp(option->name, "role") == 0)
			continue;
		offset = option->offset -
		    offsetof(struct config_region_draft, region);
		config_note(reading->source, (char *)region + offset,
		    config_line(
			reading->source, (char *)draft + option->offset));
	}
}

static void
fill_region(struct reading *reading, cfg_t *sec, struct config_stack *stack,
    unsigned stack_line)
{
	struct config_region_draft *draft = mem_alloc(sizeof(*draft));
	unsigned line = reading_begin(reading, sec, stack_line);
	struct config_region *region;

	draft->role = CONFIG_NO_ROLE;
	fill_section(reading, SECTION_REGION, sec, line, draft);
	region =
	    draft->role == CONFIG_STANDBY ? &stack->standby : &stack->primary;
	if (!form_region.good(cfg_title(sec))) {
		config_complain_at(reading->source, line,
		    "region \"%.64s\" is not %s", cfg_title(sec),
		    form_region.what);
	} else if (draft->role != CONFIG_NO_ROLE && region->name != NULL) {
		config_complain_at(reading->source, line,
		    "two regions are the %s: %s and %s",
		    draft->role == CONFIG_STANDBY ? "standby" : "primary",
		    region->name, cfg_title(sec));
	} else if (draft->role != CONFIG_NO_ROLE) {
		take_region(reading, draft, region);
		region->name = mem_strdup(cfg_title(sec));
		config_note(reading->source, region, line);
	}
	config_region_release(&draft->region);
	free(draft);
}

static void
fill_stack(struct reading *reading, cfg_t *sec, struct config_stack *stack)
{
	unsigned line = reading_begin(reading, sec, 0), i;
	cfg_t *part;
	int s;

	config_note(reading->source, stack, line);
	stack->name = mem_strdup(cfg_title(sec));
	fill_section(reading, SECTION_STACK, sec, line, stack);
	for (i = 0; i < cfg_size(sec, "region"); i++)
		fill_region(
		    reading, cfg_getnsec(sec, "region", i), stack, line);
	for (s = SECTION_REGION + 1; s < SECTION_COUNT; s++) {
		part = cfg_size(sec, config_sections[s].name) > 0
		    ? cfg_getsec(sec, config_sections[s].name)
		    : NULL;
		fill_section(reading, (enum config_section)s, part,
		    reading_begin(reading, part, line), stack);
	}
}

static void
fill_config(struct reading *reading, cfg_t *cfg, struct config *config)
{
	struct config_endpoint *endpoint;
	unsigned i, line;
	cfg_t *sec;

	fill_section(reading, SECTION_TOP, cfg, 0, config);
	config->endpoint_count = cfg_size(cfg, "endpoint");
	config->endpoints =
	    mem_array(config->endpoint_count + 1, sizeof(*config->endpoints));
	for (i = 0; i < config->endpoint_count; i++) {
		sec = cfg_getnsec(cfg, "endpoint", i);
		endpoint = &config->endpoints[i];
		endpoint->region = mem_strdup(cfg_title(sec));
		line = reading_begin(reading, sec, 0);
		config_note(reading->source, endpoint, line);
		fill_section(reading, SECTION_ENDPOINT, sec, line, endpoint);
	}
	config->stack_count = cfg_size(cfg, "stack");
	config->stacks =
	    mem_array(config->stack_count + 1, sizeof(*config->stacks));
	for (i = 0; i < config->stack_count; i++)
		fill_stack(
		    reading, cfg_getnsec(cfg, "stack", i), &config->stacks[i]);
}

bool
config_parse(struct config_text *text, struct config_source *source,
    struct config *config)
{
	struct reading reading = { .text = text, .source = source };
	cfg_t *cfg;

	reading.broken = !text->sound;
	cfg = reading_parse(&reading);
	fill_config(&reading, cfg, config);
	cfg_free(cfg);
	free(reading.seen);
	return !reading.broken;
}
