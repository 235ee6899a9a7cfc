"""Every order in which tabs, lost answers and a thief can use the tokens of a login.

Three machines: the rules themselves, against a model that remembers every token; honest clients,
who are never signed out; and a thief beside the owner, of whom only one can go on.
"""

from enum import Enum, auto

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from application.identity.refresh_tokens import RETRY_GRACE
from tests.support.family import Family

GRACE_S = RETRY_GRACE.total_seconds()
WAITS = st.sampled_from([0.5, 10.0, GRACE_S, GRACE_S + 1, 900.0, 86_400.0])


class Fate(Enum):
    """What becomes of a request."""

    ARRIVES = auto()
    REQUEST_LOST = auto()
    ANSWER_LOST = auto()


class Rules(RuleBasedStateMachine):
    """Any token of the family may be presented at any time, by anybody."""

    @initialize()
    def sign_in(self) -> None:
        self.family = Family()
        self.tokens = [self.family.first]
        self.waited_s = 0.0
        self.ended = False

    @rule(seconds=WAITS)
    def wait(self, seconds: float) -> None:
        self.family.wait(seconds)
        self.waited_s += seconds

    @rule()
    def present_current(self) -> None:
        self._present(len(self.tokens) - 1)

    @rule(age=st.integers(min_value=1, max_value=4))
    def present_earlier(self, age: int) -> None:
        self._present(max(len(self.tokens) - 1 - age, 0))

    def _present(self, index: int) -> None:
        answer = self.family.present(self.tokens[index])
        current = len(self.tokens) - 1
        if self.ended:
            assert answer is None
        elif index == current:
            assert answer is not None
            assert answer not in self.tokens
            self.tokens.append(answer)
            self.waited_s = 0.0
        elif index == current - 1 and self.waited_s <= GRACE_S:
            assert answer == self.tokens[-1]
        else:
            assert answer is None
            self.ended = True


class HonestClients(RuleBasedStateMachine):
    """Tabs that share a storage, on a bad network.

    In a round, tabs send the stored token, at once or as retries within the grace time of its first
    use. Requests and answers may get lost; the last one is retried until an answer arrives. The
    tabs store what they get, in any order. The next round begins when nothing is under way.
    """

    @initialize()
    def sign_in(self) -> None:
        self.family = Family()
        self.stored = self.family.first

    @rule(
        attempts=st.lists(st.tuples(st.sampled_from(Fate), WAITS), min_size=1, max_size=5),
        last_writer=st.integers(min_value=0, max_value=5),
    )
    def refresh(self, attempts: list[tuple[Fate, float]], last_writer: int) -> None:
        """Whoever is honest is never refused."""
        answers = []
        time_left_s: float | None = None
        for fate, wait_s in [*attempts, (Fate.ARRIVES, 0.0)]:
            waited_s = wait_s if time_left_s is None else min(wait_s, time_left_s)
            time_left_s = None if time_left_s is None else time_left_s - waited_s
            self.family.wait(waited_s)
            if fate is not Fate.REQUEST_LOST:
                answer = self.family.refresh(self.stored)
                time_left_s = GRACE_S if time_left_s is None else time_left_s
                if fate is Fate.ARRIVES:
                    answers.append(answer)
        self.stored = answers[last_writer % len(answers)]

    @rule(seconds=WAITS)
    def wait(self, seconds: float) -> None:
        self.family.wait(seconds)


class Theft(RuleBasedStateMachine):
    """A thief copies tokens of the owner; neither always comes within the grace time of the
    other."""

    @initialize()
    def sign_in(self) -> None:
        self.family = Family()
        self.seen = [self.family.first]
        """The owner's tokens, the last one in use."""
        self.loot: list[str] = []
        self.owner_went_on = self.thief_went_on = False

    @rule()
    def owner_refreshes(self) -> None:
        answer = self._present(self.seen[-1])
        if answer:
            self.seen.append(answer)
        self.owner_went_on = bool(self.loot)

    @rule(age=st.integers(min_value=0, max_value=3))
    def steal(self, age: int) -> None:
        self.loot.append(self.seen[max(len(self.seen) - 1 - age, 0)])
        self.owner_went_on = self.thief_went_on = False

    @precondition(lambda self: self.loot)
    @rule(age=st.integers(min_value=0, max_value=3))
    def thief_refreshes(self, age: int) -> None:
        answer = self._present(self.loot[max(len(self.loot) - 1 - age, 0)])
        if answer:
            self.loot.append(answer)
        self.thief_went_on = True

    @invariant()
    def one_of_two_at_most(self) -> None:
        """Once both have gone on after a theft, nobody gets tokens any more."""
        if getattr(self, "owner_went_on", False) and self.thief_went_on:
            # The newest first: presenting an earlier one would end the login here.
            newest_first = [*reversed(self.loot), self.seen[-1]]
            assert not any(self.family.present(token) for token in newest_first)

    def _present(self, token: str) -> str | None:
        self.family.wait(GRACE_S + 1)
        return self.family.present(token)


TestRules = Rules.TestCase
TestHonestClients = HonestClients.TestCase
TestTheft = Theft.TestCase
FEW = settings(max_examples=settings().max_examples // 2, stateful_step_count=20)
TestRules.settings = TestHonestClients.settings = TestTheft.settings = FEW
