"""Mail relays: Postfix and OpenSMTPD from Debian as processes of their own, and one that follows a script."""
import contextlib
import email
import email.policy
import fcntl
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading

from harness import BUILD, free_port, wait_for

MAIL_USER, MAIL_GROUP = "opensmtpq", "opensmtpd"  # the package of OpenSMTPD makes them; Postfix runs under them, too


def parsed(raw):
    return email.message_from_bytes(raw, policy=email.policy.default)


def folder_for(test, name):
    folder = pathlib.Path(tempfile.mkdtemp(prefix=f"noroshi-{name}-"))
    test.addCleanup(shutil.rmtree, folder, True)
    folder.chmod(0o755)
    return folder


def certificate(folder, names):
    """A self-signed certificate for these names, and its key."""
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-days", "2", "-subj", "/CN=localhost", "-addext", f"subjectAltName={names}",
                    "-keyout", folder / "key.pem", "-out", folder / "cert.pem"], check=True, capture_output=True)
    (folder / "key.pem").chmod(0o600)
    return folder / "cert.pem", folder / "key.pem"


def answers(port):
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 2) as probe:
        return probe.recv(3) == b"220"
    return False


class Process:
    """A relay that delivers into a Maildir."""

    def mails(self):
        files = [p for p in self.maildir.rglob("*") if p.is_file() and "/new/" in str(p)]
        return [parsed(p.read_bytes()) for p in files]

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()


@contextlib.contextmanager
def only_one(name):
    """OpenSMTPD has one control socket on a machine: its tests take turns."""
    with open(pathlib.Path(tempfile.gettempdir()) / f"noroshi-{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


class OpenSMTPD(Process):
    """Without TLS: Debian 12's cannot sign a handshake with OpenSSL 3."""

    def __init__(self, test):
        test.enterContext(only_one("smtpd"))
        self.folder = folder_for(test, "smtpd")
        self.port = free_port()
        self.maildir = self.folder / "maildir"
        (self.folder / "virtual").write_text("@test.invalid nobody\n")
        (self.folder / "smtpd.conf").write_text(
            f"table virtuals file:{self.folder}/virtual\nlisten on 127.0.0.1 port {self.port}\n"
            f"action \"keep\" maildir \"{self.maildir}\" virtual <virtuals>\n"
            f"match from any for domain \"test.invalid\" action \"keep\"\n")
        self.maildir.mkdir()
        shutil.chown(self.maildir, "nobody")
        with open(self.folder / "log", "w") as log:
            self.process = subprocess.Popen(["smtpd", "-d", "-f", self.folder / "smtpd.conf"],
                                            stdout=subprocess.DEVNULL, stderr=log)
        test.addCleanup(self.stop)
        wait_for(lambda: answers(self.port), 20, "OpenSMTPD; " + (self.folder / "log").read_text())


def unpacked(package, file):
    """The folder below which a Debian package's file is: installed, or unpacked beside the build (Postfix cannot be
    installed beside OpenSMTPD); None when the package cannot be fetched."""
    if (pathlib.Path("/") / file).exists():
        return pathlib.Path("/")
    root = BUILD / "unpacked"
    if not (root / file).exists():
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(["apt-get", "download", "-qq", package], cwd=folder, capture_output=True, timeout=120)
            found = list(pathlib.Path(folder).glob(f"{package}_*.deb"))
            if not found:
                return None
            subprocess.run(["dpkg-deb", "-x", found[0], root], check=True)
    return root


class Postfix(Process):
    """With STARTTLS required; with a log-in, too, when a user is given."""

    SERVICES = """127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""

    def __init__(self, test, user=None, password=None, names="DNS:localhost,IP:127.0.0.1"):
        root = unpacked("postfix", "usr/lib/postfix/sbin/master")
        if root is None:
            test.skipTest("Debian's postfix package cannot be fetched")
        self.folder = folder_for(test, "postfix")
        self.port = free_port()
        self.maildir = self.folder / "mails"
        self.certificate, key = certificate(self.folder, names)
        spool = self.folder / "spool"
        for name in ("active bounce corrupt defer deferred flush hold incoming private public maildrop saved trace "
                     "pid").split():
            (spool / name).mkdir(parents=True)
            if name != "pid":
                shutil.chown(spool / name, MAIL_USER, MAIL_GROUP)
        for path, owner in ((self.folder / "data", MAIL_USER), (self.maildir, "nobody")):
            path.mkdir()
            shutil.chown(path, owner)
        settings = self.folder / "conf"
        settings.mkdir()
        (settings / "master.cf").write_text(self.SERVICES.format(port=self.port))
        (settings / "main.cf").write_text(f"""compatibility_level = 3.6
queue_directory = {spool}
data_directory = {self.folder}/data
daemon_directory = {root}/usr/lib/postfix/sbin
command_directory = {root}/usr/sbin
shlib_directory = {root}/usr/lib/postfix
mail_owner = {MAIL_USER}
setgid_group = {MAIL_GROUP}
import_environment = MAIL_CONFIG LD_LIBRARY_PATH
maillog_file = {self.folder}/log
maillog_file_prefixes = {self.folder}
myhostname = relay.test.invalid
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
alias_maps =
local_recipient_maps =
virtual_mailbox_domains = test.invalid
virtual_mailbox_base = {self.maildir}
virtual_mailbox_maps = static:box/
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534
smtpd_relay_restrictions = permit_auth_destination, reject
smtpd_tls_cert_file = {self.certificate}
smtpd_tls_key_file = {key}
smtpd_tls_security_level = encrypt
{self.log_in(test, user, password) if user else ""}""")
        self.process = subprocess.Popen([root / "usr/lib/postfix/sbin/master", "-c", settings, "-d"],
                                        env=dict(os.environ, LD_LIBRARY_PATH=f"{root}/usr/lib/postfix"),
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        test.addCleanup(self.stop)
        wait_for(lambda: answers(self.port), 20, "Postfix answers")

    def log_in(self, test, user, password):
        root = unpacked("sasl2-bin", "usr/sbin/saslpasswd2")
        if root is None:
            test.skipTest("Debian's sasl2-bin package cannot be fetched")
        users = self.folder / "users"
        subprocess.run([root / "usr/sbin/saslpasswd2", "-c", "-p", "-f", users, "-u", "relay.test.invalid", user],
                       input=password + "\n", text=True, check=True, capture_output=True)
        users.chmod(0o644)
        (self.folder / "conf/sasl").mkdir()
        (self.folder / "conf/sasl/smtpd.conf").write_text(f"pwcheck_method: auxprop\nauxprop_plugin: sasldb\n"
                                                     f"sasldb_path: {users}\nmech_list: PLAIN LOGIN\n")
        return (f"smtpd_sasl_auth_enable = yes\ncyrus_sasl_config_path = {self.folder}/conf/sasl\n"
                "smtpd_sasl_local_domain = $myhostname\n"
                "smtpd_client_restrictions = permit_sasl_authenticated, reject\n")


class Dovecot(Process):
    """Debian's LMTP server: one mail store for all readers."""

    def __init__(self, test):
        self.folder = folder_for(test, "lmtp")
        self.port = free_port()
        self.maildir = self.folder / "maildir"
        self.maildir.mkdir()
        shutil.chown(self.maildir, "nobody")
        (self.folder / "dovecot.conf").write_text(f"""protocols = lmtp
base_dir = {self.folder}/run
state_dir = {self.folder}/state
log_path = {self.folder}/log
ssl = no
first_valid_uid = 1
mail_location = maildir:{self.maildir}
passdb {{
  driver = static
  args = nopassword=y
}}
userdb {{
  driver = static
  args = uid=65534 gid=65534 home={self.maildir} allow_all_users=yes
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {self.port}
  }}
}}
""")
        self.process = subprocess.Popen(["dovecot", "-F", "-c", self.folder / "dovecot.conf"],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        test.addCleanup(self.stop)
        wait_for(lambda: answers(self.port), 20, "Dovecot; " +
                 ((self.folder / "log").read_text() if (self.folder / "log").exists() else "no log"))


class Relay:
    """Speaks SMTP with PIPELINING as a script says. behave(step, reader, count) gives a reply, "cut", or None for the
    usual reply; step: "mail", "rcpt" or "text", count: how often this reader was at this step before."""

    def __init__(self, port=None, mails_per_session=None):
        self.mails = []  # (envelope sender, reader, bytes), accepted or not
        self.accepted = []
        self.counts = {}
        self.sessions = self.most = self.open = 0
        self.behave = lambda step, reader, count: None
        self.mails_per_session = mails_per_session
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", port or 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def close(self):
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def serve(self):
        with contextlib.suppress(OSError):
            while True:
                guest, _ = self.listener.accept()
                threading.Thread(target=self.talk, args=(guest,), daemon=True).start()

    def asked(self, step, reader):
        with self.lock:
            count = self.counts[step, reader] = self.counts.get((step, reader), -1) + 1
        return self.behave(step, reader, count)

    def talk(self, guest):
        with self.lock:
            self.sessions += 1
            self.open += 1
            self.most = max(self.most, self.open)
        with contextlib.suppress(OSError, EOFError), guest, guest.makefile("rwb") as stream:
            self.session(stream)
        with self.lock:
            self.open -= 1

    def session(self, stream):
        taken, sender, reader = 0, None, None

        def say(text):
            stream.write(text.encode() + b"\r\n")
            stream.flush()

        say("220 relay ESMTP")
        while line := stream.readline().decode():
            verb = line[:4].upper()
            if verb == "EHLO":
                say("250-relay\r\n250-PIPELINING\r\n250-ENHANCEDSTATUSCODES\r\n250 SIZE 1000000")
            elif verb == "MAIL":
                if self.mails_per_session is not None and taken >= self.mails_per_session:
                    return say("421 4.7.0 too many mails in one session")
                sender, reader = re.match(r"MAIL FROM:<(.*?)>", line)[1], None
                say("250 2.1.0 ok")
            elif verb == "RCPT":
                wanted = re.match(r"RCPT TO:<(.*?)>", line)[1]
                reply = self.asked("rcpt", wanted) or "250 2.1.5 ok"
                if reply == "cut":
                    return
                reader = wanted if reply.startswith("2") else None
                say(reply)
            elif verb == "DATA" and reader is None:
                say("554 5.5.1 no valid recipients")
            elif verb == "DATA":
                say("354 go on")
                raw = self.text(stream)
                reply = self.asked("text", reader) or "250 2.0.0 taken"
                with self.lock:
                    self.mails.append((sender, reader, raw))
                    if reply.startswith("2"):
                        self.accepted.append((sender, reader, raw))
                if reply == "cut":
                    return
                taken += 1
                say(reply)
            elif verb == "QUIT":
                return say("221 2.0.0 bye")
            else:
                say("250 2.0.0 ok")

    @staticmethod
    def text(stream):
        lines = []
        while (line := stream.readline()) != b".\r\n":
            if not line.endswith(b"\r\n") or b"\r" in line[:-2] or len(line) > 1000:
                raise EOFError("not a line of mail")
            lines.append(line[1:] if line.startswith(b"..") else line)
        return b"".join(lines)
