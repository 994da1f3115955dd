/* What systemd and this program say to each other (sd_listen_fds(3), sd_notify(3)): the socket that
 * is held over a restart, "I am ready", "I am stopping", "I am alive". Started by hand there is
 * nothing of it, and nothing is said. */
#ifndef XOM_SERVICE_H
#define XOM_SERVICE_H

#include <stdint.h>

#include "kit/base/rc.h"

/* *fd: the socket that was given to this process; 0: none. RC_INVALID: several. */
enum rc service_socket(int *fd, struct fault *f);
void service_notify(const char *state);   /* "READY=1" */
int64_t service_watchdog_us(void);        /* how often "WATCHDOG=1" is awaited; 0: not at all */

#endif
