"""How a server at the back is verified over TLS, and how we identify ourselves to it."""

import re
import ssl
from typing import Any

from attrs import frozen


@frozen(kw_only=True)
class TlsOptions:
    """PEM files. The server's certificate must come from one of the CAs in `ca_file` (None: those
    of the system), be valid today, and name the host that we connect to. `cert_file` and `key_file`
    are our own certificate, for servers that require one."""

    ca_file: str | None = None
    cert_file: str | None = None
    key_file: str | None = None

    def context(self) -> ssl.SSLContext:
        """Read the files, for one connection: files that were replaced take effect with the next
        one. OSError names a file that cannot be used."""
        try:
            context = ssl.create_default_context(cafile=self.ca_file)
        except OSError as error:
            raise _unusable(f"CA certificates {self.ca_file}", error) from error
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if self.cert_file:
            try:
                context.load_cert_chain(self.cert_file, self.key_file)
            except OSError as error:
                files = f"client certificate {self.cert_file}, key {self.key_file}"
                raise _unusable(files, error) from error
        return context

    def for_redis(self) -> dict[str, Any]:
        """The same as keyword arguments of redis-py, for a URL that begins with rediss://. It
        verifies certificate and name unless it is told otherwise."""
        files = {
            "ssl_ca_certs": self.ca_file,
            "ssl_certfile": self.cert_file,
            "ssl_keyfile": self.key_file,
        }
        set_files = {name: file for name, file in files.items() if file}
        return {"ssl_min_version": ssl.TLSVersion.TLSv1_2, **set_files}


def connect_failure(error: Exception, *, tls: bool) -> Exception:
    """The error of opening a connection, with a hint if one end seems to speak TLS and the other
    one does not: the drivers report that as a lost connection or a malformed record."""
    if isinstance(error, ssl.SSLCertVerificationError) or "CERTIFICATE_VERIFY" in str(error):
        return error
    why = str(error) or type(error).__name__
    if tls and (isinstance(error, ssl.SSLError | TimeoutError) or _cut_off(error)):
        return ConnectionError(f"{why} (TLS is on: does the server speak it here?)")
    if not tls and _cut_off(error):
        return ConnectionError(f"{why} (TLS is off: does the server require it?)")
    return error


_CUT_OFF = re.compile("SSL|timeout|closed|reset|connection lost", re.IGNORECASE)


def _cut_off(error: Exception) -> bool:
    return isinstance(error, ConnectionResetError | EOFError) or bool(_CUT_OFF.search(str(error)))


def _unusable(what: str, error: OSError) -> OSError:
    return OSError(f"cannot use {what}: {error.strerror or error}")
