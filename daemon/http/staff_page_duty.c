/* The shift on the front page: who is on duty, taking it and handing it over, what is muted, which
 * drills go on (H-17). */
#include "http/staff_html.h"

#include "base/memory.h"
#include "base/text.h"

#define NOTE_ATTRIBUTES "maxlength=\"600\""

static bool acts(const struct staff_document *document)
{
    return staff_role_is(document, "author") || staff_role_is(document, "approver");
}

static void add_note(struct staff_document *document, const char *id, const char *label)
{
    staff_add(document,
              "<div class=\"field\"><label for=\"f-%s\">%s</label><textarea id=\"f-%s\" "
              "name=\"note\" rows=\"3\" " NOTE_ATTRIBUTES "></textarea></div>",
              id, label, id);
}

/* Whether this person is in the list; each is written. */
static bool add_people(struct staff_document *document, const json_t *people)
{
    const char *own = staff_text(document->view->person, "name");
    bool found = false;
    size_t index;
    json_t *person;
    if (json_array_size(people) == 0)
        staff_add(document, "<p class=\"warning\">%s</p>",
                  staff_word(document, "Nobody is on duty.", "当直はいません。"));
    else
        staff_add(document, "<ul>");
    json_array_foreach(people, index, person)
    {
        const char *note = staff_text(person, "note");
        found = found || text_equal(own, staff_text(person, "name"));
        staff_add(document, "<li><strong>%s</strong> – %s %s", staff_text(person, "shown_name"),
                  staff_word(document, "since", "開始"),
                  staff_time(document, staff_text(person, "since")));
        if (note[0] != '\0')
            staff_add(document, "<br>%s: %s", staff_word(document, "handed over", "引き継ぎ"),
                      note);
        staff_add(document, "</li>");
    }
    if (json_array_size(people) > 0)
        staff_add(document, "</ul>");
    return found;
}

static void add_take(struct staff_document *document, bool offered)
{
    staff_form_begin(document, "/staff/api/duty/take", "/staff", false);
    staff_button(document, "main",
                 offered ? staff_word(document, "I take over", "引き継ぎます")
                         : staff_word(document, "I am on duty now", "当直に就く"));
    staff_form_end(document);
}

static void add_hand_over(struct staff_document *document)
{
    staff_add(document, "<details><summary>%s</summary>",
              staff_word(document, "Hand over or leave", "引き継ぐ・終える"));
    staff_form_begin(document, "/staff/api/duty/hand-over", "/staff", false);
    staff_input(document, "text", "to",
                staff_word(document, "To (account)", "相手（アカウント名）"), "",
                "required autocapitalize=\"none\" autocomplete=\"off\"", NULL, NULL);
    add_note(document, "hand-over",
             staff_word(document, "What the next one must know", "次の人に伝えること"));
    staff_button(document, "main", staff_word(document, "Hand over", "引き継ぐ"));
    staff_form_end(document);
    staff_form_begin(document, "/staff/api/duty/leave", "/staff", false);
    staff_button(document, "stop",
                 staff_word(document, "Leave without a successor", "後任なしで終える"));
    staff_form_end(document);
    staff_add(document, "</details>");
}

static void add_offer(struct staff_document *document, const json_t *offer)
{
    staff_add(document, "<p class=\"warning\">%s → %s · %s<br>%s</p>", staff_text(offer, "from"),
              staff_text(offer, "to"),
              staff_word(document, "hands over; stays on duty until it is taken",
                         "引き継ぎ中。相手が引き受けるまで当直のままです"),
              staff_text(offer, "note"));
}

static void add_silences(struct staff_document *document, const json_t *silences)
{
    size_t index;
    json_t *row;
    if (json_array_size(silences) == 0)
        return;
    staff_add(document, "<h2>%s</h2><ul>", staff_word(document, "Muted now", "抑止中"));
    json_array_foreach(silences, index, row)
    {
        json_t *place;
        size_t at;
        staff_add(document, "<li>%s · %s %s<br>%s",
                  catalogue_word(
                      document->pages->texts, document->view->language,
                      memory_printf(document->context, "hazard.%s", staff_text(row, "hazard"))),
                  staff_word(document, "until", "期限"),
                  staff_time(document, staff_text(row, "until")), staff_text(row, "reason"));
        json_array_foreach(json_object_get(row, "areas"), at, place)
            staff_add(document, "%h%s", at == 0 ? " · " : ", ",
                      staff_place_name(document, json_string_value(place)));
        staff_add(document, "</li>");
    }
    staff_add(document, "</ul>");
}

static void add_drilling(struct staff_document *document, const json_t *drills)
{
    size_t index;
    json_t *row;
    if (json_array_size(drills) == 0)
        return;
    staff_add(document, "<h2>%s</h2><ul>", staff_word(document, "Drills going on", "実施中の訓練"));
    json_array_foreach(drills, index, row)
    {
        staff_add(document, "<li><a href=\"/staff/drill/b/%s\">%s%s</a> · %s %s</li>",
                  staff_text(row, "id"), staff_word(document, "Drill: ", "訓練："),
                  staff_text(row, "title"), staff_word(document, "until", "期限"),
                  staff_time(document, staff_text(row, "until")));
    }
    staff_add(document, "</ul>");
}

static void add_gap(struct staff_document *document, const char *label, const json_t *list)
{
    size_t index;
    json_t *item;
    if (json_array_size(list) == 0)
        return;
    staff_add(document, "<details><summary>%s: %d</summary><p>", label,
              (long long)json_array_size(list));
    json_array_foreach(list, index, item)
    {
        staff_add(document, "%h%s", index > 0 ? ", " : "",
                  json_is_string(item) ? json_string_value(item)
                                       : staff_text(item, document->japanese ? "name_ja" : "name"));
    }
    staff_add(document, "</p></details>");
}

/* Who would hear nothing, as of the last weekly look. */
static void add_coverage(struct staff_document *document, const json_t *coverage)
{
    if (json_object_get(coverage, "municipalities") == NULL)
        return;
    staff_add(document, "<h2>%s</h2><p>%s · %s: %d</p>",
              staff_word(document, "Who would hear nothing", "届かない所"),
              staff_time(document, staff_text(coverage, "at")),
              staff_word(document, "municipalities", "市区町村"),
              staff_number(coverage, "municipalities"));
    add_gap(document, staff_word(document, "Without a reader", "受信者がいない市区町村"),
            json_object_get(coverage, "without_reader"));
    add_gap(document, staff_word(document, "Without a facility", "施設がない市区町村"),
            json_object_get(coverage, "without_facility"));
    add_gap(document, staff_word(document, "Languages without a reader", "受信者がいない言語"),
            json_object_get(coverage, "languages_without"));
}

static void add_measured(struct staff_document *document, const char *label, const json_t *measured)
{
    staff_add(document, "<li>%s: %d / %d</li>", label, staff_number(measured, "delivered"),
              staff_number(measured, "total"));
}

static void add_chain_test(struct staff_document *document, const json_t *test)
{
    const json_t *result = json_object_get(test, "result");
    if (result == NULL)
        return;
    staff_add(document, "<h2>%s</h2><p>%s</p><ul>",
              staff_word(document, "Last test of the whole chain", "最後の全体試験"),
              staff_time(document, staff_text(test, "begun")));
    add_measured(document, staff_word(document, "Test: reached", "試験：到達"),
                 json_object_get(result, "test"));
    add_measured(document, staff_word(document, "Correction: reached", "訂正：到達"),
                 json_object_get(result, "correction"));
    staff_add(document, "</ul>");
}

void staff_part_checks(struct staff_document *document)
{
    const json_t *data = document->view->data;
    add_coverage(document, json_object_get(data, "coverage"));
    add_chain_test(document, json_object_get(data, "chain_test"));
}

void staff_part_duty(struct staff_document *document)
{
    const json_t *data = document->view->data, *offer = json_object_get(data, "offer");
    bool offered = text_equal(staff_text(offer, "to"), staff_text(document->view->person, "name"));
    staff_add(document, "<section class=\"box\"><h2>%s</h2>",
              staff_word(document, "On duty", "当直"));
    bool on_duty = add_people(document, json_object_get(data, "on_duty"));
    if (json_is_object(offer))
        add_offer(document, offer);
    if (acts(document) && on_duty)
        add_hand_over(document);
    else if (acts(document))
        add_take(document, offered);
    staff_add(document, "</section>");
    add_drilling(document, json_object_get(data, "drilling"));
    add_silences(document, json_object_get(data, "silences"));
}
