#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "version") == 0) {
		puts("xom " XOM_VERSION);
		return 0;
	}
	(void)fprintf(stderr, "usage: xom version\n");
	return 2;
}
