/* The after-action report of a matter: what a city's plan follows up, every step with its reach,
 * and who did what. The whole is on one page, to print or to keep; the same as CSV and JSON. */
#include "http/staff_html.h"

#include <string.h>

#include "base/memory.h"

static const char *const states[][3] = {{"delivered", "Delivered", "届いた"},
                                        {"failed", "Failed", "失敗"},
                                        {"expired", "Too late", "期限切れ"},
                                        {"stopped", "Stopped", "停止"},
                                        {"waiting", "Waiting", "待機"}};
#define STATE_COUNT (sizeof(states) / sizeof(states[0]))

/* A number as it is; "—" when it is not known. */
static const char *number_or_none(const struct staff_document *document, const json_t *number)
{
    if (!json_is_number(number))
        return "—";
    return memory_printf(document->context, "%.4g", json_number_value(number));
}

static void add_indicator(struct staff_document *document, const char *label, const char *value)
{
    staff_add(document, "<tr><th scope=\"row\">%s</th><td class=\"number\">%s</td></tr>", label,
              value);
}

static void add_indicators(struct staff_document *document, const json_t *indicators)
{
    const char *language;
    json_t *share;
    staff_add(document, "<h2>%s</h2><table><tbody>", staff_word(document, "Indicators", "指標"));
    add_indicator(document, staff_word(document, "Seconds to the first", "最初の1件までの秒数"),
                  number_or_none(document, json_object_get(indicators, "seconds_to_first")));
    add_indicator(document, staff_word(document, "Seconds to 99 %", "99%までの秒数"),
                  number_or_none(document, json_object_get(indicators, "seconds_to_99")));
    add_indicator(document, staff_word(document, "Facilities that took part", "参加した施設"),
                  number_or_none(document, json_object_get(indicators, "facilities")));
    add_indicator(document, staff_word(document, "Drills in the last year", "この1年の訓練の回数"),
                  number_or_none(document, json_object_get(indicators, "drills_in_a_year")));
    const char *kind;
    json_t *counts;
    json_object_foreach(json_object_get(indicators, "facilities_by_kind"), kind, counts)
        add_indicator(document,
                      memory_printf(document->context, "%s: %s",
                                    staff_word(document, "Facilities", "施設"), kind),
                      memory_printf(document->context, "%lld / %lld",
                                    staff_number(counts, "reached"),
                                    staff_number(counts, "asked")));
    json_object_foreach(json_object_get(indicators, "share_by_language"), language, share)
    {
        const char *name = catalogue_language_name(document->pages->texts, language);
        const char *percent = json_is_number(share) ? memory_printf(document->context, "%.1f %%",
                                                                    100 * json_number_value(share))
                                                    : "—";
        add_indicator(document,
                      memory_printf(document->context, "%s: %s",
                                    staff_word(document, "Reached", "届いた割合"),
                                    name != NULL ? name : language),
                      percent);
    }
    staff_add(document, "</tbody></table>");
}

static void add_steps(struct staff_document *document, const json_t *thread)
{
    size_t index;
    json_t *row;
    const char *heading = staff_word(document, "Messages", "送ったもの");
    staff_add(document, "<h2>%s</h2>", heading);
    staff_wide_begin(document, heading);
    staff_add(document, "<table><thead><tr><th scope=\"col\">%s</th><th scope=\"col\">%s</th>",
              staff_word(document, "Message", "お知らせ"),
              staff_word(document, "Sent", "送信時刻"));
    for (size_t i = 0; i < STATE_COUNT; i++)
        staff_add(document, "<th scope=\"col\">%s</th>",
                  staff_word(document, states[i][1], states[i][2]));
    staff_add(document, "</tr></thead><tbody>");
    json_array_foreach(thread, index, row)
    {
        staff_add(document, "<tr><td>%s: %s<br><span class=\"hash\">%s</span></td><td>%s</td>",
                  broadcast_word(document->pages->templates, document->view->language, "phase",
                                 staff_text(row, "phase")),
                  staff_text(row, "title"), staff_text(row, "id"),
                  staff_time(document, staff_text(row, "sent_at")));
        for (size_t i = 0; i < STATE_COUNT; i++)
            staff_add(document, "<td class=\"number\">%d</td>",
                      staff_number(json_object_get(row, "progress"), states[i][0]));
        staff_add(document, "</tr>");
    }
    staff_add(document, "</tbody></table></div>");
}

static void add_timeline(struct staff_document *document, const json_t *timeline)
{
    size_t index;
    json_t *row;
    const char *heading = staff_word(document, "Who did what", "だれが何をしたか");
    staff_add(document, "<h2>%s</h2>", heading);
    staff_wide_begin(document, heading);
    staff_add(document, "<table><tbody>");
    json_array_foreach(timeline, index, row)
    {
        staff_add(document, "<tr><td>%s</td><td>%s</td><td>%s</td><td>%s</td><td>%s</td></tr>",
                  staff_time(document, staff_text(row, "at")), staff_text(row, "who"),
                  staff_text(row, "what"), staff_text(row, "object"), staff_text(row, "why"));
    }
    staff_add(document, "</tbody></table></div>");
}

static void add_plan(struct staff_document *document, const json_t *plan)
{
    size_t index;
    json_t *row;
    const char *heading = staff_word(document, "The yearly plan", "毎年の計画");
    if (!json_is_object(plan))
        return;
    staff_add(document, "<h2>%s</h2>", heading);
    staff_wide_begin(document, heading);
    staff_add(document,
              "<table><thead><tr><th scope=\"col\">%s</th><th scope=\"col\">%s</th><th "
              "scope=\"col\">%s</th><th scope=\"col\">%s</th><th scope=\"col\">%s</th></tr></thead>"
              "<tbody>",
              staff_word(document, "Planned for", "予定"), staff_word(document, "What", "種類"),
              staff_word(document, "State", "状態"), staff_word(document, "Receivers", "宛先"),
              staff_word(document, "Delivered", "届いた"));
    json_array_foreach(json_object_get(plan, "broadcasts"), index, row)
    {
        const char *at = staff_text(row, "scheduled_at");
        staff_add(document,
                  "<tr><td>%s</td><td>%s</td><td>%s</td><td class=\"number\">%d</td><td "
                  "class=\"number\">%d</td></tr>",
                  staff_time(document, at[0] != '\0' ? at : staff_text(row, "sent_at")),
                  staff_plan_word(document, staff_text(row, "part")),
                  staff_state_word(document, row), staff_number(row, "total"),
                  staff_number(row, "delivered"));
    }
    staff_add(document, "</tbody></table></div>");
}

void staff_page_report(struct staff_document *document)
{
    const json_t *data = document->view->data;
    const json_t *thread = json_object_get(data, "thread");
    const char *id = staff_text(json_array_get(thread, 0), "id");
    add_indicators(document, json_object_get(data, "indicators"));
    add_steps(document, thread);
    add_plan(document, json_object_get(data, "plan"));
    add_timeline(document, json_object_get(data, "timeline"));
    staff_add(document,
              "<p><a href=\"/staff/api/%s/b/%s/report?format=csv\">CSV</a> · <a "
              "href=\"/staff/api/%s/b/%s/report\">JSON</a></p>",
              staff_kind(document), id, staff_kind(document), id);
}
