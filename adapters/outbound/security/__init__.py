"""Password hashing (Argon2) and its queue, common passwords, failed sign-ins, and access tokens
(JWT)."""
