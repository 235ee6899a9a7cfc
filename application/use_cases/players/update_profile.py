"""Change the profile of a player."""

from typing import Annotated

from attrs import evolve, frozen

from application.transactions.command import Actor, Command, Result
from application.transactions.player_transaction import PlayerTransaction
from application.transactions.player_transactions import PlayerTransactions
from application.use_cases.games.gameplay import act
from domain.constraints import Description, ShortText
from domain.player import check_nickname


@frozen(kw_only=True)
class UpdateProfileCommand(Command):
    """The new values."""

    nickname: Annotated[ShortText, Description("2 to 30 printable characters; need not be unique.")]


@frozen(kw_only=True)
class UpdateProfileResult(Result):
    """The nickname in its normalized form."""

    nickname: Annotated[
        str, Description("The nickname, in Unicode NFC, without surrounding space.")
    ]


@frozen
class UpdateProfile:
    """Change the nickname.

    - It has 2 to 30 printable characters; surrounding space is removed. It need not be unique.
    - If it does not change, no event is emitted.
    """

    _transactions: PlayerTransactions

    async def execute(self, actor: Actor, command: UpdateProfileCommand) -> UpdateProfileResult:
        """Change the nickname. InvalidInput if it is invalid."""
        nickname = check_nickname(command.nickname)

        def update(tx: PlayerTransaction) -> UpdateProfileResult:
            if nickname != tx.player.nickname:
                tx.player = evolve(tx.player, nickname=nickname)
                act(tx, "profile_update", nickname=nickname)
            return UpdateProfileResult(nickname=nickname)

        return await self._transactions.run(
            actor, command, update, UpdateProfileResult, reason="profile_update"
        )
