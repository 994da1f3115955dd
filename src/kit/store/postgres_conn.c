/* One connection to PostgreSQL: how it is made, sent to and waited for, and what its failures mean.
 * It is in libpq's pipeline mode: what is queued (BEGIN, SAVEPOINT …) travels with the next
 * statement, in one round trip. */
#include "kit/store/postgres_impl.h"

#include <endian.h>
#include <errno.h>
#include <poll.h>
#include <string.h>

#define OID_BOOL 16
#define OID_BYTEA 17
#define OID_NAME 19
#define OID_INT8 20
#define OID_INT2 21
#define OID_INT4 23
#define OID_TEXT 25
#define OID_VARCHAR 1043
#define OID_NUMERIC 1700

/* Classes of SQLSTATE, longest first. */
static enum rc map_state(const char *state)
{
	static const struct { const char *state; enum rc rc; } map[] = {
		{"23505", RC_EXISTS}, {"23", RC_INVALID}, {"22021", RC_INVALID}, {"22P05", RC_INVALID},
		{"53100", RC_FULL}, {"53200", RC_NOMEM}, {"53300", RC_IO}, {"54", RC_TOO_BIG},
		{"57014", RC_TIMEOUT}, {"57", RC_IO}, {"58", RC_IO}, {"08", RC_IO}, {"XX001", RC_CORRUPT},
		{"XX002", RC_CORRUPT}, {"25006", RC_IO},
	};
	for (size_t i = 0; i < sizeof map / sizeof *map; i++)
		if (strncmp(state, map[i].state, strlen(map[i].state)) == 0)
			return map[i].rc;
	return RC_DB;
}

/* libpq ends its sentences with a line's end. */
static struct str sentence(const char *z) { return str_trim(str_of(z != NULL && *z != '\0' ? z : "no answer")); }

enum rc pq_rc(struct pq_conn *c, const PGresult *r, struct fault *f, const char *doing)
{
	const char *state = r != NULL ? PQresultErrorField(r, PG_DIAG_SQLSTATE) : NULL;
	if (c->lost || PQstatus(c->pg) == CONNECTION_BAD || state == NULL) {
		c->lost = true;
		struct str why = sentence(r != NULL ? PQresultErrorMessage(r) : PQerrorMessage(c->pg));
		return fault_set(f, RC_IO, "the connection to the database failed (%.*s): %s", PSTR(why), doing);
	}
	enum rc rc = map_state(state);
	c->again |= strcmp(state, "40001") == 0 || strcmp(state, "40P01") == 0 || strcmp(state, "55P03") == 0;
	/* It stops, starts, has no place left, or may only be read: another connection may fare better. */
	c->lost |= strncmp(state, "57P", 3) == 0 || strcmp(state, "25006") == 0;
	const char *text = PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);
	return fault_set(f, rc, "%s (PostgreSQL %s): %s", text != NULL ? text : "an error", state, doing);
}

static enum rc give_up(struct pq_conn *c, struct fault *f, const char *why)
{
	c->lost = true;
	return fault_set(f, RC_IO, "the database %s", why);
}

/* Sends what waits and reads until a result is whole, or the limit is over. */
static enum rc await(struct pq_conn *c, int64_t until, struct fault *f)
{
	for (;;) {
		int unsent = PQflush(c->pg);
		if (unsent < 0)
			return pq_rc(c, NULL, f, "sending");
		if (unsent == 0 && !PQisBusy(c->pg))
			return RC_OK;
		int64_t left = until == INT64_MAX ? -1 : until - clock_ticks();
		if (until != INT64_MAX && left <= 0)
			return give_up(c, f, "does not answer");
		struct pollfd p = {.fd = PQsocket(c->pg), .events = unsent > 0 ? POLLIN | POLLOUT : POLLIN};
		int n = poll(&p, 1, left < 0 ? -1 : (int)(left / 1000) + 1);
		if (n < 0 && errno != EINTR)
			return give_up(c, f, "cannot be waited for");
		if (n > 0 && PQconsumeInput(c->pg) == 0)
			return pq_rc(c, NULL, f, "receiving");
	}
}

static bool failed(const PGresult *r)
{
	ExecStatusType s = PQresultStatus(r);
	return s == PGRES_FATAL_ERROR || s == PGRES_NONFATAL_ERROR || s == PGRES_BAD_RESPONSE ||
	       s == PGRES_PIPELINE_ABORTED;
}

/* The failure of what was sent and not waited for. A refusal may be what its function reckons with: the
 * function is run again and waits for each answer. */
static enum rc late(struct pq_conn *c, enum rc rc, struct fault *f)
{
	if (rc < 0)
		return rc;
	c->guard_wanted = true;
	return fault_set(f, RC_DB, "a row was refused; the function is run again");
}

/* Reads the results of what is unread, of n calls and of the synchronisation after them. The first
 * failure is told; what follows it was not run. */
static enum rc collect(struct pq_conn *c, int n, PGresult **last, struct fault *f, const char *doing)
{
	enum rc rc = RC_OK;
	int unread = (int)c->unread_n;
	n += unread;
	c->unread_n = c->unread_bytes = 0;
	/* Of all together: the server says nothing before it has done them all. */
	int64_t until = c->limit_us > 0 ? clock_ticks() + c->limit_us + PQ_GRACE_US : INT64_MAX;
	for (int i = 0; i <= n;) {
		enum rc waited = await(c, until, f);
		if (waited != RC_OK)
			return waited;
		PGresult *r = PQgetResult(c->pg);
		if (r == NULL) {        /* the end of one call's results */
			if (PQstatus(c->pg) == CONNECTION_BAD)
				return pq_rc(c, NULL, f, doing);
			i++;
			continue;
		}
		if (PQresultStatus(r) == PGRES_PIPELINE_SYNC) {
			PQclear(r);
			return rc;
		}
		if (failed(r)) {
			if (rc == RC_OK && PQresultStatus(r) != PGRES_PIPELINE_ABORTED)
				rc = i < unread ? late(c, pq_rc(c, r, f, c->unread[i].doing), f) : pq_rc(c, r, f, doing);
			PQclear(r);
			if (PQstatus(c->pg) == CONNECTION_BAD)
				return rc;
		} else if (i < unread) {
			if (rc == RC_OK && c->unread[i].exists && strcmp(PQcmdTuples(r), "0") == 0)
				rc = late(c, RC_EXISTS, f);
			PQclear(r);
		} else if (i == n - 1 && last != NULL && *last == NULL) {
			*last = r;
		} else {
			PQclear(r);
		}
	}
	return rc;
}

void pq_queue(struct pq_conn *c, const char *control)
{
	/* Many functions that ask nothing: what waits is sent alone. What follows a failed one fails, too. */
	if (c->queued_n == PQ_QUEUED)
		(void)pq_exec(c, NULL, NULL, NULL);
	c->queued[c->queued_n++] = control;
}

static bool send_text(struct pq_conn *c, const char *text)
{
	return PQsendQueryParams(c->pg, text, 0, NULL, NULL, NULL, NULL, 1) == 1;
}

/* false: it could not be sent */
static bool send_queued(struct pq_conn *c)
{
	bool fine = true;
	for (size_t i = 0; i < c->queued_n && fine; i++) {
		fine = send_text(c, c->queued[i]);
		c->unread[c->unread_n++] = (struct pq_unread){.doing = c->queued[i]};
	}
	c->queued_n = 0;
	return fine;
}

static const char *doing_of(const struct pq_call *call)
{
	if (call == NULL)
		return "a transaction";
	return call->doing != NULL ? call->doing : call->text != NULL ? call->text : call->name;
}

static bool send_call(struct pq_conn *c, const struct pq_call *call)
{
	return call->name != NULL
	       ? PQsendQueryPrepared(c->pg, call->name, call->n, call->values, call->lengths, call->formats,
	                             1) == 1
	       : PQsendQueryParams(c->pg, call->text, call->n, call->in, call->values, call->lengths,
	                           call->formats, 1) == 1;
}

/* About what a call takes in libpq's buffer, which begins to send at 8192. */
static size_t bytes_of(const struct pq_call *call)
{
	size_t n = 80;
	for (int i = 0; i < call->n; i++)
		n += 6 + (call->values[i] != NULL ? (size_t)call->lengths[i] : 0);
	return n;
}

bool pq_fits(const struct pq_conn *c, const struct pq_call *call)
{
	enum { BYTES_MOST = 7000 }; /* what is queued besides has some hundred */
	return c->unread_n + PQ_QUEUED < PQ_UNREAD && c->unread_bytes + bytes_of(call) <= BYTES_MOST;
}

enum rc pq_send(struct pq_conn *c, const struct pq_call *call, struct fault *f)
{
	if (c->lost || c->pg == NULL)
		return give_up(c, f, "is not connected");
	if (!send_queued(c) || !send_call(c, call))
		return pq_rc(c, NULL, f, doing_of(call));
	c->unread[c->unread_n++] = (struct pq_unread){doing_of(call), call->exists};
	c->unread_bytes += bytes_of(call);
	return RC_OK;
}

enum rc pq_exec(struct pq_conn *c, const struct pq_call *call, PGresult **out, struct fault *f)
{
	const char *doing = doing_of(call);
	if (out != NULL)
		*out = NULL;
	if (c->lost || c->pg == NULL)
		return give_up(c, f, "is not connected");
	if (call == NULL && c->queued_n == 0 && c->unread_n == 0)
		return RC_OK;
	if (!send_queued(c) || (call != NULL && !send_call(c, call)) || PQpipelineSync(c->pg) != 1)
		return pq_rc(c, NULL, f, doing);
	PGresult *result = NULL;
	enum rc rc = collect(c, call != NULL, &result, f, doing);
	if (rc == RC_OK && out != NULL)
		*out = result;
	else
		PQclear(result);
	return rc;
}

enum rc pq_prepare(struct pq_conn *c, const char *name, const char *text, int n, const Oid *in,
                   PGresult **out, struct fault *f)
{
	*out = NULL;
	if (c->lost || c->pg == NULL)
		return give_up(c, f, "is not connected");
	/* An older failure is none of this one's: the server may have prepared it all the same. */
	enum rc rc = c->unread_n > 0 ? pq_exec(c, NULL, NULL, f) : RC_OK;
	if (rc != RC_OK)
		return rc;
	bool fine = send_queued(c) && PQsendPrepare(c->pg, name, text, n, in) == 1 &&
	            PQsendDescribePrepared(c->pg, name) == 1 && PQpipelineSync(c->pg) == 1;
	if (!fine)
		return pq_rc(c, NULL, f, text);
	rc = collect(c, 2, out, f, text);
	if (rc != RC_OK) {
		PQclear(*out);
		*out = NULL;
	}
	return rc;
}

enum rc pq_script(struct pq_conn *c, const char *sql, struct fault *f)
{
	enum rc rc = pq_exec(c, NULL, NULL, f);
	if (rc != RC_OK)
		return rc;
	if (PQexitPipelineMode(c->pg) != 1)
		return pq_rc(c, NULL, f, "leaving the pipeline");
	(void)PQsetnonblocking(c->pg, 0);
	PGresult *r = PQexec(c->pg, sql);
	rc = r == NULL || failed(r) ? pq_rc(c, r, f, "a script") : RC_OK;
	PQclear(r);
	(void)PQsetnonblocking(c->pg, 1);
	if (PQenterPipelineMode(c->pg) != 1 && rc == RC_OK)
		rc = pq_rc(c, NULL, f, "entering the pipeline");
	return rc;
}

/* The server's chatter ("relation exists, skipping") is not looked at. A warning at a COMMIT is no
 * chatter: it stands on this server alone, and the one that may follow it does not have it. */
static void notice(void *ctx, const PGresult *r)
{
	struct pq_conn *c = ctx;
	const char *severity = PQresultErrorField(r, PG_DIAG_SEVERITY_NONLOCALIZED);
	c->warned |= severity != NULL && strcmp(severity, "WARNING") == 0;
}

/* What libpq says of a connection that was not made, and what helps. */
static const char *advice(struct str why)
{
	static const struct { const char *said, *doing; } known[] = {
		{"too many clients", "raise max_connections: each xom serve holds up to 20"},
		{"connection slots are reserved", "raise max_connections: each xom serve holds up to 20"},
		{"too many connections", "raise the limit of the user or the database: each xom serve holds up to 20"},
		{"pg_hba.conf", "let the user in from this machine in pg_hba.conf, and reload"},
		{"certificate", "look at the server's certificate: has it expired (openssl x509 -enddate), is it "
		                "of the authority in sslrootcert, and for this name? sslmode stays as it is"},
		{"password", "look at the file named by passfile: its line, and that it is 0600"},
		{"read-only", "a failover may be under way; if not, the primary refuses writes"},
		{"standby", "a failover may be under way; if not, no server of the address is a primary"},
		{"not primary", "a failover may be under way; if not, no server of the address is a primary"},
		{"starting up", "it comes by itself"},
		{"shutting down", "it comes back with the server"},
		{"does not exist", "make it: createuser, createdb (docs/operate.md)"},
		{"could not translate host name", "look at the name in the address"},
		{"refused", "is the server running, and the port right?"},
		{"timeout", "is the server running, and the way to it open?"},
		{"No such file", "is the server running, and the folder of its socket right?"},
	};
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (memmem(why.p, why.n, known[i].said, strlen(known[i].said)) != NULL)
			return known[i].doing;
	return "it is tried again by itself";
}

static enum rc set(struct pq_conn *c, struct fault *f)
{
	char sql[700];
	static const char *const names[] = {"", "xom reads", "xom writes", "xom starts", "xom moves"};
	/* A lane that stands still with its ward's lock loses it; a commit always waits for the disk. */
	(void)snprintf(sql, sizeof sql, "SET client_encoding = 'UTF8'; SET timezone = 'UTC'; SET jit = off; "
	               "SET standard_conforming_strings = on; SET bytea_output = 'hex'; "
	               "SET client_min_messages = warning; SET application_name = '%s'; "
	               "SET statement_timeout = %lld; SET idle_in_transaction_session_timeout = %lld; "
	               "SET default_transaction_isolation = 'read committed'; "
	               "SELECT set_config('synchronous_commit', 'on', false) "
	               "WHERE current_setting('synchronous_commit') IN ('off', 'local')", names[c->kind],
	               (long long)(c->limit_us / 1000), c->kind == PQ_WRITER ? 20000LL : 0LL);
	PGresult *r = PQexec(c->pg, sql);
	enum rc rc = r == NULL || failed(r) ? pq_rc(c, r, f, "the session's settings") : RC_OK;
	PQclear(r);
	return rc;
}

enum rc pq_connect(struct pq_conn *c, const char *url, enum pq_kind kind, int64_t limit_us,
                   struct fault *f)
{
	/* What the address says itself comes later, and counts. A standby is never read from: it may not
	 * have yet what its reader has just written. */
	static const char *const keys[] = {"connect_timeout", "tcp_user_timeout", "keepalives_idle",
		"keepalives_interval", "keepalives_count", "target_session_attrs", "dbname", NULL};
	const char *const values[] = {"3", "8000", "3", "2", "3", kind == PQ_READER ? "primary" : "read-write",
		url, NULL};
	enum { OLDEST = 150000 };
	*c = (struct pq_conn){.kind = kind, .limit_us = limit_us, .deadline = INT64_MAX};
	int64_t began = clock_ticks();
	c->pg = PQconnectdbParams(keys, values, 1);
	if (c->pg == NULL)
		return fault_set(f, RC_NOMEM, "no memory for a connection");
	if (PQstatus(c->pg) != CONNECTION_OK) {
		struct str why = sentence(PQerrorMessage(c->pg));
		c->lost = true;
		return fault_set(f, RC_IO, "the database cannot be reached: %.*s; %s", PSTR(why), advice(why));
	}
	c->opened = began;
	(void)PQsetNoticeReceiver(c->pg, notice, c);
	if (PQserverVersion(c->pg) < OLDEST)
		return fault_set(f, RC_IO, "PostgreSQL 15 or newer is needed, this is %d.%d",
		                 PQserverVersion(c->pg) / 10000, PQserverVersion(c->pg) % 10000);
	enum rc rc = set(c, f);
	if (rc == RC_OK && (PQsetnonblocking(c->pg, 1) != 0 || PQenterPipelineMode(c->pg) != 1))
		rc = pq_rc(c, NULL, f, "a pipeline");
	return rc;
}

void pq_disconnect(struct pq_conn *c)
{
	conn_release(&c->conn, &ENGINE_POSTGRES);
	PQfinish(c->pg);
	*c = (struct pq_conn){.kind = c->kind, .limit_us = c->limit_us, .deadline = INT64_MAX, .lost = true};
}

/* --- values --- */

static uint16_t two(const char *p)
{
	uint16_t x;
	memcpy(&x, p, sizeof x);
	return be16toh(x);
}

/* sum() of whole numbers is a numeric: digits of base 10,000, the first one's weight, no fraction. */
static bool numeric(const char *p, int n, int64_t *out)
{
	enum { HEAD = 8, NEGATIVE = 0x4000 };
	if (n < HEAD)
		return false;
	int digits = (int16_t)two(p), weight = (int16_t)two(p + 2), sign = two(p + 4);
	uint64_t x = 0;
	if (n < HEAD + 2 * digits || (sign != 0 && sign != NEGATIVE) || digits > weight + 1)
		return false;
	for (int i = 0; i <= weight; i++) {
		uint64_t digit = i < digits ? two(p + HEAD + 2 * i) : 0;
		if (__builtin_mul_overflow(x, UINT64_C(10000), &x) || __builtin_add_overflow(x, digit, &x))
			return false;
	}
	if (x > (uint64_t)INT64_MAX + (sign == NEGATIVE))
		return false;
	*out = sign == NEGATIVE ? (int64_t)(0 - x) : (int64_t)x;
	return true;
}

struct val pq_val(const PGresult *r, int row, int column, const char *doing)
{
	const char *p = PQgetvalue(r, row, column);
	int n = PQgetlength(r, row, column);
	uint32_t four;
	uint64_t eight;
	int64_t x = 0;
	if (PQgetisnull(r, row, column))
		return v_null();
	switch (PQftype(r, column)) {
	case OID_BOOL: return v_int(p[0] != 0);
	case OID_INT2: return v_int((int16_t)two(p));
	case OID_INT4: memcpy(&four, p, sizeof four); return v_int((int32_t)be32toh(four));
	case OID_INT8: memcpy(&eight, p, sizeof eight); return v_int((int64_t)be64toh(eight));
	case OID_NUMERIC:
		if (!numeric(p, n, &x))
			BUG("a fraction or too big a number in column %d: %s", column, doing);
		return v_int(x);
	case OID_NAME:
	case OID_VARCHAR:
	case OID_TEXT: return v_text(str_n(p, (size_t)n));
	case OID_BYTEA: return v_blob(str_n(p, (size_t)n));
	default: BUG("column %d has a type of its own (%u): %s", column, PQftype(r, column), doing);
	}
}

int64_t pq_int(const PGresult *r, int row, int column)
{
	return pq_val(r, row, column, "the engine's own").i;
}
