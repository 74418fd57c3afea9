/* Writing a page of the staff console, for staff_*.c only. Everything that was not written here is
 * escaped; both languages of each sentence stand side by side in the code, so that neither can be
 * missing. */
#pragma once

#include "http/staff_page.h"

struct staff_document {
    TALLOC_CTX *context;
    const struct staff_pages *pages;
    const struct staff_view *view;
    char *out;
    bool japanese;
};

/* Adds markup: %s an escaped text, %h markup as it is, %d a long long, %% a percent sign. */
void staff_add(struct staff_document *document, const char *format, ...);
/* The sentence in the reader's language. */
const char *staff_word(const struct staff_document *document, const char *english,
                       const char *japanese);
/* "live" or "drill": part of every address of the page. */
const char *staff_kind(const struct staff_document *document);

/* A string of a JSON object, "" when there is none; also for the other types. */
const char *staff_text(const json_t *object, const char *key);
long long staff_number(const json_t *object, const char *key);
bool staff_flag(const json_t *object, const char *key);
/* Whether a list of strings has this one. */
bool staff_lists(const json_t *list, const char *name);
/* Whether the broadcast says that this person can do `action` now. */
bool staff_can(const json_t *broadcast, const char *action);
/* Escaped and in the reader's way: "26 Nov 2026, 14:30 (Japan time)"; "—" for null. */
const char *staff_time(const struct staff_document *document, const char *rfc3339);
/* "municipality:01100" by its name in the reader's language; what is no place as it is. */
const char *staff_place_name(const struct staff_document *document, const char *place);
/* "every year", "notice beforehand": a part of a plan of yearly drills in words. */
const char *staff_plan_word(const struct staff_document *document, const char *part);
const char *staff_state_word(const struct staff_document *document, const json_t *broadcast);
/* A person may do what `right` names on this page: role words of docs/staff-api.md. */
bool staff_role_is(const struct staff_document *document, const char *role);

/* <form method="post"> with csrf and request; `next`: where a carried out form leads, NULL when
 * buttons name it. Enter presses nothing: the first button is a disabled one (H-4). */
void staff_form_begin(struct staff_document *document, const char *action, const char *next,
                      bool enter_submits);
void staff_form_end(struct staff_document *document);
void staff_hidden(struct staff_document *document, const char *name, const char *value);
/* A labelled input; `hint` and `fault` may be NULL; attributes are markup such as "required". */
void staff_input(struct staff_document *document, const char *type, const char *name,
                 const char *label, const char *value, const char *attributes, const char *hint,
                 const char *fault);
void staff_textarea(struct staff_document *document, const char *name, const char *label,
                    const char *value, const char *attributes, const char *hint, const char *fault);
void staff_checkbox(struct staff_document *document, const char *type, const char *name,
                    const char *value, const char *label, bool checked);
void staff_button(struct staff_document *document, const char *class, const char *label);
/* The sentences of all faults in a box with links to the fields; nothing without faults. */
void staff_faults(struct staff_document *document, const json_t *faults, const char *where);
/* Of a broadcast: what ends or takes back is not shown as danger. */
const char *staff_colour(const json_t *row);
/* "Purple 4 Evacuation Order" as a chip. */
void staff_chip(struct staff_document *document, const char *colour, long long level,
                const char *text);
/* A part that may be wider than the window and scrolls by itself, also by keyboard; ended by
 * "</div>". */
void staff_wide_begin(struct staff_document *document, const char *name);
/* A language or a channel by its name; anything else as it is. */
const char *staff_count_name(const struct staff_document *document, const char *name);
/* Number by name, as a table with its caption. */
void staff_counts(struct staff_document *document, const char *caption, const json_t *counts);

/* The pages; each writes what stands in <main>. */
void staff_page_login(struct staff_document *document);
void staff_page_password(struct staff_document *document);
void staff_page_once(struct staff_document *document);
void staff_page_home(struct staff_document *document);
void staff_page_list(struct staff_document *document);
void staff_page_new(struct staff_document *document);
void staff_page_write(struct staff_document *document);
void staff_page_preview(struct staff_document *document);
void staff_page_show(struct staff_document *document);
void staff_page_report(struct staff_document *document);
void staff_page_silence(struct staff_document *document);
void staff_page_people(struct staff_document *document);
void staff_page_audit(struct staff_document *document);
void staff_page_config(struct staff_document *document);
void staff_page_refused(struct staff_document *document);

/* Of the front page: who is on duty and hands over, what is muted, which drills go on. */
void staff_part_duty(struct staff_document *document);
/* Of the same: who would hear nothing, and the last test of the whole chain. */
void staff_part_checks(struct staff_document *document);
/* One row for each broadcast, as links. */
void staff_broadcast_list(struct staff_document *document, const json_t *list, const char *nothing);
