/* All staff hear when a drill begins and when it is over, whatever ended it (H-17): the drills that
 * go on now are compared with those that staff were told of. */
#include <stdlib.h>

#include "base/memory.h"
#include "base/text.h"
#include "broadcast/office_inside.h"
#include "event/value.h"

#define TOLD "drilling" /* the fact of the store: {id: {"ja": title, "en": title}} */

static int send(struct office *office, TALLOC_CTX *scratch, const char *id, const json_t *titles,
                bool begins, usec_t now)
{
    const struct office_operations *operations = &office->options.operations;
    const char *ja = value_borrow(titles, "ja"), *en = value_borrow(titles, "en");
    const char *origin = office->options.origin != NULL ? office->options.origin : "";
    struct letter letter = {
        .id = memory_printf(scratch, "letter-%s-%s", begins ? "begin" : "end", id), .drill = true};
    char at[CLOCK_TEXT_BYTES];
    clock_format_jst(now, at);
    letter.subject[LETTER_JAPANESE] = memory_printf(scratch, "【訓練】訓練が%s：%s",
                                                    begins ? "始まりました" : "終わりました", ja);
    letter.subject[LETTER_ENGLISH] =
        memory_printf(scratch, "DRILL: the drill has %s: %s", begins ? "begun" : "ended", en);
    letter.text[LETTER_JAPANESE] =
        memory_printf(scratch, "%s\n時刻：%s\n番号：%s\nページ：%s/staff/drill/b/%s\n",
                      letter.subject[LETTER_JAPANESE], at, id, origin, id);
    letter.text[LETTER_ENGLISH] =
        memory_printf(scratch, "%s\nWhen: %s\nNumber: %s\nPage: %s/staff/drill/b/%s\n",
                      letter.subject[LETTER_ENGLISH], at, id, origin, id);
    return operations->letter(operations->userdata, scratch, &letter, now);
}

/* Letters for what is in `list` and not in `before`. */
static int send_new(struct office *office, TALLOC_CTX *scratch, const json_t *list,
                    const json_t *before, bool begins, usec_t now, bool *ret_changed)
{
    const char *id;
    json_t *titles;
    int r = 0;
    json_object_foreach((json_t *)list, id, titles)
    {
        if (r < 0 || json_object_get(before, id) != NULL)
            continue;
        *ret_changed = true;
        r = send(office, scratch, id, titles, begins, now);
    }
    return r;
}

static int keep(struct office *office, const json_t *drills)
{
    char *text = json_dumps(drills, JSON_COMPACT);
    int r = store_put_fact(office->options.store, TOLD, text != NULL ? text : "{}");
    free(text);
    return r;
}

static int compare(struct office *office, TALLOC_CTX *scratch, usec_t now, bool *ret_changed)
{
    const char *text = NULL;
    json_t *drills = NULL, *told = NULL;
    int r = office_list_drills(office, scratch, now, &drills);
    if (r >= 0)
        r = store_get_fact(office->options.store, scratch, TOLD, &text);
    told = text_given(text) ? json_loads(text, 0, NULL) : NULL;
    if (r >= 0)
        r = send_new(office, scratch, drills, told, true, now, ret_changed);
    if (r >= 0)
        r = send_new(office, scratch, told, drills, false, now, ret_changed);
    if (r >= 0 && *ret_changed)
        r = keep(office, drills);
    json_decref(drills);
    json_decref(told);
    return r;
}

int office_tell_drills(struct office *office, usec_t now)
{
    TALLOC_CTX *scratch = talloc_new(office);
    bool changed = false;
    int r = store_begin(office->options.store);
    if (r >= 0) {
        r = compare(office, scratch, now, &changed);
        if (r >= 0)
            r = store_commit(office->options.store);
        if (r < 0)
            store_rollback(office->options.store);
    }
    talloc_free(scratch);
    return r;
}
