"""The strength of the KL penalty: how β affects RLHF's policy and DPO's loss."""

from collections.abc import Iterator

import numpy as np

from autograder.notebook.colors import ORANGE
from autograder.notebook.shapes import SMALL, Drawing, Picture, before_and_after
from autograder.notebook.toys.declarations import Dial, Functions, Settings, Toy

# Four answers: how often the fine-tuned model gives them, and how the reward model scores them.
ANSWERS = ("plain", "wordy", "a question", "flattery")
REFERENCE = np.array([0.30, 0.45, 0.20, 0.05])
REWARDS = np.array([1.0, 0.2, -1.0, 1.6])
STEPS = 40
MARGINS = np.linspace(-6.0, 6.0, 13)


def frames(functions: Functions, settings: Settings) -> Iterator[Picture]:
    """Yield bars of the policy that RLHF converges to, and the curve of DPO's loss."""
    beta = settings["beta"]
    start = np.log(REFERENCE)
    policy = start.copy()
    step, softmax, dpo_loss = (functions(name) for name in ("rlhf_policy_step", "softmax", "dpo_loss"))
    for _ in range(STEPS):
        # A larger β pulls the policy back harder, so it needs a smaller learning rate.
        policy = np.asarray(step(policy, start, REWARDS, beta, min(6.0, 3.0 / beta)))
    shares = np.asarray(softmax(policy))
    zero = np.zeros(1)
    losses = [float(dpo_loss(np.array([margin]), zero, zero, zero, beta)) for margin in MARGINS]
    sheet = Drawing(f"β = {beta:g}", 540, 258)
    sheet.words((140, 12), f"RLHF at β = {beta:g}", bold=True)
    for place, (name, before, now, reward) in enumerate(zip(ANSWERS, REFERENCE, shares, REWARDS, strict=True)):
        left = 6.0 + 70 * place
        before_and_after(sheet, (left, 200), (before, now), scale=150, width=24)
        sheet.words((left + 30, 214), name, size=10.5)
        sheet.words((left + 30, 230), f"reward {reward:g}".replace("-", "−"), size=10.5)
    sheet.line((2, 200), (284, 200), width=1)
    sheet.words((140, 250), "gray: the fine-tuned model", size=SMALL)
    sheet.words((424, 12), f"DPO’s loss at β = {beta:g}", bold=True)
    sheet.line((322, 30), (322, 200), (530, 200), width=1)
    sheet.line(*(_place(*each) for each in zip(MARGINS, losses, strict=True) if each[1] <= 4), color=ORANGE, width=2.5)
    for margin in (-6, 0, 6):
        sheet.words((_place(margin, 0)[0], 214), f"{margin}".replace("-", "−"), size=SMALL)
    sheet.words((424, 232), "margin of the preferred answer (nats)", size=SMALL)
    for nats in (0, 2, 4):
        sheet.words((314, _place(0, nats)[1]), str(nats), anchor="end", size=SMALL)
    told = ", ".join(
        f"{name} {now:.2f} (from {before:.2f})" for name, before, now in zip(ANSWERS, REFERENCE, shares, strict=True)
    )
    yield sheet.picture(
        f"At β = {beta:g}, RLHF takes the fine-tuned model to {told}; the answers' rewards are 1, 0.2, −1 and 1.6. "
        f"DPO's loss falls from {losses[0]:.2f} nats at a margin of −6 through 0.69 at 0 to {losses[-1]:.2f} at 6."
    )


def _place(margin: float, nats: float) -> tuple[float, float]:
    return 326 + 200 * (margin + 6) / 12, 200 - 42 * nats


BETA = Toy(
    [Dial("beta", "β, the strength of the KL penalty", [0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0, 3.0, 5.0], 0.5)],
    ["rlhf_policy_step", "dpo_loss"],
    frames,
)
