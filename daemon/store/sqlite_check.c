/* Looks whether the store is sound: the file by SQLite, the figures that are kept beside the rows
 * by counting, the numbers by what they name. */
#include "base/memory.h"
#include "store/sqlite.h"

static const struct {
    const char *what, *sql;
} faults[] = {
    {"counts of deliveries that differ from the rows",
     "select count(*) from (select alert, channel, state, sum(n) total from (select alert, channel,"
     " state, n from tally union all select alert, channel, state, -count(*) from delivery group by"
     " 1, 2, 3) group by 1, 2, 3 having total <> 0)"},
    {"counts of subscribers that differ from the rows",
     "select count(*) from profile p where p.subscribers <> (select count(*) from subscriber s"
     " where s.profile = p.number)"},
    {"deliveries without their alert",
     "select count(*) from delivery where alert not in (select number from alert)"},
    {"deliveries without their message",
     "select count(*) from delivery where message not in (select number from message)"},
    {"deliveries without their subscriber",
     "select count(*) from delivery where subscriber not in (select number from subscriber)"},
    {"subscribers who cannot be reached",
     "select count(*) from subscriber where profile > 0 and number not in (select subscriber from"
     " contact)"},
    {"addresses of those who left",
     "select count(*) from contact where subscriber not in (select number from subscriber where"
     " profile > 0)"},
};

static const char *file_name(struct store *store)
{
    const char *name = sqlite3_db_filename(store->database, "main");
    return name != NULL && name[0] != '\0' ? name : "noroshi.db";
}

static int check_file(struct store *store, struct problems *problems)
{
    sqlite3_stmt *s;
    int r = sqlite_prepare(store,
                           "select integrity_check from pragma_integrity_check(20) where"
                           " integrity_check <> 'ok'",
                           &s);
    if (r < 0)
        return r;
    while ((r = sqlite_step(store, s)) > 0)
        problems_add(problems, file_name(store), 0, 0, "restore a backup", "%s",
                     (const char *)sqlite3_column_text(s, 0));
    return r;
}

int store_check(struct store *store, struct problems *problems)
{
    int r = check_file(store, problems);
    for (size_t i = 0; r >= 0 && i < sizeof(faults) / sizeof(faults[0]); i++) {
        int64_t count = 0;
        r = sqlite_number(store, faults[i].sql, 0, &count, "");
        if (r >= 0 && count > 0)
            problems_add(problems, file_name(store), 0, 0, NULL, "%s: %lld", faults[i].what,
                         (long long)count);
    }
    return r;
}

static const struct {
    const char *name, *sql;
} figures[] = {
    {"schema", "select user_version from pragma_user_version"},
    {"bytes", "select c.page_count * s.page_size from pragma_page_count c, pragma_page_size s"},
    {"free_bytes",
     "select f.freelist_count * s.page_size from pragma_freelist_count f, pragma_page_size s"},
    {"telegrams", "select count(*) from telegram"},
    {"alerts", "select count(*) from alert"},
    {"messages", "select count(*) from message"},
    {"deliveries", "select coalesce(sum(n), 0) from tally"},
    {"open_deliveries", "select coalesce(sum(n), 0) from tally where state in (0, 1, 2)"},
    {"fanouts_under_way", "select count(*) from fanout where done = 0"},
    {"profiles", "select count(*) from profile where subscribers > 0"},
    {"subscribers", "select coalesce(sum(subscribers), 0) from profile"},
};

int store_stats(struct store *store, json_t **ret_stats)
{
    json_t *stats = json_object();
    int64_t held = 0;
    int r = store_count_held(store, &held);
    json_object_set_new(stats, "held", json_integer(held));
    for (size_t i = 0; r >= 0 && i < sizeof(figures) / sizeof(figures[0]); i++) {
        int64_t count = 0;
        r = sqlite_number(store, figures[i].sql, 0, &count, "");
        json_object_set_new(stats, figures[i].name, json_integer(count));
    }
    if (r < 0) {
        json_decref(stats);
        return r;
    }
    *ret_stats = stats;
    return 0;
}
