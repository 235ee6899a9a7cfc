"""Password hashing (Argon2) and access tokens (JWT)."""
