/* SPDX-License-Identifier: MIT
 *
 * What the manual says, for tests that hold it and a table together.
 */
#ifndef DRD_TESTS_MANUAL_H
#define DRD_TESTS_MANUAL_H

/* man/drd.8 from one line to another, without the latter; caller frees. */
char *manual_part(const char *from, const char *to);

#endif
