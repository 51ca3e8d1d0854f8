/* SPDX-License-Identifier: MIT
 *
 * The list of mistakes, and the lines of the facts.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "daemon/config_source.h"

void
config_source_release(struct config_source *source)
{
	size_t i;

	for (i = 0; i < source->mistake_count; i++)
		free(source->mistakes[i].text);
	free(source->mistakes);
	free(source->places);
	source->mistakes = NULL;
	source->places = NULL;
	source->mistake_count = source->place_count = 0;
}

void
config_note(struct config_source *source, const void *fact, unsigned line)
{
	struct config_place *place;

	source->places = mem_grow(
	    source->places, source->place_count + 1, sizeof(*source->places));
	place = &source->places[source->place_count++];
	place->fact = fact;
	place->line = line;
}

unsigned
config_line(const struct config_source *source, const void *fact)
{
	size_t i;

	for (i = source->place_count; i > 0; i--) {
		if (source->places[i - 1].fact == fact)
			return source->places[i - 1].line;
	}
	return 0;
}

bool
config_source_full(const struct config_source *source)
{
	return source->mistake_count >= CONFIG_MISTAKES_MAX;
}

static void __attribute__((format(printf, 3, 0)))
add(struct config_source *source, unsigned line, const char *fmt, va_list ap)
{
	struct config_mistake *mistake;
	char text[512], *c;

	if (config_source_full(source))
		return;
	vsnprintf(text, sizeof(text), fmt, ap);
	for (c = text; *c != '\0'; c++) {
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?'; /* one mistake is one line */
	}
	source->mistakes = mem_grow(source->mistakes, source->mistake_count + 1,
	    sizeof(*source->mistakes));
	mistake = &source->mistakes[source->mistake_count++];
	mistake->line = line;
	mistake->text = mem_strdup(text);
}

void
config_complain(
    struct config_source *source, const void *fact, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(source, config_line(source, fact), fmt, ap);
	va_end(ap);
}

void
config_complain_at(
    struct config_source *source, unsigned line, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(source, line, fmt, ap);
	va_end(ap);
}

/* Mistakes of one line keep the order in which they were found. */
static void
sort(struct config_mistake *mistakes, size_t count)
{
	struct config_mistake moved;
	size_t i, j;

	for (i = 1; i < count; i++) {
		moved = mistakes[i];
		for (j = i; j > 0 && mistakes[j - 1].line > moved.line; j--)
			mistakes[j] = mistakes[j - 1];
		mistakes[j] = moved;
	}
}

void
config_source_print(struct config_source *source, struct text *out)
{
	const struct config_mistake *mistake;
	size_t i;

	sort(source->mistakes, source->mistake_count);
	for (i = 0; i < source->mistake_count; i++) {
		mistake = &source->mistakes[i];
		text_add(out, source->path);
		if (mistake->line > 0)
			text_addf(out, ":%u", mistake->line);
		text_addf(out, ": %s\n", mistake->text);
	}
	if (config_source_full(source))
		text_addf(out,
		    "%s: too many mistakes; the rest is not "
		    "listed\n",
		    source->path);
}
