"""Makes the two weight files from the two texts: `python -m reference.language_model.train [FOLDER]`.

One thread and float64 throughout, so that it gives the same weights again, and elsewhere the same to many digits.
"""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from reference import language_model
from reference.language_model import IGNORED

# A whole number of batches in both texts, so that every example counts as often as it stands there.
BATCH = 28
Example = tuple[list[int], list[int]]


def pretraining_examples() -> list[Example]:
    """Input ids and labels: every next token counts."""
    return [(ids[:-1], ids[1:]) for ids in language_model.model_texts()]


def finetuning_examples() -> list[Example]:
    """Input ids and labels: what counts are the response's tokens and the end."""
    end = language_model.model_vocab()[language_model.END]
    found = []
    for prompt, response in language_model.finetuning_pairs():
        full = [*prompt, *response, end]
        found.append((full[:-1], [IGNORED] * (len(prompt) - 1) + full[len(prompt) :]))
    return found


def batches(examples: Sequence[Example], steps: int, generator: torch.Generator) -> Iterator[tuple[Tensor, Tensor]]:
    """Input ids and labels (N, T), the shorter ones filled up with 0 and with labels that do not count."""
    order: list[int] = []
    for _ in range(steps):
        order = order or torch.randperm(len(examples), generator=generator).tolist()
        drawn = [examples[order.pop()] for _ in range(BATCH)]
        inputs, labels = ([torch.tensor(each[part]) for each in drawn] for part in (0, 1))
        yield pad_sequence(inputs, True, 0), pad_sequence(labels, True, IGNORED)


def train(params: dict[str, Tensor], examples: Sequence[Example], steps: int, lr: float) -> dict[str, Tensor]:
    """The parameters after so many steps of Adam, the learning rate going down to 0 in a straight line."""
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


def main(folder: Path) -> None:
    torch.set_num_threads(1)
    params = language_model.model_params("untrained")
    for stage, examples, steps, lr in (
        ("pretraining", pretraining_examples(), 2_080, 3e-3),
        ("finetuning", finetuning_examples(), 300, 3e-4),
    ):
        params = train(params, examples, steps, lr)
        # Rounded first, so that the second stage begins with what the first one's file holds.
        rounded = {name: value.float().contiguous() for name, value in params.items()}
        save_file(rounded, folder / f"{stage}.safetensors")
        params = {name: value.double() for name, value in rounded.items()}


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else language_model.HERE)
