"""Verify a round: repeat its draws from the seeds."""

from typing import Annotated

from attrs import asdict, frozen

from domain.constraints import Description, Range, ShortText
from domain.events import GameType, JsonObject
from domain.fairness import FairDraws, Fairness, check_client_seed, check_server_seed
from domain.games import crash, gacha, rps, slot
from domain.games.bets import MIN_BET, Bet
from domain.player import MAX_AMOUNT


@frozen(kw_only=True)
class VerifyRoundCommand:
    """The seeds and the nonce of a round. Slot and rps take the bet; rps the choice; gacha the
    number of pulls, and the pulls since the last legendary item before the round."""

    game_type: Annotated[GameType, Description("The game.")]
    server_seed: Annotated[
        ShortText, Description("The revealed server seed: 64 hexadecimal digits, in lower case.")
    ]
    client_seed: Annotated[ShortText, Description("1 to 64 letters, digits or any of `. _ -`.")]
    nonce: Annotated[
        int,
        Range(0, MAX_AMOUNT),
        Description("The number of the round among those with these seeds, from 0."),
    ]
    bet_amount: Bet = MIN_BET
    choice: Annotated[rps.Hand, Description("Rps: the hand of the player.")] = rps.Hand.ROCK
    pull_count: Annotated[
        int, Range(1, 10), Description("Gacha: the number of pulls, 1 or 10.")
    ] = 1
    pity_before: Annotated[
        int,
        Range(0, gacha.PITY - 1),
        Description("Gacha: pulls since the last legendary item, before the round."),
    ] = 0


@frozen(kw_only=True)
class VerifiedRound(Fairness):
    """The outcome, in the form of the event's `result`; crash has only the crash point."""

    game_type: Annotated[GameType, Description("The game.")]
    result: Annotated[
        JsonObject, Description("The outcome, as in the event; crash has only the crash point.")
    ]


@frozen
class VerifyRound:
    """Recompute a round of any game. Uses nothing but the command, so the seeds may be made up."""

    async def execute(self, command: VerifyRoundCommand) -> VerifiedRound:
        """Repeat the draws. InvalidInput if a seed is none, or the pull count is not offered."""
        server_seed = check_server_seed(command.server_seed)
        draws = FairDraws(server_seed, check_client_seed(command.client_seed), command.nonce)
        result = _result(command, draws)
        return VerifiedRound(**asdict(draws.fairness), game_type=command.game_type, result=result)


def _result(command: VerifyRoundCommand, draws: FairDraws) -> JsonObject:
    match command.game_type:
        case GameType.SLOT:
            return slot.spin(command.bet_amount, draws).result()
        case GameType.RPS:
            return rps.play(command.choice, command.bet_amount, draws).result()
        case GameType.GACHA:
            return gacha.pull(command.pull_count, command.pity_before, draws).result()
        case GameType.CRASH:
            return {"crash_point": crash.draw_crash_point(draws) / 100}
