"""One login of a player, without I/O: the family of its refresh tokens."""

from application.use_cases.accounts.refresh_login import RefreshCommand
from domain.account import Account
from domain.errors import DomainError
from tests.support.stepping import finish
from tests.support.world import World


class Family:
    """Time passes by `wait` only."""

    def __init__(self) -> None:
        self.world = World()
        user_id = self.world.add_player("ada")
        self.account = Account(user_id=user_id, site_id="ada", password_hash="")
        self.first = self.sign_in()

    def sign_in(self) -> str:
        """The first refresh token of one more login."""
        token_service = self.world.container.token_service()
        opened = finish(
            self.world.database.write(lambda stores: token_service.open(stores, self.account))
        )
        return opened.refresh_token

    def refresh(self, token: str) -> str:
        """The refresh token in the answer."""
        command = RefreshCommand(refresh_token=token)
        return finish(self.world.container.refresh_login().execute(command)).refresh_token

    def present(self, token: str) -> str | None:
        """As `refresh`; None if it is refused."""
        try:
            return self.refresh(token)
        except DomainError:
            return None

    def refusal(self, token: str) -> str:
        """The code with which this token is refused."""
        try:
            self.refresh(token)
        except DomainError as refused:
            return refused.error_code
        raise AssertionError("it was accepted")

    def wait(self, seconds: float) -> None:
        self.world.clock.advance(seconds)
