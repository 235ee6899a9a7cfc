"""Authentication: access tokens, logins and their revocation. Imports `ports` and below."""
