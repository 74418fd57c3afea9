/* Texts of the loaded catalogue: look-up, and templates whose blanks are filled once. */
#include <stdarg.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "message/catalogue.h"

#define BLANKS_MAX 16

const struct language *catalogue_language(const struct catalogue *catalogue, const char *tag)
{
    for (size_t i = 0; i < catalogue->language_count; i++) {
        if (text_equal(catalogue->languages[i].tag, tag))
            return &catalogue->languages[i];
    }
    return NULL;
}

const struct catalogue_text *language_find(const struct language *language, const char *key)
{
    struct catalogue_text *found = NULL;
    if (language != NULL)
        HASH_FIND_STR(language->texts, key, found);
    return found;
}

bool catalogue_has(const struct language *language, const char *key)
{
    return language_find(language, key) != NULL;
}

const char *catalogue_text_of(const struct catalogue *catalogue, const struct language *language,
                              const char *key)
{
    const struct catalogue_text *found = language_find(language, key);
    if (found == NULL)
        found = language_find(catalogue_language(catalogue, "en"), key);
    return found != NULL ? found->text : key;
}

char *catalogue_fill(TALLOC_CTX *context, const struct catalogue *catalogue,
                     const struct language *language, const char *key, ...)
{
    const char *from = catalogue_text_of(catalogue, language, key);
    char *out = memory_text(context, "");
    while (*from != '\0') {
        const char *end = *from == '{' ? strchr(from, '}') : NULL;
        if (end == NULL) {
            size_t plain = strcspn(from + 1, "{") + 1;
            out = memory_must(talloc_strndup_append_buffer(out, from, plain));
            from += plain;
            continue;
        }
        va_list pairs;
        const char *name, *filled = "";
        size_t length = (size_t)(end - from - 1);
        va_start(pairs, key);
        while ((name = va_arg(pairs, const char *)) != NULL) {
            const char *text = va_arg(pairs, const char *);
            if (strlen(name) == length && strncmp(name, from + 1, length) == 0)
                filled = text;
        }
        va_end(pairs);
        out = memory_must(talloc_strdup_append_buffer(out, filled));
        from = end + 1;
    }
    return out;
}

char *blanks_of(TALLOC_CTX *context, const char *text)
{
    char *names[BLANKS_MAX];
    size_t count = 0;
    while ((text = strchr(text, '{')) != NULL && count < BLANKS_MAX) {
        const char *end = strchr(text, '}');
        if (end == NULL)
            break;
        names[count++] = memory_must(talloc_strndup(context, text + 1, (size_t)(end - text - 1)));
        text = end;
    }
    char *out = memory_text(context, "");
    for (size_t i = 0; i < count; i++) {
        size_t least = i;
        for (size_t j = i + 1; j < count; j++)
            least = strcmp(names[j], names[least]) < 0 ? j : least;
        char *swap = names[i];
        names[i] = names[least];
        names[least] = swap;
        out = memory_must(talloc_asprintf_append_buffer(out, "{%s} ", names[i]));
    }
    return out;
}
