/* The log: one line an event on standard error, "level room: sentence". No address, name, text of
 * a report, code or PIN goes into it: a canary test greps. Thread-safe. */
#ifndef XOM_BASE_LOG_H
#define XOM_BASE_LOG_H

#include "kit/base/rc.h"

void log_info(const char *room, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void log_warn(const char *room, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void log_error(const char *room, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void log_fault(const char *room, const char *doing, const struct fault *f);

#endif
