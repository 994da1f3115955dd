/* Procedure files on disk, for the check and for publishing. */
#ifndef XOM_FLOW_PROCEDURE_FILE_H
#define XOM_FLOW_PROCEDURE_FILE_H

#include "ward/flow/procedure.h"

/* Every *.yaml of the folder but router.yaml, which holds questions (ward/router), in the order of the names' bytes. */
enum rc procedure_files(struct arena *a, const char *dir, const char ***out, size_t *count,
                        struct fault *f);
/* Reads and checks one; a file that cannot be read is a fault in the reader too. */
enum rc procedure_file(struct arena *a, struct yaml_reader *y, const char *file,
                       const struct rules *rules, const struct refused *refused,
                       struct procedure *out);

#endif
