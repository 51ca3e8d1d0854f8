/* SPDX-License-Identifier: MIT
 *
 * XML to tree and back (expat underneath).
 *
 * An element with children is an object, one without is a string; a child
 * that repeats becomes an array under its name.  Attributes and name spaces
 * are dropped.  Depth, size and the number of nodes are limited, entities are
 * not expanded: the sender may be anybody.
 */
#ifndef DRD_AWS_XML_H
#define DRD_AWS_XML_H

#include "base/error.h"
#include "base/text.h"
#include "base/tree.h"

/* {"Root": {...}}; caller decrefs.  NULL and `e`: not well-formed, too big. */
json_t *xml_parse(const char *s, size_t len, struct error *e);

/* Append <name>...</name>, members in the order of the tree. */
void xml_write(struct text *out, const char *name, const json_t *value);

#endif
