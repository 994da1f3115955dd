"""A real mail server (Debian's aiosmtpd) that takes nothing from who has not signed in over STARTTLS.
auth-smtpd.py PORT CERT KEY USER PASSWORD: one line of JSON for each letter that it took, each refusal too."""
import asyncio, json, ssl, sys
from aiosmtpd.smtp import SMTP, AuthResult

port, cert, key, user, password = sys.argv[1:]
tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
tls.load_cert_chain(cert, key)


def say(**what):
    print(json.dumps(what), flush=True)


def sign_in(server, session, envelope, mechanism, data):
    good = (data.login, data.password) == (user.encode(), password.encode())
    say(auth=good, mechanism=mechanism, tls=session.ssl is not None)
    return AuthResult(success=good, handled=good)


class Box:
    async def handle_DATA(self, server, session, envelope):
        say(to=envelope.rcpt_tos, bytes=len(envelope.content), signed_in=session.authenticated)
        return "250 taken"


async def main():
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(Box(), hostname="localhost", tls_context=tls, require_starttls=True,
                     auth_required=True, auth_require_tls=True, authenticator=sign_in),
        "127.0.0.1", int(port))
    say(ready=True)
    await server.serve_forever()

asyncio.run(main())
