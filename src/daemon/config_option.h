/* SPDX-License-Identifier: MIT
 *
 * The options of the configuration file, as one table.
 *
 * Reading, checking, the messages and (by a test) the sample and the manual
 * all go by this table; an option is a row here and nothing else.
 */
#ifndef DRD_DAEMON_CONFIG_OPTION_H
#define DRD_DAEMON_CONFIG_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/config.h"

/* Sections by where they stand; the parent comes before the child. */
enum config_section {
	SECTION_TOP,
	SECTION_ENDPOINT,
	SECTION_STACK,
	SECTION_REGION,
	SECTION_FUNCTION,
	SECTION_ENTRY,
	SECTION_TABLE,
	SECTION_BUCKET,
	SECTION_DNS,
	SECTION_HEALTH_CHECK,
	SECTION_LATCH,
	SECTION_PROBE,
	SECTION_ALARMS,
	SECTION_READINESS,
	SECTION_MANAGE,
	SECTION_COUNT
};

struct config_section_facts {
	const char *name;	    /* "" for the top */
	enum config_section parent; /* of the top: itself */
	bool titled;		    /* may stand several times, by title */
	const char *title;	    /* what the title is: "a region" */
};

extern const struct config_section_facts config_sections[SECTION_COUNT];

enum config_type {
	TYPE_TEXT,    /* char * */
	TYPE_LIST,    /* char **; the count stands in `count_offset` */
	TYPE_COUNT,   /* unsigned */
	TYPE_MODE,    /* unsigned, octal */
	TYPE_MS64,    /* uint64_t milliseconds, from a duration */
	TYPE_MS,      /* unsigned milliseconds, from a duration */
	TYPE_SECONDS, /* unsigned seconds, from a duration */
	TYPE_WORD,    /* an enum, one of `words` */
	TYPE_BOOL,    /* a bool that is spelled by two `words` */
};

struct config_word {
	const char *word; /* NULL ends the list */
	int value;
};

/* What a TYPE_TEXT, or each item of a TYPE_LIST, has to look like. */
struct config_form {
	bool (*good)(const char *s);
	const char *what; /* "an absolute path" */
};

struct config_option {
	enum config_section section;
	const char *name;
	enum config_type type;
	/*
	 * As the file would say it, list items separated by a space.  NULL:
	 * must be given; "": none, or it follows from other options.
	 */
	const char *fallback;
	uint64_t min; /* milliseconds for durations */
	uint64_t max;
	const struct config_form *form;
	const struct config_word *words;
	size_t offset; /* in the struct of the section */
	size_t count_offset;
	const char *help; /* the sentence of the sample file */
};

/* What a section is read into before it is known which region it is. */
enum config_role { CONFIG_PRIMARY, CONFIG_STANDBY, CONFIG_NO_ROLE };

struct config_region_draft {
	struct config_region region;
	enum config_role role;
};

extern const struct config_option config_options[]; /* .name NULL ends */

/*
 * Set the option in `base` from `value`; -1: `value` will not do, and `why`
 * has the rest of the sentence: "is not a duration from 50ms to 1h".
 */
int config_option_set(const struct config_option *option, const char *value,
    void *base, char *why, size_t why_size);
int config_option_set_list(const struct config_option *option,
    const char *const *values, size_t count, void *base, char *why,
    size_t why_size);

/*
 * For a key that is not known in `section`, what may have been meant:
 * " (did you mean \"fall\"?)", or "".
 */
void config_option_suggest(
    enum config_section section, const char *key, char *out, size_t size);

#endif
