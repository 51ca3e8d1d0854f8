/* SPDX-License-Identifier: MIT
 *
 * The planes in the status document: who says what about the active region.
 */
#ifndef DRD_DAEMON_STATUS_PLANES_H
#define DRD_DAEMON_STATUS_PLANES_H

#include "daemon/status.h"

/* Of a parameter; NULL: the plane is of no region. */
const char *
status_plane_region(const struct status_stack *stack, enum plane plane);

json_t *
status_planes(const struct status_stack *stack, uint64_t mono_ms); /* new */

#endif
