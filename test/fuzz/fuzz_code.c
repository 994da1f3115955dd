/* Codes and PINs as people type them: what is read is written the same way and read again, and one
 * wrong symbol is never taken.
 * Sources: ward/flow/receipt.c, kit/base/arena.c hash.c keys.c rc.c str.c clock.c log.c; -lsodium */
#include <stdlib.h>
#include <string.h>

#include "ward/flow/receipt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void check_code(const char code[16])
{
	char again[16], bare[11];
	must(strlen(code) == 13 && code[2] == '-' && code[5] == '-' && code[11] == '-');
	must(code_read(str_of(code), again) == RC_OK && strcmp(code, again) == 0);
	size_t n = 0;
	for (size_t i = 0; i < 13; i++)
		if (code[i] != '-')
			bare[n++] = code[i];
	must(n == 10 && code_read(str_n(bare, n), again) == RC_OK && strcmp(code, again) == 0);
	for (size_t i = 0; i < n; i++) {
		char was = bare[i];
		bare[i] = was == 'K' ? 'M' : 'K';
		must(code_read(str_n(bare, n), again) == RC_INVALID && again[0] == '\0');
		bare[i] = was;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str typed = str_n((const char *)data, size);
	char code[16], pin[9], again[9];
	if (code_read(typed, code) == RC_OK)
		check_code(code);
	else
		must(code[0] == '\0');
	if (pin_read(typed, pin) == RC_OK)
		must(strlen(pin) == 8 && pin_read(str_of(pin), again) == RC_OK && strcmp(pin, again) == 0);
	else
		must(pin[0] == '\0');
	/* Every symbol of the alphabet makes a code that is read back. */
	if (size >= 5) {
		char symbols[5], made[16];
		for (size_t i = 0; i < 5; i++)
			symbols[i] = CODE_ALPHABET[data[i] % (sizeof CODE_ALPHABET - 1)];
		code_make(STR("SM"), 2000 + data[0] % 100, symbols, made);
		check_code(made);
	}
#ifdef PLANT_BUG
	/* For CI alone: proof that the fuzzer finds what can be reached. */
	if (pin[0] != '\0' && pin[0] != 'B')
		abort();
#endif
	return 0;
}
