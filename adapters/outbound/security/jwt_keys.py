"""Keys of access tokens. Each has one algorithm for good, whatever a token's header says."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Collection, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import jwt
from attrs import field, frozen
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import (
    load_pem_private_key,
    load_pem_public_key,
)

SECRET_ALGORITHM = "HS256"  # noqa: S105 (not a secret)
KEY_PAIR_ALGORITHMS = ("EdDSA", "ES256", "RS256")
MIN_RSA_BITS = 2048

_PRIVATE = (Ed25519PrivateKey, EllipticCurvePrivateKey, RSAPrivateKey)
_THUMBPRINT_MEMBERS = {"RSA": ("e", "kty", "n"), "EC": ("crv", "kty", "x", "y")}


@frozen(kw_only=True)
class JwtKey:
    """A key that verifies tokens, and signs if `signs` is set. `public` is its public part as a JWK
    (RFC 7517), if it has one."""

    kid: str
    algorithm: str
    verifies: Any = field(repr=False)
    signs: Any = field(default=None, repr=False)
    public: Mapping[str, str] | None = None


def secret_key(secret: str) -> JwtKey:
    """A key for HS256. Its id is a digest of the secret, the same on every node."""
    kid = sha256(b"kid:" + secret.encode()).hexdigest()[:12]
    return JwtKey(kid=kid, algorithm=SECRET_ALGORITHM, verifies=secret, signs=secret)


def pem_key(path: str) -> JwtKey:
    """The key in a PEM file. A private key signs and verifies, a public key only verifies. Its kind
    tells the algorithm, and its id is its thumbprint (RFC 7638). ValueError if it is none of
    Ed25519, P-256, and RSA with at least 2048 bits, or is encrypted."""
    try:
        content = Path(path).read_bytes()
        loaded = _load(content)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise ValueError(f"{path} holds no usable key: {error}") from error
    private = isinstance(loaded, _PRIVATE)
    public = loaded.public_key() if private else loaded
    algorithm = _algorithm_of(public, path)
    published = jwt.get_algorithm_by_name(algorithm).to_jwk(public, as_dict=True)
    jwk = {name: value for name, value in published.items() if isinstance(value, str)}
    kid = _thumbprint(jwk)
    return JwtKey(
        kid=kid,
        algorithm=algorithm,
        verifies=public,
        signs=loaded if private else None,
        public={**jwk, "kid": kid, "alg": algorithm, "use": "sig"},
    )


def jwk_key(jwk: Mapping[str, Any], allowed: Collection[str]) -> JwtKey | None:
    """The key of another issuer; None if it has no id, or is for anything else than verifying
    signatures of one of these algorithms."""
    kid = jwk.get("kid")
    if not isinstance(kid, str) or jwk.get("kty") == "oct" or jwk.get("use", "sig") != "sig":
        return None
    if "alg" in jwk and jwk["alg"] not in allowed:
        return None
    try:
        parsed = jwt.PyJWK(dict(jwk))
        usable = parsed.algorithm_name in allowed and parsed.algorithm_name == _algorithm_of(
            parsed.key, kid
        )
    except Exception:  # whatever a malformed key makes the libraries raise
        return None
    return JwtKey(kid=kid, algorithm=parsed.algorithm_name, verifies=parsed.key) if usable else None


def _load(content: bytes) -> Any:
    if b"PRIVATE KEY" in content:
        return load_pem_private_key(content, password=None)
    return load_pem_public_key(content)


def _algorithm_of(public: object, name: str) -> str:
    match public:
        case Ed25519PublicKey():
            return "EdDSA"
        case EllipticCurvePublicKey(curve=SECP256R1()):
            return "ES256"
        case RSAPublicKey() if public.key_size >= MIN_RSA_BITS:
            return "RS256"
    raise ValueError(f"{name} is no key of Ed25519, P-256, or RSA with {MIN_RSA_BITS} bits")


def _thumbprint(jwk: Mapping[str, str]) -> str:
    members = _THUMBPRINT_MEMBERS.get(jwk["kty"], ("crv", "kty", "x"))
    canonical = json.dumps({name: jwk[name] for name in members}, separators=(",", ":"))
    return urlsafe_b64encode(sha256(canonical.encode()).digest()).rstrip(b"=").decode()
