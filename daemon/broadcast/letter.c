/* See letter.h. The sentences stand here and not in messages/: they are for staff only. */
#include "base/memory.h"
#include "base/text.h"
#include "broadcast/alert.h"
#include "broadcast/letter.h"

#define AREAS_NAMED 5

/* By language, as in enum letter_language. */
static const char *const tags[] = {"ja", "en"}, *const drills[] = {"【訓練】", "DRILL: "},
                         *const commas[] = {"、", ", "}, *const mores[] = {"ほか", " and more"},
                         *const everyones[] = {"全員", "everyone"},
                         *const alone_subjects[] = {"一人で送信されました：",
                                                    "Sent by one person alone: "},
                         *const withdrawn_subjects[] = {"誤送信として取り消されました：",
                                                        "Taken back as sent in error: "};
static const char *const alone_texts[] = {
    "二人目の承認なしに、一人で送信されました（緊急送信）。",
    "One person sent this without a second person's approval (break-glass)."};
static const char *const withdrawn_texts[] = {
    "誤送信として、一人で取り消されました。受け取った人に知らせています。",
    "One person took this back as sent in error. Those who got it are being told."};
static const char *const take_back[] = {
    "誤りなら、今すぐ取り消してください。一人でできます。受け取った人だけに届きます。次のページの"
    "「今すぐ知らせる：誤送信」、または次のコマンドです。",
    "If it is wrong, take it back now. One person is enough; it goes to exactly those who got it. "
    "On "
    "the page: \"Tell them now: sent in error\"; or by the command."};
static const char *const write_anew[] = {
    "取り消しのほうが誤りなら、新しく書いて送ってください。次のページが元の放送です。",
    "If taking it back was the mistake, write and send it anew. The page shows the original."};

struct writing {
    TALLOC_CTX *context;
    const struct broadcast *broadcast;
    enum letter_language language;
    char *text;
};

static void add_line(struct writing *writing, const char *label_ja, const char *label_en,
                     const char *value)
{
    bool japanese = writing->language == LETTER_JAPANESE;
    if (text_given(value))
        writing->text = memory_must(talloc_asprintf_append(writing->text, "%s%s%s\n",
                                                           japanese ? label_ja : label_en,
                                                           japanese ? "：" : ": ", value));
}

static const char *areas_text(const struct writing *writing, const struct area_graph *areas)
{
    const struct broadcast *broadcast = writing->broadcast;
    enum letter_language language = writing->language;
    if (broadcast->everyone)
        return everyones[language];
    char *text = memory_text(writing->context, "");
    for (size_t i = 0; i < broadcast->area_count && i < AREAS_NAMED; i++) {
        const struct area *area = broadcast_area(areas, broadcast->areas[i]);
        const char *name =
            area != NULL ? area_name(areas, area, tags[language], NULL) : broadcast->areas[i];
        text =
            memory_must(talloc_asprintf_append(text, "%s%s", i > 0 ? commas[language] : "", name));
    }
    if (broadcast->area_count > AREAS_NAMED)
        text = memory_must(talloc_asprintf_append(text, "%s", mores[language]));
    return text;
}

static void add_facts(struct writing *writing, const struct person *person,
                      const struct broadcast_issuer *issuer, const char *title, const char *where)
{
    const struct broadcast *broadcast = writing->broadcast;
    char when[CLOCK_TEXT_BYTES];
    const char *shown = person->shown_name != NULL ? person->shown_name : person->name;
    add_line(writing, "内容", "What", title);
    add_line(writing, "レベル", "Level", memory_printf(writing->context, "%d", broadcast->level));
    add_line(writing, "地域", "Where", where);
    add_line(writing, "操作した人", "Who",
             memory_printf(writing->context, "%s (%s)", shown, person->name));
    add_line(writing, "時刻", "When", clock_format_jst(broadcast->sent_at, when));
    add_line(writing, "理由", "Reason", text_given(broadcast->reason) ? broadcast->reason : "-");
    add_line(writing, "番号", "Number", broadcast->id);
    if (issuer == NULL)
        return;
    add_line(writing, "発信者", "Issued by",
             writing->language == LETTER_JAPANESE ? issuer->name_ja : issuer->name_en);
    add_line(writing, "連絡先", "Contact", issuer->contact);
}

static void add_advice(struct writing *writing, const char *origin)
{
    const struct broadcast *broadcast = writing->broadcast;
    bool withdrawn = broadcast->phase == BROADCAST_WITHDRAWN;
    const char *kind = broadcast_kind_name(broadcast->kind);
    const char *id = withdrawn ? broadcast->follows : broadcast->id;
    writing->text = memory_must(talloc_asprintf_append(writing->text, "\n%s\n",
                                                       withdrawn ? write_anew[writing->language]
                                                                 : take_back[writing->language]));
    add_line(writing, "ページ", "Page",
             memory_printf(writing->context, "%s/staff/%s/b/%s", origin != NULL ? origin : "", kind,
                           id));
    if (!withdrawn)
        add_line(writing, "コマンド", "Command",
                 memory_printf(writing->context, "noroshi %s false-alarm %s",
                               broadcast->kind == BROADCAST_DRILL ? "drill" : "broadcast", id));
}

struct letter letter_write(TALLOC_CTX *context, const struct broadcast *broadcast,
                           const struct person *person, const struct broadcast_rules *rules,
                           const struct broadcast_catalogue *templates,
                           const struct area_graph *areas, const char *origin)
{
    struct letter letter = {.id = memory_printf(context, "letter-%s", broadcast->id),
                            .drill = broadcast->kind == BROADCAST_DRILL};
    bool withdrawn = broadcast->phase == BROADCAST_WITHDRAWN;
    const struct broadcast_issuer *issuer = broadcast_issuer_find(rules, broadcast->authority);
    for (int i = 0; i < LETTER_LANGUAGES; i++) {
        struct writing writing = {
            .context = context, .broadcast = broadcast, .language = (enum letter_language)i};
        const char *drill = letter.drill ? drills[i] : "";
        const char *title = broadcast_word(templates, tags[i], "title", broadcast->template_id);
        const char *where = areas_text(&writing, areas);
        letter.subject[i] = memory_printf(context, "%s%s%s%s%s", drill,
                                          withdrawn ? withdrawn_subjects[i] : alone_subjects[i],
                                          title, commas[i], where);
        writing.text = memory_printf(context, "%s%s\n\n", drill,
                                     withdrawn ? withdrawn_texts[i] : alone_texts[i]);
        add_facts(&writing, person, issuer, title, where);
        add_advice(&writing, origin);
        letter.text[i] = writing.text;
    }
    return letter;
}
