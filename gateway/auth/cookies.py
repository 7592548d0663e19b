"""The cookies of sign-in: the session's, and one for each sign-in under way."""

LOGIN_SECONDS = 600


class SignInCookies:
    """Writes Set-Cookie values; browsers accept `__Host-` only over TLS, on plain localhost the names are plain."""

    def __init__(self, *, secure: bool) -> None:
        """Take whether the site is reached over TLS."""
        prefix = "__Host-" if secure else ""
        self.session = f"{prefix}session"
        self._login = f"{prefix}login-"
        self._attributes = "; Path=/; HttpOnly; SameSite=Lax" + ("; Secure" if secure else "")

    def login(self, state: str) -> str:
        """Give the name of the cookie of one sign-in: two tabs may sign in side by side."""
        return self._login + state[:8]

    def set(self, name: str, value: str, seconds: int) -> str:
        """Give the Set-Cookie value that keeps a cookie for some seconds."""
        return f"{name}={value}; Max-Age={seconds}{self._attributes}"

    def take_away(self, name: str) -> str:
        """Give the Set-Cookie value that takes a cookie away."""
        return self.set(name, "", 0)
