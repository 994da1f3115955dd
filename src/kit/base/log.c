#include "kit/base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

/* One write a line, so that lines of several threads never mix. */
static void line(const char *level, const char *room, const char *fmt, va_list ap)
{
	char text[1024];
	int n = snprintf(text, sizeof text, "%s %s: ", level, room);
	if (n < 0 || (size_t)n >= sizeof text)
		return;
	int m = vsnprintf(text + n, sizeof text - (size_t)n, fmt, ap);
	size_t end = m < 0 ? (size_t)n : (size_t)n + (size_t)m;
	if (end > sizeof text - 1)
		end = sizeof text - 1;
	for (size_t i = 0; i < end; i++) /* nobody's bytes may begin a line of their own */
		if ((unsigned char)text[i] < ' ')
			text[i] = ' ';
	text[end++] = '\n';
	if (write(STDERR_FILENO, text, end) < 0)
		return;
}

#define LEVEL(name, word) \
	void log_##name(const char *room, const char *fmt, ...) \
	{ \
		va_list ap; \
		va_start(ap, fmt); \
		line(word, room, fmt, ap); \
		va_end(ap); \
	}
LEVEL(info, "info")
LEVEL(warn, "warn")
LEVEL(error, "error")

void log_fault(const char *room, const char *doing, const struct fault *f)
{
	char text[800];
	log_error(room, "%s: %s (%s)", doing, fault_describe(f, text, sizeof text), rc_name(f->rc));
}
