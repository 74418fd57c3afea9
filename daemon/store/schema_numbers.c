/* Version 2: everything that a delivery refers to has a number, and a delivery is a row of numbers.
 *
 *   alert ◀── fanout            one on its way to everybody: the cursor
 *     ▲  ▲─── reached           profiles that it reached
 *     │  ▲─── message           rendered texts
 *     │  ▲─── tally             how many deliveries are in which state, kept with every move
 *     └────── delivery ──▶ subscriber ──▶ profile
 *                              ▲── contact   where he is reached; nothing else holds it
 *
 * delivery is clustered by (alert, subscriber), so that a fan-out only appends and what was told of
 * an event is read by ranges. Its one index holds what is due: priority is 16 for drills, plus
 * 2 × (5 − level), plus 1 for the second place of a level: once it was tried, or when its receiver
 * is in trouble. Numbers are never given twice (autoincrement). */
#include "store/schema.h"

#define ALERTS                                                                                     \
    "alter table alert rename to old_alert;"                                                       \
    "create table alert (number integer primary key autoincrement, id text not null unique,"       \
    " event_id text not null, event_key text not null, status text not null, hazard text, level"   \
    " integer not null, in_force integer not null, issued_at integer not null, expires integer"    \
    " not null, sent integer not null, json text not null) strict;"                                \
    "insert into alert (id, event_id, event_key, status, hazard, level, in_force, issued_at,"      \
    " expires, sent, json) select id, event_id, event_key, status, hazard, level, in_force,"       \
    " issued_at, expires, sent, json from old_alert order by rowid;"                               \
    "drop table old_alert;"                                                                        \
    "create index alert_key on alert (event_key, issued_at);"                                      \
    "create index alert_event on alert (event_id, number);"                                        \
    "create index alert_recent on alert (issued_at);"                                              \
    "create index alert_hazard on alert (hazard);"                                                 \
    "create index alert_in_force on alert (event_id) where in_force = 1;"                          \
    "create index telegram_count on telegram (code, outcome);"

#define SUBSCRIBERS                                                                                \
    "alter table subscriber rename to old_subscriber;"                                             \
    "create table profile (number integer primary key autoincrement, channel text not null,"       \
    " languages text not null, areas text not null, hazards text not null, min_level integer not"  \
    " null, drills integer not null, subscribers integer not null default 0,"                      \
    " unique (channel, languages, areas, hazards, min_level, drills)) strict;"                     \
    "create table subscriber (number integer primary key autoincrement, id text not null unique,"  \
    " profile integer not null, from_config integer not null, created_at integer not null,"        \
    " disabled_at integer not null default 0, disabled_reason text) strict;"                       \
    "create table contact (subscriber integer primary key, address text not null, name text,"      \
    " secret text) strict;"                                                                        \
    "insert into profile (channel, languages, areas, hazards, min_level, drills, subscribers)"     \
    " select channel, languages, areas, hazards, min_level, drills, count(*) from old_subscriber"  \
    " group by 1, 2, 3, 4, 5, 6;"                                                                  \
    "insert into subscriber (id, profile, from_config, created_at) select o.id, p.number,"         \
    " o.from_config, o.created_at from old_subscriber o join profile p on p.channel = o.channel"   \
    " and p.languages = o.languages and p.areas = o.areas and p.hazards = o.hazards and"           \
    " p.min_level = o.min_level and p.drills = o.drills order by o.created_at, o.rowid;"           \
    "insert into contact select s.number, o.address, o.name, o.secret from old_subscriber o join"  \
    " subscriber s on s.id = o.id;" /* Who left but was written to: the bare id. */                \
    "insert into subscriber (id, profile, from_config, created_at) select d.subscriber_id, 0, 0,"  \
    " min(d.created_at) from delivery d where d.subscriber_id not in (select id from subscriber)"  \
    " group by 1;"                                                                                 \
    "drop table old_subscriber;"                                                                   \
    "create index subscriber_profile on subscriber (profile);"                                     \
    "create index subscriber_config on subscriber (id) where from_config = 1;"

#define MESSAGES                                                                                   \
    "alter table message rename to old_message;"                                                   \
    "create table message (number integer primary key autoincrement, id text not null unique,"     \
    " alert integer not null, form text not null, languages text not null, subject text, body"     \
    " text not null, html text, told text) strict;"                                                \
    "insert into message (id, alert, form, languages, subject, body, html, told) select o.id,"     \
    " a.number, o.form, o.languages, o.subject, o.body, o.html, o.told from old_message o join"    \
    " alert a on a.id = o.alert_id order by o.rowid;"                                              \
    "drop table old_message;"                                                                      \
    "create index message_alert on message (alert);"

#define DELIVERIES                                                                                 \
    "alter table delivery rename to old_delivery;"                                                 \
    "create table delivery (alert integer not null, subscriber integer not null, message integer"  \
    " not null, channel integer not null, state integer not null, attempts integer not null,"      \
    " priority integer not null, next_at integer not null, ended_at integer not null, last_error"  \
    " text, primary key (alert, subscriber)) strict, without rowid;"                               \
    "create table fanout (alert integer primary key, created_at integer not null, cursor integer"  \
    " not null, upto integer not null, done integer not null, held integer not null default 0,"    \
    " carried text) strict;"                                                                       \
    "create table reached (alert integer not null, profile integer not null, primary key (alert,"  \
    " profile)) strict, without rowid;"                                                            \
    "create table tally (alert integer not null, channel integer not null, state integer not"      \
    " null, n integer not null, primary key (alert, channel, state)) strict, without rowid;"       \
    "insert into delivery select a.number, s.number, m.number, m.form = 'webhook', o.state,"       \
    " o.attempts, o.drill * 16 + (5 - o.level) * 2 + (o.attempts > 0), o.next_at, o.ended_at,"     \
    " o.last_error from old_delivery o join alert a on a.id = o.alert_id join subscriber s on"     \
    " s.id = o.subscriber_id join message m on m.id = o.message_id order by 1, 2;"                 \
    "insert into fanout (alert, created_at, cursor, upto, done) select a.number,"                  \
    " min(o.created_at), 0, 0, 1 from old_delivery o join alert a on a.id = o.alert_id group by"   \
    " 1;"                                                                                          \
    "drop table old_delivery;"                                                                     \
    "insert into reached select distinct d.alert, s.profile from delivery d join subscriber s on"  \
    " s.number = d.subscriber where s.profile > 0;"                                                \
    "insert into tally select alert, channel, state, count(*) from delivery group by 1, 2, 3;"     \
    "create index delivery_due on delivery (channel, priority, next_at) where state in (0, 2);"    \
    "create index fanout_open on fanout (alert) where done = 0;"

const char schema_numbers[] = ALERTS SUBSCRIBERS MESSAGES DELIVERIES;
