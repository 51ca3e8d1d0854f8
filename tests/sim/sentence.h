/* SPDX-License-Identifier: MIT
 *
 * A sentence about an act, such as "us-east-1 data plane drops", and the words
 * that sentences and the lines of a file are made of.
 */
#ifndef DRD_SIM_SENTENCE_H
#define DRD_SIM_SENTENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plan.h"

enum { SENTENCE_WORD_SIZE = 64 };

/* -1: there is no such sentence. */
int sentence_read(struct act *act, const char *text);

/* Returns `out`; "" if there is no such act. */
char *sentence_tell(const struct act *act, char *out, size_t size);

/* The next word, without the colon that may end it; false: none is left. */
bool
sentence_word(const char **rest, char word[SENTENCE_WORD_SIZE], bool *colon);

/* "90s"; false: it is none. */
bool sentence_time(const char *word, int64_t *ms);

#endif
