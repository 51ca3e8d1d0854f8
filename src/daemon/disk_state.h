/* SPDX-License-Identifier: MIT
 *
 * Could a decision be written now, as far as the last tries can tell?
 *
 * A decision that cannot be written is not made (law 5), and no gate tells of
 * it: whoever foresees, counts or records what holds a failover back asks
 * here, too.  Pure.
 */
#ifndef DRD_DAEMON_DISK_STATE_H
#define DRD_DAEMON_DISK_STATE_H

#include "failover/failover.h"

enum disk_state {
	DISK_FINE,
	DISK_LOW,    /* little room is left: soon it cannot */
	DISK_FAILED, /* the last write failed: no decision until one works */
};

/* Unless it is fine *why is a part of status->trouble: what the journal says.
 */
enum disk_state
disk_state_of(const struct failover_status *status, const char **why);

#endif
