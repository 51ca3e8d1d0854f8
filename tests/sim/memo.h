/* SPDX-License-Identifier: MIT
 *
 * Replies that have been read before.
 */
#ifndef DRD_SIM_MEMO_H
#define DRD_SIM_MEMO_H

/* Forget them all: what is left then, others hold. */
void memo_clear(void);

#endif
