/* The pieces of the console's pages: escaping, words, fields, forms. */
#include "http/staff_html.h"

#include <stdarg.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

static void add_raw(struct staff_document *document, const char *text, size_t length)
{
    document->out = memory_must(talloc_strndup_append_buffer(document->out, text, length));
}

static void add_escaped(struct staff_document *document, const char *text)
{
    char *escaped = text_html(document->context, text != NULL ? text : "");
    add_raw(document, escaped, strlen(escaped));
    talloc_free(escaped);
}

static void add_number(struct staff_document *document, long long number)
{
    char *text = memory_printf(document->context, "%lld", number);
    add_raw(document, text, strlen(text));
    talloc_free(text);
}

void staff_add(struct staff_document *document, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    while (*format != '\0') {
        size_t plain = strcspn(format, "%");
        add_raw(document, format, plain);
        format += plain;
        if (*format == '\0')
            break;
        if (format[1] == 's')
            add_escaped(document, va_arg(arguments, const char *));
        else if (format[1] == 'd')
            add_number(document, va_arg(arguments, long long));
        else if (format[1] == 'h') {
            const char *markup = va_arg(arguments, const char *);
            add_raw(document, markup, strlen(markup));
        } else
            add_raw(document, "%", 1);
        format += format[1] != '\0' ? 2 : 1;
    }
    va_end(arguments);
}

const char *staff_word(const struct staff_document *document, const char *english,
                       const char *japanese)
{
    return document->japanese ? japanese : english;
}

const char *staff_kind(const struct staff_document *document)
{
    return document->view->drill ? "drill" : "live";
}

const char *staff_text(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text != NULL ? text : "";
}

long long staff_number(const json_t *object, const char *key)
{
    return (long long)json_number_value(json_object_get(object, key));
}

bool staff_flag(const json_t *object, const char *key)
{
    return json_is_true(json_object_get(object, key));
}

bool staff_lists(const json_t *list, const char *name)
{
    size_t index;
    json_t *item;
    json_array_foreach(list, index, item)
    {
        if (text_equal(json_string_value(item), name))
            return true;
    }
    return false;
}

bool staff_can(const json_t *broadcast, const char *action)
{
    return staff_lists(json_object_get(broadcast, "can"), action);
}

const char *staff_time(const struct staff_document *document, const char *rfc3339)
{
    usec_t time;
    if (clock_parse(rfc3339, &time) < 0)
        return "—";
    return message_time(document->context, document->pages->texts, document->view->language, time,
                        document->view->now);
}

const char *staff_place_name(const struct staff_document *document, const char *place)
{
    const struct area_graph *areas = document->pages->areas;
    const char *colon = place != NULL ? strchr(place, ':') : NULL;
    if (colon == NULL)
        return place != NULL ? place : "";
    const char *system = memory_printf(document->context, "%.*s", (int)(colon - place), place);
    const struct area *area = area_find(areas, area_system_from_name(system), colon + 1);
    return area != NULL ? area_name(areas, area, document->view->language, NULL) : place;
}

const char *staff_state_word(const struct staff_document *document, const json_t *broadcast)
{
    static const char *const words[][3] = {
        {"draft", "Draft: not sent", "下書き：未送信"},
        {"approved", "Approved: not sent yet", "承認済み：未送信"},
        {"scheduled", "Scheduled", "予約済み"},
        {"sent", "Sent", "送信済み"},
        {"stopped", "Stopped", "停止しました"},
        {"dropped", "Given up: not sent", "取りやめ：未送信"},
    };
    const char *state = staff_text(broadcast, "state");
    if (staff_text(broadcast, "held")[0] != '\0')
        return staff_word(document, "Held back: waits for release", "保留中：解放を待っています");
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (text_equal(words[i][0], state))
            return staff_word(document, words[i][1], words[i][2]);
    }
    return state;
}

bool staff_role_is(const struct staff_document *document, const char *role)
{
    return text_equal(staff_text(document->view->person, "role"), role);
}

void staff_hidden(struct staff_document *document, const char *name, const char *value)
{
    staff_add(document, "<input type=\"hidden\" name=\"%s\" value=\"%s\">", name, value);
}

void staff_form_begin(struct staff_document *document, const char *action, const char *next,
                      bool enter_submits)
{
    staff_add(document, "<form method=\"post\" action=\"%s\">", action);
    if (!enter_submits)
        staff_add(document, "<button type=\"submit\" disabled hidden></button>");
    staff_hidden(document, "csrf", document->view->csrf);
    /* Several forms of one page are different requests. */
    staff_hidden(document, "request",
                 memory_printf(document->context, "%s-%s", document->view->request,
                               text_hash(document->context, action, strlen(action), 8)));
    if (next != NULL)
        staff_hidden(document, "next", next);
}

void staff_form_end(struct staff_document *document)
{
    staff_add(document, "</form>");
}

static void add_label(struct staff_document *document, const char *name, const char *label,
                      const char *hint, const char *fault)
{
    staff_add(document, "<label for=\"f-%s\">%s</label>", name, label);
    if (hint != NULL)
        staff_add(document, "<p class=\"hint\" id=\"h-%s\">%s</p>", name, hint);
    if (fault != NULL)
        staff_add(document, "<p class=\"fault\" id=\"e-%s\">%s</p>", name, fault);
}

static void add_described(struct staff_document *document, const char *name, const char *hint,
                          const char *fault)
{
    if (hint == NULL && fault == NULL)
        return;
    staff_add(document, " aria-describedby=\"");
    if (hint != NULL)
        staff_add(document, "h-%s", name);
    if (fault != NULL)
        staff_add(document, "%he-%s", hint != NULL ? " " : "", name);
    staff_add(document, "\"%h", fault != NULL ? " aria-invalid=\"true\"" : "");
}

void staff_input(struct staff_document *document, const char *type, const char *name,
                 const char *label, const char *value, const char *attributes, const char *hint,
                 const char *fault)
{
    staff_add(document, "<div class=\"field\">");
    add_label(document, name, label, hint, fault);
    staff_add(document, "<input type=\"%s\" id=\"f-%s\" name=\"%s\" value=\"%s\" %h", type, name,
              name, value, attributes);
    add_described(document, name, hint, fault);
    staff_add(document, "></div>");
}

void staff_textarea(struct staff_document *document, const char *name, const char *label,
                    const char *value, const char *attributes, const char *hint, const char *fault)
{
    staff_add(document, "<div class=\"field\">");
    add_label(document, name, label, hint, fault);
    staff_add(document, "<textarea id=\"f-%s\" name=\"%s\" rows=\"2\" %h", name, name, attributes);
    add_described(document, name, hint, fault);
    staff_add(document, ">%s</textarea></div>", value);
}

void staff_checkbox(struct staff_document *document, const char *type, const char *name,
                    const char *value, const char *label, bool checked)
{
    staff_add(document,
              "<label class=\"choice\"><input type=\"%s\" name=\"%s\" value=\"%s\"%h> %s</label>",
              type, name, value, checked ? " checked" : "", label);
}

void staff_button(struct staff_document *document, const char *class, const char *label)
{
    staff_add(document, "<button type=\"submit\" class=\"%s\">%s</button>", class, label);
}

/* A blank's label, or the words for a field of every template. */
static const char *field_label(const struct staff_document *document, const char *field)
{
    static const char *const words[][3] = {{"areas", "Where", "地域"},
                                           {"expires", "Valid for", "有効な時間"},
                                           {"next-update", "Next information", "次のお知らせ"},
                                           {"authority", "Who sends it", "発信者"},
                                           {"template", "Template", "ひな形"},
                                           {"phase", "Step", "段階"}};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(words[i][0], field) == 0)
            return staff_word(document, words[i][1], words[i][2]);
    }
    return broadcast_word(document->pages->templates, document->view->language, "blank", field);
}

void staff_faults(struct staff_document *document, const json_t *faults, const char *where)
{
    size_t index;
    json_t *fault;
    if (json_array_size(faults) == 0)
        return;
    staff_add(document, "<div class=\"faults\" role=\"alert\"><h2>%s</h2><ul>",
              staff_word(document,
                         "Not ready yet. Please correct:", "まだ送れません。次を直してください："));
    json_array_foreach(faults, index, fault)
    {
        const char *field = staff_text(fault, "field");
        staff_add(document, "<li><a href=\"%s#g-%s\">%s</a>: %s</li>", where, field,
                  field_label(document, field), staff_text(fault, "text"));
    }
    staff_add(document, "</ul></div>");
}

const char *staff_colour(const json_t *row)
{
    const char *phase = staff_text(row, "phase");
    if (strcmp(phase, "all-clear") == 0)
        return "green";
    return strcmp(phase, "withdrawn") == 0 ? "white" : staff_text(row, "colour");
}

void staff_chip(struct staff_document *document, const char *colour, long long level,
                const char *text)
{
    const char *word = catalogue_word(document->pages->texts, document->view->language,
                                      memory_printf(document->context, "colour.%s", colour));
    staff_add(document, "<span class=\"chip %s\">", colour);
    /* White and green are no danger, so they have no number. */
    bool danger = strcmp(colour, "white") != 0 && strcmp(colour, "green") != 0;
    if (level > 0 && danger)
        staff_add(document, "%d/5 ", level);
    staff_add(document, "%s <span class=\"colour\">(%s)</span></span>", text, word);
}

void staff_wide_begin(struct staff_document *document, const char *name)
{
    staff_add(document, "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"%s\">",
              name);
}

const char *staff_count_name(const struct staff_document *document, const char *name)
{
    const char *language = catalogue_language_name(document->pages->texts, name);
    if (language != NULL)
        return language;
    if (strcmp(name, "email") == 0)
        return staff_word(document, "Mail", "メール");
    if (strcmp(name, "webhook") == 0)
        return staff_word(document, "Facilities (webhook)", "施設（webhook）");
    return name;
}

void staff_counts(struct staff_document *document, const char *caption, const json_t *counts)
{
    const char *name;
    json_t *count;
    if (json_object_size(counts) == 0)
        return;
    staff_add(document, "<table><caption>%s</caption><tbody>", caption);
    json_object_foreach((json_t *)counts, name, count)
    {
        staff_add(document, "<tr><th scope=\"row\">%s</th><td class=\"number\">%d</td></tr>",
                  staff_count_name(document, name), (long long)json_number_value(count));
    }
    staff_add(document, "</tbody></table>");
}
