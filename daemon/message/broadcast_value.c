/* What stands in a blank: times, choices, and free text in the reader's language or as original. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "message/broadcast_catalogue.h"

/* "YYYY-MM-DDTHH:MM", as browsers send it. */
#define LOCAL_LENGTH 16

int broadcast_time_read(const char *text, usec_t *ret_time)
{
    char full[CLOCK_TEXT_BYTES];
    if (strlen(text) != LOCAL_LENGTH)
        return clock_parse(text, ret_time);
    snprintf(full, sizeof(full), "%s:00+09:00", text);
    if (full[10] == ' ')
        full[10] = 'T';
    return clock_parse(full, ret_time);
}

const char *broadcast_value_language(const struct broadcast_value *value)
{
    return value->language != NULL ? value->language : "ja";
}

bool broadcast_is_foreign(const char *language, const char *written)
{
    return !text_equal(language, written) &&
           !(text_starts(language, "ja") && text_starts(written, "ja"));
}

static const struct broadcast_value *value_in(const struct broadcast_content *content,
                                              const char *blank, const char *language)
{
    for (size_t i = 0; i < content->value_count; i++) {
        const struct broadcast_value *value = &content->values[i];
        if (text_equal(value->blank, blank) && text_given(value->text) &&
            (language == NULL || text_equal(broadcast_value_language(value), language)))
            return value;
    }
    return NULL;
}

const struct broadcast_value *broadcast_value_choose(const struct broadcast_content *content,
                                                     const char *blank, const char *language)
{
    const char *chain[] = {language, text_starts(language, "ja") ? "ja" : "en", "ja", NULL};
    for (size_t i = 0; i < sizeof(chain) / sizeof(chain[0]); i++) {
        const struct broadcast_value *value = value_in(content, blank, chain[i]);
        if (value != NULL)
            return value;
    }
    return NULL;
}

char **broadcast_choices_split(TALLOC_CTX *context, const char *text, size_t *ret_count)
{
    return text_split(context, text, ',', ret_count);
}

bool broadcast_is_partly_original(const struct broadcast_catalogue *catalogue, const char *language,
                                  const struct broadcast_content *content)
{
    const struct broadcast_template *row = broadcast_template_find(catalogue, content->template_id);
    for (size_t i = 0; row != NULL && i < row->blank_count; i++) {
        if (row->blanks[i].type != BLANK_TEXT && row->blanks[i].type != BLANK_PLACE)
            continue;
        const struct broadcast_value *value =
            broadcast_value_choose(content, row->blanks[i].name, language);
        if (value != NULL && broadcast_is_foreign(language, broadcast_value_language(value)))
            return true;
    }
    return false;
}
