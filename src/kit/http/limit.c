/* How often an address may come, and how slowly secrets can be guessed. All in memory, under keyed
 * hashes: no address is kept or can be read back, and the addresses' key is another one each day. What was
 * guessed at (a code, an account) has a key of its own, so that midnight forgives no guessing. */
#include "kit/http/internal.h"

#include <stdlib.h>
#include <string.h>

/* Generous, because a ward's phones share a few addresses of the mobile carriers. */
static const struct allowance {
	double per_second, burst;
} ALLOWED[] = {
	[RATE_PAGE] = {100, 600},
	[RATE_FORM] = {10, 120},
	[RATE_GUESS] = {1, 30},
	[RATE_UPLOAD] = {3, 60},
};

enum { CLASSES = 5, STRIPES = 64, SLOTS = 1024, PROBES = 8 };

/* The time at which the allowance would be full again (GCRA), one a class. */
struct rate_slot {
	uint64_t tag;
	int64_t full_at[CLASSES];
};
struct rates {
	struct {
		pthread_mutex_t lock;
		struct rate_slot slots[SLOTS];
	} stripe[STRIPES];
};

struct rates *rates_new(void)
{
	struct rates *r = calloc(1, sizeof *r);
	for (size_t i = 0; r != NULL && i < STRIPES; i++)
		(void)pthread_mutex_init(&r->stripe[i].lock, NULL);
	return r;
}

void rates_free(struct rates *r)
{
	for (size_t i = 0; r != NULL && i < STRIPES; i++)
		(void)pthread_mutex_destroy(&r->stripe[i].lock);
	free(r);
}

static int64_t last_of(const struct rate_slot *s)
{
	int64_t last = 0;
	for (size_t i = 0; i < CLASSES; i++)
		if (s->full_at[i] > last)
			last = s->full_at[i];
	return last;
}

/* The address's slot, or the one of its neighbours that is needed least. */
static struct rate_slot *slot_of(struct rate_slot *slots, uint64_t tag, size_t from)
{
	struct rate_slot *least = NULL;
	for (size_t i = 0; i < PROBES; i++) {
		struct rate_slot *s = &slots[(from + i) % SLOTS];
		if (s->tag == tag)
			return s;
		if (least == NULL || last_of(s) < last_of(least))
			least = s;
	}
	*least = (struct rate_slot){.tag = tag};
	return least;
}

bool rate_allows(struct http *h, const struct hash *peer, enum rate rate)
{
	uint64_t tag, where;
	memcpy(&tag, peer->b, 8);
	memcpy(&where, peer->b + 8, 8);
	double scale = h->c.rate_scale;
	int64_t interval = (int64_t)((double)US_SECOND / (ALLOWED[rate].per_second * scale));
	int64_t burst = (int64_t)((double)interval * ALLOWED[rate].burst * scale);
	size_t n = where % STRIPES;
	pthread_mutex_lock(&h->rates->stripe[n].lock);
	int64_t now = ticks_coarse(); /* under the lock: never before what the last one noted */
	struct rate_slot *s = slot_of(h->rates->stripe[n].slots, tag, (where / STRIPES) % SLOTS);
	int64_t full = s->full_at[rate] > now ? s->full_at[rate] : now;
	bool allowed = full - now + interval <= burst;
	if (allowed)
		s->full_at[rate] = full + interval;
	pthread_mutex_unlock(&h->rates->stripe[n].lock);
	return allowed;
}

/* Failures: the first few are free, then each doubles the wait, up to a minute. Each five quiet
 * minutes forget one, so that the honest slips of all who share a carrier's address do not add up;
 * an hour forgets them all. */
enum { GUESS_SLOTS = 16384, FREE_KEY = 4, FREE_PEER = 12 };
#define WAIT_MAX US_MINUTE
#define FORGET US_HOUR
#define FORGET_ONE (5 * US_MINUTE)

struct guess {
	uint64_t tag;
	struct guess_count n;
};
struct guesses {
	pthread_mutex_t lock;
	struct guess slots[GUESS_SLOTS];
};

struct guesses *guesses_new(void)
{
	struct guesses *g = calloc(1, sizeof *g);
	if (g != NULL)
		(void)pthread_mutex_init(&g->lock, NULL);
	return g;
}

void guesses_free(struct guesses *g)
{
	if (g == NULL)
		return;
	(void)pthread_mutex_destroy(&g->lock);
	free(g);
}

static uint64_t tag_of(const struct http *h, const char *domain, struct str what)
{
	struct hash id = hash_of(&h->guess_key, domain, what);
	uint64_t tag;
	memcpy(&tag, id.b, 8);
	return tag | 1;
}

/* The slot of the tag; with `make` the least needed of its neighbours becomes it. */
static struct guess *guess_of(struct guesses *g, uint64_t tag, bool make)
{
	struct guess *least = NULL;
	for (size_t i = 0; i < PROBES; i++) {
		struct guess *s = &g->slots[(tag / 2 + i) % GUESS_SLOTS];
		if (s->tag == tag)
			return s;
		if (least == NULL || s->n.failures < least->n.failures ||
		    (s->n.failures == least->n.failures && s->n.last_at < least->n.last_at))
			least = s;
	}
	if (!make)
		return NULL;
	*least = (struct guess){.tag = tag};
	return least;
}

static int64_t wait_of(const struct guess_count *n, uint32_t free_ones, int64_t now)
{
	if (n->failures < free_ones || now - n->last_at > FORGET)
		return 0;
	uint32_t doubled = n->failures - free_ones;
	int64_t wait = doubled < 6 ? US_SECOND << doubled : WAIT_MAX;
	/* A clock that was set back must not lock anybody out. */
	int64_t passed = now > n->last_at ? now - n->last_at : 0;
	return wait > passed ? wait - passed : 0;
}

static int64_t wait_here(struct guesses *g, uint64_t tag, uint32_t free_ones, int64_t now)
{
	const struct guess *s = guess_of(g, tag, false);
	return s != NULL ? wait_of(&s->n, free_ones, now) : 0;
}

/* The key as all servers know it; false: it is counted here alone. */
static bool shared_key(const struct request *q, struct str key, struct hash *out)
{
	const struct call *c = q->internal;
	struct key k;
	if (c->http->c.hooks.guess_read == NULL || q->ward == NULL ||
	    keys_current(c->http->c.keys, "guess", NULL, &k, NULL) != RC_OK)
		return false;
	*out = hash_of(&k, "guess key", key);
	return true;
}

int64_t limit_wait(struct request *q, struct str key)
{
	const struct call *c = q->internal;
	struct guesses *g = c->http->guesses;
	uint64_t about = tag_of(c->http, "guess key", key);
	uint64_t from = tag_of(c->http, "guess peer", hash_str(&q->peer));
	struct guess_count all = {0};
	struct hash name;
	struct fault f = {0};
	if (shared_key(q, key, &name) && c->http->c.hooks.guess_read(q, &name, &all, &f) != RC_OK)
		log_fault("http", "reading how often somebody guessed", &f);
	int64_t most = wait_of(&all, FREE_KEY, q->now);
	pthread_mutex_lock(&g->lock);
	int64_t a = wait_here(g, about, FREE_KEY, q->now), b = wait_here(g, from, FREE_PEER, q->now);
	pthread_mutex_unlock(&g->lock);
	most = a > most ? a : most;
	return b > most ? b : most;
}

void guess_count_add(struct guess_count *n, int64_t now)
{
	int64_t quiet = now > n->last_at ? (now - n->last_at) / FORGET_ONE : 0;
	if (now - n->last_at > FORGET || quiet >= n->failures)
		n->failures = 0;
	else
		n->failures -= (uint32_t)quiet;
	n->failures++;
	n->last_at = now;
}

static void write_shared(struct request *q, struct str key, bool failed)
{
	const struct call *c = q->internal;
	struct hash name;
	struct fault f = {0};
	if (shared_key(q, key, &name) && c->http->c.hooks.guess_write(q, &name, failed, &f) != RC_OK)
		log_fault("http", "counting a guess", &f);
}

/* The key's is counted here, too: where the database does not answer, this server still slows them. */
void limit_failed(struct request *q, struct str key)
{
	const struct call *c = q->internal;
	struct guesses *g = c->http->guesses;
	uint64_t about = tag_of(c->http, "guess key", key);
	uint64_t from = tag_of(c->http, "guess peer", hash_str(&q->peer));
	pthread_mutex_lock(&g->lock);
	guess_count_add(&guess_of(g, about, true)->n, q->now);
	guess_count_add(&guess_of(g, from, true)->n, q->now);
	pthread_mutex_unlock(&g->lock);
	write_shared(q, key, true);
}

/* The address's failures stay: else one's own account would pay for guessing at others'. */
void limit_passed(struct request *q, struct str key)
{
	const struct call *c = q->internal;
	struct guesses *g = c->http->guesses;
	uint64_t about = tag_of(c->http, "guess key", key);
	struct guess_count all = {0};
	struct hash name;
	pthread_mutex_lock(&g->lock);
	struct guess *s = guess_of(g, about, false);
	if (s != NULL)
		*s = (struct guess){0};
	pthread_mutex_unlock(&g->lock);
	if (shared_key(q, key, &name) && c->http->c.hooks.guess_read(q, &name, &all, NULL) == RC_OK &&
	    all.failures > 0)
		write_shared(q, key, false);
}
