/* What the server says of itself, for doctor. */
#include "kit/store/postgres_impl.h"

/* Columns that this user may not see are NULL. */
#define ASK \
	"SELECT current_setting('server_version_num')::bigint, current_setting('fsync') = 'on', " \
	"current_setting('full_page_writes') = 'on', current_setting('data_checksums') = 'on', " \
	"coalesce((SELECT reset_val FROM pg_settings WHERE name = 'synchronous_commit'), '')::text, " \
	"current_setting('max_connections')::bigint - current_setting('superuser_reserved_connections')::bigint, " \
	"(SELECT count(*) FROM pg_stat_activity WHERE datname IS NOT NULL), " \
	"(SELECT count(*) FROM pg_stat_activity WHERE datname IS NOT NULL " \
	"AND (datname <> current_database() OR usename IS DISTINCT FROM current_user)), " \
	"(SELECT count(*) FROM pg_stat_replication), current_setting('synchronous_standby_names') <> '', " \
	"(SELECT count(*) FROM pg_stat_replication WHERE replay_lsn IS NOT NULL), " \
	"coalesce((SELECT max(pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn))::bigint " \
	"FROM pg_stat_replication), 0), " \
	"coalesce((SELECT application_name FROM pg_stat_replication ORDER BY replay_lsn NULLS FIRST, pid " \
	"LIMIT 1), '')::text, current_user::text, " \
	/* A refused row's values stand in the detail of its error, a statement's beside it in the log of slow ones. */ \
	"current_setting('log_error_verbosity') <> 'terse' OR current_setting('log_parameter_max_length') <> '0' " \
	"OR current_setting('log_parameter_max_length_on_error') <> '0', " \
	"current_setting('wal_recycle') = 'on', " PQ_MAY_CLEAN

enum rc pq_server(struct store *s, struct arena *a, struct store_server *out, struct fault *f)
{
	struct pq_conn *c;
	PGresult *r = NULL;
	enum rc rc = pq_reader_take(s, &c, f);
	if (rc != RC_OK)
		return rc;
	if (!pq_usable(s, c)) {
		pq_disconnect(c);
		rc = pq_connect(c, s->config.path, PQ_READER, s->config.read_limit_us, f);
	}
	if (rc == RC_OK)
		rc = pq_exec(c, &(struct pq_call){.text = ASK}, &r, f);
	if (rc == RC_OK && PQntuples(r) == 1) {
		int64_t seen = pq_int(r, 0, 10);
		*out = (struct store_server){
			.version = (int)pq_int(r, 0, 0),
			.fsync = pq_int(r, 0, 1) != 0,
			.full_page_writes = pq_int(r, 0, 2) != 0,
			.checksums = pq_int(r, 0, 3) != 0,
			.commit = arena_copy(a, pq_val(r, 0, 4, ASK).s),
			.most = pq_int(r, 0, 5),
			.used = pq_int(r, 0, 6),
			.others = pq_int(r, 0, 7),
			.own = PQ_LANES + (int64_t)s->config.readers,
			.standbys = pq_int(r, 0, 8),
			.synchronous = pq_int(r, 0, 9) != 0,
			.lag_known = seen == pq_int(r, 0, 8),
			.lag_bytes = pq_int(r, 0, 11),
			.last = arena_copy(a, pq_val(r, 0, 12, ASK).s),
			.user = arena_copy(a, pq_val(r, 0, 13, ASK).s),
			.values_logged = pq_int(r, 0, 14) != 0,
			.journal_kept = pq_int(r, 0, 15) != 0,
			.may_clean = pq_int(r, 0, 16) != 0,
		};
	}
	PQclear(r);
	pool_give(&s->readers, c);
	return rc;
}
