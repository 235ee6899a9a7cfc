"""Change the profile."""

from attrs import evolve, frozen

from application.transactions.command import Actor, Command, Result
from application.transactions.player_transaction import PlayerTransaction
from application.transactions.player_transactions import PlayerTransactions
from application.use_cases.games.gameplay import act
from domain.constraints import ShortText
from domain.player import check_nickname


@frozen(kw_only=True)
class UpdateProfileCommand(Command):
    nickname: ShortText


@frozen(kw_only=True)
class UpdateProfileResult(Result):
    nickname: str


@frozen
class UpdateProfile:
    """Take a new nickname.

    - It can be shown: printable, of a reasonable length. Nicknames need not be unique.
    - Taking the present one again changes nothing and tells nobody.
    """

    _transactions: PlayerTransactions

    async def execute(self, actor: Actor, command: UpdateProfileCommand) -> UpdateProfileResult:
        nickname = check_nickname(command.nickname)

        def update(tx: PlayerTransaction) -> UpdateProfileResult:
            if nickname != tx.player.nickname:
                tx.player = evolve(tx.player, nickname=nickname)
                act(tx, "profile_update", nickname=nickname)
            return UpdateProfileResult(nickname=nickname)

        return await self._transactions.run(
            actor, command, update, UpdateProfileResult, reason="profile_update"
        )
