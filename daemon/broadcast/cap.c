/* Elements of CAP 1.2 to records, by one function for each kind of element. */
#include <errno.h>
#include <string.h>

#include "base/element.h"
#include "base/memory.h"
#include "base/text.h"
#include "broadcast/cap.h"

#define NAMESPACE "urn:oasis:names:tc:emergency:cap:1.2"

struct reading {
    TALLOC_CTX *context; /* of the record */
    const char *name;
    struct problems *problems;
};

static const struct element_limits limits = {.bytes = CAP_BYTES_MAX,
                                             .elements = 5000,
                                             .text_bytes = (size_t)16 * 1024,
                                             .depth = 16,
                                             .attributes = 16};

static void wrong(const struct reading *reading, const struct element *element, const char *instead,
                  const char *what)
{
    problems_add(reading->problems, reading->name, element->line, element->column, instead,
                 "<%s> %s", element->name, what);
}

/* Text of a child; NULL and a problem when it is required and not there. */
static const char *child_text(const struct reading *reading, const struct element *parent,
                              const char *name, bool required)
{
    const char *text = element_text(parent, name);
    if (text == NULL && required)
        problems_add(reading->problems, reading->name, parent->line, parent->column,
                     memory_printf(reading->context, "<%s>…</%s>", name, name), "<%s> lacks <%s>",
                     parent->name, name);
    return text != NULL ? memory_text(reading->context, text) : NULL;
}

/* Index of the child's text in `words` (ended by NULL); -1 and a problem when it is none of them.
 */
static int child_word(const struct reading *reading, const struct element *parent, const char *name,
                      const char *const *words, const char *instead)
{
    const char *text = child_text(reading, parent, name, true);
    for (int i = 0; text != NULL && words[i] != NULL; i++) {
        if (strcmp(words[i], text) == 0)
            return i;
    }
    if (text != NULL)
        wrong(reading, element_child(parent, name), instead, "has a word that is not taken here");
    return -1;
}

/* An instant; 0 when it is not there. */
static usec_t child_time(const struct reading *reading, const struct element *parent,
                         const char *name, bool required)
{
    usec_t time = 0;
    const char *text = child_text(reading, parent, name, required);
    if (text != NULL && clock_parse(text, &time) < 0)
        wrong(reading, element_child(parent, name), "2026-11-26T08:30:00+09:00", "is not a time");
    return time;
}

/* No blank, comma, < or & (the standard), no control character, and a length that can be kept. */
static bool is_name(const char *text)
{
    for (const char *c = text; *c != '\0'; c++) {
        if ((unsigned char)*c <= ' ' || (unsigned char)*c >= 127 || strchr(",<&", *c) != NULL)
            return false;
    }
    return text[0] != '\0' && strlen(text) <= CAP_NAME_BYTES;
}

static const char *child_name(const struct reading *reading, const struct element *parent,
                              const char *name)
{
    const char *text = child_text(reading, parent, name, true);
    if (text != NULL && !is_name(text))
        wrong(reading, element_child(parent, name),
              "at most 200 ASCII characters without blanks, commas, < and &", "is not a name");
    return text;
}

static size_t count_children(const struct reading *reading, const struct element *parent,
                             const char *name, size_t most)
{
    size_t count = 0;
    const struct element *child = element_child(parent, name);
    for (; child != NULL; child = element_again(child)) {
        if (++count == most + 1)
            wrong(reading, child, memory_printf(reading->context, "at most %zu", most),
                  "is there too often");
    }
    return count <= most ? count : most;
}

static const struct cap_pair *read_pairs(const struct reading *reading,
                                         const struct element *parent, const char *name,
                                         size_t *ret_count)
{
    size_t count = count_children(reading, parent, name, CAP_LIST_MAX);
    struct cap_pair *pairs = memory_array(reading->context, struct cap_pair, count + 1);
    const struct element *child = element_child(parent, name);
    for (size_t i = 0; i < count; i++, child = element_again(child)) {
        pairs[i].name = child_text(reading, child, "valueName", true);
        pairs[i].value = child_text(reading, child, "value", true);
        pairs[i].line = child->line;
        pairs[i].column = child->column;
    }
    *ret_count = count;
    return pairs;
}

static struct cap_area read_area(const struct reading *reading, const struct element *element)
{
    struct cap_area area = {.description = child_text(reading, element, "areaDesc", true),
                            .shape = element_child(element, "polygon") != NULL ||
                                     element_child(element, "circle") != NULL,
                            .line = element->line,
                            .column = element->column};
    area.geocodes = read_pairs(reading, element, "geocode", &area.geocode_count);
    return area;
}

static bool is_all_clear(const struct element *info)
{
    const struct element *type = element_child(info, "responseType");
    for (; type != NULL; type = element_again(type)) {
        if (strcmp(type->text, "AllClear") == 0)
            return true;
    }
    return false;
}

static struct cap_info read_info(const struct reading *reading, const struct element *element)
{
    static const char *const required[] = {"category", "urgency", "severity", "certainty"};
    struct cap_info info = {.event = child_text(reading, element, "event", true),
                            .language = child_text(reading, element, "language", false),
                            .headline = child_text(reading, element, "headline", false),
                            .description = child_text(reading, element, "description", false),
                            .expires = child_time(reading, element, "expires", false),
                            .all_clear = is_all_clear(element),
                            .line = element->line,
                            .column = element->column};
    if (info.language == NULL)
        info.language = "en-US";
    for (size_t i = 0; i < sizeof(required) / sizeof(required[0]); i++)
        (void)child_text(reading, element, required[i], true);
    info.codes = read_pairs(reading, element, "eventCode", &info.code_count);
    info.parameters = read_pairs(reading, element, "parameter", &info.parameter_count);
    info.area_count = count_children(reading, element, "area", CAP_LIST_MAX);
    struct cap_area *areas = memory_array(reading->context, struct cap_area, info.area_count + 1);
    const struct element *child = element_child(element, "area");
    for (size_t i = 0; i < info.area_count; i++, child = element_again(child))
        areas[i] = read_area(reading, child);
    info.areas = areas;
    return info;
}

static void read_infos(const struct reading *reading, const struct element *root,
                       struct cap_alert *alert)
{
    alert->info_count = count_children(reading, root, "info", CAP_INFOS_MAX);
    struct cap_info *infos = memory_array(reading->context, struct cap_info, alert->info_count + 1);
    const struct element *child = element_child(root, "info");
    for (size_t i = 0; i < alert->info_count; i++, child = element_again(child))
        infos[i] = read_info(reading, child);
    alert->infos = infos;
    if (alert->info_count == 0 && alert->message_type != CAP_CANCEL)
        wrong(reading, root, "one <info> for each language", "has no <info>");
}

/* "sender,identifier,sent sender,identifier,sent": who sent it is known by the signature. */
static void read_references(const struct reading *reading, const struct element *root,
                            struct cap_alert *alert)
{
    const struct element *element = element_child(root, "references");
    size_t count = 0, fields;
    if (element == NULL || element->text[0] == '\0') {
        if (alert->message_type != CAP_ALERT)
            wrong(reading, root, "<references>sender,identifier,sent</references>",
                  "updates or cancels something but does not say what");
        return;
    }
    char **words = text_split_blank(reading->context, element->text, &count);
    const char **names = memory_array(reading->context, const char *, count + 1);
    for (size_t i = 0; i < count && i < CAP_LIST_MAX; i++) {
        char **parts = text_split(reading->context, words[i], ',', &fields);
        usec_t sent;
        if (fields != 3 || !is_name(parts[0]) || !is_name(parts[1]) ||
            clock_parse(parts[2], &sent) < 0)
            wrong(reading, element, "sender,identifier,sent for each, with a blank between two",
                  "has something else than references");
        else
            names[alert->reference_count++] = parts[1];
    }
    alert->references = names;
}

static void read_alert(const struct reading *reading, const struct element *root,
                       struct cap_alert *alert)
{
    static const char *const statuses[] = {"Actual", "Exercise", "Test", NULL};
    static const char *const types[] = {"Alert", "Update", "Cancel", NULL};
    static const char *const scopes[] = {"Public", NULL};
    alert->identifier = child_name(reading, root, "identifier");
    alert->sender = child_name(reading, root, "sender");
    alert->sent = child_time(reading, root, "sent", true);
    int status = child_word(reading, root, "status", statuses, "Actual, Exercise or Test");
    int type = child_word(reading, root, "msgType", types, "Alert, Update or Cancel");
    (void)child_word(reading, root, "scope", scopes, "Public: what is not for all is not told");
    alert->status = status >= 0 ? (enum cap_status)status : CAP_TEST;
    alert->message_type = type >= 0 ? (enum cap_message_type)type : CAP_ALERT;
    read_references(reading, root, alert);
    read_infos(reading, root, alert);
}

int cap_parse(TALLOC_CTX *context, const char *name, const void *bytes, size_t length,
              struct problems *problems, const struct cap_alert **ret_alert)
{
    const struct element *root;
    struct cap_alert *alert = memory_new(context, struct cap_alert);
    const struct reading reading = {.context = alert, .name = name, .problems = problems};
    size_t before = problems->errors;
    int r = element_parse(alert, name, bytes, length, NAMESPACE, &limits, problems, &root);
    if (r >= 0 && strcmp(root->name, "alert") != 0) {
        problems_add(problems, name, root->line, root->column, "<alert xmlns=\"" NAMESPACE "\">",
                     "this is not a CAP 1.2 alert");
        r = -EINVAL;
    }
    if (r >= 0)
        read_alert(&reading, root, alert);
    if (r >= 0 && problems->errors > before)
        r = -EINVAL;
    if (r < 0) {
        talloc_free(alert);
        return r;
    }
    *ret_alert = alert;
    return 0;
}
