/* The loaded catalogue, for message/ only. */
#pragma once

#include <unicode/udat.h>
#include <unicode/ulistformatter.h>
#include <unicode/unum.h>
#include <uthash.h>

#include "base/document.h"
#include "message/message.h"

#define LANGUAGES_MAX 32
#define ACTIONS_MAX   10

struct arena;
struct catalogue_text {
    const char *key; /* "phrase.coast" */
    const char *text;
    const char *file;
    unsigned line, column;
    UT_hash_handle hh;
};
struct language {
    const char *tag, *name, *locale, *file;
    const char *broadcast_file; /* NULL: none */
    const char *date;           /* ICU's pattern of a date with its time; NULL: the locale's */
    const char *reading; /* language of the names that tell how to read (ja-Hira); NULL: none */
    struct catalogue_text *texts;
    struct arena *memory; /* of the texts */
    UDateFormat *day_time,
        *time_only; /* never used directly: cloned for each use (thread safety) */
    UListFormatter *list;
    const char *separator; /* between two items that are not the last */
    UNumberFormat *number;
};
struct action_row {
    const char *key; /* "tsunami.5", "after.tsunami" */
    const char *phrases[ACTIONS_MAX + 1];
    UT_hash_handle hh;
};
struct broadcast_catalogue;
struct catalogue {
    struct language languages[LANGUAGES_MAX];
    size_t language_count;
    const char *tags[LANGUAGES_MAX + 1];
    const char *colours[6];               /* by danger; [0] unused */
    const char *unclear[ACTIONS_MAX + 1]; /* phrases for what could not be translated */
    struct action_row *actions;
    const struct broadcast_catalogue *broadcasts; /* NULL: none */
};

/* Adds the text of a node under `key`, cleaned; a node that is no text, or braces that do not
 * match, are problems. */
void catalogue_add_text(struct language *language, const char *key, const struct node *node,
                        struct problems *problems);
/* Adds the texts of manual broadcasts, directory/broadcast/LANG.yaml, as "broadcast.SECTION.NAME"
 * ("broadcast.title.E-4"); nothing when there is no directory/broadcast.yaml. */
void broadcast_texts_load(struct language *language, const char *directory,
                          struct problems *problems);
/* The entry of a key, or NULL. */
const struct catalogue_text *language_find(const struct language *language, const char *key);
const struct language *catalogue_language(const struct catalogue *catalogue, const char *tag);
/* Text of a key; that of English, then the key itself, when there is none. */
const char *catalogue_text_of(const struct catalogue *catalogue, const struct language *language,
                              const char *key);
bool catalogue_has(const struct language *language, const char *key);
/* "{a} and {b}" → "{a} {b} ", sorted, to compare the blanks of two texts. */
char *blanks_of(TALLOC_CTX *context, const char *text);
/* Adds a problem for each key that the program uses and `english` lacks, for blanks that the
 * program does not fill, and for keys that nothing uses (keys.c). */
void keys_check(const struct language *english, struct problems *problems);
/* Adds a problem for each action that does not end with the language's own full stop, and when the
 * short form joins sentences with another one (keys.c). */
void stops_check(const struct language *language, struct problems *problems);
/* Reads colours, actions, unclear and after of catalogue.yaml (actions.c). */
void actions_load(struct catalogue *catalogue, const struct node *root, struct problems *problems);

/* Phrase keys for a hazard and level (the nearest lower level when there is no row); may be empty.
 */
const char *const *catalogue_actions(const struct catalogue *catalogue, const char *hazard,
                                     int level);

/* A template with its blanks filled: pairs of name and text, ended by NULL. What is filled in is
 * not looked at again. */
char *catalogue_fill(TALLOC_CTX *context, const struct catalogue *catalogue,
                     const struct language *language, const char *key, ...)
    __attribute__((sentinel));

/* ICU's pieces of a language; problems name the file. */
__attribute__((warn_unused_result)) int format_open(TALLOC_CTX *context, struct language *language,
                                                    struct problems *problems);
void format_close(struct language *language);
/* Number as the language writes it, at most one decimal. */
char *format_number(TALLOC_CTX *context, const struct language *language, double number);
/* "A, B and C" as the language writes it; "A, B, C" when it goes on after the last. */
char *format_list(TALLOC_CTX *context, const struct language *language, const char *const *items,
                  size_t count, bool goes_on);
