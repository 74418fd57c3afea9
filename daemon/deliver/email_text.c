/* The texts of a mail: several languages below each other, the first one first. */
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "deliver/email.h"

static const char *page_start(TALLOC_CTX *context, const struct message *first)
{
    return memory_printf(context,
                         "<!DOCTYPE html><html lang=\"%s\"><head><meta charset=\"utf-8\">"
                         "<meta name=\"viewport\" content=\"width=device-width\"><title>%s</title>"
                         "</head><body style=\"max-width:40em;margin:0 auto;padding:.5em;"
                         "font-family:sans-serif;line-height:1.5\">",
                         first->language,
                         text_html(context, text_clean(context, first->headline, false)));
}

void email_texts(TALLOC_CTX *context, const struct alert *alert, struct message *const *messages,
                 size_t message_count, const char **ret_subject, const char **ret_plain,
                 const char **ret_html)
{
    (void)alert;
    char *plain = memory_text(context, "");
    char *html = (char *)page_start(context, messages[0]);
    for (size_t i = 0; i < message_count; i++) {
        plain = memory_must(talloc_asprintf_append_buffer(plain, "%s%s", i > 0 ? EMAIL_DIVIDER : "",
                                                          messages[i]->plain));
        html = memory_must(
            talloc_asprintf_append_buffer(html, "%s%s", i > 0 ? "<hr>" : "", messages[i]->html));
    }
    *ret_subject = text_clean(context, messages[0]->headline, false);
    *ret_plain = plain;
    *ret_html = memory_must(talloc_strdup_append_buffer(html, "</body></html>"));
}
