/* The watch over what comes in, in memory alone: how often within an hour the same words came, and how often
 * an address. Words and addresses are keyed hashes under a key that is another one each day; at midnight the
 * watch forgets everything.
 *
 * A text's print is of its words without marks, case, digits and punctuation. A long one has two more, of its
 * beginning and its end, whose length (PIECES) hardly changes with a few words more: a random word in front or
 * behind makes no other text of it. A short one (a plate's tick, "mất điện") says little alone: it counts
 * together with its place, and where none is told only while the ward is flooded, or a storm would be taken for
 * a flood. */
#include <pthread.h>
#include <stdlib.h>

#include "ward/flow/flood.h"

enum { PRINTS = 8192, PEERS = 8192, PROBES = 8, WARDS = 256, SHORT = 6, WAITING = FLOOD_ALSO,
	RECENT = FLOOD_WARD + 1 };
/* Pieces of at least half of the words, rounded so that a few more or less give the same one. */
static const size_t PIECES[] = {6, 9, 13, 19, 28, 42, 63, 95, 140, 210, 315};
enum { PIECE_COUNT = sizeof PIECES / sizeof *PIECES };
#define WINDOW US_HOUR

struct print {
	uint64_t tag;
	int64_t began_at, last_at;
	uint32_t count;
	uint32_t kept;                /* of `early` */
	struct flood_id flood;        /* 0: not that often yet */
	struct case_id first;         /* stays in the queue */
	struct case_id early[FLOOD_SAME];
};
struct peer {
	uint64_t tag;
	int64_t began_at;
	uint32_t count;
};
/* The last reports of a ward. */
struct recent {
	uint64_t peer;
	int64_t at;
	struct case_id of;            /* 0: not written yet */
	bool gathered;
};
struct recents {
	struct ward_id ward;
	int64_t serial;               /* how many there ever were */
	bool flooded;
	struct flood_id quick;
	int64_t quick_at;
	struct recent r[RECENT];
};
struct flood_watch {
	pthread_mutex_t lock;
	struct idgen *ids;
	int32_t day;
	struct key key;
	struct print *prints;
	struct peer *peers;
	struct recents *wards[WARDS];
	struct {                      /* written after their group was found: told with the next report of the ward */
		struct ward_id ward;
		struct flood_member m;
	} waiting[WAITING];
	size_t waiting_count;
};

struct flood_watch *flood_watch_new(struct idgen *ids)
{
	struct flood_watch *w = calloc(1, sizeof *w);
	if (w == NULL)
		return NULL;
	w->ids = ids;
	w->prints = calloc(PRINTS, sizeof *w->prints);
	w->peers = calloc(PEERS, sizeof *w->peers);
	(void)pthread_mutex_init(&w->lock, NULL);
	if (w->prints != NULL && w->peers != NULL)
		return w;
	flood_watch_free(w);
	return NULL;
}

static void forget(struct flood_watch *w)
{
	for (size_t i = 0; i < WARDS; i++) {
		free(w->wards[i]);
		w->wards[i] = NULL;
	}
	w->waiting_count = 0;
}

void flood_watch_free(struct flood_watch *w)
{
	if (w == NULL)
		return;
	forget(w);
	free(w->prints);
	free(w->peers);
	(void)pthread_mutex_destroy(&w->lock);
	free(w);
}

static void new_day(struct flood_watch *w, int64_t now)
{
	if (w->day == day_of(now))
		return;
	w->day = day_of(now);
	random_bytes(w->key.b, sizeof w->key.b);
	memset(w->prints, 0, PRINTS * sizeof *w->prints);
	memset(w->peers, 0, PEERS * sizeof *w->peers);
	forget(w);
}

/* ---------------------------------------------------------------- prints */

/* Runs of letters of the folded text: what is not one only parts them; digits, signs and pictures are as if they
 * weren't there. */
static size_t words_of(struct arena *a, struct str text, struct str *out, size_t max)
{
	struct str folded = text_fold(a, text);
	char *p = arena_array(a, folded.n + 1, 1);
	size_t n = 0, at = 0, from = 0;
	bool sign = false;            /* within one: U+2000 to U+2FFF, U+F000 to U+FFFF, and all behind */
	for (size_t i = 0; i <= folded.n; i++) {
		char c = i < folded.n ? folded.p[i] : ' ';
		unsigned char u = (unsigned char)c;
		if (u < 0x80 || u >= 0xC0)
			sign = u == 0xE2 || u >= 0xEF;
		if (sign || (c >= '0' && c <= '9'))
			continue;
		if ((c >= 'a' && c <= 'z') || u >= 0x80) {
			p[at++] = c;
		} else if (at > from) {
			if (n < max)
				out[n++] = str_n(p + from, at - from);
			from = at;
		}
	}
	return n;
}

static uint64_t tag_end(struct hasher *h)
{
	struct hash id = hasher_end(h);
	uint64_t tag;
	memcpy(&tag, id.b, sizeof tag);
	return tag | 1;
}

static uint64_t print_of(const struct key *key, const struct flood_report *r, const char *sort,
                         const struct str *words, size_t n)
{
	struct hasher h;
	hasher_init(&h, key, sort);
	hasher_i64(&h, r->ward.v);
	hasher_str(&h, r->kind);
	for (size_t i = 0; i < n; i++)
		hasher_str(&h, words[i]);
	return tag_end(&h);
}

/* Few words, with where it is. Numbers count there: house 12 is not house 14. */
static uint64_t print_at_place(const struct key *key, struct arena *a, const struct flood_report *r,
                               const struct str *words, size_t n)
{
	const struct case_place *p = r->place;
	struct hasher h;
	hasher_init(&h, key, "flood at a place");
	hasher_i64(&h, r->ward.v);
	hasher_str(&h, r->kind);
	hasher_i64(&h, p->area.v);
	hasher_i64(&h, p->cell.column);
	hasher_i64(&h, p->cell.row);
	hasher_str(&h, text_fold(a, p->street));
	hasher_str(&h, text_fold(a, p->landmark));
	for (size_t i = 0; i < n; i++)
		hasher_str(&h, words[i]);
	return tag_end(&h);
}

static void prints_of(const struct key *key, struct arena *a, const struct flood_report *r,
                      struct flooding *out)
{
	enum { WORDS_MAX = 2000 };
	struct str *words = arena_array(a, WORDS_MAX, sizeof *words);
	size_t n = words_of(a, r->text, words, WORDS_MAX), piece = 0;
	out->tag_count = 0;
	out->bare = false;
	if (r->spared)
		return;
	if (n < SHORT) {
		const struct case_place *p = r->place;
		out->bare = p->street.n + p->landmark.n == 0 && p->cell.column == 0;
		out->tags[out->tag_count++] = print_at_place(key, a, r, words, n);
		return;
	}
	out->tags[out->tag_count++] = print_of(key, r, "flood words", words, n);
	for (size_t i = 0; i < PIECE_COUNT && PIECES[i] * 3 <= n * 2; i++)
		piece = PIECES[i];
	if (piece == 0)
		return;
	out->tags[out->tag_count++] = print_of(key, r, "flood beginning", words, piece);
	out->tags[out->tag_count++] = print_of(key, r, "flood end", words + n - piece, piece);
}

/* ---------------------------------------------------------------- how often */

/* The slot of the tag, or with `make` the least needed of its neighbours. */
static struct print *print_slot(struct flood_watch *w, uint64_t tag, bool make)
{
	struct print *least = NULL;
	for (size_t i = 0; i < PROBES; i++) {
		struct print *p = &w->prints[(tag / 2 + i) % PRINTS];
		if (p->tag == tag)
			return p;
		if (least == NULL || p->count < least->count || (p->count == least->count && p->last_at < least->last_at))
			least = p;
	}
	if (!make)
		return NULL;
	*least = (struct print){.tag = tag};
	return least;
}

static struct peer *peer_slot(struct flood_watch *w, uint64_t tag, bool make)
{
	struct peer *least = NULL;
	for (size_t i = 0; i < PROBES; i++) {
		struct peer *p = &w->peers[(tag / 2 + i) % PEERS];
		if (p->tag == tag)
			return p;
		if (least == NULL || p->count < least->count || (p->count == least->count && p->began_at < least->began_at))
			least = p;
	}
	if (!make)
		return NULL;
	*least = (struct peer){.tag = tag};
	return least;
}

/* An hour without one ends a group; what was not often enough within one begins anew. A clock that was set
 * back begins anew, too. */
static struct print *print_count(struct flood_watch *w, uint64_t tag, int64_t now)
{
	struct print *p = print_slot(w, tag, true);
	int64_t since = p->flood.v != 0 ? p->last_at : p->began_at;
	if (p->count > 0 && (now - since > WINDOW || now < p->began_at))
		*p = (struct print){.tag = tag};
	if (p->count == 0)
		p->began_at = now;
	p->count++;
	p->last_at = now;
	return p;
}

static void also(struct flooding *out, struct flood_id flood, enum flood_why why, struct case_id c)
{
	for (size_t i = 0; i < out->also_count; i++)
		if (out->also[i].of.v == c.v)
			return;                        /* by another of its prints */
	if (out->also_count < FLOOD_ALSO && c.v != 0)
		out->also[out->also_count++] = (struct flood_member){flood, why, c};
}

/* From now on in the group; the earlier ones, too, but the first. */
static void print_joins(struct print *p, struct flood_id flood, struct case_id stays, struct flooding *out)
{
	p->flood = flood;
	for (size_t i = 0; i < p->kept; i++)
		if (p->early[i].v != stays.v)
			also(out, flood, FLOOD_same, p->early[i]);
	p->kept = 0;
}

/* A slot a ward; where two would share one, the later has none: its flood is gathered by words alone. */
static struct recents *recents_of(struct flood_watch *w, struct ward_id ward)
{
	struct recents **slot = &w->wards[(uint64_t)ward.v * UINT64_C(0x9E3779B97F4A7C15) >> 56];
	if (*slot == NULL && (*slot = calloc(1, sizeof **slot)) != NULL)
		(*slot)->ward = ward;
	return *slot != NULL && (*slot)->ward.v == ward.v ? *slot : NULL;
}

static void same_words(struct flood_watch *w, struct ward_id ward, int64_t now, struct flooding *out)
{
	const struct recents *v = out->bare ? recents_of(w, ward) : NULL;
	struct print *p[3];
	struct case_id stays = {0};
	struct flood_id flood = {0};
	bool often = false;
	for (size_t i = 0; i < out->tag_count; i++) {
		p[i] = print_count(w, out->tags[i], now);
		often = often || p[i]->count >= FLOOD_SAME;
		if (flood.v == 0)
			flood = p[i]->flood;
		if (stays.v == 0 && p[i]->count >= FLOOD_SAME)
			stays = p[i]->first;
	}
	if (!often || (out->bare && (v == NULL || !v->flooded)))
		return;
	if (flood.v == 0)
		flood.v = idgen_next(w->ids);
	for (size_t i = 0; i < out->tag_count; i++)
		if (p[i]->count >= FLOOD_SAME && p[i]->flood.v == 0)
			print_joins(p[i], flood, stays, out);
	out->flood = flood;
	out->why = FLOOD_same;
}

static bool too_often(struct flood_watch *w, uint64_t tag, int64_t now)
{
	const struct peer *p = peer_slot(w, tag, false);
	return p != NULL && p->count > FLOOD_PEER && now - p->began_at <= WINDOW;
}

/* Is a report of the last ones the first of its address among them? It stays. */
static bool first_of_peer(const struct recents *v, int64_t at)
{
	for (int64_t k = v->serial > RECENT ? v->serial - RECENT : 0; k < at; k++)
		if (v->r[k % RECENT].peer == v->r[at % RECENT].peer)
			return false;
	return true;
}

/* Those of the last reports that belong into the group: of `peer`, or (0) of every address that came too often;
 * of each all but the first. */
static void gather_recent(struct flood_watch *w, struct recents *v, uint64_t peer, int64_t now,
                          struct flooding *out)
{
	int64_t from = v->serial > RECENT ? v->serial - RECENT : 0;
	for (int64_t i = from; i < v->serial; i++) {
		struct recent *r = &v->r[i % RECENT];
		if (r->of.v == 0 || r->gathered || now - r->at > WINDOW || (peer != 0 ? r->peer != peer : !too_often(w, r->peer, now)))
			continue;
		if (first_of_peer(v, i))
			continue;
		r->gathered = true;
		also(out, v->quick, FLOOD_quick, r->of);
	}
}

static void quick_succession(struct flood_watch *w, const struct flood_report *report, int64_t now,
                             struct flooding *out)
{
	struct recents *v = recents_of(w, report->ward);
	struct peer *p = peer_slot(w, out->peer, true);
	if (v == NULL)
		return;
	if (p->count == 0 || now - p->began_at > WINDOW || now < p->began_at)
		*p = (struct peer){.tag = out->peer, .began_at = now};
	p->count++;
	struct recent *r = &v->r[v->serial % RECENT];
	int64_t oldest = v->serial >= FLOOD_WARD ? v->r[(v->serial - FLOOD_WARD) % RECENT].at : 0;
	bool flooded = oldest != 0 && now - oldest < WINDOW && now >= oldest, began = flooded && !v->flooded;
	*r = (struct recent){.peer = out->peer, .at = now, .gathered = out->flood.v != 0 || report->spared};
	out->serial = ++v->serial;
	v->flooded = flooded;
	if (!flooded)
		return;
	if (v->quick.v == 0 || now - v->quick_at > WINDOW)
		v->quick.v = idgen_next(w->ids);
	v->quick_at = now;
	if (began)
		gather_recent(w, v, 0, now, out);
	else if (p->count == FLOOD_PEER + 1)
		gather_recent(w, v, out->peer, now, out);
	if (p->count > FLOOD_PEER && !r->gathered) {
		out->flood = v->quick;
		out->why = FLOOD_quick;
		r->gathered = true;
	}
}

static void tell_waiting(struct flood_watch *w, struct ward_id ward, struct flooding *out)
{
	size_t left = 0;
	for (size_t i = 0; i < w->waiting_count; i++)
		if (w->waiting[i].ward.v == ward.v && out->also_count < FLOOD_ALSO)
			out->also[out->also_count++] = w->waiting[i].m;
		else
			w->waiting[left++] = w->waiting[i];
	w->waiting_count = left;
}

void flood_look(struct flood_watch *w, struct arena *a, const struct flood_report *r, int64_t now,
                struct flooding *out)
{
	out->flood = (struct flood_id){0};
	out->also_count = 0;
	pthread_mutex_lock(&w->lock);
	new_day(w, now);
	struct key key = w->key;
	pthread_mutex_unlock(&w->lock);
	prints_of(&key, a, r, out);
	struct hasher h;
	hasher_init(&h, &key, "flood address");
	hasher_i64(&h, r->ward.v);
	hasher_str(&h, hash_str(&r->peer));
	out->peer = tag_end(&h);
	pthread_mutex_lock(&w->lock);
	same_words(w, r->ward, now, out);
	quick_succession(w, r, now, out);
	tell_waiting(w, r->ward, out);
	pthread_mutex_unlock(&w->lock);
}

static void waits(struct flood_watch *w, struct ward_id ward, struct flood_id flood, enum flood_why why,
                  struct case_id c)
{
	if (w->waiting_count < WAITING) {
		w->waiting[w->waiting_count].ward = ward;
		w->waiting[w->waiting_count++].m = (struct flood_member){flood, why, c};
	}
}

void flood_took(struct flood_watch *w, struct ward_id ward, const struct flooding *said, struct case_id c)
{
	bool gathered = said->flood.v != 0;
	pthread_mutex_lock(&w->lock);
	for (size_t i = 0; i < said->tag_count && !gathered; i++) {
		struct print *p = print_slot(w, said->tags[i], false);
		if (p == NULL)
			continue;
		if (p->first.v == 0) {
			p->first = c;
		} else if (p->flood.v != 0) {
			waits(w, ward, p->flood, FLOOD_same, c);   /* its group was found while it was written */
			gathered = true;
		} else if (p->kept < FLOOD_SAME) {
			p->early[p->kept++] = c;
		}
	}
	struct recents *v = recents_of(w, ward);
	if (v != NULL && said->serial > 0 && said->serial <= v->serial && v->serial - said->serial < RECENT) {
		struct recent *r = &v->r[(said->serial - 1) % RECENT];
		r->of = c;
		r->gathered = r->gathered || gathered;
		if (!r->gathered && v->flooded && too_often(w, r->peer, r->at) && !first_of_peer(v, said->serial - 1)) {
			waits(w, ward, v->quick, FLOOD_quick, c);
			r->gathered = true;
		}
	}
	pthread_mutex_unlock(&w->lock);
}
