/* Where a unit test's database lies: in the file that it names, or, with XOM_PG_URL set (the address of
 * a server without a database's name), in a database of its own there. */
#ifndef XOM_TEST_DATABASE_H
#define XOM_TEST_DATABASE_H

#include <stdbool.h>
#include <stddef.h>

bool on_server(void);
/* The file's path, or the address of a database that is made for it at the first call. */
const char *test_database(const char *file);
void test_database_drop(const char *file);   /* nothing to do for a file */
/* Runs a statement on the server's database; rows as "a|b\n". False: it failed, and out says why. */
bool test_database_sql(const char *file, const char *sql, char *out, size_t size, long *changed);

#endif
