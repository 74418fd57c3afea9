/* Options of a verb. */
#include <assert.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/options.h"

#define ROWS_MAX 32

static void print_help(FILE *stream, const char *usage, const struct option_row *rows, size_t count)
{
    fprintf(stream, "Usage: %s\n", usage);
    for (size_t i = 0; i < count; i++) {
        char left[64];
        snprintf(left, sizeof(left), "--%s%s%s", rows[i].name, rows[i].argument != NULL ? " " : "",
                 rows[i].argument != NULL ? rows[i].argument : "");
        fprintf(stream, "  %-22s %s\n", left, rows[i].help);
    }
    fprintf(stream, "  %-22s %s\n", "--help", "show this");
}

int options_read(int argc, char **argv, const char *usage, const struct option_row *rows,
                 size_t count)
{
    struct option table[ROWS_MAX + 2] = {{0}};
    assert(count <= ROWS_MAX);
    for (size_t i = 0; i < count; i++)
        table[i] = (struct option){
            rows[i].name, rows[i].argument != NULL ? required_argument : no_argument, NULL, (int)i};
    table[count] = (struct option){"help", no_argument, NULL, (int)count};
    optind = 0;
    int row;
    while ((row = getopt_long(argc, argv, "", table, NULL)) >= 0) {
        if (row == '?') {
            print_help(stderr, usage, rows, count);
            return -2;
        }
        if (row == (int)count) {
            print_help(stdout, usage, rows, count);
            return -1;
        }
        if (rows[row].text != NULL)
            *rows[row].text = optarg;
        else
            *rows[row].flag = true;
    }
    return optind;
}

int options_exit(int result)
{
    return result == -1 ? EXIT_FINE : EXIT_USAGE;
}
