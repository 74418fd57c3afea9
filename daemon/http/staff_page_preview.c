/* The finished message in all languages and forms, who will receive it, how long it takes, what is
 * in force already; and the steps that are possible now: approve, send, schedule (H-3, H-4). */
#include "http/staff_html.h"

#include <string.h>

#include "base/memory.h"
#include "base/text.h"

static const char *path(const struct staff_document *document, const char *middle, const char *rest)
{
    const json_t *broadcast = json_object_get(document->view->data, "broadcast");
    return memory_printf(document->context, "/staff/%s%s/b/%s%s", middle, staff_kind(document),
                         staff_text(broadcast, "id"), rest);
}

static void add_reach(struct staff_document *document, const json_t *data)
{
    const json_t *reach = json_object_get(data, "reach");
    long long total = staff_number(reach, "total"), usual = staff_number(data, "usual");
    size_t index;
    json_t *area;
    staff_add(document, "<h2>%s</h2><p><span class=\"big\">%d</span> %s</p>",
              staff_word(document, "Who will receive it", "届く先"), total,
              staff_word(document, "receivers", "件"));
    if (json_is_integer(json_object_get(data, "usual")) && usual != total)
        staff_add(
            document, "<p class=\"warning\">%s %d</p>",
            staff_word(document, "This template usually reaches:", "このひな形がふだん届く件数："),
            usual);
    if (json_is_integer(json_object_get(data, "seconds")))
        staff_add(document, "<p>%s %d %s</p>",
                  staff_word(document, "As fast as lately, it takes about",
                             "送信にかかる時間（最近の速さから）：約"),
                  staff_number(data, "seconds"), staff_word(document, "seconds.", "秒"));
    else
        staff_add(document, "<p>%s</p>",
                  staff_word(document,
                             "How long it takes is not known: nothing has been measured yet.",
                             "かかる時間はまだ測定されていません。"));
    staff_add(document, "<details open><summary>%s</summary>",
              staff_word(document, "By channel, language and area", "経路・言語・地域ごと"));
    staff_counts(document, staff_word(document, "By channel", "経路"),
                 json_object_get(reach, "by_channel"));
    staff_counts(document, staff_word(document, "By language", "言語"),
                 json_object_get(reach, "by_language"));
    staff_add(document, "<table><caption>%s</caption><tbody>",
              staff_word(document, "By area", "地域"));
    json_array_foreach(json_object_get(reach, "by_area"), index, area)
    {
        staff_add(document, "<tr><th scope=\"row\">%s</th><td class=\"number\">%d</td></tr>",
                  staff_text(area, "name"), staff_number(area, "count"));
    }
    staff_add(document, "</tbody></table></details>");
}

static void add_same(struct staff_document *document, const json_t *same)
{
    if (json_array_size(same) == 0)
        return;
    staff_add(
        document, "<div class=\"warning\"><h2>%s</h2>",
        staff_word(document, "Already in force for these areas", "この地域にすでに出ているもの"));
    staff_broadcast_list(document, same, "");
    staff_add(document, "</div>");
}

static void add_message(struct staff_document *document, const json_t *message, bool open)
{
    const char *language = staff_text(message, "language");
    staff_add(document, "<details%h id=\"m-%s\"><summary>%s%s</summary>", open ? " open" : "",
              language, staff_text(message, "name"),
              staff_flag(message, "partly_original")
                  ? staff_word(document, " – a part is not in this language",
                               "：一部はこの言語ではありません")
                  : "");
    if (staff_flag(message, "partly_original"))
        staff_add(document, "<p class=\"warning\">%s</p>",
                  staff_word(document,
                             "Free text is missing in this language. Readers see the original, "
                             "marked as such.",
                             "この言語の自由記入がありません。読む人には原文が示されます。"));
    staff_add(document, "<h3>%s</h3><pre lang=\"%s\">%s</pre>",
              staff_word(document, "Subject", "件名"), language, staff_text(message, "headline"));
    staff_add(document, "<h3>%s</h3><pre lang=\"%s\">%s</pre>",
              staff_word(document, "Text", "本文"), language, staff_text(message, "plain"));
    staff_add(document, "<h3>%s</h3><pre lang=\"%s\">%s</pre>",
              staff_word(document, "Short", "短文"), language, staff_text(message, "short"));
    staff_add(document, "<details><summary>%s</summary><pre lang=\"%s\">%s</pre></details>",
              staff_word(document, "Read aloud", "読み上げ"), language,
              staff_text(message, "aloud"));
    /* The server made this fragment from escaped texts (message/form_html.c). */
    staff_add(document, "<details><summary>HTML</summary><div class=\"box\">%h</div></details>",
              staff_text(message, "html"));
    staff_add(document, "</details>");
}

static void add_messages(struct staff_document *document, const json_t *messages)
{
    size_t index;
    json_t *message;
    staff_add(document, "<h2>%s</h2>",
              staff_word(document, "The message in every language", "すべての言語の文"));
    json_array_foreach(messages, index, message)
    {
        const char *language = staff_text(message, "language");
        add_message(document, message,
                    strcmp(language, "ja") == 0 || strcmp(language, document->view->language) == 0);
    }
}

static void add_hash(struct staff_document *document, const json_t *broadcast)
{
    staff_add(
        document, "<p>%s <span class=\"hash\">%s</span></p>",
        staff_word(document, "Mark of exactly this text and audience:", "この文と宛先の照合番号："),
        memory_must(talloc_strndup(document->context, staff_text(broadcast, "hash"), 16)));
}

static void add_approve(struct staff_document *document, const json_t *broadcast)
{
    if (!staff_can(broadcast, "approve"))
        return;
    staff_add(document, "<div class=\"box\"><h2>%s</h2><p>%s</p>",
              staff_word(document, "Approve", "承認する"),
              staff_word(document,
                         "You approve exactly the text, areas and receivers above. Any change "
                         "voids it. It holds for 10 minutes.",
                         "上の文・地域・宛先そのものを承認します。変更があれば無効になります。"
                         "10分間有効です。"));
    add_hash(document, broadcast);
    staff_form_begin(document, path(document, "api/", "/approve"), path(document, "", "/preview"),
                     false);
    staff_hidden(document, "hash", staff_text(broadcast, "hash"));
    staff_button(document, "main",
                 staff_word(document, "I have read it and approve it", "読んで、承認します"));
    staff_form_end(document);
    staff_add(document, "</div>");
}

static void add_ask(struct staff_document *document, const json_t *broadcast)
{
    if (!staff_flag(broadcast, "needs_approval") ||
        strcmp(staff_text(broadcast, "state"), "draft") != 0)
        return;
    staff_add(document, "<div class=\"box\"><h2>%s</h2><p>%s</p><p class=\"hash\">%s</p></div>",
              staff_word(document, "A second person must approve", "二人目の承認が必要です"),
              staff_word(document,
                         "It stands on everybody's overview as waiting. Call an approver and name "
                         "this page:",
                         "全員の概要に「対応待ち」として出ています。承認者に電話し、次のページを"
                         "伝えてください："),
              path(document, "", "/preview"));
}

/* The names that may be typed, as text to read and not to copy by one click. */
static void add_to_type(struct staff_document *document, const char *field, const char *label,
                        const json_t *names)
{
    size_t index;
    json_t *name;
    if (json_array_size(names) == 0)
        return;
    char *hint = memory_text(document->context, "");
    json_array_foreach(names, index, name)
    {
        hint = memory_must(
            talloc_asprintf_append(hint, "%s%s", index > 0 ? " / " : "", json_string_value(name)));
    }
    staff_input(document, "text", field, label, "", "required autocomplete=\"off\"", hint, NULL);
}

static void add_confirmations(struct staff_document *document, const json_t *data)
{
    const json_t *broadcast = json_object_get(data, "broadcast");
    staff_hidden(document, "hash", staff_text(broadcast, "hash"));
    staff_hidden(document, "count", staff_text(data, "count"));
    if (!document->view->drill)
        add_to_type(
            document, "area",
            staff_word(document, "Type the name of the area", "地域の名前を入力してください"),
            json_object_get(data, "type_area"));
    add_to_type(document, "words",
                staff_word(document, "Type what this message says",
                           "このお知らせが伝えることを入力してください"),
                json_object_get(data, "type_words"));
    if (staff_flag(broadcast, "everyone"))
        staff_checkbox(document, "checkbox", "everyone_again", "true",
                       staff_word(document, "Yes, everyone, without limit of place",
                                  "はい、場所を限らず全員に送ります"),
                       false);
}

static void add_send(struct staff_document *document, const json_t *data)
{
    const json_t *broadcast = json_object_get(data, "broadcast");
    bool drill = document->view->drill;
    if (!staff_can(broadcast, "send"))
        return;
    staff_add(document, "<div class=\"box\"><h2>%s</h2>",
              drill ? staff_word(document, "Send the DRILL", "訓練を送る")
                    : staff_word(document, "Send LIVE", "本番を送る"));
    add_hash(document, broadcast);
    staff_form_begin(document, path(document, "api/", "/send"), path(document, "", ""), false);
    add_confirmations(document, data);
    long long total = staff_number(json_object_get(data, "reach"), "total");
    staff_button(
        document, "send",
        memory_printf(document->context,
                      drill ? staff_word(document, "Send this DRILL to %lld receivers",
                                         "この訓練を%lld件に送る")
                            : staff_word(document, "Send this LIVE message to %lld receivers",
                                         "この本番のお知らせを%lld件に送る"),
                      total));
    staff_form_end(document);
    staff_add(document, "</div>");
}

static void add_break_glass(struct staff_document *document, const json_t *data)
{
    const json_t *broadcast = json_object_get(data, "broadcast");
    const char *phrase = staff_text(data, "phrase");
    if (document->view->drill || !staff_can(broadcast, "break-glass"))
        return;
    staff_add(document, "<details><summary>%s</summary><p class=\"warning\">%s</p>",
              staff_word(document, "Nobody can approve and lives are in danger: send alone",
                         "承認者がおらず命が危ない場合：一人で送る"),
              staff_word(document, "This is logged, and all staff are told at once.",
                         "記録され、すぐに全職員に知らされます。"));
    staff_form_begin(document, path(document, "api/", "/break-glass"), path(document, "", ""),
                     false);
    add_confirmations(document, data);
    staff_input(document, "text", "phrase",
                staff_word(document, "Type the phrase for sending alone",
                           "一人で送るための文を入力してください"),
                "", "required autocomplete=\"off\"", phrase[0] != '\0' ? phrase : NULL, NULL);
    staff_textarea(
        document, "reason",
        staff_word(document, "Why nobody else can approve", "ほかの人が承認できない理由"), "",
        "required", NULL, NULL);
    staff_button(document, "send",
                 staff_word(document, "Send LIVE without approval", "承認なしで本番を送る"));
    staff_form_end(document);
    staff_add(document, "</details>");
}

static void add_schedule(struct staff_document *document, const json_t *broadcast)
{
    if (staff_can(broadcast, "schedule")) {
        staff_add(document, "<div class=\"box\"><h2>%s</h2>",
                  staff_word(document, "Or set a time", "または、時刻を決める"));
        staff_form_begin(document, path(document, "api/", "/schedule"), path(document, "", ""),
                         false);
        staff_hidden(document, "hash", staff_text(broadcast, "hash"));
        staff_input(document, "datetime-local", "at",
                    staff_word(document, "Send the drill at", "訓練を送る時刻"), "", "required",
                    staff_word(document,
                               "It goes only if somebody confirms it in the ten minutes before.",
                               "直前の10分間にだれかが確認した場合だけ送られます。"),
                    NULL);
        staff_add(
            document,
            "<p><label><input type=\"checkbox\" name=\"yearly\" value=\"yes\"%h> %s</label></p>",
            text_given(staff_text(broadcast, "plan")) ? " checked" : "",
            staff_word(document, "Every year on this day", "毎年この日に行う"));
        staff_input(document, "number", "notice_days",
                    staff_word(document, "Days of notice before a yearly drill",
                               "毎年の訓練を何日前に予告するか"),
                    "7", "min=\"0\" max=\"30\"",
                    staff_word(document,
                               "Notice, start and end go to those who asked for drills. The notice "
                               "is confirmed like the drill; confirming the drill announces it.",
                               "予告・開始・終了を訓練を希望した人に知らせます。予告も訓練と同じく"
                               "直前の確認が必要です"
                               "。訓練を確認すると開始が知らされます。"),
                    NULL);
        staff_button(document, "", staff_word(document, "Schedule the drill", "訓練を予約する"));
        staff_form_end(document);
        staff_add(document, "</div>");
    }
    if (staff_can(broadcast, "confirm")) {
        staff_form_begin(document, path(document, "api/", "/confirm"), path(document, "", ""),
                         false);
        staff_hidden(document, "hash", staff_text(broadcast, "hash"));
        staff_button(document, "send",
                     staff_word(document, "Confirm: the drill may go at its time",
                                "確認：予定の時刻に訓練を送ってよい"));
        staff_form_end(document);
    }
}

static void add_back(struct staff_document *document, const json_t *broadcast)
{
    if (staff_can(broadcast, "edit"))
        staff_add(document, "<p><a class=\"button\" href=\"%s\">%s</a></p>",
                  path(document, "", "/edit"), staff_word(document, "Change it", "直す"));
    if (!staff_can(broadcast, "drop"))
        return;
    staff_form_begin(document, path(document, "api/", "/drop"),
                     memory_printf(document->context, "/staff/%s", staff_kind(document)), false);
    staff_button(
        document, "stop",
        staff_word(document, "Give it up (nothing is sent)", "取りやめる（何も送りません）"));
    staff_form_end(document);
}

void staff_page_preview(struct staff_document *document)
{
    const json_t *data = document->view->data;
    const json_t *broadcast = json_object_get(data, "broadcast");
    const json_t *faults = json_object_get(data, "faults");
    bool drill = document->view->drill;
    staff_add(document, "<p>");
    staff_chip(document, drill ? "blue" : staff_text(broadcast, "colour"),
               drill ? 0 : staff_number(broadcast, "level"), staff_text(broadcast, "template"));
    staff_add(document, " <strong>%s</strong> – %s – %s</p>", staff_text(broadcast, "title"),
              broadcast_word(document->pages->templates, document->view->language, "phase",
                             staff_text(broadcast, "phase")),
              staff_state_word(document, broadcast));
    staff_faults(document, faults, path(document, "", "/edit"));
    if (staff_text(broadcast, "approver")[0] != '\0')
        staff_add(document, "<p class=\"note\">%s: %s – %s %s</p>",
                  staff_word(document, "Approved by", "承認者"), staff_text(broadcast, "approver"),
                  staff_word(document, "until", "有効期限"),
                  staff_time(document, staff_text(broadcast, "approval_ends_at")));
    add_same(document, json_object_get(data, "same"));
    add_reach(document, data);
    add_messages(document, json_object_get(data, "messages"));
    if (json_array_size(faults) == 0) {
        add_approve(document, broadcast);
        add_ask(document, broadcast);
        add_send(document, data);
        add_schedule(document, broadcast);
        add_break_glass(document, data);
    }
    add_back(document, broadcast);
}
