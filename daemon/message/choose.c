/* Which language a reader gets, and single words of the page. RFC 4647 lookup: the tag as it is,
 * then cut from the right; regions of Chinese stand for a script; then English. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/text.h"
#include "message/catalogue.h"

#define HEADER_MAX 32

const char *const *catalogue_languages(const struct catalogue *catalogue)
{
    return catalogue->tags;
}

const char *catalogue_language_name(const struct catalogue *catalogue, const char *tag)
{
    const struct language *language = catalogue_language(catalogue, tag);
    return language != NULL ? language->name : NULL;
}

const char *catalogue_word(const struct catalogue *catalogue, const char *language, const char *key)
{
    return catalogue_text_of(catalogue, catalogue_language(catalogue, language), key);
}

static const char *find_tag(const struct catalogue *catalogue, const char *tag)
{
    static const char *const aliases[][2] = {
        {"zh-TW", "zh-Hant"},       {"zh-HK", "zh-Hant"}, {"zh-MO", "zh-Hant"},
        {"zh-CN", "zh-Hans"},       {"zh-SG", "zh-Hans"}, {"zh", "zh-Hans"},
        {"ja-x-easy", "ja-simple"},
    };
    char wanted[64];
    strncpy(wanted, tag, sizeof(wanted) - 1);
    wanted[sizeof(wanted) - 1] = '\0';
    while (wanted[0] != '\0') {
        for (size_t i = 0; i < catalogue->language_count; i++) {
            if (strcasecmp(catalogue->tags[i], wanted) == 0)
                return catalogue->tags[i];
        }
        for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++) {
            if (strcasecmp(aliases[i][0], wanted) == 0)
                return find_tag(catalogue, aliases[i][1]);
        }
        char *cut = strrchr(wanted, '-');
        *(cut != NULL ? cut : wanted) = '\0';
    }
    return NULL;
}

const char *catalogue_choose(const struct catalogue *catalogue, const char *const *wanted,
                             size_t count, bool *ret_fallback)
{
    for (size_t i = 0; i < count; i++) {
        const char *tag = find_tag(catalogue, wanted[i]);
        if (tag != NULL) {
            *ret_fallback = false;
            return tag;
        }
    }
    *ret_fallback = true;
    const char *english = find_tag(catalogue, "en");
    return english != NULL ? english : catalogue->tags[0];
}

struct wish {
    char tag[64];
    double weight;
    int order;
};

static int compare_wish(const void *left, const void *right)
{
    const struct wish *a = left, *b = right;
    if (a->weight != b->weight)
        return a->weight > b->weight ? -1 : 1;
    return a->order - b->order;
}

static size_t read_header(const char *header, struct wish *wishes)
{
    size_t count = 0;
    while (header != NULL && *header != '\0' && count < HEADER_MAX) {
        header += strspn(header, " \t,");
        size_t length = strcspn(header, " \t,;");
        size_t part = strcspn(header, ",");
        const char *weight = memmem(header, part, "q=", 2);
        if (length > 0 && length < sizeof(wishes->tag)) {
            struct wish *wish = &wishes[count];
            memcpy(wish->tag, header, length);
            wish->tag[length] = '\0';
            wish->weight = weight != NULL ? strtod(weight + 2, NULL) : 1;
            wish->order = (int)count++;
        }
        header += part;
    }
    return count;
}

const char *catalogue_choose_header(const struct catalogue *catalogue, const char *accept_language)
{
    struct wish wishes[HEADER_MAX];
    const char *wanted[HEADER_MAX];
    size_t count = read_header(accept_language, wishes), kept = 0;
    qsort(wishes, count, sizeof(*wishes), compare_wish);
    for (size_t i = 0; i < count; i++) {
        if (wishes[i].weight > 0 && strcmp(wishes[i].tag, "*") != 0)
            wanted[kept++] = wishes[i].tag;
    }
    bool fallback;
    return catalogue_choose(catalogue, wanted, kept, &fallback);
}
