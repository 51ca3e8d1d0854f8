/* SPDX-License-Identifier: MIT
 *
 * From the text of the configuration to a tree of strings, by libconfuse.
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
#include <assert.h>
#include <confuse.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "daemon/config_option.h"
#include "daemon/config_reading.h"

enum { SECTION_OPTIONS_MAX = 64 };

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
		assert(n + SECTION_COUNT < SECTION_OPTIONS_MAX);
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

cfg_t *
reading_parse(struct reading *reading)
{
	cfg_t *cfg;

	current = reading;
	cfg = parse(reading);
	current = NULL;
	complain_twice(reading);
	return cfg;
}

unsigned
reading_line(const struct reading *reading, const cfg_t *section,
    const char *name, unsigned otherwise)
{
	const struct seen *seen;
	size_t i;

	for (i = reading->seen_count; i > 0; i--) {
		seen = &reading->seen[i - 1];
		if (seen->section == section && strcmp(seen->name, name) == 0)
			return seen->line;
	}
	return otherwise;
}

unsigned
reading_begin(
    const struct reading *reading, const cfg_t *section, unsigned otherwise)
{
	if (section == NULL || section->line <= 0)
		return otherwise;
	return config_text_opened(reading->text, (unsigned)section->line);
}
