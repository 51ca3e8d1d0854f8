/* SPDX-License-Identifier: MIT
 *
 * A file in a request: see `file` of struct kind_step.
 */
#ifndef DRD_STACK_ATTACH_H
#define DRD_STACK_ATTACH_H

#include "base/error.h"
#include "base/tree.h"

/*
 * Put the content of the file that input[member] names, as base64, in its
 * place.  -1: it cannot be read, or is no longer what was wanted.
 */
int attach_file(json_t *input, const char *member, struct error *e);

#endif
