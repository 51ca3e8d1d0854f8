/* SPDX-License-Identifier: MIT
 *
 * From the text of the configuration to its facts, with libconfuse.
 *
 * libconfuse stops at the first mistake; an operator wants all of them.  So
 * it is asked for structure only: every option is a string to it, and what
 * the strings say is judged afterwards, by the table of options.  What it
 * can still refuse is an unknown key or a title that stands twice: that is
 * noted, cut out of the text, and the text is parsed again.  A true syntax
 * error ends the reading, because nobody can tell what the rest means.
 *
 * The line of an option is the one where libconfuse has read its value.
 */
#include <confuse.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "daemon/config_form.h"
#include "daemon/config_option.h"
#include "daemon/config_parse.h"

enum { SECTION_OPTIONS_MAX = 16 };

/* Where an option or a section was set, as the parser went by. */
struct seen {
	const cfg_t *section;
	const char *name;
	unsigned line;
	bool once; /* may stand once only */
};

struct reading {
	struct config_text *text;
	struct config_source *source;
	struct seen *seen;
	size_t seen_count;
	bool again;  /* something was cut: parse once more */
	bool broken; /* not all of the file was understood */
};

/*
 * libconfuse's callbacks have no argument to pass; configurations are read
 * one at a time.
 */
static struct reading *current;

/* ---- what the parser tells --------------------------------------------- */

static enum config_section
section_by_name(const char *name)
{
	int i;

	for (i = SECTION_TOP + 1; i < SECTION_COUNT; i++) {
		if (strcmp(config_sections[i].name, name) == 0)
			return (enum config_section)i;
	}
	return SECTION_TOP;
}

static void
on_unknown(cfg_t *cfg, unsigned line, const char *key)
{
	enum config_section section = section_by_name(cfg_name(cfg));
	char hint[96];

	config_option_suggest(section, key, hint, sizeof(hint));
	config_complain_at(current->source, line,
	    "unknown option \"%.64s\"%s%s%s", key,
	    section == SECTION_TOP ? "" : " in ", config_sections[section].name,
	    hint);
	current->again = config_text_cut(current->text, line, key);
}

static void
on_duplicate(unsigned line, const char *title)
{
	config_complain_at(current->source, line,
	    "\"%.64s\" is declared a second time", title);
	current->again = config_text_cut(current->text, line, "");
}

/*
 * The two mistakes that reading goes on after are told apart by libconfuse's
 * own texts, which it gives untranslated as the format.  Should they change,
 * such a mistake ends the reading, like any other: still an error with line.
 */
static void __attribute__((format(printf, 2, 0)))
on_error(cfg_t *cfg, const char *fmt, va_list ap)
{
	unsigned line = cfg->line > 0 ? (unsigned)cfg->line : 0;
	char text[256];

	if (strstr(fmt, "no such option '%s'") != NULL) {
		on_unknown(cfg, line, va_arg(ap, const char *));
	} else if (strstr(fmt, "duplicate title '%s'") != NULL) {
		on_duplicate(line, va_arg(ap, const char *));
	} else {
		vsnprintf(text, sizeof(text), fmt, ap);
		config_complain_at(current->source, line,
		    "%s (nothing below this line was read)", text);
	}
}

static bool
is_of(cfg_t *cfg, const cfg_opt_t *opt)
{
	const cfg_opt_t *own;
	unsigned i;

	for (i = 0; (own = cfg_getnopt(cfg, i)) != NULL; i++) {
		if (own == opt)
			return true;
	}
	return false;
}

static int
on_set(cfg_t *cfg, cfg_opt_t *opt)
{
	struct seen *seen;

	/* libconfuse takes "dns|zone" for an option of another block. */
	if (!is_of(cfg, opt))
		config_complain_at(current->source, (unsigned)cfg->line,
		    "%s is set outside its block", opt->name);
	current->seen = mem_grow(
	    current->seen, current->seen_count + 1, sizeof(*current->seen));
	seen = &current->seen[current->seen_count++];
	seen->section = cfg;
	seen->name = opt->name;
	seen->line = (unsigned)cfg->line;
	/* libconfuse calls for each item of a list and each titled block. */
	seen->once = (opt->flags & (CFGF_LIST | CFGF_MULTI)) == 0;
	return 0;
}

static void
complain_twice(const struct reading *reading)
{
	const struct seen *a, *b;
	size_t i, j;

	for (i = 0; i < reading->seen_count; i++) {
		for (j = 0; j < i; j++) {
			a = &reading->seen[j];
			b = &reading->seen[i];
			if (b->once && a->section == b->section &&
			    strcmp(a->name, b->name) == 0)
				break;
		}
		if (j < i)
			config_complain_at(reading->source, b->line,
			    "%s is set a second time (first on line %u)",
			    b->name, a->line);
	}
}

/* ---- parsing ------------------------------------------------------------ */

/* The options of a section, for libconfuse, which copies them. */
static void
declare(enum config_section section, cfg_opt_t *out)
{
	const struct config_option *option;
	size_t n = 0;

	for (option = config_options; option->name != NULL; option++) {
		cfg_opt_t text = CFG_STR(option->name, NULL, CFGF_NODEFAULT);
		cfg_opt_t list =
		    CFG_STR_LIST(option->name, NULL, CFGF_NODEFAULT);

		if (option->section != section)
			continue;
		out[n] = option->type == TYPE_LIST ? list : text;
		out[n++].validcb = on_set;
	}
	out[n] = (cfg_opt_t)CFG_END();
}

static void
declare_section(
    enum config_section section, cfg_opt_t *options, cfg_opt_t *into)
{
	const struct config_section_facts *facts = &config_sections[section];
	cfg_opt_t titled = CFG_SEC(facts->name, options,
	    CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES);
	cfg_opt_t single = CFG_SEC(facts->name, options, CFGF_NODEFAULT);

	while (into->name != NULL)
		into++;
	into[0] = facts->titled ? titled : single;
	into[0].validcb = on_set;
	into[1] = (cfg_opt_t)CFG_END();
}

static cfg_t *
new_parser(void)
{
	cfg_opt_t options[SECTION_COUNT][SECTION_OPTIONS_MAX];
	cfg_t *cfg;
	int i;

	for (i = 0; i < SECTION_COUNT; i++)
		declare((enum config_section)i, options[i]);
	/* A child is copied into its parent, so children come first. */
	for (i = SECTION_COUNT - 1; i > SECTION_TOP; i--)
		declare_section((enum config_section)i, options[i],
		    options[config_sections[i].parent]);
	cfg = mem_must(cfg_init(options[SECTION_TOP], CFGF_NONE));
	cfg_set_error_function(cfg, on_error);
	return cfg;
}

static bool
parse_once(cfg_t *cfg, struct reading *reading)
{
	size_t told = reading->source->mistake_count;
	FILE *file;
	int result;

	reading->again = false;
	reading->seen_count = 0;
	if (reading->text->len == 0)
		return true;
	file = mem_must(fmemopen(reading->text->s, reading->text->len, "r"));
	result = cfg_parse_fp(cfg, file);
	fclose(file);
	if (result == CFG_SUCCESS)
		return true;
	/* Of an option without a name it says nothing. */
	if (reading->source->mistake_count == told)
		config_complain_at(reading->source, (unsigned)cfg->line,
		    "cannot be understood (nothing below this line was read)");
	return false;
}

static cfg_t *
parse(struct reading *reading)
{
	cfg_t *cfg;

	for (;;) {
		cfg = new_parser();
		if (parse_once(cfg, reading))
			return cfg;
		if (!reading->again || config_source_full(reading->source)) {
			reading->broken = true;
			return cfg;
		}
		cfg_free(cfg);
	}
}

/* ---- from strings to facts ---------------------------------------------- */

static unsigned
seen_line(const struct reading *reading, const cfg_t *section, const char *name,
    unsigned otherwise)
{
	size_t i;

	for (i = reading->seen_count; i > 0; i--) {
		const struct seen *seen = &reading->seen[i - 1];

		if (seen->section == section && strcmp(seen->name, name) == 0)
			return seen->line;
	}
	return otherwise;
}

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
		at = opt != NULL ? seen_line(reading, sec, option->name, line)
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

/* The line where a section begins; libconfuse tells where it ends. */
static unsigned
section_line(const struct reading *reading, cfg_t *sec, unsigned otherwise)
{
	if (sec == NULL || sec->line <= 0)
		return otherwise;
	return config_text_opened(reading->text, (unsigned)sec->line);
}

static void
fill_region(struct reading *reading, cfg_t *sec, struct config_stack *stack,
    unsigned stack_line)
{
	struct config_region_draft *draft = mem_alloc(sizeof(*draft));
	unsigned line = section_line(reading, sec, stack_line);
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
		region->name = mem_strdup(cfg_title(sec));
		region->load_balancer = draft->region.load_balancer;
		draft->region.load_balancer = NULL;
		config_note(reading->source, region, line);
	}
	free(draft->region.load_balancer);
	free(draft);
}

static void
fill_stack(struct reading *reading, cfg_t *sec, struct config_stack *stack)
{
	unsigned line = section_line(reading, sec, 0), i;
	cfg_t *part;
	int s;

	config_note(reading->source, stack, line);
	stack->name = mem_strdup(cfg_title(sec));
	fill_section(reading, SECTION_STACK, sec, line, stack);
	for (i = 0; i < cfg_size(sec, "region"); i++)
		fill_region(
		    reading, cfg_getnsec(sec, "region", i), stack, line);
	for (s = SECTION_DNS; s < SECTION_COUNT; s++) {
		part = cfg_size(sec, config_sections[s].name) > 0
		    ? cfg_getsec(sec, config_sections[s].name)
		    : NULL;
		fill_section(reading, (enum config_section)s, part,
		    section_line(reading, part, line), stack);
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
		line = section_line(reading, sec, 0);
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
	current = &reading;
	cfg = parse(&reading);
	complain_twice(&reading);
	fill_config(&reading, cfg, config);
	cfg_free(cfg);
	current = NULL;
	free(reading.seen);
	return !reading.broken;
}
