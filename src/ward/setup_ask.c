/* The questions of xom setup: asking, reading a file of answers, judging each. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "kit/base/text.h"
#include "kit/base/yaml.h"
#include "ward/setup.h"

const char *const ANSWER_NAMES[ANSWER_COUNT + 1] = {
	"name", "prefix", "slug", "code", "hotline", "address", "proxy", "mail", "admin", "backup", NULL,
};

static bool all_of(struct str s, const char *letters)
{
	for (size_t i = 0; i < s.n; i++)
		if (strchr(letters, s.p[i]) == NULL)
			return false;
	return true;
}

#define SMALL "abcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"

/* A host name, with a port if wished; or http:// and one, for a trial without TLS. */
static bool address_ok(struct str *answer)
{
	struct str host = *answer;
	if (str_starts(host, STR("https://")))
		host = *answer = str_sub(host, 8, host.n);
	else if (str_starts(host, STR("http://")))
		host = str_sub(host, 7, host.n);
	while (answer->n > 0 && answer->p[answer->n - 1] == '/') {
		answer->n--;
		host.n--;
	}
	return host.n >= 3 && host.n <= 253 && all_of(host, SMALL DIGITS ".-:") && host.p[0] != '-' &&
	       host.p[0] != '.' && (host.p[host.n - 1] != '.');
}

static bool backup_ok(struct str answer)
{
	struct str keys = answer, data = str_trim(str_cut(&keys, ','));
	keys = str_trim(keys);
	return answer.n == 0 || (data.n > 1 && data.p[0] == '/' && keys.n > 1 && keys.p[0] == '/' &&
	                         !str_eq(data, keys));
}

static bool judge(enum answer which, struct str *s)
{
	switch (which) {
	case A_name: return s->n > 0 && s->n <= 200;
	case A_prefix: return s->n == 2 && all_of(*s, "BCFGHJKMNPQRSTVXZ");
	case A_slug: return s->n >= 2 && s->n <= 40 && all_of(*s, SMALL DIGITS "-") &&
		                all_of(str_sub(*s, 0, 1), SMALL) && s->p[s->n - 1] != '-';
	case A_code: return s->n > 0 && s->n <= 20 && all_of(*s, DIGITS);
	case A_hotline: return text_is_phone(*s);
	case A_address: return address_ok(s);
	case A_proxy: return str_is(*s, "nginx") || str_is(*s, "caddy") || str_is(*s, "none");
	case A_mail: return s->n == 0 || str_starts(*s, STR("smtp://")) || str_starts(*s, STR("smtps://"));
	case A_admin: return s->n >= 2 && s->n <= 40 && all_of(*s, SMALL DIGITS ".-");
	case A_backup: return backup_ok(*s);
	case ANSWER_COUNT: break;
	}
	return false;
}

const char *setup_check(const struct setup *s, enum answer which, struct str *answer)
{
	static const char *const BAD[ANSWER_COUNT] = {
		"setup.bad.name", "setup.bad.prefix", "setup.bad.slug", "setup.bad.code", "setup.bad.hotline",
		"setup.bad.address", "setup.bad.proxy", "setup.bad.mail", "setup.bad.admin", "setup.bad.backup",
	};
	*answer = str_trim(*answer);
	if (str_is(*answer, "-") && (which == A_mail || which == A_backup))
		*answer = STR_EMPTY;
	struct str fixed = s->ward == NULL ? STR_EMPTY : which == A_prefix ? s->ward->prefix
	                   : which == A_slug ? s->ward->slug
	                   : which == A_code ? ward_area_code(s->app->places, s->ward->id) : STR_EMPTY;
	if (fixed.n > 0 && !str_eq(*answer, fixed))
		return which == A_code ? "setup.bad.fixed.code" : "setup.bad.fixed";
	/* The address comes before the proxy: without TLS there is nothing for it to do. */
	return text_utf8_ok(*answer) && judge(which, answer) ? NULL : BAD[which];
}

static void show(const struct setup *s, const char *kind, enum answer which)
{
	struct arena *a = &s->app->settings.arena;
	const char *key = arena_fmt(a, "setup.%s.%s", kind, ANSWER_NAMES[which]).p;
	(void)printf("%.*s\n", PSTR(po_text(s->app->po, s->lang, key)));
}

static enum rc ask_one(struct setup *s, enum answer which, struct fault *f)
{
	struct arena *a = &s->app->settings.arena;
	struct str *answer = &s->answers[which];
	char *line = NULL;
	size_t room = 0;
	enum rc rc = RC_NONE;
	(void)printf("\n%d/%d  ", (int)which + 1, (int)ANSWER_COUNT);
	show(s, "ask", which);
	show(s, "help", which);
	for (;;) {
		(void)printf(answer->n > 0 ? "[%.*s]> " : "%.*s> ", PSTR(*answer));
		(void)fflush(stdout);
		ssize_t n = getline(&line, &room, stdin);
		if (n < 0) {
			(void)fault_set(f, RC_NONE, "the answers ended at question %d of %d. Nothing was changed",
			                (int)which + 1, (int)ANSWER_COUNT);
			break;
		}
		struct str typed = str_trim(arena_copy(a, str_n(line, (size_t)n)));
		struct str taken = typed.n > 0 ? typed : *answer;
		const char *bad = setup_check(s, which, &taken);
		if (bad == NULL) {
			*answer = taken;
			rc = RC_OK;
			break;
		}
		(void)printf("     %.*s\n", PSTR(po_text(s->app->po, s->lang, bad)));
	}
	free(line);
	return rc;
}

/* All that is wrong in the file is told, not only the first. */
static enum rc read_file(struct setup *s, const char *file, struct str bytes, struct fault *f)
{
	struct arena *a = &s->app->settings.arena;
	struct yaml_reader r = {0};
	const struct ynode *map = yaml_parse(&r, a, file, bytes);
	if (map != NULL)
		y_only(&r, map, ANSWER_NAMES);
	for (enum answer i = 0; map != NULL && i < ANSWER_COUNT; i++) {
		const struct ynode *node = y_get(map, ANSWER_NAMES[i]);
		if (node != NULL)
			s->answers[i] = y_text(&r, node);
		const char *bad = setup_check(s, i, &s->answers[i]);
		if (bad != NULL)
			y_fault(&r, node != NULL ? node : map, "%s: %.*s", ANSWER_NAMES[i],
			        PSTR(po_text(s->app->po, s->lang, bad)));
	}
	for (size_t i = 0; i < r.fault_count && i < sizeof r.faults / sizeof *r.faults; i++) {
		char text[800];
		(void)fprintf(stderr, "%s\n", fault_describe(&r.faults[i], text, sizeof text));
	}
	return r.fault_count == 0 ? RC_OK : fault_set(f, RC_INVALID, "%s: %zu answers are not possible. "
	                                             "Nothing was changed", file, r.fault_count);
}

enum rc setup_ask(struct setup *s, const char *file, struct str bytes, struct fault *f)
{
	if (file != NULL)
		return read_file(s, file, bytes, f);
	enum rc rc = RC_OK;
	(void)printf("%.*s\n", PSTR(po_text(s->app->po, s->lang, "setup.begin")));
	for (enum answer i = 0; i < ANSWER_COUNT && rc == RC_OK; i++)
		rc = ask_one(s, i, f);
	return rc;
}
