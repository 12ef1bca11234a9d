"""What a front end that classifies sounds tells the choice of the state token, beside a prompt that holds words alone.

The first placeholder of such a sound is one of ``VITAConfig.verdict_token_ids``: the first of them says that nothing
was said, the others the log-odds, in even steps, that the sound was addressed to the model (device-directed speech).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

VERDICTS = 33  # nothing said, then from surely not addressed to the model to surely addressed
STEP = 0.25  # of the log-odds, from one verdict to the next
WEIGHT = 1.5  # of the log-odds beside the logits of the states, by logistic regression (recipes/nano/train/LOG.md, 40)


def nothing_said(token_ids: Iterable[int], verdict_token_ids: Sequence[int]) -> bool:
    """Whether all that was classified in a user's turn was no speech."""
    return {token for token in token_ids if token in verdict_token_ids} == set(verdict_token_ids[:1]) != set()


def query_logit_bias(token_ids: Iterable[int], verdict_token_ids: Sequence[int]) -> float:
    """Nats that the verdicts in a user's turn add to the logit of ``<1>``; 0 without one, the greatest of several."""
    found = [verdict_token_ids.index(token) for token in token_ids if token in verdict_token_ids]
    return WEIGHT * STEP * (max(found) - VERDICTS // 2) if found else 0.0
