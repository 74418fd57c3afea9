/* An answer as it comes in, and what its end means: see item.h.
 *
 * A webhook has its receipt with the final status line: how the rest of the answer ends changes
 * nothing. A feed or a telegram counts only when it is whole. */
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include "base/memory.h"
#include "transfer/item.h"

#define HEADER_BYTES_MAX ((size_t)64 * 1024)
#define VALUE_BYTES_MAX  1024

void answer_start(struct transfer_item *item)
{
    talloc_free(item->answer.body);
    item->answer = (struct answer){0};
    item->status = 0;
}

/* Values go back out as conditional headers: only what could stand there. */
static const char *header_value(TALLOC_CTX *context, const char *value, size_t length)
{
    while (length > 0 && strchr(" \t\r\n", value[length - 1]) != NULL)
        length--;
    while (length > 0 && (*value == ' ' || *value == '\t')) {
        value++;
        length--;
    }
    if (length == 0 || length > VALUE_BYTES_MAX)
        return NULL;
    for (size_t i = 0; i < length; i++) {
        if (value[i] < 0x20 || value[i] > 0x7e)
            return NULL;
    }
    return memory_must(talloc_strndup(context, value, length));
}

void answer_keep_header(struct transfer_item *item, const char *name, size_t name_length,
                        const char *value, size_t value_length)
{
    struct answer *answer = &item->answer;
    const struct {
        const char *name;
        const char **value;
    } wanted[] = {{"etag", &answer->etag},
                  {"last-modified", &answer->last_modified},
                  {"date", &answer->date},
                  {"age", &answer->age},
                  {"retry-after", &answer->retry_after}};
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        if (strlen(wanted[i].name) == name_length &&
            strncasecmp(name, wanted[i].name, name_length) == 0)
            *wanted[i].value = header_value(item, value, value_length);
    }
}

bool answer_count_header(struct transfer_item *item, size_t length)
{
    item->answer.header_bytes += length;
    if (item->answer.header_bytes <= HEADER_BYTES_MAX)
        return true;
    item->failure = TRANSFER_TOO_LARGE;
    return false;
}

bool answer_keep_body(struct transfer_item *item, const char *bytes, size_t length)
{
    struct answer *answer = &item->answer;
    if (answer->body == NULL)
        answer->body = buffer_new(item, item->request.answer_bytes_max);
    size_t room = answer->body->maximum - answer->body->length;
    if (length <= room)
        return buffer_append(answer->body, bytes, length) == 0;
    answer->cut = true;
    if (item->request.kind == TRANSFER_POST)
        (void)buffer_append(answer->body, bytes, room);
    else
        item->failure = TRANSFER_TOO_LARGE;
    return false;
}

const char *answer_judge(struct transfer_item *item, enum transfer_failure failure)
{
    if (item->failure == TRANSFER_OK)
        item->failure = failure;
    if (item->request.kind == TRANSFER_POST && item->answer.complete_header)
        item->failure = TRANSFER_OK;
    if (!item->answer.complete_header) {
        item->status = 0;
        /* libcurl is content with a header that stops in the middle. */
        if (item->failure == TRANSFER_OK)
            item->failure = TRANSFER_CUT;
    }
    if (item->failure == TRANSFER_TIMEOUT && !item->requested)
        return "no connection in time";
    return failure_text(item->failure);
}
