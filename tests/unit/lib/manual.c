/* SPDX-License-Identifier: MIT
 *
 * What the manual says.  See manual.h.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "lib/manual.h"

static char *
source_file(const char *name)
{
	const char *here = __FILE__, *tests = strstr(here, "tests/unit/");
	struct text out = TEXT_INIT;
	char *file, buf[4096];
	FILE *in;
	size_t n;

	ck_assert_ptr_nonnull(tests);
	file = mem_printf("%.*s%s", (int)(tests - here), here, name);
	in = fopen(file, "r");
	ck_assert_msg(in != NULL, "%s cannot be read", file);
	while ((n = fread(buf, 1, sizeof(buf), in)) > 0)
		text_add_bytes(&out, buf, n);
	fclose(in);
	free(file);
	return text_take(&out);
}

char *
manual_part(const char *from, const char *to)
{
	char *manual = source_file("man/drd.8"), *at, *end, *part;

	at = strstr(manual, from);
	ck_assert_ptr_nonnull(at);
	end = strstr(at, to);
	ck_assert_ptr_nonnull(end);
	part = mem_strndup(at, (size_t)(end - at));
	free(manual);
	return part;
}
