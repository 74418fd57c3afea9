/* Noroshi: which verb. `noroshi run` makes the parts in order, cli/run.c. */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

static void print_verbs(FILE *stream)
{
    fprintf(stream, "Usage: noroshi VERB [OPTIONS]\n\n");
    for (const struct verb *verb = cli_verbs; verb->name != NULL; verb++)
        fprintf(stream, "  %-12s %s\n", verb->name, verb->summary);
    fprintf(stream, "\n`noroshi VERB --help` tells more; man noroshi tells all.\n");
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        print_verbs(stderr);
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
        print_verbs(stdout);
        return EXIT_FINE;
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("noroshi %s\n", NOROSHI_VERSION);
        return EXIT_FINE;
    }
    for (const struct verb *verb = cli_verbs; verb->name != NULL; verb++) {
        if (strcmp(verb->name, argv[1]) == 0)
            return verb->run(argc - 1, argv + 1);
    }
    fprintf(stderr, "noroshi: there is no verb \"%s\"\n", argv[1]);
    print_verbs(stderr);
    return EXIT_USAGE;
}
