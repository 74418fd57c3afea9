/* Following a broadcast that was sent: how far it is, stopping what has not gone, and the way back
 * from a mistake, each one step away (H-6, H-16). */
#include "http/staff_html.h"

#include <string.h>

#include "base/memory.h"
#include "base/text.h"

static const char *const states[][3] = {{"waiting", "Waiting", "待機"},
                                        {"sending", "Sending", "送信中"},
                                        {"delivered", "Delivered", "届いた"},
                                        {"failed", "Failed", "失敗"},
                                        {"expired", "Too late", "期限切れ"},
                                        {"stopped", "Stopped", "停止"},
                                        {"held", "Held", "保留"}};
#define STATE_COUNT (sizeof(states) / sizeof(states[0]))

static const char *path(const struct staff_document *document, const char *middle, const char *rest)
{
    const json_t *broadcast = json_object_get(document->view->data, "broadcast");
    return memory_printf(document->context, "/staff/%s%s/b/%s%s", middle, staff_kind(document),
                         staff_text(broadcast, "id"), rest);
}

/* States in columns, one row for each channel or language. */
static void add_split(struct staff_document *document, const char *caption, const char *group,
                      const json_t *progress)
{
    const json_t *split = json_object_get(progress, group);
    const char *name;
    json_t *counts;
    if (json_object_size(split) == 0)
        return;
    staff_wide_begin(document, caption);
    staff_add(document, "<table><caption>%s</caption><thead><tr><td></td>", caption);
    for (size_t i = 0; i < STATE_COUNT; i++)
        staff_add(document, "<th scope=\"col\">%s</th>",
                  staff_word(document, states[i][1], states[i][2]));
    staff_add(document, "</tr></thead><tbody>");
    json_object_foreach((json_t *)split, name, counts)
    {
        staff_add(document, "<tr><th scope=\"row\">%s</th>", staff_count_name(document, name));
        for (size_t i = 0; i < STATE_COUNT; i++)
            staff_add(document, "<td class=\"number\" id=\"p-%s-%s-%s\">%d</td>", group, name,
                      states[i][0], staff_number(counts, states[i][0]));
        staff_add(document, "</tr>");
    }
    staff_add(document, "</tbody></table></div>");
}

/* Why one person was enough. */
static const char *alone_word(const struct staff_document *document, const char *alone)
{
    static const char *const words[][3] = {
        {"rule", "Rule: no second person at this level", "規則：この段階では二人目は不要"},
        {"false-alarm", "It takes back what was sent in error", "誤送信の取り消しのため"},
        {"break-glass", "Sent alone in an emergency", "緊急のため一人で送信"},
        {"partner", "Rule: this partner may send at this level",
         "規則：この段階では連携機関が直接送信できる"}};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(words[i][0], alone) == 0)
            return staff_word(document, words[i][1], words[i][2]);
    }
    return alone;
}

static void add_progress(struct staff_document *document, const json_t *progress)
{
    if (!json_is_object(progress))
        return;
    staff_add(document, "<h2>%s</h2><div id=\"progress\" data-from=\"%s\"><table><tbody>",
              staff_word(document, "How far it is", "送信の経過"),
              path(document, "api/", "/progress"));
    staff_add(document,
              "<tr><th scope=\"row\">%s</th><td class=\"number\" id=\"p-total\">%d</td></tr>",
              staff_word(document, "Receivers", "宛先"), staff_number(progress, "total"));
    for (size_t i = 0; i < STATE_COUNT; i++)
        staff_add(document,
                  "<tr><th scope=\"row\">%s</th><td class=\"number\" id=\"p-%s\">%d</td></tr>",
                  staff_word(document, states[i][1], states[i][2]), states[i][0],
                  staff_number(progress, states[i][0]));
    staff_add(document, "</tbody></table></div><p><a href=\"%s\">%s</a></p>",
              path(document, "", ""), staff_word(document, "Reload", "再読み込み"));
    add_split(document, staff_word(document, "By channel", "経路"), "by_channel", progress);
    add_split(document, staff_word(document, "By language", "言語"), "by_language", progress);
    add_split(document, staff_word(document, "By kind of facility", "施設の種類"), "by_facility",
              progress);
}

static void add_reason(struct staff_document *document, const char *id, const char *label)
{
    staff_add(document,
              "<div class=\"field\"><label for=\"f-%s\">%s</label><input type=\"text\" id=\"f-%s\" "
              "name=\"reason\" required minlength=\"5\" autocomplete=\"off\"></div>",
              id, label, id);
}

static void add_false_alarm(struct staff_document *document, const json_t *broadcast)
{
    if (!staff_can(broadcast, "false-alarm"))
        return;
    staff_add(
        document, "<h3>%s</h3><p>%s</p>",
        staff_word(document, "It was sent in error", "誤って送った"),
        staff_word(document,
                   "Stops what has not gone, and tells exactly those who got it, in every "
                   "language, at once. You alone can do this.",
                   "まだ送っていない分を止め、受け取った人だけに、すべての言語ですぐに知らせます"
                   "。一人でできます。"));
    staff_form_begin(document, path(document, "api/", "/false-alarm"),
                     memory_printf(document->context, "/staff/%s/b/{id}", staff_kind(document)),
                     false);
    add_reason(
        document, "false-alarm",
        staff_word(document,
                   "What happened (for the record; those who got it read prepared sentences)",
                   "何があったか（記録用。受け取った人には用意された文が届きます）"));
    staff_button(
        document, "send",
        document->view->drill
            ? staff_word(document, "DRILL: tell them it was sent in error",
                         "訓練：誤送信だったと知らせる")
            : staff_word(document, "Tell them now: sent in error", "今すぐ知らせる：誤送信"));
    staff_form_end(document);
}

static void add_follow(struct staff_document *document, const json_t *broadcast, const char *phase,
                       const char *label)
{
    if (!staff_can(broadcast, phase))
        return;
    staff_form_begin(document, path(document, "api/", "/follow"),
                     memory_printf(document->context,
                                   strcmp(phase, "all-clear") == 0 ? "/staff/%s/b/{id}/preview"
                                                                   : "/staff/%s/b/{id}/edit",
                                   staff_kind(document)),
                     false);
    staff_hidden(document, "phase", phase);
    staff_button(document, "main", label);
    staff_form_end(document);
}

static void add_undo(struct staff_document *document, const json_t *broadcast)
{
    if (!staff_can(broadcast, "false-alarm") && !staff_can(broadcast, "correction") &&
        !staff_can(broadcast, "update") && !staff_can(broadcast, "all-clear"))
        return;
    staff_add(document, "<div class=\"box\"><h2>%s</h2>",
              staff_word(document, "What next? It goes to those who got this one",
                         "次は？ これを受け取った人に送ります"));
    add_false_alarm(document, broadcast);
    staff_add(document, "<h3>%s</h3>", staff_word(document, "Or prepare", "または用意する"));
    add_follow(document, broadcast, "correction",
               staff_word(document, "Correction: something in it is wrong", "訂正：誤りがある"));
    add_follow(document, broadcast, "update",
               staff_word(document, "Update: there is news", "続報：新しい情報がある"));
    add_follow(document, broadcast, "all-clear",
               staff_word(document, "All clear: it is over", "解除：終わった"));
    staff_add(document, "</div>");
}

/* In its first moment nobody is listed yet. */
static bool all_gone(const json_t *progress)
{
    return staff_number(progress, "total") > 0 && staff_number(progress, "waiting") +
                                                          staff_number(progress, "sending") +
                                                          staff_number(progress, "held") ==
                                                      0;
}

static void add_stop(struct staff_document *document, const json_t *broadcast,
                     const json_t *progress)
{
    if (staff_can(broadcast, "stop") && !all_gone(progress)) {
        staff_add(document, "<div class=\"box\"><h2>%s</h2>",
                  staff_word(document, "Stop what has not gone yet", "まだ送っていない分を止める"));
        staff_form_begin(document, path(document, "api/", "/stop"), path(document, "", ""), false);
        add_reason(document, "stop", staff_word(document, "Why", "理由"));
        staff_button(document, "stop", staff_word(document, "Stop", "止める"));
        staff_form_end(document);
        staff_add(document, "</div>");
    }
    if (staff_can(broadcast, "release")) {
        staff_add(document, "<div class=\"warning\"><h2>%s</h2><p>%s</p>",
                  staff_word(document, "Held back", "保留中"), staff_text(broadcast, "held"));
        staff_form_begin(document, path(document, "api/", "/release"), path(document, "", ""),
                         false);
        add_reason(document, "release",
                   staff_word(document, "Why it is still right", "今も正しい理由"));
        staff_button(document, "send", staff_word(document, "Release and send", "解放して送る"));
        staff_form_end(document);
        staff_add(document, "</div>");
    }
}

static void add_facts(struct staff_document *document, const json_t *broadcast)
{
    const json_t *authority = json_object_get(broadcast, "authority");
    const char *source = staff_text(broadcast, "source");
    const struct {
        const char *label, *text;
    } facts[] = {{staff_word(document, "Number", "番号"), staff_text(broadcast, "id")},
                 {staff_word(document, "Issued by", "発信者"),
                  staff_text(authority, document->japanese ? "name_ja" : "name_en")},
                 {staff_word(document, "Handed in by", "受付元"),
                  strcmp(source, "staff") == 0 ? "" : source},
                 {staff_word(document, "Written by", "作成者"), staff_text(broadcast, "author")},
                 {staff_word(document, "Approved by", "承認者"), staff_text(broadcast, "approver")},
                 {staff_word(document, "Sent by", "送信者"), staff_text(broadcast, "sender")},
                 {staff_word(document, "Sent", "送信時刻"),
                  staff_time(document, staff_text(broadcast, "sent_at"))},
                 {staff_word(document, "Valid until", "有効期限"),
                  staff_time(document, staff_text(broadcast, "expires_at"))},
                 {staff_word(document, "Without a second person because", "一人で送った理由"),
                  alone_word(document, staff_text(broadcast, "alone"))},
                 {staff_word(document, "Reason", "理由"), staff_text(broadcast, "reason")}};
    staff_add(document, "<table><tbody>");
    for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
        if (facts[i].text[0] != '\0')
            staff_add(document, "<tr><th scope=\"row\">%s</th><td>%s</td></tr>", facts[i].label,
                      facts[i].text);
    }
    staff_add(document, "</tbody></table>");
}

void staff_page_show(struct staff_document *document)
{
    const json_t *data = document->view->data;
    const json_t *broadcast = json_object_get(data, "broadcast");
    bool drill = document->view->drill;
    staff_add(document, "<p>");
    staff_chip(document, drill ? "blue" : staff_colour(broadcast),
               drill ? 0 : staff_number(broadcast, "level"), staff_text(broadcast, "template"));
    /* The phase first: "Gas: do not use" alone would read like the warning itself. */
    staff_add(document, " <strong>%s: %s</strong> – <strong role=\"status\">%s</strong></p>",
              broadcast_word(document->pages->templates, document->view->language, "phase",
                             staff_text(broadcast, "phase")),
              staff_text(broadcast, "title"), staff_state_word(document, broadcast));
    const json_t *progress = json_object_get(data, "progress");
    add_undo(document, broadcast);
    add_progress(document, progress);
    add_stop(document, broadcast, progress);
    add_facts(document, broadcast);
    staff_add(
        document,
        "<p><a class=\"button\" href=\"%s\">%s</a> <a class=\"button\" href=\"%s\">%s</a></p>",
        path(document, "", "/preview"), staff_word(document, "The texts", "文を見る"),
        path(document, "", "/report"), staff_word(document, "Report", "報告書"));
    staff_add(document, "<h2>%s</h2>",
              staff_word(document, "Everything in this matter", "この件のすべて"));
    staff_broadcast_list(document, json_object_get(data, "thread"),
                         staff_word(document, "Only this one.", "これだけです。"));
}
