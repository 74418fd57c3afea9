/* The hash chain: lengths before texts, so that no two records have the same bytes. */
#include <inttypes.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "broadcast/audit.h"
#include "event/value.h"

static const char *digest(TALLOC_CTX *context, const struct audit_record *record,
                          const char *before)
{
    const char *const texts[] = {record->who,    record->via, record->from,  record->what,
                                 record->object, record->why, record->detail};
    char *all =
        memory_printf(context, "%s|%" PRId64 "|%" PRId64, before, record->number, record->at);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        const char *text = texts[i] != NULL ? texts[i] : "";
        all = memory_must(talloc_asprintf_append_buffer(all, "|%zu:%s", strlen(text), text));
    }
    const char *hash = text_hash(context, all, strlen(all), 64);
    talloc_free(all);
    return hash;
}

void audit_seal(TALLOC_CTX *context, struct audit_record *record, const char *before)
{
    record->hash = digest(context, record, before);
}

void audit_check_begin(struct audit_check *check)
{
    *check = (struct audit_check){.last_hash = AUDIT_START};
}

void audit_check_add(TALLOC_CTX *context, struct audit_check *check,
                     const struct audit_record *record)
{
    int64_t expected = ++check->records;
    if (check->fault != 0)
        return;
    if (record->number != expected) {
        check->fault = expected;
        check->what = record->number > expected ? "removed" : "put in or moved";
        return;
    }
    if (!text_equal(digest(context, record, check->last_hash), record->hash)) {
        check->fault = record->number;
        check->what = "changed";
        return;
    }
    check->last_hash = memory_text(context, record->hash);
}

json_t *audit_json(const struct audit_record *record)
{
    json_t *json = memory_must(json_object());
    value_set_integer(json, "number", record->number);
    value_set_time(json, "at", record->at);
    value_set_text(json, "who", record->who);
    value_set_text(json, "via", record->via);
    value_set_text(json, "from", record->from);
    value_set_text(json, "what", record->what);
    value_set_text(json, "object", record->object);
    value_set_text(json, "why", record->why);
    value_set_text(json, "detail", record->detail);
    value_set_text(json, "hash", record->hash);
    return json;
}
