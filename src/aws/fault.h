/* SPDX-License-Identifier: MIT
 *
 * What a failure means: AWS's codes and the outcomes of HTTP, as rows.
 *
 * Every failed call passes here once.  The class is for the callers, the
 * retry for the client alone: a conflict may pass by itself and is worth a
 * new look, but the same request again would only meet it again.
 */
#ifndef DRD_AWS_FAULT_H
#define DRD_AWS_FAULT_H

#include "aws/service.h"
#include "base/error.h"
#include "net/http.h"

enum fault_retry {
	FAULT_FINAL,	 /* the same request would fail again */
	FAULT_TRANSIENT, /* soon */
	FAULT_THROTTLE,	 /* later */
	FAULT_CLOCK,	 /* at once, if our clock proves to be wrong */
	FAULT_EXPIRED,	 /* once, with new credentials */
};

struct fault {
	enum error_class class;
	enum fault_retry retry;
};

/* An answer with a code (AWS's, ours or ""); the code beats the status. */
struct fault fault_of_code(enum service service, const char *code, int status);

/* No whole answer.  `code` is what struct error gets: "Timeout". */
struct fault fault_of_outcome(enum http_outcome outcome, const char **code);

#endif
