/* What staff filled in, checked before anything is shown, approved or sent (test 51, H-2, H-5). */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "message/broadcast_catalogue.h"

#define URL_CHARACTERS   300
#define PHONE_CHARACTERS 30

struct checking {
    TALLOC_CTX *context;
    const struct broadcast_catalogue *catalogue;
    const struct broadcast_content *content;
    const struct broadcast_template *row;
    const char *const *hosts;
    usec_t now;
    struct broadcast_fault *faults;
    size_t count;
};

static void add(struct checking *checking, const char *blank, const char *language,
                const char *fault, int64_t limit)
{
    checking->faults = memory_grow(checking->context, checking->faults, checking->count,
                                   sizeof(*checking->faults));
    checking->faults[checking->count++] = (struct broadcast_fault){
        .blank = blank, .language = language, .fault = fault, .limit = limit};
}

static size_t characters_of(const char *text)
{
    size_t count = 0;
    for (; *text != '\0'; text++)
        count += ((unsigned char)*text & 0xC0) != 0x80;
    return count;
}

/* What is wrong with any text, or NULL. */
static const char *text_fault(struct checking *checking, const char *text)
{
    TALLOC_CTX *scratch = talloc_new(NULL);
    bool clean =
        text_is_utf8(text, strlen(text)) && strcmp(text_clean(scratch, text, false), text) == 0;
    talloc_free(scratch);
    if (!clean)
        return "control";
    if (strpbrk(text, "<>{}") != NULL)
        return "markup";
    if (!checking->content->drill && words_found(checking->catalogue->drill_words, text))
        return "drill-word";
    return words_found(checking->catalogue->reserved_words, text) ? "reserved" : NULL;
}

/* "www.city.sapporo.jp" is of "city.sapporo.jp". */
static bool host_allowed(const char *host, size_t length, const char *const *allowed)
{
    for (; allowed != NULL && *allowed != NULL; allowed++) {
        size_t own = strlen(*allowed);
        if (length < own || strncasecmp(host + length - own, *allowed, own) != 0)
            continue;
        if (length == own || host[length - own - 1] == '.')
            return true;
    }
    return false;
}

static const char *url_fault(const struct checking *checking, const char *text)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                  "-._~:/?#[]!$&()*+,;=%";
    if (!text_starts(text, "https://") || text[strspn(text, allowed)] != '\0')
        return "url";
    const char *host = text + strlen("https://");
    size_t length = strcspn(host, "/?#");
    return host_allowed(host, length, checking->hosts) ? NULL : "host";
}

static const char *time_fault(const struct checking *checking, const char *text)
{
    usec_t time;
    (void)checking;
    return broadcast_time_read(text, &time) < 0 ? "time" : NULL;
}

static const char *number_fault(const struct broadcast_blank *blank, const char *text)
{
    char *end;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    bool sound = text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0;
    return sound && number >= blank->least && number <= blank->most ? NULL : "number";
}

static bool is_choice(const struct broadcast_blank *blank, const char *name)
{
    for (const char *const *choice = blank->choices; *choice != NULL; choice++) {
        if (strcmp(*choice, name) == 0)
            return true;
    }
    return false;
}

static const char *choice_fault(const struct broadcast_blank *blank, const char *text)
{
    size_t count = 0;
    TALLOC_CTX *scratch = talloc_new(NULL);
    char **names = broadcast_choices_split(scratch, text, &count);
    const char *fault = count == 0 ? "choice" : NULL;
    for (size_t i = 0; i < count && fault == NULL; i++) {
        if (!is_choice(blank, names[i]))
            fault = "choice";
        for (size_t j = 0; j < i && fault == NULL; j++)
            fault = strcmp(names[i], names[j]) == 0 ? "twice" : NULL;
    }
    talloc_free(scratch);
    return fault == NULL && count > 1 && !blank->several ? "one-choice" : fault;
}

static const char *phone_fault(const char *text)
{
    bool digits = strpbrk(text, "0123456789#") != NULL;
    return digits && text[strspn(text, "0123456789 +-#()")] == '\0' ? NULL : "phone";
}

static size_t limit_of(const struct broadcast_blank *blank)
{
    return blank->type == BLANK_URL     ? URL_CHARACTERS
           : blank->type == BLANK_PHONE ? PHONE_CHARACTERS
                                        : blank->characters;
}

static const char *typed_fault(const struct checking *checking, const struct broadcast_blank *blank,
                               const char *text)
{
    switch (blank->type) {
    case BLANK_TIME:
        return time_fault(checking, text);
    case BLANK_PHONE:
        return phone_fault(text);
    case BLANK_URL:
        return url_fault(checking, text);
    case BLANK_NUMBER:
        return number_fault(blank, text);
    case BLANK_CHOICE:
    case BLANK_STATE:
        return choice_fault(blank, text);
    case BLANK_TEXT:
    case BLANK_PLACE:
        break;
    }
    return NULL;
}

static bool is_free_text(const struct broadcast_blank *blank)
{
    return blank->type == BLANK_TEXT || blank->type == BLANK_PLACE;
}

static void check_value(struct checking *checking, const struct broadcast_blank *blank,
                        const struct broadcast_value *value)
{
    bool free_text = is_free_text(blank);
    const char *language = free_text ? broadcast_value_language(value) : NULL;
    if (free_text && catalogue_language(checking->catalogue->texts, language) == NULL) {
        add(checking, blank->name, language, "language", 0);
        return;
    }
    bool bounded = free_text || blank->type == BLANK_URL || blank->type == BLANK_PHONE;
    if (bounded && characters_of(value->text) > limit_of(blank)) {
        add(checking, blank->name, language, "too-long", (int64_t)limit_of(blank));
        return;
    }
    const char *fault = text_fault(checking, value->text);
    if (fault == NULL)
        fault = typed_fault(checking, blank, value->text);
    if (fault != NULL)
        add(checking, blank->name, language, fault, 0);
}

static bool same_field(const struct broadcast_value *a, const struct broadcast_value *b)
{
    return text_equal(a->blank, b->blank) &&
           text_equal(broadcast_value_language(a), broadcast_value_language(b));
}

/* Blanks may be given in any number of languages, Japanese always among them. */
static void check_blank(struct checking *checking, const struct broadcast_blank *blank)
{
    const struct broadcast_content *content = checking->content;
    bool given = false, japanese = false;
    for (size_t i = 0; i < content->value_count; i++) {
        const struct broadcast_value *value = &content->values[i];
        if (!text_equal(value->blank, blank->name) || !text_given(value->text))
            continue;
        given = true;
        japanese = japanese || text_equal(broadcast_value_language(value), "ja");
        for (size_t j = 0; j < i; j++) {
            if (same_field(value, &content->values[j]) && text_given(content->values[j].text))
                add(checking, blank->name, value->language, "twice", 0);
        }
        check_value(checking, blank, value);
    }
    if (!given && blank->required)
        add(checking, blank->name, NULL, "missing", 0);
    if (given && is_free_text(blank) && !japanese)
        add(checking, blank->name, "ja", "japanese", 0);
}

static void check_areas(struct checking *checking)
{
    const struct broadcast_content *content = checking->content;
    if (content->area_count == 0 && !content->everyone)
        add(checking, "areas", NULL, "no-area", 0);
    if (content->area_count > 0 && content->everyone)
        add(checking, "areas", NULL, "area-and-everyone", 0);
}

static void check_times(struct checking *checking)
{
    const struct broadcast_content *content = checking->content;
    if (content->expires == 0)
        add(checking, "expires", NULL, "missing", 0);
    else if (content->expires <= checking->now)
        add(checking, "expires", NULL, "past", 0);
    else if (content->expires <= content->issued_at)
        add(checking, "expires", NULL, "order", 0);
    if (content->next_update != 0 && content->next_update <= checking->now)
        add(checking, "next-update", NULL, "past", 0);
}

static void check_authority(struct checking *checking)
{
    const struct broadcast_authority *authority = &checking->content->authority;
    const char *parts[] = {authority->name_ja, authority->name_en, authority->contact};
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        const char *fault = text_given(parts[i]) ? text_fault(checking, parts[i]) : "authority";
        if (fault != NULL) {
            add(checking, "authority", NULL, fault, 0);
            return;
        }
    }
}

static void check_unknown(struct checking *checking)
{
    for (size_t i = 0; i < checking->content->value_count; i++) {
        const char *name = checking->content->values[i].blank;
        if (broadcast_blank_find(checking->row, name) == NULL)
            add(checking, name, NULL, "blank", 0);
    }
}

size_t broadcast_content_check(TALLOC_CTX *context, const struct broadcast_catalogue *catalogue,
                               const struct broadcast_content *content, const char *const *hosts,
                               usec_t now, struct broadcast_fault **ret_faults)
{
    struct checking checking = {.context = context,
                                .catalogue = catalogue,
                                .content = content,
                                .row = broadcast_template_find(catalogue, content->template_id),
                                .hosts = hosts,
                                .now = now};
    if (checking.row == NULL) {
        add(&checking, "template", NULL, "template", 0);
    } else {
        if (!checking.row->phases[content->phase])
            add(&checking, "phase", NULL, "phase", 0);
        if (checking.row->drill_only && !content->drill)
            add(&checking, "template", NULL, "drill-only", 0);
        check_areas(&checking);
        for (size_t i = 0; i < checking.row->blank_count; i++)
            check_blank(&checking, &checking.row->blanks[i]);
        check_unknown(&checking);
        check_times(&checking);
        check_authority(&checking);
    }
    *ret_faults = checking.faults;
    return checking.count;
}

const char *broadcast_fault_text(TALLOC_CTX *context, const struct broadcast_catalogue *catalogue,
                                 const char *language, const struct broadcast_fault *fault)
{
    const struct catalogue *texts = catalogue->texts;
    return catalogue_fill(context, texts, catalogue_language(texts, language),
                          memory_printf(context, "broadcast.fault.%s", fault->fault), "limit",
                          memory_printf(context, "%lld", (long long)fault->limit), NULL);
}
