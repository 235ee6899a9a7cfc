"""Sign-up, sign-in, token refresh and sign-out."""
