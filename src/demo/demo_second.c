/* The demo's second organisation: a key made on the spot, and oversight granted by its signature as in any
 * ward. The key is thrown away with the demo's making: there, the operator may grant the role by command. */
#include "demo/demo_cases.h"
#include "ward/people/second.h"

#define NAME "Ủy ban Mặt trận Tổ quốc Việt Nam phường (mẫu)"

/* Over to the other machine and back, as a file would go. */
static enum rc signed_and_applied(struct tx *tx, struct second_statement *s, const struct sign_key *k, struct fault *f)
{
	struct arena *a = tx_arena(tx);
	struct second_signed there, back;
	s->asked = day_of(tx_now(tx));
	random_bytes(s->nonce, sizeof s->nonce);
	enum rc rc = second_read(a, second_write(a, s), &there, f);
	if (rc == RC_OK)
		rc = second_read(a, second_sign(a, &there, k), &back, f);
	return rc == RC_OK ? second_apply(tx, &back, f) : rc;
}

enum rc demo_oversight(struct tx *tx, const struct ward *w, const struct account *who, int32_t from, struct fault *f)
{
	struct key seed;
	struct sign_key k;
	random_bytes(&seed, sizeof seed);
	sign_key_from_seed(&k, &seed);
	struct second_statement signer = {.what = SECOND_signer, .ward = w->slug, .ward_id = w->id.v,
	                                  .organisation = STR(NAME)};
	struct second_statement grant = {.what = SECOND_grant, .ward = w->slug, .ward_id = w->id.v, .login = who->login,
	                                 .name = who->name, .account = who->id, .from = from};
	for (size_t i = 0; i < sizeof signer.key; i++)
		signer.key[i] = k.public[i];
	enum rc rc = signed_and_applied(tx, &signer, &k, f);
	return rc == RC_OK ? signed_and_applied(tx, &grant, &k, f) : rc;
}
