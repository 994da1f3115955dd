/* Starts xom-media where one of its fences is missing: the call that builds it answers as on a
 * kernel that hasn't got it. */
#include <errno.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <unistd.h>

int main(void)
{
	scmp_filter_ctx c = seccomp_init(SCMP_ACT_ALLOW);
	int rc = c == NULL;
#ifdef WITHOUT_LANDLOCK
	rc |= seccomp_rule_add(c, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(landlock_create_ruleset), 0);
#else
	rc |= seccomp_rule_add(c, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(seccomp), 0);
	const struct scmp_arg_cmp which = {.arg = 0, .op = SCMP_CMP_EQ, .datum_a = PR_SET_SECCOMP};
	rc |= seccomp_rule_add_array(c, SCMP_ACT_ERRNO(EINVAL), SCMP_SYS(prctl), 1, &which);
#endif
	rc |= seccomp_load(c);
	if (rc != 0)
		return 1;
	(void)execve(XOM_MEDIA, (char *[]){(char[]){"xom-media"}, NULL}, (char *[]){NULL});
	return 1;
}
