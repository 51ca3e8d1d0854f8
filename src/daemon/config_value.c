/* SPDX-License-Identifier: MIT
 *
 * From what the file says to the member of the struct: one row of the table
 * of options at work.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "daemon/config_option.h"

static void
set_unsigned(const struct config_option *option, void *base, uint64_t value)
{
	unsigned small = (unsigned)value;

	memcpy((char *)base + option->offset, &small, sizeof(small));
}

/* A whole number in `radix`; -1: something else, or out of bounds. */
static int
read_number(const struct config_option *option, const char *value,
    unsigned radix, uint64_t *out)
{
	uint64_t number = 0;
	const char *s;

	for (s = value; *s != '\0'; s++) {
		if (*s < '0' || *s >= (char)('0' + radix) || s - value > 9)
			return -1;
		number = number * radix + (uint64_t)(*s - '0');
	}
	if (s == value || number < option->min || number > option->max)
		return -1;
	*out = number;
	return 0;
}

static int
set_count(const struct config_option *option, const char *value, void *base,
    char *why, size_t why_size)
{
	uint64_t number;

	if (option->type == TYPE_MODE &&
	    read_number(option, value, 8, &number) < 0) {
		snprintf(why, why_size, "is not an octal mode up to %#jo",
		    (uintmax_t)option->max);
		return -1;
	}
	if (option->type == TYPE_COUNT &&
	    read_number(option, value, 10, &number) < 0) {
		snprintf(why, why_size, "is not a number from %ju to %ju",
		    (uintmax_t)option->min, (uintmax_t)option->max);
		return -1;
	}
	set_unsigned(option, base, number);
	return 0;
}

static int
set_span(const struct config_option *option, const char *value, void *base,
    char *why, size_t why_size)
{
	char min[CLOCK_SPAN_SIZE], max[CLOCK_SPAN_SIZE];
	uint64_t ms;

	if (clock_parse_span(value, &ms) < 0) {
		snprintf(why, why_size,
		    "is not a duration (a whole number and ms, s, m, h or d)");
		return -1;
	}
	if (ms < option->min || ms > option->max) {
		snprintf(why, why_size, "is not a duration from %s to %s",
		    clock_span(option->min, min), clock_span(option->max, max));
		return -1;
	}
	if (option->type == TYPE_SECONDS && ms % 1000 != 0) {
		snprintf(why, why_size, "is not a number of whole seconds");
		return -1;
	}
	if (option->type == TYPE_MS64)
		memcpy((char *)base + option->offset, &ms, sizeof(ms));
	else
		set_unsigned(option, base,
		    option->type == TYPE_SECONDS ? ms / 1000 : ms);
	return 0;
}

static int
set_word(const struct config_option *option, const char *value, void *base,
    char *why, size_t why_size)
{
	const struct config_word *word;
	size_t used;
	bool flag;

	for (word = option->words; word->word != NULL; word++) {
		if (strcmp(word->word, value) != 0)
			continue;
		flag = word->value != 0;
		if (option->type == TYPE_BOOL)
			memcpy(
			    (char *)base + option->offset, &flag, sizeof(flag));
		else
			set_unsigned(option, base, (uint64_t)word->value);
		return 0;
	}
	used = (size_t)snprintf(why, why_size, "is not one of");
	for (word = option->words; word->word != NULL; word++) {
		if (used < why_size)
			used += (size_t)snprintf(
			    why + used, why_size - used, " %s", word->word);
	}
	return -1;
}

static int
set_text(const struct config_option *option, const char *value, void *base,
    char *why, size_t why_size)
{
	char *copy;

	if (!option->form->good(value)) {
		snprintf(why, why_size, "is not %s", option->form->what);
		return -1;
	}
	copy = mem_strdup(value);
	memcpy((char *)base + option->offset, &copy, sizeof(copy));
	return 0;
}

int
config_option_set(const struct config_option *option, const char *value,
    void *base, char *why, size_t why_size)
{
	switch (option->type) {
	case TYPE_TEXT:
		return set_text(option, value, base, why, why_size);
	case TYPE_COUNT:
	case TYPE_MODE:
		return set_count(option, value, base, why, why_size);
	case TYPE_MS64:
	case TYPE_MS:
	case TYPE_SECONDS:
		return set_span(option, value, base, why, why_size);
	case TYPE_WORD:
	case TYPE_BOOL:
		return set_word(option, value, base, why, why_size);
	case TYPE_LIST:
		break;
	}
	return config_option_set_list(option, &value, 1, base, why, why_size);
}

int
config_option_set_list(const struct config_option *option,
    const char *const *values, size_t count, void *base, char *why,
    size_t why_size)
{
	char **list;
	size_t i;

	for (i = 0; i < count; i++) {
		if (!option->form->good(values[i])) {
			snprintf(why, why_size, "\"%.100s\" is not %s",
			    values[i], option->form->what);
			return -1;
		}
	}
	list = mem_array(count + 1, sizeof(*list));
	for (i = 0; i < count; i++)
		list[i] = mem_strdup(values[i]);
	memcpy((char *)base + option->offset, &list, sizeof(list));
	memcpy((char *)base + option->count_offset, &count, sizeof(count));
	return 0;
}
