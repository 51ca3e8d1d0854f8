/* SPDX-License-Identifier: MIT
 *
 * Plain facts as JSON: for the status document and the history.
 *
 * What is not known is null.  All return or take a new tree.
 */
#ifndef DRD_DAEMON_VALUE_H
#define DRD_DAEMON_VALUE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/tree.h"

/*
 * A string or null.  Texts that were cut to a buffer may end inside a
 * character, which JSON cannot hold: what is not ASCII is replaced then.
 */
json_t *value_text(const char *s);
json_t *value_number(uint64_t n);
json_t *value_date(int64_t wall_ms); /* RFC 3339; 0: null */

json_t *value_object(void);
json_t *value_list(void);
void value_append(json_t *list, json_t *value);		      /* takes */
void value_put(json_t *out, const char *name, json_t *value); /* takes */

void value_put_text(json_t *out, const char *name, const char *s);
void value_put_number(json_t *out, const char *name, uint64_t n);
void value_put_flag(json_t *out, const char *name, bool flag);

#endif
