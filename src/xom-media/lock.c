#include "xom-media/lock.h"

#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Debian 12's headers stop at Landlock ABI 2; the kernel may know more, and takes a longer struct
 * then. The numbers are the kernel's (include/uapi/linux/landlock.h). */
struct ruleset {
	uint64_t fs;      /* ABI 1: bits 0-12; 2: +13 refer; 3: +14 truncate; 5: +15 ioctl on devices */
	uint64_t net;     /* ABI 4: bits 0-1, bind and connect over TCP */
	uint64_t scoped;  /* ABI 6: bits 0-1, abstract sockets and signals */
};

static bool landlock(void)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, 1 /* ask for the version */);
	if (abi < 1)
		return false;
	unsigned bits = abi >= 5 ? 16 : abi >= 3 ? 15 : abi == 2 ? 14 : 13;
	struct ruleset r = {.fs = (UINT64_C(1) << bits) - 1};
	size_t size = offsetof(struct ruleset, net);
	if (abi >= 4) {
		r.net = 3;
		size = offsetof(struct ruleset, scoped);
	}
	if (abi >= 6) {
		r.scoped = 3;
		size = sizeof r;
	}
	/* A ruleset without a rule: all that it handles is denied everywhere. */
	long fd = syscall(SYS_landlock_create_ruleset, &r, size, 0);
	if (fd < 0)
		return false;
	bool done = syscall(SYS_landlock_restrict_self, (int)fd, 0) == 0;
	(void)close((int)fd);
	return done;
}

static bool limit(int what, rlim_t n)
{
	struct rlimit l = {n, n};
	return setrlimit((__rlimit_resource_t)what, &l) == 0;
}

static bool limits(unsigned cpu)
{
	/* Under 512 MB of address space a 12-megapixel photo fails (libraries and thread stacks take
	 * most); an interlaced or progressive one of 100 megapixels needs about 600 more. */
	return (LOCK_SANITIZER || limit(RLIMIT_AS, (rlim_t)1280 << 20)) && limit(RLIMIT_CPU, cpu) &&
	       (LOCK_SANITIZER || limit(RLIMIT_FSIZE, 0)) && limit(RLIMIT_CORE, 0) &&
	       limit(RLIMIT_NOFILE, 0);
}

static bool calls(void)
{
	static const int plain[] = {
		SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(close), SCMP_SYS(munmap), SCMP_SYS(mremap),
		SCMP_SYS(brk), SCMP_SYS(madvise), SCMP_SYS(futex), SCMP_SYS(set_robust_list),
		SCMP_SYS(rseq), SCMP_SYS(exit), SCMP_SYS(exit_group), SCMP_SYS(rt_sigreturn),
		SCMP_SYS(rt_sigprocmask), SCMP_SYS(getpid), SCMP_SYS(gettid),
		SCMP_SYS(sched_getaffinity), SCMP_SYS(sched_yield), SCMP_SYS(clock_gettime),
		SCMP_SYS(clock_nanosleep), SCMP_SYS(getrandom), SCMP_SYS(restart_syscall),
#if LOCK_SANITIZER
		SCMP_SYS(sigaltstack),
#endif
	};
	scmp_filter_ctx c = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	if (c == NULL)
		return false;
	/* glibc asks clone3 first; its flags lie behind a pointer, where a filter can't look. ENOSYS
	 * sends it to clone, whose flags can be looked at. */
	bool fine = seccomp_rule_add(c, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0) == 0 &&
		seccomp_rule_add(c, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
			SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD)) == 0 &&
		seccomp_rule_add(c, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
			SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)) == 0 &&
		seccomp_rule_add(c, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
			SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)) == 0;
	for (size_t i = 0; fine && i < sizeof plain / sizeof *plain; i++)
		fine = seccomp_rule_add(c, SCMP_ACT_ALLOW, plain[i], 0) == 0;
	fine = fine && seccomp_load(c) == 0;
	seccomp_release(c);
	return fine;
}

bool lock_process(unsigned cpu)
{
	closefrom(3);
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 &&
	       (!LOCK_LANDLOCK || landlock()) && limits(cpu) && (!LOCK_SECCOMP || calls());
}
