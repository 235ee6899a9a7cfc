"""Certificates for TLS on loopback: a CA, and what it or another one issues."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme
from attrs import frozen

HOSTS = ("127.0.0.1", "localhost")


@frozen
class Certificates:
    """PEM files below a folder. `ca` issued all of them but `foreign`."""

    folder: Path
    _ca: trustme.CA
    _foreign: trustme.CA

    @property
    def ca(self) -> Path:
        return self.folder / "ca.pem"

    @property
    def foreign_ca(self) -> Path:
        return self.folder / "foreign-ca.pem"

    def server(self) -> Path:
        """Valid for the loopback address; certificate and key in one file, like the others."""
        return self._issue("server", self._ca, *HOSTS)

    def other_host(self) -> Path:
        return self._issue("other-host", self._ca, "db.example.org")

    def expired(self) -> Path:
        return self._issue("expired", self._ca, *HOSTS, age_days=2)

    def foreign(self) -> Path:
        return self._issue("foreign", self._foreign, *HOSTS)

    def client(self) -> Path:
        return self._issue("client", self._ca, "hub.example.org")

    def _issue(self, name: str, ca: trustme.CA, *hosts: str, age_days: float = 0) -> Path:
        """Valid for a day, from `age_days` ago and a bit."""
        path = self.folder / f"{name}.pem"
        if not path.exists():
            begin = datetime.now(UTC) - timedelta(days=age_days, hours=1)
            issued = ca.issue_cert(*hosts, not_before=begin, not_after=begin + timedelta(days=1))
            issued.private_key_and_cert_chain_pem.write_to_path(path)
        return path


def make_certificates(folder: Path) -> Certificates:
    """A new CA and a foreign one."""
    certificates = Certificates(folder, trustme.CA(), trustme.CA())
    certificates._ca.cert_pem.write_to_path(certificates.ca)
    certificates._foreign.cert_pem.write_to_path(certificates.foreign_ca)
    return certificates
