/* What an officer sees in the list of own sessions: "Chrome, Android". Two words of closed lists and
 * nothing else of the User-Agent, which tells phones apart and may hold whatever was sent. */
#include "kit/http/internal.h"

struct mark {
	struct str sign, name;
};

/* In order: Edge and Opera call themselves Chrome too, Chrome calls itself Safari; every phone with
 * Android names Linux, and iPads name Mac OS. */
static const struct mark BROWSERS[] = {
	{STR("Edg"), STR("Edge")},           {STR("OPR/"), STR("Opera")},
	{STR("SamsungBrowser/"), STR("Samsung Internet")},
	{STR("coc_coc_browser/"), STR("Cốc Cốc")},
	{STR("FxiOS/"), STR("Firefox")},     {STR("Firefox/"), STR("Firefox")},
	{STR("CriOS/"), STR("Chrome")},      {STR("Chrome/"), STR("Chrome")},
	{STR("Safari/"), STR("Safari")},
};
static const struct mark SYSTEMS[] = {
	{STR("Android"), STR("Android")},    {STR("iPhone"), STR("iPhone")},
	{STR("iPad"), STR("iPad")},          {STR("Windows"), STR("Windows")},
	{STR("Mac OS X"), STR("macOS")},     {STR("CrOS"), STR("ChromeOS")},
	{STR("Linux"), STR("Linux")},
};

static struct str first_of(const struct mark *marks, size_t n, struct str agent)
{
	for (size_t i = 0; i < n; i++)
		if (str_find(agent, marks[i].sign) != SIZE_MAX)
			return marks[i].name;
	return STR_EMPTY;
}

struct str device_of(struct arena *a, struct str agent)
{
	enum { LOOKED_AT = 400 };
	agent = str_sub(agent, 0, LOOKED_AT);
	struct str browser = first_of(BROWSERS, sizeof BROWSERS / sizeof *BROWSERS, agent);
	struct str system = first_of(SYSTEMS, sizeof SYSTEMS / sizeof *SYSTEMS, agent);
	if (browser.n == 0 || system.n == 0)
		return browser.n > 0 ? browser : system;
	return arena_fmt(a, "%.*s, %.*s", PSTR(browser), PSTR(system));
}
