/* SPDX-License-Identifier: MIT
 *
 * DNS messages: one question out, one answer in (RFC 1035, 4).
 */
#ifndef DRD_NET_DNS_WIRE_H
#define DRD_NET_DNS_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/dns.h"

enum {
	DNS_NAME_MAX = 255, /* bytes of a name, root label included */
	DNS_QUESTION_MAX = 12 + DNS_NAME_MAX + 4,
	DNS_MESSAGE_MAX = 65535,
};

/* A name as it is sent, uncompressed, in lower case. */
struct dns_name {
	uint8_t bytes[DNS_NAME_MAX];
	size_t len;
};

/* 0, or -1 if no such name can be. */
int dns_name_of(struct dns_name *name, const char *text);

/* Ask for A records; returns the length. */
size_t dns_wire_ask(uint8_t message[DNS_QUESTION_MAX], uint16_t id,
    const struct dns_name *name, bool recurse);

enum dns_reading {
	DNS_READ,    /* outcome, addresses and ttl of `answer` are set */
	DNS_CUT,     /* ask again over TCP */
	DNS_FOREIGN, /* not the answer to this question */
};

enum dns_reading dns_wire_read(const uint8_t *message, size_t len, uint16_t id,
    const struct dns_name *name, struct dns_answer *answer);

#endif
