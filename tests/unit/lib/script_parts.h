/* SPDX-License-Identifier: MIT
 *
 * Between the files of the script: script.c resets the others.
 */
#ifndef DRD_TESTS_SCRIPT_PARTS_H
#define DRD_TESTS_SCRIPT_PARTS_H

void script_reset_http(void);
void script_reset_dns(void);

#endif
