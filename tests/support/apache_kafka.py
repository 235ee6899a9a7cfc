"""Apache Kafka itself, with TLS and SASL, for `make test-links`: needs Java and Maven."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from attrs import define, field
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from tests.support.certificates import Certificates
from tests.support.node import free_port

START_S = 60.0
CLUSTER_ID = "MkU3OEVBNTcwNTJENDM2Qk"

POM = """<project><modelVersion>4.0.0</modelVersion>
<groupId>synchub</groupId><artifactId>kafka-for-tests</artifactId><version>1</version>
<dependencies><dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId>
<version>3.9.1</version></dependency></dependencies></project>"""

PROPERTIES = """
node.id=1
process.roles=broker,controller
controller.quorum.voters=1@127.0.0.1:{controller}
controller.listener.names=CONTROLLER
listeners=SECURE://127.0.0.1:{port},PLAIN://127.0.0.1:{plain},CONTROLLER://127.0.0.1:{controller}
listener.security.protocol.map=SECURE:SASL_SSL,PLAIN:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=PLAIN
log.dirs={folder}/log
offsets.topic.replication.factor=1
auto.create.topics.enable=false
sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512
listener.name.secure.plain.sasl.jaas.config=\
org.apache.kafka.common.security.plain.PlainLoginModule required user_{user}="{password}";
listener.name.secure.scram-sha-256.sasl.jaas.config=\
org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.secure.scram-sha-512.sasl.jaas.config=\
org.apache.kafka.common.security.scram.ScramLoginModule required;
ssl.keystore.type=PEM
ssl.keystore.location={folder}/server.pem
ssl.truststore.type=PEM
ssl.truststore.location={ca}
ssl.client.auth={client_auth}
"""


@define(eq=False)
class ApacheKafka:
    """One broker. `restart` also empties it."""

    certificates: Certificates
    user: str
    password: str
    certificate: Path
    client_auth: str
    classpath: str
    folder: Path
    port: int = field(factory=free_port)
    plain: int = field(factory=free_port)
    _process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        shutil.rmtree(self.folder / "log", ignore_errors=True)
        (self.folder / "server.pem").write_bytes(_as_kafka_reads_it(self.certificate))
        properties = self.folder / "server.properties"
        properties.write_text(
            PROPERTIES.format(
                controller=free_port(),
                port=self.port,
                plain=self.plain,
                folder=self.folder,
                user=self.user,
                password=self.password,
                ca=self.certificates.ca,
                client_auth=self.client_auth,
            )
        )
        users = [
            f"--add-scram=SCRAM-SHA-{bits}=[name={self.user},password={self.password}]"
            for bits in (256, 512)
        ]
        format_log = ("kafka.tools.StorageTool", "format", "-t", CLUSTER_ID, "-c", properties)
        with (self.folder / "kafka.log").open("ab") as log:
            subprocess.run(self._java(*format_log, *users), check=True, stdout=log, stderr=log)
            self._process = subprocess.Popen(
                self._java("kafka.Kafka", properties), stdout=log, stderr=log
            )
        deadline = time.monotonic() + START_S
        while not self._listens():
            assert self._process.poll() is None, (self.folder / "kafka.log").read_text()
            assert time.monotonic() < deadline, "Kafka does not start"
            time.sleep(0.1)

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def restart(self, *, certificate: Path | None = None, password: str | None = None) -> None:
        self.stop()
        self.certificate = certificate or self.certificate
        self.password = password or self.password
        self.start()

    def _listens(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            return True
        return False

    def _java(self, *arguments: str | Path) -> list[str]:
        return ["java", "-Xmx512m", "-cp", self.classpath, *map(str, arguments)]


@contextmanager
def apache_kafka(
    certificates: Certificates, user: str, password: str, client_ca: Path | None
) -> Iterator[ApacheKafka]:
    """A running broker that ends when the context does."""
    folder = Path(tempfile.mkdtemp(prefix="synchub-kafka-"))
    (folder / "pom.xml").write_text(POM)
    maven = ["mvn", "-q", "-B", "dependency:build-classpath"]
    subprocess.run([*maven, f"-Dmdep.outputFile={folder}/classpath"], cwd=folder, check=True)
    classpath = (folder / "classpath").read_text().strip() + os.pathsep + str(folder)
    client_auth = "required" if client_ca else "none"
    server = ApacheKafka(
        certificates, user, password, certificates.server(), client_auth, classpath, folder
    )
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder)


def _as_kafka_reads_it(certificate: Path) -> bytes:
    """The same file with its key in PKCS#8."""
    text = certificate.read_bytes()
    key = load_pem_private_key(text, None).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    return key + text[text.index(b"-----BEGIN CERTIFICATE") :]
