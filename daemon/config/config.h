/* The configuration: one YAML file, walked by one table of keys. */
#pragma once

#include "area/area.h"
#include "base/clock.h"
#include "base/problem.h"
#include "config/staff.h"
#include "deliver/email.h"
#include "match/subscriber.h"
#include "transfer/transfer.h"

struct config {
    const char *file;
    /* paths; relative ones are resolved against the file's directory */
    const char *state_directory, *messages_directory, *areas_directory;
    /* operator */
    const char *operator_name; /* in the credit line */
    const char *page_url;      /* public URL of the status page, or NULL */
    const char *contact;       /* mail address of who runs this; or NULL: notices only */
    /* feeds */
    const char *feed_base_url;
    const char *const *feeds;
    size_t feed_count;
    usec_t quake_age_max; /* 60 min: older quakes are recorded, not sent */
    /* http */
    const char *http_address;
    unsigned http_port; /* port 0: any free one */
    /* delivery */
    struct address_rule *const *allowed;
    size_t allowed_count;
    bool http_receivers; /* plain http receivers where a rule allows the address */
    size_t transfers_limit;
    size_t mail_connections; /* to the relay, at most */
    size_t failing_days;     /* a receiver that fails so long is switched off; 0 never */
    size_t drain_seconds;    /* for what is in flight when we stop */
    const char *ca_file;
    struct email_settings email;
    const char *bounces;   /* Maildir where mail to envelope_from arrives; or NULL */
    size_t canary_minutes; /* between two synthetic telegrams; 0 none */
    size_t chain_test_day, chain_test_hour; /* of the month, 1 to 28, and of Japan; day 0: none */
    const struct area *const *served;       /* where nobody must be without a reader (coverage.h) */
    size_t served_count;                    /* 0: every prefecture that has a reader */
    /* drill on the first start: a telegram file, or NULL */
    const char *first_drill;
    struct subscriber *const *subscribers;
    size_t subscriber_count;
    struct area_graph *areas;
    struct catalogue *catalogue;
    struct staff_settings staff;
    struct broadcast_rules broadcast;
    struct broadcast_catalogue *broadcasts;
};

/* Loads only where things are, for a command that the running daemon answers: a fault elsewhere in
 * the file must not keep staff from taking a message back. Everything else is empty. Returns 0 or
 * -EINVAL. */
__attribute__((warn_unused_result)) int config_load_paths(TALLOC_CTX *context, const char *file,
                                                          struct problems *problems,
                                                          struct config **ret_config);
/* Loads configuration, areas and messages; all problems in one pass. Returns 0 or -EINVAL. */
__attribute__((warn_unused_result)) int config_load(TALLOC_CTX *context, const char *file,
                                                    struct problems *problems,
                                                    struct config **ret_config);
