/* SPDX-License-Identifier: MIT
 *
 * What happened, in order: a number that stands for all of it, and the text
 * if somebody wants to read it.
 *
 * Two runs of a seed are the same run if their hashes are equal: every
 * request, every answer, every line of the log and every fault goes in.
 */
#ifndef DRD_SIM_TRACE_H
#define DRD_SIM_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* `keep`: for trace_has_said. */
void trace_reset(bool print, bool keep);
bool trace_prints(void);
uint64_t trace_hash(void);

/* Into the hash. */
void trace_bytes(const void *bytes, size_t len);
void trace_number(uint64_t number);

/* Into the hash and, if anybody reads, onto standard output with the time. */
void trace_line(const char *who, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Has a line of drd's log had these words since the beginning? */
bool trace_has_said(const char *words);
void trace_log(const char *line);

/* Onto standard output only. */
void trace_aside(const char *who, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
