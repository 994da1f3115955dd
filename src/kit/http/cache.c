/* Public pages as they were last made, found by host and address on the I/O thread. A page goes
 * when the ward's change number has moved, when it is a minute old (deadlines pass by time alone),
 * or when room is needed. */
#include "kit/http/internal.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { BUCKETS = 4096, BYTES_MAX = 24 << 20, PAGES_MAX = 8192 };
#define AGE_MAX US_MINUTE

struct cached_page {
	struct cached_page *next;        /* in its bucket */
	struct cached_page *newer, *older;
	_Atomic int refs;
	_Atomic bool used;               /* since the hand last passed */
	struct packed packed;
	uint64_t changes;
	struct ward_id ward;
	int64_t made_at;
	size_t bucket, host_size, target_size, bytes, slot;
	char key[];                      /* host, then target */
};

struct page_cache {
	pthread_rwlock_t lock;
	uint8_t key[crypto_shorthash_KEYBYTES];
	struct cached_page *buckets[BUCKETS];
	struct cached_page *newest, *oldest;
	size_t bytes, count;
};

struct page_cache *cache_new(void)
{
	struct page_cache *pc = calloc(1, sizeof *pc);
	if (pc == NULL)
		return NULL;
	(void)pthread_rwlock_init(&pc->lock, NULL);
	random_bytes(pc->key, sizeof pc->key);
	return pc;
}

void page_drop(struct cached_page *page)
{
	if (page == NULL || atomic_fetch_sub(&page->refs, 1) != 1)
		return;
	packed_release(&page->packed);
	free(page);
}

static void out_of_table(struct page_cache *pc, struct cached_page *page)
{
	struct cached_page **at = &pc->buckets[page->bucket];
	while (*at != page)
		at = &(*at)->next;
	*at = page->next;
	*(page->newer != NULL ? &page->newer->older : &pc->newest) = page->older;
	*(page->older != NULL ? &page->older->newer : &pc->oldest) = page->newer;
	pc->bytes -= page->bytes;
	pc->count--;
	page_drop(page);
}

void cache_free(struct page_cache *pc)
{
	if (pc == NULL)
		return;
	while (pc->newest != NULL)
		out_of_table(pc, pc->newest);
	(void)pthread_rwlock_destroy(&pc->lock);
	free(pc);
}

static size_t bucket_of(const struct page_cache *pc, struct str host, struct str target)
{
	uint64_t a, b;
	(void)crypto_shorthash((uint8_t *)&a, (const uint8_t *)host.p, host.n, pc->key);
	(void)crypto_shorthash((uint8_t *)&b, (const uint8_t *)target.p, target.n, pc->key);
	return (size_t)((a + b) % BUCKETS);
}

static struct cached_page *look(const struct page_cache *pc, size_t bucket, struct str host,
                                struct str target)
{
	for (struct cached_page *p = pc->buckets[bucket]; p != NULL; p = p->next)
		if (p->host_size == host.n && p->target_size == target.n &&
		    memcmp(p->key, host.p, host.n) == 0 &&
		    memcmp(p->key + host.n, target.p, target.n) == 0)
			return p;
	return NULL;
}

static uint64_t changes_now(const struct http *h, struct ward_id ward)
{
	return h->c.hooks.changes != NULL ? h->c.hooks.changes(h->c.app, ward) : 0;
}

bool cache_answer(struct call *c, enum MHD_Result *result)
{
	struct http *h = c->http;
	struct page_cache *pc = h->cache;
	struct str host, target = str_n(c->target, c->target_size);
	if (c->target_size > URL_MAX || !call_header(c, "Host", &host) || call_wrote(c))
		return false;
	size_t bucket = bucket_of(pc, host, target);
	int64_t now = clock_now(h->c.clock);
	bool found = false;
	(void)pthread_rwlock_rdlock(&pc->lock);
	struct cached_page *p = look(pc, bucket, host, target);
	/* A clock that was set back makes pages of the future: those are not believed either. */
	if (p != NULL && now >= p->made_at && now - p->made_at < AGE_MAX &&
	    p->changes == changes_now(h, p->ward)) {
		if (!atomic_load_explicit(&p->used, memory_order_relaxed))
			atomic_store_explicit(&p->used, true, memory_order_relaxed);
		c->slot = p->slot;
		*result = packed_queue(&p->packed, c);
		found = true;
	}
	(void)pthread_rwlock_unlock(&pc->lock);
	if (found)
		atomic_fetch_add_explicit(&h->metrics.cache_hits, 1, memory_order_relaxed);
	return found;
}

/* The oldest go first, but one that was used since gets a second turn. */
static void make_room(struct page_cache *pc, size_t bytes)
{
	for (size_t turns = 0; pc->oldest != NULL &&
	     (pc->bytes + bytes > BYTES_MAX || pc->count >= PAGES_MAX); turns++) {
		struct cached_page *p = pc->oldest;
		if (turns > PAGES_MAX || !atomic_exchange(&p->used, false) || p->newer == NULL) {
			out_of_table(pc, p);
			continue;
		}
		pc->oldest = p->newer;
		p->newer->older = NULL;
		p->newer = NULL;
		p->older = pc->newest;
		pc->newest->newer = p;
		pc->newest = p;
	}
}

void cache_keep(struct call *c, uint64_t changes, struct str type, struct str bytes)
{
	struct page_cache *pc = c->http->cache;
	struct str target = str_n(c->target, c->target_size);
	struct cached_page *p = calloc(1, sizeof *p + c->host.n + target.n);
	if (p == NULL)
		BUG("no memory for a page");
	packed_init(&p->packed, c->http, type, bytes, "public, no-cache");
	p->changes = changes;
	p->made_at = c->q.now;
	p->slot = c->slot;
	atomic_fetch_add_explicit(&c->http->metrics.cache_misses, 1, memory_order_relaxed);
	if (c->q.ward != NULL)
		p->ward = c->q.ward->id;
	p->host_size = c->host.n;
	p->target_size = target.n;
	p->bucket = bucket_of(pc, c->host, target);
	memcpy(p->key, c->host.p, c->host.n);
	memcpy(p->key + c->host.n, target.p, target.n);
	p->bytes = sizeof *p + c->host.n + target.n + p->packed.size + 8192;
	atomic_init(&p->refs, 1);
	c->page = p;
	if (p->bytes > BYTES_MAX / 8)
		return;
	(void)pthread_rwlock_wrlock(&pc->lock);
	struct cached_page *old = look(pc, p->bucket, c->host, target);
	if (old != NULL)
		out_of_table(pc, old);
	make_room(pc, p->bytes);
	atomic_fetch_add(&p->refs, 1);
	p->next = pc->buckets[p->bucket];
	pc->buckets[p->bucket] = p;
	p->older = pc->newest;
	if (pc->newest != NULL)
		pc->newest->newer = p;
	else
		pc->oldest = p;
	pc->newest = p;
	pc->bytes += p->bytes;
	pc->count++;
	(void)pthread_rwlock_unlock(&pc->lock);
}

enum MHD_Result page_queue(const struct cached_page *page, struct call *c)
{
	return packed_queue(&page->packed, c);
}
