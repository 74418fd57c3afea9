/* A configuration that somebody has proposed, and what it would have changed (H-13). */
#include "http/staff_html.h"

#include "base/text.h"

static void add_fact(struct staff_document *document, const char *label, const char *value)
{
    staff_add(document, "<dt>%s</dt><dd>%s</dd>", label, value);
}

static void add_files(struct staff_document *document, const json_t *files)
{
    size_t index;
    json_t *file;
    staff_add(document, "<dt>%s</dt><dd>", staff_word(document, "Changed files", "変わるファイル"));
    json_array_foreach(files, index, file)
    {
        staff_add(document, "%h%s", index > 0 ? ", " : "", json_string_value(file));
    }
    staff_add(document, "</dd>");
}

static void add_decision(struct staff_document *document, const json_t *proposal)
{
    bool own =
        text_equal(staff_text(proposal, "proposer"), staff_text(document->view->person, "name"));
    if (own) {
        staff_add(document, "<p>%s</p>",
                  staff_word(document, "You proposed it: another person must accept it.",
                             "あなたの提案です。ほかの人の承認が必要です。"));
    } else {
        staff_form_begin(document, "/staff/api/config/accept", "/staff/config", false);
        staff_hidden(document, "digest", staff_text(proposal, "digest"));
        staff_button(document, "main",
                     staff_word(document, "Accept: use it now", "承認して、今から使う"));
        staff_form_end(document);
    }
    staff_form_begin(document, "/staff/api/config/refuse", "/staff/config", false);
    staff_button(document, "stop", staff_word(document, "Refuse", "却下する"));
    staff_form_end(document);
}

static void add_proposal(struct staff_document *document, const json_t *proposal)
{
    staff_add(document, "<div class=\"box\"><h2>%s</h2><dl>",
              staff_word(document, "Waits for a second person", "二人目の承認待ち"));
    add_fact(document, staff_word(document, "Proposed by", "提案した人"),
             staff_text(proposal, "proposer"));
    add_fact(document, staff_word(document, "When", "時刻"),
             staff_time(document, staff_text(proposal, "at")));
    add_fact(document, staff_word(document, "Ends", "期限"),
             staff_time(document, staff_text(proposal, "until")));
    add_fact(document, staff_word(document, "Why", "理由"),
             text_given(staff_text(proposal, "reason")) ? staff_text(proposal, "reason") : "—");
    add_files(document, json_object_get(proposal, "files"));
    staff_add(document, "<dt>%s</dt><dd>%d</dd>",
              staff_word(document, "Readers with other rules", "条件が変わる受信者"),
              staff_number(proposal, "readers"));
    add_fact(document, staff_word(document, "Digest of all files", "全ファイルの照合値"),
             staff_text(proposal, "digest"));
    staff_add(document, "</dl><h3>%s</h3>",
              staff_word(document, "What it would have changed, as the proposer's command found",
                         "過去の電文での違い（提案した人のコマンドの結果）"));
    staff_wide_begin(document, staff_word(document, "Effect", "影響"));
    staff_add(document, "<pre lang=\"en\">%s</pre></div>", staff_text(proposal, "effect"));
    add_decision(document, proposal);
    staff_add(document, "</div>");
}

void staff_page_config(struct staff_document *document)
{
    const json_t *proposal = json_object_get(document->view->data, "proposal");
    staff_add(
        document, "<p>%s</p>",
        staff_word(document,
                   "A change of rules, places, texts or readers is proposed by one person on "
                   "the machine (noroshi reload) and accepted by another, here or there.",
                   "条件・地域・文面・受信者の変更は、一人が機械の上で提案し（noroshi reload）、"
                   "もう一人がここで、または同じコマンドで承認します。"));
    if (json_is_object(proposal))
        add_proposal(document, proposal);
    else
        staff_add(document, "<p>%s</p>",
                  staff_word(document, "Nothing is proposed.", "提案はありません。"));
}
