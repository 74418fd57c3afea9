/* Receivers: their second address, who is staff, who is in trouble, and what came back. */
#include "store/schema.h"

const char schema_receivers[] =
    "alter table contact add column fallback text;"
    "alter table subscriber add column staff integer not null default 0;"
    "create table failing (subscriber integer primary key, since integer not null) strict;"
    "create index failing_since on failing (since);"
    "create index subscriber_disabled on subscriber (disabled_at) where disabled_at > 0;"
    "create table breaker (receiver text primary key, failures integer not null, failing_since"
    " integer not null) strict;"
    "create table suppression (address text primary key, reason text not null, at integer not"
    " null) strict;"
    "create table secret_overlap (subscriber integer primary key, until integer not null) strict;"
    "create table bounce (alert integer not null, subscriber integer not null, status text not"
    " null, hard integer not null, at integer not null, primary key (alert, subscriber)) strict,"
    " without rowid;"
    /* What belongs to a subscriber leaves with him; a suppressed address stays, so that adding it
     * again does not write to it again. */
    "create trigger subscriber_left after update of profile on subscriber when new.profile = 0"
    " begin delete from failing where subscriber = new.number;"
    " delete from secret_overlap where subscriber = new.number; end;"
    "create trigger alert_left after delete on alert"
    " begin delete from bounce where alert = old.number; end;";
