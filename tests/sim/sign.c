/* SPDX-License-Identifier: MIT
 *
 * Signatures, mostly without the arithmetic.
 *
 * The simulated cloud looks at the date of a request and never at its
 * signature, which takes a fifth of all time.  sigv4.c has its own proof
 * (tests/aws/test_sigv4.py); here one request in many is signed for real.
 */
#include <string.h>
#include <time.h>

#include "aws/sigv4.h"

enum { ONE_IN = 256 };

int __real_sigv4_sign(const struct sigv4_request *request,
    const struct creds *creds, struct sigv4_signed *out, struct error *e);
int __wrap_sigv4_sign(const struct sigv4_request *request,
    const struct creds *creds, struct sigv4_signed *out, struct error *e);

int
__wrap_sigv4_sign(const struct sigv4_request *request,
    const struct creds *creds, struct sigv4_signed *out, struct error *e)
{
	static unsigned long signatures;
	time_t s = (time_t)(request->wall_ms / 1000);
	struct tm tm;

	if (signatures++ % ONE_IN == 0)
		return __real_sigv4_sign(request, creds, out, e);
	memset(out, 0, sizeof(*out));
	out->authorization = (struct text)TEXT_INIT;
	text_add(&out->authorization, "AWS4-HMAC-SHA256 simulated");
	gmtime_r(&s, &tm);
	strftime(out->date, sizeof(out->date), "%Y%m%dT%H%M%SZ", &tm);
	return 0;
}
