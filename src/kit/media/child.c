#include "kit/media/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kit/base/clock.h"

enum { ANSWER_MAX = FRAME_SIZE + FRAME_MAX_PHOTO + FRAME_MAX_THUMB };

struct child {
	pid_t pid;
	int in, out, pidfd;      /* in is a socket: a child that ends early must not send us SIGPIPE */
	int64_t until;
	char **args;             /* the program's name, what it is to do, NULL */
	uint8_t *answer;
	size_t n, most;
};

#if defined(__SANITIZE_ADDRESS__)
#define KEEP_STDERR 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define KEEP_STDERR 1
#endif
#endif

static int spawn(struct child *c, const char *program, int in, int out)
{
	posix_spawn_file_actions_t fa;
	posix_spawnattr_t at;
	sigset_t none, all;
	(void)sigemptyset(&none);
	(void)sigfillset(&all);
	int e = posix_spawn_file_actions_init(&fa);
	if (e != 0)
		return e;
	e = posix_spawnattr_init(&at);
	if (e != 0)
		goto out;
	if ((e = posix_spawn_file_actions_adddup2(&fa, in, STDIN_FILENO)) == 0 &&
	    (e = posix_spawn_file_actions_adddup2(&fa, out, STDOUT_FILENO)) == 0 &&
#ifndef KEEP_STDERR /* where a sanitizer's report should be seen */
	    (e = posix_spawn_file_actions_addopen(&fa, STDERR_FILENO, "/dev/null", O_WRONLY, 0)) == 0 &&
#endif
	    (e = posix_spawn_file_actions_addclosefrom_np(&fa, STDERR_FILENO + 1)) == 0 &&
	    (e = posix_spawnattr_setsigmask(&at, &none)) == 0 &&
	    (e = posix_spawnattr_setsigdefault(&at, &all)) == 0 &&
	    (e = posix_spawnattr_setflags(&at, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF)) == 0)
		e = posix_spawn(&c->pid, program, &fa, &at, c->args, (char *[]){NULL});
	(void)posix_spawnattr_destroy(&at);
out:
	(void)posix_spawn_file_actions_destroy(&fa);
	return e;
}

static enum rc start(struct child *c, const char *program, struct fault *f)
{
	int in[2] = {-1, -1}, out[2] = {-1, -1}, e;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, in) != 0 || pipe2(out, O_CLOEXEC) != 0 ||
	    fcntl(out[0], F_SETFL, O_NONBLOCK) != 0)
		e = errno;
	else
		e = spawn(c, program, in[1], out[1]);
	if (in[1] >= 0)
		(void)close(in[1]);
	if (out[1] >= 0)
		(void)close(out[1]);
	c->in = in[0];
	c->out = out[0];
	if (e != 0)
		return fault_set(f, RC_IO, "cannot start %s: %s", program, strerror(e));
	c->pidfd = pidfd_open(c->pid, 0);
	if (c->pidfd < 0)
		return fault_set(f, RC_IO, "no descriptor of the child: %s", strerror(errno));
	return RC_OK;
}

/* Milliseconds left, rounded up; 0 when the time is over. */
static int left(const struct child *c)
{
	int64_t us = c->until - clock_ticks();
	return us > 0 ? (int)(us / 1000) + 1 : 0;
}

static enum rc late(struct fault *f)
{
	return fault_set(f, RC_TIMEOUT, "xom-media took longer than it may");
}

/* Takes what the child has written. *end: it has closed its side. */
static enum rc take(struct child *c, bool *end, struct fault *f)
{
	for (;;) {
		if (c->n == c->most + 1)
			return fault_set(f, RC_INVALID, "xom-media wrote more than it may");
		ssize_t got = read(c->out, c->answer + c->n, c->most + 1 - c->n);
		if (got > 0) {
			c->n += (size_t)got;
			continue;
		}
		*end = got == 0;
		if (got == 0 || errno == EAGAIN)
			return RC_OK;
		if (errno != EINTR)
			return fault_set(f, RC_IO, "reading from xom-media: %s", strerror(errno));
	}
}

/* Both ways at once, so that neither waits for the other with a full pipe. */
static enum rc talk(struct child *c, struct spool *spool, struct fault *f)
{
	struct str block = STR_EMPTY;
	bool end = false;
	enum rc rc = spool_rewind(spool, f);
	while (rc == RC_OK && !end) {
		if (c->in >= 0 && block.n == 0) {
			rc = spool_read(spool, &block, f);
			if (rc == RC_NONE) {
				(void)close(c->in);
				c->in = -1;
				rc = RC_OK;
			}
			if (rc != RC_OK)
				return rc;
		}
		/* poll skips a negative descriptor. */
		struct pollfd p[2] = {{c->out, POLLIN, 0}, {c->in, POLLOUT, 0}};
		int ms = left(c);
		int ready = ms > 0 ? poll(p, 2, ms) : 0;
		if (ready == 0)
			return late(f);
		if (ready < 0 && errno != EINTR)
			return fault_set(f, RC_IO, "waiting for xom-media: %s", strerror(errno));
		if (ready < 0)
			continue;
		if (p[1].revents != 0) {
			ssize_t put = send(c->in, block.p, block.n, MSG_NOSIGNAL | MSG_DONTWAIT);
			if (put > 0)
				block = str_sub(block, (size_t)put, block.n);
			if (put < 0 && errno != EAGAIN && errno != EINTR) {
				/* It has heard enough; its exit status says what it thinks. */
				(void)close(c->in);
				c->in = -1;
			}
		}
		if (p[0].revents != 0)
			rc = take(c, &end, f);
	}
	return rc;
}

/* Waits for the end until the deadline. */
static enum rc ended(struct child *c, int *status, struct fault *f)
{
	for (;;) {
		int ms = left(c);
		struct pollfd p = {c->pidfd, POLLIN, 0};
		int ready = ms > 0 ? poll(&p, 1, ms) : 0;
		if (ready == 0)
			return late(f);
		if (ready > 0)
			break;
		if (errno != EINTR)
			return fault_set(f, RC_IO, "waiting for xom-media: %s", strerror(errno));
	}
	while (waitpid(c->pid, status, 0) < 0)
		if (errno != EINTR)
			return fault_set(f, RC_IO, "waiting for xom-media: %s", strerror(errno));
	c->pid = 0;
	return RC_OK;
}

/* What an exit status means. */
static enum rc judge(int status, enum photo_error *why, struct fault *f)
{
	if (WIFSIGNALED(status)) {
		int sig = WTERMSIG(status);
		*why = sig == SIGXCPU || sig == SIGKILL ? PHOTO_too_large : PHOTO_not_image;
		return fault_set(f, RC_INVALID, "xom-media died of signal %d", sig);
	}
	int e = WEXITSTATUS(status) - FRAME_REFUSED;
	if (e == -FRAME_REFUSED)
		return RC_OK;
	switch (e) {
	case PHOTO_unconfined:
		*why = PHOTO_unconfined;
		return fault_set(f, RC_UNCONFINED, "xom-media can't be confined on this machine");
	case PHOTO_empty:
	case PHOTO_not_image:
	case PHOTO_truncated:
	case PHOTO_too_large:
	case PHOTO_heic:
	case PHOTO_svg:
	case PHOTO_animated:
		*why = (enum photo_error)e;
		return fault_set(f, RC_INVALID, "xom-media refused a photo: %s", photo_error_name(*why));
	default:
		*why = PHOTO_not_image;
		return fault_set(f, RC_INVALID, "xom-media ended with status %d", WEXITSTATUS(status));
	}
}

static bool jpeg(const uint8_t *p, size_t n)
{
	return n > 4 && p[0] == 0xff && p[1] == 0xd8 && p[2] == 0xff && p[n - 2] == 0xff &&
	       p[n - 1] == 0xd9;
}

/* The frame as it should be: numbers within bounds, no byte more or less, two JPEGs by the look
 * of their ends. Nothing is parsed here; browsers get it as image/jpeg and sniff nothing. */
static enum rc unpack(struct child *c, struct decoded *out, struct fault *f)
{
	struct frame fr;
	if (c->n < FRAME_SIZE || !frame_read(c->answer, &fr) ||
	    c->n - FRAME_SIZE != (size_t)fr.photo + fr.thumb ||
	    !jpeg(c->answer + FRAME_SIZE, fr.photo) ||
	    !jpeg(c->answer + FRAME_SIZE + fr.photo, fr.thumb))
		return fault_set(f, RC_INVALID, "xom-media wrote something that is no photo");
	memmove(c->answer, c->answer + FRAME_SIZE, c->n - FRAME_SIZE);
	*out = (struct decoded){fr, c->answer};
	c->answer = NULL;
	return RC_OK;
}

/* From its start to its end: afterwards the answer is there, and the child is gone. */
static enum rc run(struct child *c, const char *program, struct spool *spool, enum photo_error *why, struct fault *f)
{
	int status = 0;
	enum rc rc = RC_NOMEM;
	*why = PHOTO_busy;
	c->in = c->out = c->pidfd = -1;
	c->answer = malloc(c->most + 1);
	if (c->answer == NULL)
		return fault_set(f, rc, "no memory for what xom-media says");
	rc = start(c, program, f);
	if (rc == RC_IO)
		*why = PHOTO_unconfined;
	if (rc == RC_OK)
		rc = talk(c, spool, f);
	if (c->in >= 0) {
		(void)close(c->in);
		c->in = -1;
	}
	if (rc == RC_OK)
		rc = ended(c, &status, f);
	if (rc == RC_OK)
		rc = judge(status, why, f);
	if (c->pid > 0) {
		(void)kill(c->pid, SIGKILL);
		while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR)
			;
	}
	for (int i = 0; i < 3; i++) {
		int fd = i == 0 ? c->in : i == 1 ? c->out : c->pidfd;
		if (fd >= 0)
			(void)close(fd);
	}
	if (rc == RC_INVALID && *why == PHOTO_busy)
		*why = PHOTO_not_image;
	return rc;
}

static enum rc photo(const char *program, char **args, struct spool *spool, int64_t until, struct decoded *out,
                     enum photo_error *why, struct fault *f)
{
	struct child c = {.until = until, .most = ANSWER_MAX, .args = args};
	enum rc rc = run(&c, program, spool, why, f);
	if (rc == RC_OK) {
		rc = unpack(&c, out, f);
		*why = rc == RC_OK ? PHOTO_fine : PHOTO_not_image;
	}
	free(c.answer);
	return rc;
}

enum rc child_decode(const char *program, struct spool *spool, int64_t until, struct decoded *out,
                     enum photo_error *why, struct fault *f)
{
	return photo(program, (char *[]){(char[]){"xom-media"}, NULL}, spool, until, out, why, f);
}

enum rc child_blur(const char *program, const struct media_rect *rects, size_t count, struct spool *spool,
                   int64_t until, struct decoded *out, enum photo_error *why, struct fault *f)
{
	enum { RECT_TEXT = 48 };
	char text[FRAME_MAX_RECTS][RECT_TEXT];
	char *args[FRAME_MAX_RECTS + 3] = {(char[]){"xom-media"}, (char[]){"blur"}};
	if (count == 0 || count > FRAME_MAX_RECTS)
		return fault_set(f, RC_INVALID, "%zu rectangles to cover: 1 to %d", count, FRAME_MAX_RECTS);
	for (size_t i = 0; i < count; i++) {
		(void)snprintf(text[i], sizeof text[i], "%d,%d,%d,%d", rects[i].x, rects[i].y, rects[i].w, rects[i].h);
		args[i + 2] = text[i];
	}
	return photo(program, args, spool, until, out, why, f);
}

enum rc child_calendar(const char *program, int year, struct spool *spool, int64_t until, uint8_t **out, size_t *n,
                       enum photo_error *why, struct fault *f)
{
	char text[12];
	(void)snprintf(text, sizeof text, "%d", year);
	struct child c = {.until = until, .most = FRAME_MAX_DAYS,
	                  .args = (char *[]){(char[]){"xom-media"}, (char[]){"calendar"}, text, NULL}};
	enum rc rc = run(&c, program, spool, why, f);
	if (rc == RC_OK && c.n > FRAME_MAX_DAYS)
		rc = fault_set(f, RC_INVALID, "xom-media wrote more than a year has");
	if (rc != RC_OK) {
		free(c.answer);
		return rc;
	}
	*why = PHOTO_fine;
	*out = c.answer;
	*n = c.n;
	return RC_OK;
}
