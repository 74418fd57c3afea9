/* What the fuzz targets share: a check that stops with its words, and XML-aware mutation. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* libFuzzer's own names. */
int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);

/* Stops the process, so that libFuzzer keeps the input, unless `condition` holds. */
#define fuzz_must(condition, ...) ((condition) ? (void)0 : fuzz_stop(__VA_ARGS__))
__attribute__((noreturn, format(printf, 1, 2))) void fuzz_stop(const char *format, ...);
