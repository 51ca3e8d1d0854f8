/* SPDX-License-Identifier: MIT
 *
 * Turns libcurl's multi interface in the loop; for net/http only.
 */
#ifndef DRD_NET_CURL_LOOP_H
#define DRD_NET_CURL_LOOP_H

#include <curl/curl.h>

struct curl_loop;
struct loop;

/*
 * `ended(easy, result)` runs once per transfer that came to its end by
 * itself.  It is called from the loop, outside of curl, and may remove the
 * handle, but may not free the curl_loop.
 */
struct curl_loop *curl_loop_new(struct loop *loop, long per_host,
    void (*ended)(CURL *easy, CURLcode result));

/* Every easy handle has been removed before. */
void curl_loop_free(struct curl_loop *c);

/* Start or abandon a transfer; an abandoned one loses its connection. */
CURLMcode curl_loop_add(struct curl_loop *c, CURL *easy);
void curl_loop_remove(struct curl_loop *c, CURL *easy);

#endif
