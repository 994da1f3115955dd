#include "service.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "kit/base/str.h"

enum { FIRST_FD = 3 };

static int64_t number(const char *name)
{
	const char *text = getenv(name);
	int64_t n;
	return text != NULL && str_i64(str_of(text), &n) ? n : 0;
}

enum rc service_socket(int *fd, struct fault *f)
{
	int64_t count = number("LISTEN_FDS");
	*fd = 0;
	if (count == 0 || number("LISTEN_PID") != getpid())
		return RC_OK;
	if (count != 1)
		return fault_set(f, RC_INVALID, "%lld sockets were given to listen on: one is meant",
		                 (long long)count);
	*fd = FIRST_FD;
	return RC_OK;
}

void service_notify(const char *state)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	size_t n = path != NULL ? strlen(path) : 0;
	if (n == 0 || n >= sizeof to.sun_path || (path[0] != '/' && path[0] != '@'))
		return;
	memcpy(to.sun_path, path, n);
	if (path[0] == '@')
		to.sun_path[0] = '\0';
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	/* Nobody to tell is no reason to stop. */
	(void)sendto(fd, state, strlen(state), MSG_NOSIGNAL, (const struct sockaddr *)&to,
	             (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n));
	(void)close(fd);
}

int64_t service_watchdog_us(void)
{
	int64_t pid = number("WATCHDOG_PID");
	return pid == 0 || pid == getpid() ? number("WATCHDOG_USEC") : 0;
}
