/* The section `partners`: systems of other authorities that may hand in broadcasts. */
#pragma once

#include "area/area.h"
#include "base/document.h"
#include "broadcast/partner.h"

struct partner_sources { /* what the section refers to */
    const struct area_graph *areas;
    const struct broadcast_catalogue *templates;
    const char *directory; /* of the configuration file, with its slash: for secret_file */
};
/* Adds them to `rules`, whose own authorities were read before. What is wrong becomes problems with
 * line and column. All belongs to `context`. */
void partners_read(TALLOC_CTX *context, const struct node *root,
                   const struct partner_sources *sources, struct problems *problems,
                   struct broadcast_rules *rules);
