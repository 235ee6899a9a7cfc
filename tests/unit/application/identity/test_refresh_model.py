"""Every order in which tabs, lost answers and a thief can use the tokens of a login.

Three machines: the rules themselves, against a model that remembers every token; honest clients,
who are never signed out; and a thief beside the owner, of whom only one can go on.
"""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from application.identity.refresh_tokens import RETRY_GRACE
from tests.support.family import Family

GRACE_S = RETRY_GRACE.total_seconds()
WAITS = st.sampled_from([0.5, 10.0, GRACE_S, GRACE_S + 1, 900.0, 86_400.0])


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

    A tab sends the stored token. Requests and answers may get lost, and are repeated in time. A new
    round of refreshes begins when nothing of the last one is under way.
    """

    @initialize()
    def sign_in(self) -> None:
        self.family = Family()
        self.stored = self.family.first
        self.requests: list[str] = []
        self.answers: list[str] = []
        self.used_s: float | None = None
        """How long ago the stored token was used at the server, if it was."""

    @precondition(lambda self: len(self.requests) + len(self.answers) < 4)
    @precondition(lambda self: all(token == self.stored for token in self.requests))
    @precondition(lambda self: self.used_s is not None or not self.answers)
    @rule()
    def send(self) -> None:
        self.requests.append(self.stored)

    @precondition(lambda self: self.requests)
    @rule(index=st.integers(min_value=0, max_value=3))
    def arrive(self, index: int) -> None:
        """The server answers: whoever is honest is never refused."""
        token = self.requests.pop(index % len(self.requests))
        answer = self.family.refresh(token)
        if token == self.stored and self.used_s is None:
            self.used_s = 0.0
        self.answers.append(answer)

    @precondition(lambda self: self.requests)
    @rule(index=st.integers(min_value=0, max_value=3))
    def lose_request(self, index: int) -> None:
        del self.requests[index % len(self.requests)]

    @precondition(lambda self: self.answers)
    @rule(index=st.integers(min_value=0, max_value=3))
    def lose_answer(self, index: int) -> None:
        del self.answers[index % len(self.answers)]

    @precondition(lambda self: self.answers)
    @rule(index=st.integers(min_value=0, max_value=3))
    def take(self, index: int) -> None:
        answer = self.answers.pop(index % len(self.answers))
        if answer != self.stored:
            self.stored, self.used_s = answer, None

    @rule(seconds=WAITS)
    def wait(self, seconds: float) -> None:
        """Retries come in time; between rounds any time may pass."""
        if self.used_s is not None:
            seconds = min(seconds, GRACE_S - self.used_s)
            self.used_s += seconds
        elif self.requests or self.answers:
            seconds = 0.0
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
            assert self.family.present(self.seen[-1]) is None
            assert all(self.family.present(token) is None for token in self.loot)

    def _present(self, token: str) -> str | None:
        self.family.wait(GRACE_S + 1)
        return self.family.present(token)


TestRules = Rules.TestCase
TestHonestClients = HonestClients.TestCase
TestTheft = Theft.TestCase
for case in (TestRules, TestHonestClients, TestTheft):
    case.settings = settings(max_examples=settings().max_examples // 2, stateful_step_count=30)
