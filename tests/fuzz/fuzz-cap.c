/* libFuzzer target: bytes of a partner to a CAP alert. */
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "broadcast/cap.h"
#include "fuzz.h"

static void check_text(const char *text, const char *what)
{
    fuzz_must(text != NULL && text_is_utf8(text, strlen(text)), "%s is no text", what);
}

/* What a later message may name, and what an id is made of. */
static void check_name(const char *name)
{
    check_text(name, "a name");
    fuzz_must(name[0] != '\0' && strlen(name) <= CAP_NAME_BYTES, "a name of %zu bytes",
              strlen(name));
    fuzz_must(name[strcspn(name, " ,<&\r\n")] == '\0', "blanks or marks in the name %s", name);
}

static void check_pairs(const struct cap_pair *pairs, size_t count)
{
    fuzz_must(count <= CAP_LIST_MAX, "%zu pairs", count);
    for (size_t i = 0; i < count; i++) {
        check_text(pairs[i].name, "a valueName");
        check_text(pairs[i].value, "a value");
        fuzz_must(pairs[i].line > 0, "a pair that stands nowhere");
    }
}

static void check_info(const struct cap_info *info)
{
    check_text(info->language, "a language");
    check_text(info->event, "an event");
    check_pairs(info->codes, info->code_count);
    check_pairs(info->parameters, info->parameter_count);
    fuzz_must(info->area_count <= CAP_LIST_MAX, "%zu areas", info->area_count);
    for (size_t i = 0; i < info->area_count; i++) {
        check_text(info->areas[i].description, "an areaDesc");
        check_pairs(info->areas[i].geocodes, info->areas[i].geocode_count);
    }
}

static void check_alert(const struct cap_alert *alert)
{
    check_name(alert->identifier);
    check_name(alert->sender);
    fuzz_must(alert->info_count <= CAP_INFOS_MAX, "%zu infos", alert->info_count);
    fuzz_must(alert->info_count > 0 || alert->message_type == CAP_CANCEL, "an alert without info");
    fuzz_must(alert->reference_count > 0 || alert->message_type == CAP_ALERT,
              "what follows nothing");
    fuzz_must(alert->reference_count <= CAP_LIST_MAX, "%zu references", alert->reference_count);
    for (size_t i = 0; i < alert->reference_count; i++)
        check_name(alert->references[i]);
    for (size_t i = 0; i < alert->info_count; i++)
        check_info(&alert->infos[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    TALLOC_CTX *context = talloc_new(NULL);
    struct problems *problems = problems_new(context);
    const struct cap_alert *alert;
    if (cap_parse(context, "body", data, size, problems, &alert) < 0)
        fuzz_must(problems->errors > 0, "refused without a reason");
    else
        check_alert(alert);
    talloc_free(context);
    return 0;
}
