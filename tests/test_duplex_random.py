"""The machine under random events: what must hold in every conversation, however odd."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.duplex_script import Script
from vita.duplex import client_notices as notices
from vita.duplex import conversation_events as e
from vita.duplex import driver_commands as commands
from vita.duplex.conversation_history import AnswerItem, Clause, UserItem, heard_text
from vita.media import Picture
from vita.speech import voice_events
from vita.tokens import State

PICTURES = [Picture(Image.new("RGB", (2, 2))) for _ in range(3)]
STATES = [State.AUDIO_QUERY, State.NOISE, None]
KINDS = [
    "voice", "pause", "resume", "stop", "tick", "decide", "decide_old", "fail_decision", "type", "ask", "clause",
    "send", "play", "spoken", "fail", "cancel", "truncate", "remove", "drop", "policy", "see", "unsee", "fade",
]  # fmt: skip
MOVES = st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 60)), max_size=80)
POLICIES = st.builds(
    e.TurnPolicy,
    mode=st.sampled_from(e.TurnDetectionMode),
    engines=st.integers(1, 2),
    interrupt=st.booleans(),
    create=st.booleans(),
    speculate=st.booleans(),
    probe=st.sampled_from([0, 8000]),
    cuts=st.booleans(),
)


class Chaos(Script):
    """Turns a name and a number into an event, sane or not, about something that exists or existed."""

    def __init__(self, policy: e.TurnPolicy):
        super().__init__()
        self.on(e.PolicyChanged(policy))
        self.now = 0

    def move(self, kind: str, n: int) -> None:
        self.now += 400 * n
        event = self.timed(kind, n) or self.other(kind, n)
        if event is not None:
            self.on(event)

    def timed(self, kind: str, n: int) -> e.ConversationEvent | None:
        match kind:
            case "voice":
                return voice_events.VoiceStarted(self.now, max(0, self.now - 1000))
            case "pause":
                return voice_events.VoicePaused(self.now, self.now - 500)
            case "resume":
                return voice_events.VoiceResumed(self.now)
            case "stop":
                return voice_events.VoiceStopped(self.now, self.now - 500)
            case "tick":
                return e.AudioReceived(self.now)
        return None

    def other(self, kind: str, n: int) -> e.ConversationEvent | None:
        decision = self.state.decision.id if self.state.decision else n
        answer = self.state.answer.id if self.state.answer and n % 7 else n
        items = [item for item in self.state.items if isinstance(item, AnswerItem)]
        item = items[n % len(items)].id if items else "nothing"
        count = len(items[-1].clauses) if items else 0
        match kind:
            case "type":
                self.on(e.HistoryItemAdded(UserItem(f"typed{len(self.actions)}", ("Hi.",))))
                return e.AnswerRequested()
            case "policy":
                return e.PolicyChanged(e.TurnPolicy(mode=list(e.TurnDetectionMode)[n % 3]))
        return {
            "decide": e.DecisionMade(decision, STATES[n % 3]),
            "decide_old": e.DecisionMade(n, State.AUDIO_QUERY),
            "fail_decision": e.DecisionFailed(decision, "gone"),
            "ask": e.AnswerRequested(),
            "clause": e.ClauseSynthesized(answer, count, f"Words number {n}. ", n * 100),
            "send": e.AudioSent(answer, n * 200),
            "play": e.PlaybackReported(answer, n * 150),
            "spoken": e.AnswerSent(answer, "stop"),
            "fail": e.AnswerFailed(answer, "gone"),
            "cancel": e.CancelRequested(),
            "truncate": e.PlaybackTruncated(item, n * 100),
            "remove": e.ItemRemoved(item),
            "drop": e.VoiceDropped(),
            "see": e.FrameSeen(PICTURES[n % 3]),
            "unsee": e.ItemRemoved("nothing", (PICTURES[n % 3],)),
            "fade": e.Faded(tuple(item.id for item in self.state.items[:n]), (item,)),
        }.get(kind)


def play(policy: e.TurnPolicy, moves: list[tuple[str, int]]) -> Chaos:
    chaos = Chaos(policy)
    for kind, n in moves:
        chaos.move(kind, n)
    chaos.on(e.ConversationClosed())
    return chaos


@settings(max_examples=400, deadline=None)
@given(POLICIES, MOVES)
def test_there_are_never_two_answers_and_each_has_exactly_one_end(policy, moves):
    running, ended, began = None, [], []
    for action in play(policy, moves).actions:
        if isinstance(action, commands.StartAnswer):
            assert running is None
            running = action.answer
            began.append(action.answer)
        elif isinstance(action, commands.EndAnswer):
            assert action.answer == running
            ended.append(action.answer)
            running = None
    assert ended == began


@settings(max_examples=300, deadline=None)
@given(POLICIES, MOVES)
def test_a_new_answer_is_never_heard_over_an_old_one(policy, moves):
    audible = None
    for action in play(policy, moves).actions:
        if isinstance(action, commands.StartAnswer):
            assert audible is None
            audible = action.item
        elif isinstance(action, commands.StopPlayback | notices.AnswerHeard):
            item = action.item if isinstance(action, commands.StopPlayback) else action.item.id
            audible = None if item == audible else audible


@settings(max_examples=300, deadline=None)
@given(POLICIES, MOVES)
def test_after_a_cut_nothing_about_that_answer_changes_but_by_the_clients_word(policy, moves):
    chaos = Chaos(policy)
    cut: dict[str, AnswerItem] = {}
    for kind, n in moves:
        chaos.move(kind, n)
        for action in chaos.actions:
            if isinstance(action, commands.StopPlayback) and action.item not in cut:
                cut[action.item] = chaos.state.find_item(action.item)
        if kind == "truncate":
            cut = {name: chaos.state.find_item(name) for name in cut}
        for name, item in cut.items():
            now = chaos.state.find_item(name)
            assert now is None or item is None or now == item


@settings(max_examples=300, deadline=None)
@given(POLICIES, MOVES)
def test_what_was_ducked_is_restored_or_silenced_and_never_ducked_twice(policy, moves):
    chaos = play(policy, moves)
    ducked = False
    for action in chaos.actions:
        if isinstance(action, notices.DuckPlayback):
            assert not ducked
            ducked = True
        elif isinstance(action, notices.RestoreVolume):
            assert ducked
            ducked = False
    assert not ducked


@settings(max_examples=300, deadline=None)
@given(POLICIES, MOVES)
def test_every_decision_is_dropped_or_becomes_an_answer(policy, moves):
    chaos = play(policy, moves)
    made = [action.decision for action in chaos.said(commands.RequestDecision)]
    begun = [action.decision for action in chaos.said(commands.StartAnswer) if action.decision is not None]
    dropped = [action.decision for action in chaos.said(commands.AbortDecision)]
    failed = len(made) - len(begun) - len(dropped)
    assert not set(begun) & set(dropped)
    assert len(set(dropped)) == len(dropped)
    assert 0 <= failed <= sum(kind == "fail_decision" for kind, _ in moves)


@given(st.lists(st.tuples(st.text(max_size=20), st.integers(0, 500))), st.integers(0, 5000), st.integers(0, 5000))
def test_heard_text_is_a_beginning_of_the_text_and_grows_with_the_sound(clauses, first, second):
    spoken = tuple(Clause(text, samples) for text, samples in clauses)
    less, more = (heard_text(spoken, samples) for samples in sorted((first, second)))
    assert more.startswith(less.rstrip())
    assert "".join(clause.text for clause in spoken).startswith(more)
    assert heard_text(spoken, sum(samples for _, samples in clauses)) == "".join(text for text, _ in clauses)


def test_heard_chinese_is_cut_between_characters():
    assert heard_text((Clause("今天天气很好", 600),), 300) == "今天天"
