/* Control and Head of any telegram. Each optional field that is missing or garbled leaves a warning
 * and an empty value; only a document that is no JMA report is refused. */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "jma/registry.h"
#include "jma/telegram.h"

#define NAMESPACE_START "http://xml.kishou.go.jp/jmaxml1/"
#define FIRST_TIME      (946684800 * USEC_PER_SEC) /* 2000-01-01: no telegram is older */
/* Clocks differ by seconds; Japan time marked as UTC, which JMA has sent, is nine hours ahead. */
#define TIME_AHEAD_MAX  USEC_PER_HOUR
#define TIMES_APART_MAX (2 * USEC_PER_DAY) /* Control/DateTime before ReportDateTime */

static const char *const status_names[] = {"unknown", "actual", "exercise", "test"};
static const char *const status_words[] = {NULL, "通常", "訓練", "試験"};
static const char *const type_names[] = {"unknown", "issue", "correction", "cancel", "delay"};
static const char *const type_words[] = {NULL, "発表", "訂正", "取消", "遅延"};

/* Index of `text` in a table of `count`, 0 when it is not there. */
static int find_word(const char *const *table, int count, const char *text)
{
    for (int i = 1; i < count; i++) {
        if (text_equal(table[i], text))
            return i;
    }
    return 0;
}

const char *telegram_status_name(enum telegram_status status)
{
    return status_names[status];
}

enum telegram_status telegram_status_from_name(const char *name)
{
    return (enum telegram_status)find_word(status_names, 4, name);
}

const char *info_type_name(enum info_type type)
{
    return type_names[type];
}

/* Four capitals and two of digits, letters or "ii": VXSE53, VXKOii. */
static bool is_code(const char *text, size_t length)
{
    if (length != 6)
        return false;
    for (size_t i = 0; i < 4; i++) {
        if (!isupper((unsigned char)text[i]))
            return false;
    }
    return isalnum((unsigned char)text[4]) && isalnum((unsigned char)text[5]);
}

const char *telegram_code_of_id(TALLOC_CTX *context, const char *id)
{
    const char *found = NULL;
    const char *name = id != NULL ? strrchr(id, '/') : NULL;
    const char *part = name != NULL ? name + 1 : id;
    while (part != NULL && *part != '\0') {
        size_t length = strcspn(part, "_.");
        if (is_code(part, length))
            found = part;
        part += length;
        part += *part != '\0' ? 1 : 0;
    }
    return found != NULL ? memory_must(talloc_strndup(context, found, 6)) : NULL;
}

/* Files whose name tells no code are known by Control/Title; of several the first. */
static const char *code_of_title(const char *title)
{
    unsigned long count;
    const struct registry_row *rows = registry_rows(&count);
    for (unsigned long i = 0; i < count; i++) {
        if (strcmp(rows[i].title, title) == 0)
            return rows[i].code;
    }
    return "unknown";
}

struct reading {
    TALLOC_CTX *context;
    const char *id;
    struct problems *problems;
};

static const char *text_of(const struct element *parent, const char *path)
{
    const char *text = element_text(parent, path);
    return text != NULL ? text : "";
}

static usec_t time_of(const struct reading *reading, const struct element *parent, const char *path,
                      bool required)
{
    const struct element *element = element_path(parent, path);
    const char *text = element_text(parent, path);
    usec_t time = 0;
    if (text == NULL) {
        if (required)
            problems_warn(reading->problems, reading->id, parent != NULL ? parent->line : 0, 0,
                          "an RFC 3339 date-time", "%s is missing or empty", path);
        return 0;
    }
    if (clock_parse(text, &time) < 0 || time < FIRST_TIME) {
        problems_warn(reading->problems, reading->id, element->line, element->column,
                      "an RFC 3339 date-time with an offset, from 2000 on",
                      "%s \"%s\" is not a time", path, text);
        return 0;
    }
    return time;
}

static void read_control(const struct reading *reading, const struct element *control,
                         struct telegram *telegram)
{
    telegram->control_title = text_of(control, "Title");
    telegram->control_time = time_of(reading, control, "DateTime", true);
    const char *status = text_of(control, "Status");
    telegram->status = (enum telegram_status)find_word(status_words, 4, status);
    if (telegram->status == STATUS_UNKNOWN)
        problems_warn(reading->problems, reading->id, control->line, control->column,
                      "通常, 訓練 or 試験", "Control/Status \"%s\" is unknown", status);
    telegram->editorial_office = text_of(control, "EditorialOffice");
    telegram->publishing_office = text_of(control, "PublishingOffice");
}

static void read_head(const struct reading *reading, const struct element *head,
                      struct telegram *telegram)
{
    telegram->head = head;
    telegram->head_title = text_of(head, "Title");
    telegram->reported_at = time_of(reading, head, "ReportDateTime", true);
    telegram->target_at = time_of(reading, head, "TargetDateTime", false);
    telegram->valid_until = time_of(reading, head, "ValidDateTime", false);
    telegram->event_id = text_of(head, "EventID");
    telegram->event_ids = (const char *const *)text_split_blank(
        reading->context, telegram->event_id, &telegram->event_id_count);
    const char *type = text_of(head, "InfoType");
    telegram->info_type = (enum info_type)find_word(type_words, 5, type);
    if (telegram->info_type == INFO_UNKNOWN)
        problems_warn(reading->problems, reading->id, head != NULL ? head->line : 0, 0,
                      "発表, 訂正, 取消 or 遅延", "Head/InfoType \"%s\" is unknown", type);
    telegram->serial = text_of(head, "Serial");
    telegram->info_kind = text_of(head, "InfoKind");
    telegram->info_kind_version = text_of(head, "InfoKindVersion");
    telegram->headline = text_of(head, "Headline/Text");
}

int telegram_parse(TALLOC_CTX *context, const char *id, const void *bytes, size_t length,
                   struct problems *problems, struct telegram **ret_telegram)
{
    const struct element *root;
    int r = element_parse(context, id, bytes, length, NAMESPACE_START, &element_limits_default,
                          problems, &root);
    if (r < 0)
        return r;
    const struct element *control = element_child(root, "Control");
    if (strcmp(root->name, "Report") != 0 || control == NULL) {
        problems_add(problems, id, root->line, root->column, "a Report with a Control",
                     "this is not a JMA telegram");
        return -EBADMSG;
    }
    struct telegram *telegram = memory_new(context, struct telegram);
    const struct reading reading = {.context = telegram, .id = id, .problems = problems};
    telegram->id = memory_text(telegram, id);
    read_control(&reading, control, telegram);
    read_head(&reading, element_child(root, "Head"), telegram);
    telegram->body = element_child(root, "Body");
    if (telegram->control_time == 0)
        telegram->control_time = telegram->reported_at;
    if (telegram->reported_at == 0)
        telegram->reported_at = telegram->control_time;
    const char *code = telegram_code_of_id(telegram, id);
    telegram->code = code != NULL ? code : code_of_title(telegram->control_title);
    *ret_telegram = telegram;
    return 0;
}

static bool possible_at(usec_t time, usec_t received_at)
{
    return time != 0 && time <= received_at + TIME_AHEAD_MAX;
}

bool telegram_settle_times(struct telegram *telegram, usec_t received_at)
{
    usec_t control = telegram->control_time, reported = telegram->reported_at;
    bool report_possible = possible_at(reported, received_at);
    if (possible_at(control, received_at) &&
        !(report_possible && control + TIMES_APART_MAX < reported))
        return false;
    telegram->control_time = report_possible ? reported : received_at;
    if (!report_possible)
        telegram->reported_at = received_at;
    return true;
}
