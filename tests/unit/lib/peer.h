/* SPDX-License-Identifier: MIT
 *
 * An HTTP server in the test's own loop, that misbehaves as the path says.
 *
 *	/ok         200 "hello", connection kept
 *	/echo       200 and the request as it came
 *	/hold       200 "held", once peer_release is called
 *	/stall      nothing
 *	/half       the first bytes of an answer, then nothing
 *	/truncated  less than its content-length, then the end
 *	/close      the end, no answer
 *	/reset      a reset, no answer
 *	/garbage    not HTTP
 *	/endless    a body without end
 *	/headers    headers without end
 *	/many       2000 short headers
 *	/longline   one header line of 200 KB
 *	/interim    two 1xx answers, then 200 with odd headers
 *	/chunked    200 in chunks
 *	/redirect   302 to /ok
 *	/error      503 "slow down"
 *	/length=N   200 and N bytes
 */
#ifndef TESTS_LIB_PEER_H
#define TESTS_LIB_PEER_H

#include <stddef.h>

struct loop;
struct peer;

/* Listens on a port of 127.0.0.1 that the kernel chooses. */
struct peer *peer_new(struct loop *loop);
void peer_free(struct peer *peer);

unsigned peer_port(const struct peer *peer);
size_t peer_accepted(const struct peer *peer); /* connections, ever */
size_t peer_open(const struct peer *peer);     /* connections, now */
size_t peer_asked(const struct peer *peer);    /* whole requests, ever */

/* Answer what is held, and hold no more. */
void peer_release(struct peer *peer);

#endif
