/* SPDX-License-Identifier: MIT
 *
 * What texts of the configuration have to look like, so that AWS, the file
 * system and the socket take them.
 */
#ifndef DRD_DAEMON_CONFIG_FORM_H
#define DRD_DAEMON_CONFIG_FORM_H

#include "daemon/config_option.h"

/* What such texts are made of: see text_made_of. */
#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGIT "0123456789"

extern const struct config_form form_path; /* of the file system */
extern const struct config_form form_socket;
extern const struct config_form form_url;    /* http://host:port/path */
extern const struct config_form form_server; /* host, host:port */
extern const struct config_form form_domain;
extern const struct config_form form_region;
extern const struct config_form form_name;   /* part of object names */
extern const struct config_form form_group;  /* "": none */
extern const struct config_form form_suffix; /* of parameter names */
extern const struct config_form form_tag;
extern const struct config_form form_balancer;
extern const struct config_form form_url_path; /* /health */
extern const struct config_form form_trigger;
extern const struct config_form form_window; /* as in failover/window.h */
extern const struct config_form form_body;   /* text of a health page */
extern const struct config_form form_file;   /* absolute or relative path */
extern const struct config_form form_cidr;
extern const struct config_form form_region_zone; /* us-east-1a */
extern const struct config_form form_certificate;
extern const struct config_form form_bucket;
extern const struct config_form form_runtime;
extern const struct config_form form_handler;
extern const struct config_form form_tls_policy;
extern const struct config_form form_table;
extern const struct config_form form_table_key;
extern const struct config_form form_key; /* of KMS */
extern const struct config_form form_subscription;
extern const struct config_form form_object;  /* a key of S3's */
extern const struct config_form form_control; /* of ARC */
extern const struct config_form form_cluster; /* REGION=URL */

#endif
