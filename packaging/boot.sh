#!/bin/sh
# Played by tools/fresh --boot as a service of a virtual machine that booted Debian with systemd: the units
# as the package brings them, with their hardening, on a kernel of Debian's.
#   boot.sh OLDER.deb NEWER.deb
set -eu
older=$1 newer=$2
host=xom.example.vn
say() { echo "  boot: $*"; }
fail() { echo "  boot: FAILED: $*"; journalctl -u xom.service -u xom.socket -n 40 --no-pager || true; exit 1; }
ask() { curl -sS -m 20 -H "Host: $host" -H 'X-Forwarded-Proto: https' "$@"; }
ready() {
	for i in $(seq 600); do ask -f -o /dev/null http://127.0.0.1:8080/readyz 2>/dev/null && return 0; sleep 0.1; done
	ask http://127.0.0.1:8080/readyz || true
	fail "it does not become ready"
}

say "$(uname -r), systemd $(systemctl --version | sed -n '1s/systemd \([0-9]*\).*/\1/p')"
dpkg -i "$older" >/root/install.log 2>&1 || { cat /root/install.log; fail "the package"; }
test "$(systemctl is-enabled xom.socket xom.service | sort -u)" = enabled || fail "the units are not enabled"
cat >/root/answers.yaml <<END
name: Phường Thử Nghiệm
prefix: TN
slug: thu-nghiem
code: "31135"
hotline: 0292 000 0101
address: $host
proxy: nginx
mail: "-"
admin: quan-tri
backup: /mnt/backup, /mnt/keys
END
install -d -m 700 -o xom -g xom /mnt/backup /mnt/keys
xom setup --lang en --answers /root/answers.yaml >/root/setup.log || { cat /root/setup.log; fail "xom setup"; }
systemctl start xom.socket xom.service || fail "the units don't start"
ready
say "set up and ready: photos are opened in a locked cell under the unit's own locks, too"
systemctl show xom.service -p User,NoNewPrivileges,ProtectSystem,MemoryDenyWriteExecute --value | paste -sd' '
say "systemd-analyze security: $(systemd-analyze security --no-pager xom.service | tail -1 | sed 's/[^a-zA-Z0-9.:]*//')"

# Asked without pause while it is restarted, killed and upgraded: the socket holds what comes.
asking() {
	n=0 failed=0
	while [ ! -e /root/enough ]; do
		n=$((n + 1))
		ask -f -o /dev/null http://127.0.0.1:8080/ || failed=$((failed + 1))
	done
	echo "$n $failed" >/root/asked
}
during() { # during NAME COMMAND…: how many of how many failed
	name=$1; shift
	rm -f /root/enough /root/asked
	asking & p=$!
	sleep 1
	"$@" >/root/during.log 2>&1 || { cat /root/during.log; fail "$name"; }
	sleep 2
	ready
	touch /root/enough
	wait $p
	read -r n failed </root/asked
	say "$name: $n asked, $failed failed"
	[ "$n" -ge 2 ] || fail "hardly asked"
}
during "restart" systemctl restart xom.service
[ "$failed" = 0 ] || fail "a restart lost requests"
during "upgrade" dpkg -i "$newer"
[ "$failed" = 0 ] || fail "an upgrade lost requests"
pid=$(systemctl show -p MainPID --value xom.service)
during "kill -9" kill -9 "$pid"
[ "$(systemctl show -p MainPID --value xom.service)" != "$pid" ] || fail "it was not started again"
[ "$failed" -le 1 ] || fail "more than the request that it held was lost"

pid=$(systemctl show -p MainPID --value xom.service)
kill -STOP "$pid"
for i in $(seq 120); do sleep 1; [ "$(systemctl show -p MainPID --value xom.service)" = "$pid" ] || break; done
[ "$i" -lt 120 ] || fail "a server that hangs is not started again"
ready
say "a server that hung was started again by the watchdog"

printf 'backup_key: "%s"\nbackup_keys_key: "%s"\n' "$(xom backup-key /root/data.key | grep -o 'xomkey1-[^ ]*')" "$(xom backup-key /root/keys.key | grep -o 'xomkey1-[^ ]*')" >>/etc/xom/settings.yaml
systemctl start xom-backup.service || { journalctl -u xom-backup -n 30 --no-pager; fail "the backup's unit"; }
ls /mnt/backup/*.data.box /mnt/keys/*.keys.box >/dev/null || fail "no backup was written"
systemctl enable --now xom-backup.timer >/dev/null 2>&1 || fail "the timer"
say "backed up by its unit; next: $(systemctl list-timers xom-backup.timer --no-pager --no-legend | cut -c1-27)"
xom doctor --lang en | head -60 || true
xom verify >/dev/null || fail "verify"
systemctl stop xom.service xom.socket || fail "it does not stop"
say "all fine"
