/* SPDX-License-Identifier: MIT
 *
 * XML to tree and back.
 *
 * expat calls us for each start, end and piece of text; a stack of open
 * elements, as deep as the limit, is all the state.  A document type is
 * refused before it can define an entity.  An element that holds nothing but
 * white space is empty: servers lay out empty lists over two lines.
 */
#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <expat.h>

#include "aws/xml.h"
#include "base/mem.h"

enum {
	DEPTH_MAX = 32,
	NODES_MAX = 100000,
	SIZE_MAX_BYTES = 16 * 1024 * 1024,
};

struct element {
	char *name;
	json_t *members;  /* NULL: no child yet */
	struct text text; /* of an element without children */
};

struct parse {
	XML_Parser expat;
	struct element open[DEPTH_MAX];
	size_t depth;
	size_t nodes;
	json_t *root;
	const char *refused; /* why we stopped the parser, or NULL */
};

static void
refuse(struct parse *p, const char *why)
{
	p->refused = why;
	XML_StopParser(p->expat, XML_FALSE);
}

/* `aws:Name` and `Name` are the same to us. */
static const char *
local_name(const char *name)
{
	const char *colon = strrchr(name, ':');

	return colon == NULL ? name : colon + 1;
}

/* Takes `value`.  The second child of a name makes an array of the two. */
static int
add_member(json_t *members, const char *name, json_t *value)
{
	json_t *before = json_object_get(members, name);

	if (json_is_array(before))
		return json_array_append_new(before, value);
	if (before != NULL)
		value = json_pack("[O,o]", before, value);
	return json_object_set_new(members, name, value);
}

static void XMLCALL
on_start(void *arg, const XML_Char *name, const XML_Char **attributes)
{
	struct parse *p = arg;
	struct element *element;

	if (p->refused != NULL)
		return;
	if (p->depth == DEPTH_MAX) {
		refuse(p, "nested too deeply");
		return;
	}
	if (++p->nodes > NODES_MAX) {
		refuse(p, "too many elements");
		return;
	}
	if (p->depth > 0 && p->open[p->depth - 1].members == NULL) {
		p->open[p->depth - 1].members = json_object();
		text_clear(&p->open[p->depth - 1].text);
	}
	element = &p->open[p->depth++];
	element->name = mem_strdup(local_name(name));
	element->members = NULL;
	element->text = (struct text)TEXT_INIT;
}

static void XMLCALL
on_text(void *arg, const XML_Char *s, int len)
{
	struct parse *p = arg;
	struct element *element;

	if (p->refused != NULL || p->depth == 0)
		return;
	element = &p->open[p->depth - 1];
	if (element->members == NULL)
		text_add_bytes(&element->text, s, (size_t)len);
}

/* What the element holds; the element keeps its name only. */
static json_t *
close_element(struct element *element)
{
	json_t *value = element->members;
	const char *s = element->text.s;

	if (value == NULL)
		value = json_string(s[strspn(s, " \t\r\n")] == '\0' ? "" : s);
	text_release(&element->text);
	element->members = NULL;
	return value;
}

static void XMLCALL
on_end(void *arg, const XML_Char *name)
{
	struct parse *p = arg;
	struct element *element;
	json_t *value;
	json_t *parent;

	if (p->refused != NULL)
		return;
	assert(p->depth > 0);
	element = &p->open[--p->depth];
	value = close_element(element);
	if (p->depth == 0)
		parent = p->root = json_object();
	else
		parent = p->open[p->depth - 1].members;
	/* expat and jansson agree on UTF-8; should they not, nobody aborts. */
	if (add_member(parent, element->name, value) != 0)
		refuse(p, "not UTF-8");
	free(element->name);
}

static void XMLCALL
on_doctype(void *arg, const XML_Char *name, const XML_Char *system_id,
    const XML_Char *public_id, int has_internal_subset)
{
	refuse(arg, "a document type, which no AWS reply has");
}

static void
parse_release(struct parse *p)
{
	while (p->depth > 0) {
		struct element *element = &p->open[--p->depth];

		free(element->name);
		json_decref(element->members);
		text_release(&element->text);
	}
	XML_ParserFree(p->expat);
}

json_t *
xml_parse(const char *s, size_t len, struct error *e)
{
	struct parse p = { 0 };
	bool whole;

	if (len > SIZE_MAX_BYTES) {
		error_set(e, ERROR_BROKEN, "UnreadableXml",
		    "XML of %zu bytes is over the limit", len);
		return NULL;
	}
	p.expat = XML_ParserCreate("UTF-8");
	if (p.expat == NULL)
		abort(); /* out of memory */
	XML_SetUserData(p.expat, &p);
	XML_SetElementHandler(p.expat, on_start, on_end);
	XML_SetCharacterDataHandler(p.expat, on_text);
	XML_SetStartDoctypeDeclHandler(p.expat, on_doctype);
	whole = XML_Parse(p.expat, s, (int)len, 1) == XML_STATUS_OK;
	if (!whole) {
		error_set(e, ERROR_BROKEN, "UnreadableXml", "line %lu: %s",
		    (unsigned long)XML_GetCurrentLineNumber(p.expat),
		    p.refused != NULL
			? p.refused
			: XML_ErrorString(XML_GetErrorCode(p.expat)));
		json_decref(p.root);
		p.root = NULL;
	}
	parse_release(&p);
	return p.root;
}

/* XML 1.0 cannot carry most control characters, escaped or not. */
static void
write_escaped(struct text *out, const char *s)
{
	for (; *s != '\0'; s++) {
		switch (*s) {
		case '&':
			text_add(out, "&amp;");
			break;
		case '<':
			text_add(out, "&lt;");
			break;
		case '>':
			text_add(out, "&gt;");
			break;
		case '\r':
			text_add(out, "&#13;");
			break;
		default:
			if ((unsigned char)*s >= ' ' || *s == '\n' ||
			    *s == '\t')
				text_add_bytes(out, s, 1);
			else
				text_add(out, "?");
		}
	}
}

static void
write_element(struct text *out, const char *name, const json_t *value)
{
	const char *key;
	char *scalar;
	json_t *member;

	text_addf(out, "<%s>", name);
	if (json_is_object(value)) {
		json_object_foreach(tree_at(value, ""), key, member)
		    xml_write(out, key, member);
	} else {
		scalar = tree_text(value);
		write_escaped(out, scalar == NULL ? "" : scalar);
		free(scalar);
	}
	text_addf(out, "</%s>", name);
}

void
xml_write(struct text *out, const char *name, const json_t *value)
{
	if (json_is_null(value))
		return;
	if (!json_is_array(value)) {
		write_element(out, name, value);
		return;
	}
	for (size_t i = 0; i < json_array_size(value); i++)
		xml_write(out, name, json_array_get(value, i));
}
