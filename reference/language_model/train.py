"""Make the four weight files from the three texts: `python -m reference.language_model.train [FOLDER]`.

Training uses one thread and float64 throughout, so you get the same weights every time on the same machine. Weights
trained on different machines agree to many digits.
"""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor
from torch.nn import functional
from torch.nn.utils.rnn import pad_sequence

from reference import language_model
from reference.language_model import BLOCKS, CONTEXT_WINDOW, HIDDEN, IGNORED, WIDTH
from reference.stages import dpo_loss, sequence_log_prob

# The number of examples in each text is a multiple of this batch size, so one pass over a text uses every example
# exactly once.
BATCH = 28
Example = tuple[list[int], list[int]]


def untrained() -> dict[str, Tensor]:
    """The initial parameters, drawn with a fixed seed."""
    generator = torch.Generator().manual_seed(0)

    def normal(*shape: int, scale: float) -> Tensor:
        return torch.randn(*shape, generator=generator, dtype=torch.float64) * scale

    params = {
        "token_embedding": normal(len(language_model.model_vocab()), WIDTH, scale=0.5),
        "position_embedding": normal(CONTEXT_WINDOW, WIDTH, scale=0.5),
    }
    for block in range(BLOCKS):
        for name in ("Wq", "Wk", "Wv", "Wo"):
            params[f"blocks.{block}.{name}"] = normal(WIDTH, WIDTH, scale=WIDTH**-0.5)
        params[f"blocks.{block}.W1"] = normal(WIDTH, HIDDEN, scale=WIDTH**-0.5)
        params[f"blocks.{block}.b1"] = torch.zeros(HIDDEN, dtype=torch.float64)
        params[f"blocks.{block}.W2"] = normal(HIDDEN, WIDTH, scale=HIDDEN**-0.5)
        params[f"blocks.{block}.b2"] = torch.zeros(WIDTH, dtype=torch.float64)
    params["W_unembed"] = normal(WIDTH, len(language_model.model_vocab()), scale=0.02)
    return params


def pretraining_examples() -> list[Example]:
    """Return input ids and labels in which every next token counts toward the loss."""
    return [(ids[:-1], ids[1:]) for ids in language_model.model_texts()]


def finetuning_examples() -> list[Example]:
    """Return input ids and labels in which only the response's tokens and the end token count toward the loss."""
    return [answered(prompt, response) for prompt, response in language_model.finetuning_pairs()]


def answered(prompt: list[int], response: list[int]) -> Example:
    """Return the input ids and labels for a prompt followed by its response and the end token."""
    full = [*prompt, *response, language_model.model_vocab()[language_model.END]]
    return full[:-1], [IGNORED] * (len(prompt) - 1) + full[len(prompt) :]


def batches(examples: Sequence[Example], steps: int, generator: torch.Generator) -> Iterator[tuple[Tensor, Tensor]]:
    """Batches of input ids and labels (N, T). Shorter examples are padded: the ids with 0 and the labels with IGNORED,
    so the padding doesn't affect the loss."""
    order: list[int] = []
    for _ in range(steps):
        order = order or torch.randperm(len(examples), generator=generator).tolist()
        drawn = [examples[order.pop()] for _ in range(BATCH)]
        yield batch(drawn)


def batch(examples: Sequence[Example]) -> tuple[Tensor, Tensor]:
    """Pad these examples to the same length and return their input ids and labels (N, T)."""
    inputs, labels = ([torch.tensor(each[part]) for each in examples] for part in (0, 1))
    return pad_sequence(inputs, True, 0), pad_sequence(labels, True, IGNORED)


def train(params: dict[str, Tensor], examples: Sequence[Example], steps: int, lr: float) -> dict[str, Tensor]:
    """The parameters after `steps` steps of Adam, with a learning rate that falls linearly to 0."""
    leaves = {name: value.clone().requires_grad_() for name, value in params.items()}
    optimizer = torch.optim.Adam(leaves.values(), lr=lr)
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.0, total_iters=steps)
    for step, (inputs, labels) in enumerate(batches(examples, steps, torch.Generator().manual_seed(1))):
        loss, gradients = language_model.model_loss_and_gradients(leaves, inputs, labels)
        for name, leaf in leaves.items():
            leaf.grad = gradients[name]
        optimizer.step()
        schedule.step()
        if step % 200 == 0:
            print(f"step {step:5}: loss {loss:.3f}")
    return {name: leaf.detach() for name, leaf in leaves.items()}


def prefer(params: dict[str, Tensor], steps: int, lr: float, beta: float) -> dict[str, Tensor]:
    """The parameters after `steps` steps of DPO with Adam. Every step uses all the comparisons at once.

    DPO by itself doesn't control whether the preferred responses become more likely, or what happens to other answers,
    so the loss has two more terms. One makes the preferred responses a little more likely. The other trains the model
    on the questions that have no comparisons, so it doesn't forget their answers.
    """
    compared = language_model.model_preferences()
    inputs, labels = batch(
        [answered(prompt, chosen) for prompt, chosen, _ in compared]
        + [answered(prompt, rejected) for prompt, _, rejected in compared]
    )
    prompts = [prompt for prompt, _, _ in compared]
    others = batch([answered(*pair) for pair in language_model.finetuning_pairs() if pair[0] not in prompts])
    reference = sequence_log_prob(language_model.model_logits(params, inputs), labels).chunk(2)
    leaves = {name: value.clone().requires_grad_() for name, value in params.items()}
    optimizer = torch.optim.Adam(leaves.values(), lr=lr)
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.0, total_iters=steps)
    for _ in range(steps):
        policy = sequence_log_prob(language_model.model_logits(leaves, inputs), labels).chunk(2)
        kept = functional.cross_entropy(language_model.model_logits(leaves, others[0]).mT, others[1])
        loss = dpo_loss(*policy, *reference, beta) - 0.05 * policy[0].mean() + kept
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    print(f"preferences: loss {loss.item():.3f}")
    return {name: leaf.detach() for name, leaf in leaves.items()}


def save(params: dict[str, Tensor], folder: Path, stage: str) -> dict[str, Tensor]:
    """Write a stage's weight file. Return the parameters, rounded the way the file stores them, so the next stage can
    start from exactly those values."""
    rounded = {name: value.float().contiguous() for name, value in params.items()}
    save_file(rounded, folder / f"{stage}.safetensors")
    return {name: value.double() for name, value in rounded.items()}


def main(folder: Path) -> None:
    torch.set_num_threads(1)
    params = untrained()
    save(params, folder, "untrained")
    params = save(train(params, pretraining_examples(), 2_080, 3e-3), folder, "pretraining")
    params = save(train(params, finetuning_examples(), 300, 3e-4), folder, "finetuning")
    save(prefer(params, 40, 3e-4, 0.1), folder, "preferences")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else language_model.HERE)
