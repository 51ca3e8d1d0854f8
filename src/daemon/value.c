/* SPDX-License-Identifier: MIT
 *
 * Plain facts as JSON.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "daemon/value.h"

json_t *
value_text(const char *s)
{
	json_t *value;
	char *copy, *c;

	if (s == NULL)
		return json_null();
	value = json_string(s);
	if (value != NULL)
		return value;
	copy = mem_strdup(s);
	for (c = copy; *c != '\0'; c++) {
		if ((unsigned char)*c >= 0x80)
			*c = '?';
	}
	value = mem_must(json_string(copy));
	free(copy);
	return value;
}

json_t *
value_number(uint64_t n)
{
	return mem_must(json_integer((json_int_t)n));
}

json_t *
value_date(int64_t wall_ms)
{
	char buf[CLOCK_RFC3339_SIZE];

	if (wall_ms == 0)
		return json_null();
	return value_text(clock_rfc3339(wall_ms, buf));
}

json_t *
value_object(void)
{
	return mem_must(json_object());
}

json_t *
value_list(void)
{
	return mem_must(json_array());
}

void
value_append(json_t *list, json_t *value)
{
	if (json_array_append_new(list, value) == -1)
		abort(); /* out of memory, as in mem_must */
}

void
value_put(json_t *out, const char *name, json_t *value)
{
	if (json_object_set_new(out, name, value) == -1)
		abort(); /* out of memory, as in mem_must */
}

void
value_put_text(json_t *out, const char *name, const char *s)
{
	value_put(out, name, value_text(s));
}

void
value_put_number(json_t *out, const char *name, uint64_t n)
{
	value_put(out, name, value_number(n));
}

void
value_put_flag(json_t *out, const char *name, bool flag)
{
	value_put(out, name, json_boolean(flag));
}
