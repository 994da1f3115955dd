/* xom-media-escape: what a decoder taken over by an image would try, from inside the same lock.
 * Prints a line for each try; the last is "all N refused". Built for the tests, never installed.
 * The first byte on standard input chooses: 'l' locked, 'x' a call by another machine's table
 * (must kill), 'c' a control run without the lock (tries must then get somewhere), 'f' locked, what opens
 * a file or a socket alone: the part that Landlock and the limits hold without seccomp. */
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "xom-media/lock.h"
#include "xom-media/photo.h"

#define P(p) (long)(intptr_t)(p)
enum { PAGE = 4096 };

static char page[2 * PAGE] __attribute__((aligned(PAGE)));
static struct rlimit more = {64, 64};
static struct { uint64_t flags, mode, resolve; } how;
static char *const no_words[] = {NULL};

struct try {
	const char *name;
	long nr, a[6];
};

static const struct try tries[] = {
	{"open a file", SYS_openat, {AT_FDCWD, P("/etc/passwd"), O_RDONLY}},
	{"open by the old call", SYS_open, {P("/etc/passwd"), O_RDONLY}},
	{"open by the new call", SYS_openat2, {AT_FDCWD, P("/etc/passwd"), P(&how), sizeof how}},
	{"open a folder", SYS_openat, {AT_FDCWD, P("/"), O_RDONLY | O_DIRECTORY}},
	{"make a file", SYS_openat, {AT_FDCWD, P("/tmp/xom-escape"), O_WRONLY | O_CREAT, 0600}},
	{"make a nameless file", SYS_openat, {AT_FDCWD, P("/tmp"), O_WRONLY | O_TMPFILE, 0600}},
	{"look at a file", SYS_newfstatat, {AT_FDCWD, P("/etc/passwd"), P(page), 0}},
	{"read a link", SYS_readlink, {P("/proc/self/exe"), P(page), PAGE}},
	{"ask for a file", SYS_access, {P("/etc/passwd"), 0}},
	{"make a folder", SYS_mkdir, {P("/tmp"), 0700}},
	{"remove a file", SYS_unlink, {P("/tmp/xom-escape-none")}},
	{"rename a file", SYS_rename, {P("/tmp/xom-escape-none"), P("/tmp/xom-escape-no")}},
	{"link a file", SYS_link, {P("/tmp/xom-escape-none"), P("/tmp/xom-escape-no")}},
	{"cut a file", SYS_truncate, {P("/tmp/xom-escape-none"), 0}},
	{"change a mode", SYS_chmod, {P("/tmp/xom-escape-none"), 0600}},
	{"change folder", SYS_chdir, {P("/")}},
	{"change root", SYS_chroot, {P("/xom-escape-none")}},
	{"mount", SYS_mount, {0, P("/xom-escape-none"), 0, 0, 0}},
	{"a file in memory", SYS_memfd_create, {P("x"), 0}},
	{"a pipe", SYS_pipe2, {P(page), 0}},
	{"a second descriptor", SYS_dup, {0}},
	{"an event descriptor", SYS_eventfd2, {0, 0}},
	{"an epoll", SYS_epoll_create1, {0}},
	{"io_uring", SYS_io_uring_setup, {1, P(page)}},
	{"a network socket", SYS_socket, {AF_INET, SOCK_STREAM, 0}},
	{"a local socket", SYS_socket, {AF_UNIX, SOCK_STREAM, 0}},
	{"a netlink socket", SYS_socket, {AF_NETLINK, SOCK_RAW, 0}},
	{"a socket pair", SYS_socketpair, {AF_UNIX, SOCK_STREAM, 0, P(page)}},
	{"receive a descriptor", SYS_recvmsg, {0, 0, 0}},
	{"send a message", SYS_sendmsg, {0, 0, 0}},
	{"connect", SYS_connect, {0, P(page), 0}},
	{"fork", SYS_fork, {0}},
	{"clone a process", SYS_clone, {SIGCHLD, 0, 0, 0, 0}},
	{"clone3", SYS_clone3, {P(page), sizeof(struct clone_args)}},
	{"new namespaces", SYS_unshare, {CLONE_FS}},
	{"run a program", SYS_execve, {P("/bin/true"), P(no_words), P(no_words)}},
	{"run a program by the new call", SYS_execveat, {AT_FDCWD, P("/bin/true"), P(no_words),
		P(no_words), 0}},
	{"signal the parent", SYS_kill, {1, 0}},
	{"signal itself", SYS_kill, {0, 0}},
	{"signal a thread", SYS_tkill, {1, 0}},
	{"trace", SYS_ptrace, {PTRACE_PEEKDATA, 1, 0, 0}},
	{"read another's memory", SYS_process_vm_readv, {1, 0, 0, 0, 0, 0}},
	{"a process descriptor", SYS_pidfd_open, {1, 0}},
	{"executable memory", SYS_mmap, {0, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		0}},
	{"memory made executable", SYS_mprotect, {P(page), PAGE, PROT_READ | PROT_EXEC}},
	{"memory made executable by key", SYS_pkey_mprotect, {P(page), PAGE, PROT_EXEC, -1}},
	{"more descriptors", SYS_prlimit64, {0, RLIMIT_NOFILE, P(&more), 0}},
	{"more descriptors by the old call", SYS_setrlimit, {RLIMIT_NOFILE, P(&more)}},
	{"another user", SYS_setuid, {65534}},
	{"prctl", SYS_prctl, {4 /* PR_SET_DUMPABLE */, 1, 0, 0, 0}},
	{"another filter", SYS_seccomp, {0, 0, 0}},
	{"ioctl", SYS_ioctl, {0, 0x5412 /* TIOCSTI */, P("x")}},
	{"shared memory", SYS_shmget, {0, PAGE, 0600}},
	{"keys", SYS_keyctl, {0, -3, 0}},
	{"bpf", SYS_bpf, {0, 0, 0}},
	{"perf", SYS_perf_event_open, {P(page), 0, -1, -1, 0}},
	{"userfaultfd", SYS_userfaultfd, {0}},
	{"another personality", SYS_personality, {0xffffffff}},
};

/* Of every kind: by path, nameless, in memory, and each way to a socket. */
static bool opens(const struct try *t)
{
	static const long calls[] = {SYS_openat, SYS_open, SYS_openat2, SYS_memfd_create, SYS_socket,
		SYS_socketpair, SYS_pipe2, SYS_dup, SYS_io_uring_setup};
	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
		if (t->nr == calls[i])
			return true;
	return false;
}

static bool refused(const struct try *t)
{
	pid_t me = getpid();
	errno = 0;
	long r = syscall((int)t->nr, t->a[0], t->a[1], t->a[2], t->a[3], t->a[4], t->a[5]);
	int e = errno;
	if (getpid() != me) /* a new process: it tells by its parent's line */
		_exit(0);
	/* The calls for a file meet seccomp first; with that hole they would meet Landlock. */
	if (!LOCK_SECCOMP) /* Landlock says EACCES, the limit of descriptors EMFILE; some kernels have no io_uring */
		return r == -1 && (e == EACCES || e == EMFILE || e == EPERM || (e == ENOSYS && t->nr == SYS_io_uring_setup));
	return r == -1 && (e == EPERM || (e == ENOSYS && t->nr == SYS_clone3));
}

int main(void)
{
	char mode = 0;
	size_t bad = 0, n = sizeof tries / sizeof *tries;
	(void)setvbuf(stdout, NULL, _IONBF, 0);
	if (read(STDIN_FILENO, &mode, 1) != 1)
		return 2;
	if (mode != 'c' && !lock_process(LOCK_PHOTO_S)) {
		puts("cannot lock");
		return 3;
	}
	if (!photo_start())
		return 4;
	if (mode == 'x') {
		(void)syscall(0x40000000 | SYS_getpid);
		puts("not killed");
		return 5;
	}
	size_t tried = 0;
	for (size_t i = 0; i < n; i++) {
		if (mode == 'f' && !opens(&tries[i]))
			continue;
		tried++;
		if (!refused(&tries[i])) {
			printf("NOT REFUSED: %s\n", tries[i].name);
			bad++;
		}
	}
	if (bad == 0)
		printf("all %zu refused\n", tried);
	else
		printf("%zu of %zu not refused\n", bad, tried);
	_exit(bad > 0);
}
