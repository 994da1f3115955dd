#!/usr/bin/env python3
"""Holds a listening socket over restarts of a program, as systemd does (LISTEN_FDS, Type=notify).

  holder.py PORT PROGRAM ARG…    PORT 0: any free one

Lines on standard input: "restart" ends the program with SIGTERM, waits, starts it again and waits for
READY=1; "kill" does the same with SIGKILL; end of input ends it. On standard output: "port N", then
"ready SECONDS" after each start (from exec to READY=1), "ended STATUS" after each end, and each other
state that the program told ("state STOPPING=1").
"""
import os
import signal
import socket
import sys
import tempfile
import time


def say(*words):
    print(*words, flush=True)


class Holder:
    def __init__(self, port, argv):
        self.argv, self.pid, self.ready = argv, 0, False
        self.folder = tempfile.mkdtemp(prefix='xom-holder.')
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notify.bind(os.path.join(self.folder, 'notify'))
        self.listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind(('127.0.0.1', port))
        self.listener.listen(4096)
        say('port', self.listener.getsockname()[1])

    def states(self, wait):
        self.notify.settimeout(wait)
        try:
            for line in self.notify.recv(4096).decode().split('\n'):
                if line == 'READY=1':
                    self.ready = True
                elif line != 'WATCHDOG=1':
                    say('state', line)
                else:
                    self.alive = getattr(self, 'alive', 0) + 1
        except (TimeoutError, socket.timeout):
            pass

    def start(self):
        began, self.ready = time.monotonic(), False
        self.pid = os.fork()
        if self.pid == 0:
            os.dup2(self.listener.fileno(), 3)
            os.set_inheritable(3, True)
            env = dict(os.environ, LISTEN_FDS='1', LISTEN_PID=str(os.getpid()),
                       NOTIFY_SOCKET=os.path.join(self.folder, 'notify'), WATCHDOG_USEC='3000000')
            os.execve(self.argv[0], self.argv, env)
        while not self.ready:
            self.states(0.05)
            if os.waitpid(self.pid, os.WNOHANG)[0]:
                say('ended early')
                sys.exit(1)
        say('ready', '%.3f' % (time.monotonic() - began))

    def end(self, sig):
        os.kill(self.pid, sig)
        pid, status = 0, 0
        while pid == 0:
            self.states(0.01)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
        self.states(0.01)
        say('ended', os.waitstatus_to_exitcode(status), 'alive', getattr(self, 'alive', 0))


def main(port, argv):
    h = Holder(int(port), argv)
    h.start()
    for line in sys.stdin:
        if line.strip() in ('restart', 'kill'):
            h.end(signal.SIGTERM if line.strip() == 'restart' else signal.SIGKILL)
            h.start()
    h.end(signal.SIGTERM)
    os.unlink(os.path.join(h.folder, 'notify'))
    os.rmdir(h.folder)


main(sys.argv[1], sys.argv[2:])
