/* Readings beside Japanese names, as easy Japanese writes them: 札幌市（さっぽろし）. For message/.
 *
 * A reading is hiragana alone, in full-width brackets, right behind a name with at least one kanji.
 * The name is the run of kanji before it, or, where the reading tells those too, with the kana
 * around them: さいたま市（さいたまし） is one name, もう一度（いちど） is only 一度. */
#pragma once

#include <talloc.h>

/* The text with each such pair as <ruby>; `html` is escaped already. */
char *reading_ruby(TALLOC_CTX *context, const char *html);
/* The text with the reading alone in its place, for voices. */
char *reading_alone(TALLOC_CTX *context, const char *text);
