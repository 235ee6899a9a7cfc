"""Settings that take one of a few words."""

from enum import StrEnum


class Environment(StrEnum):
    """`prod` is for players: it refuses weak secrets and accounts of `dev`, and logs JSON. `dev` is
    for one machine: everybody knows its secret and its passwords."""

    DEV = "dev"
    PROD = "prod"


class LogLevel(StrEnum):
    """The least level that is logged."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class BroadcasterKind(StrEnum):
    """The carrier of messages between nodes."""

    MEMORY = "memory"
    REDIS = "redis"
    KAFKA = "kafka"


class LimitStorage(StrEnum):
    """Where the counts of limits are kept: `auto` is Redis if the broadcaster is."""

    AUTO = "auto"
    MEMORY = "memory"
    REDIS = "redis"


class KafkaSecurity(StrEnum):
    """How the connection to Kafka is secured."""

    PLAINTEXT = "plaintext"
    SSL = "ssl"
    SASL_PLAINTEXT = "sasl_plaintext"
    SASL_SSL = "sasl_ssl"


class ManagementServe(StrEnum):
    """Where metrics, API docs and the details of health are served."""

    AUTO = "auto"
    MAIN = "main"
    SEPARATE = "separate"


class PostgresTls(StrEnum):
    """Whether connections to PostgreSQL are encrypted; if so, the server is always verified."""

    OFF = "off"
    VERIFY_FULL = "verify-full"


class SaslMechanism(StrEnum):
    """How to sign in at Kafka."""

    PLAIN = "PLAIN"
    SCRAM_SHA_256 = "SCRAM-SHA-256"
    SCRAM_SHA_512 = "SCRAM-SHA-512"


class QueryToken(StrEnum):
    """Whether realtime endpoints accept `?token=`; `auto` means in `dev` only."""

    AUTO = "auto"
    ON = "on"
    OFF = "off"
