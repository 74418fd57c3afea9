/* The forms of a message: short, plain, HTML. For message/ only. */
#pragma once

#include "message/compose.h"

/* Fill short_text, plain and html from the parts that are there already. */
void form_short(const struct composing *composing, struct message *message);
void form_plain(const struct composing *composing, struct message *message);
void form_html(const struct composing *composing, struct message *message);
