"""Writes classifier.json beside this file: ten training steps of an LSTM that says of which class sequences of different
lengths are, after the last step of each, as PyTorch takes them with packed sequences; see make.py for what it holds.

Run once with any PyTorch >= 1.13 (the tests read only the JSON):  python3 test/golden/classifier.py
"""

import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pack_padded_sequence

from make import BATCH, TIME, train

SYMBOLS, SIZE, HIDDEN, CLASSES = 13, 6, 9, 4


class Classifier(nn.Module):
    """ids [B,T], lengths [B,1] -> encoder -> lstm -> its state after the last step -> linear -> logits [B,classes]"""

    def __init__(self):
        super().__init__()
        self.encoder = nn.Embedding(SYMBOLS, SIZE)
        self.sequence = nn.Module()
        self.sequence.lstm = nn.LSTM(SIZE, HIDDEN, batch_first=True)
        self.sequence.linear = nn.Linear(HIDDEN, CLASSES)

    def forward(self, batch, state):
        lengths = batch["lengths"][:, 0]
        packed = pack_padded_sequence(self.encoder(batch["inputs"]), lengths, batch_first=True, enforce_sorted=False)
        _, (h, _) = self.sequence.lstm(packed)
        return self.sequence.linear(h[0]), state


def batch():
    lengths = torch.randint(1, TIME + 1, (BATCH, 1))
    inputs = {"inputs": torch.randint(SYMBOLS, (BATCH, TIME)), "lengths": lengths}
    return inputs, torch.randint(CLASSES, (BATCH, 1))


if __name__ == "__main__":
    torch.set_num_threads(1)
    train(
        "classifier", 21, Classifier, batch, lambda logits, targets: F.cross_entropy(logits, targets[:, 0]),
        {"name": "adam", "learningRate": 0.01, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8},
        lambda p: torch.optim.Adam(p, lr=0.01),
        {"symbols": SYMBOLS, "size": SIZE, "hidden": HIDDEN, "classes": CLASSES, "batch": BATCH, "time": TIME,
         "loss": "mean cross-entropy after the last steps"},
    )
