"""Writes src/bench/golden/losses.json: ten losses of every model of src/bench/golden/models.ts, and the norms of their
gradients before clipping, as PyTorch has them.

    python3 test/golden/losses.py

Weights and batches follow from names and numbers of steps by the same small generator on both sides, so that the file
holds nothing else. The models are those of make.py, translators.py and lstmTranslators.py.
"""

import json
from pathlib import Path

import numpy
import torch
from torch import nn

import make
from lstmTranslators import GNMT, AttentionLSTM, Seq2Seq
from make import BATCH, TIME, ConditionedWaveNet, GatedConvModel, MinRecurrent, Recurrent, Tcn, TransformerModel, cross_entropy
from translators import ConvS2S, Transformer

STEPS, CLASSES, WORDS, SOURCES, TARGETS, S, U, SCALE = 10, 5, 19, 17, 19, 7, 6, 0.4


def imul(a, b):
    return a * b & 0xFFFFFFFF


def noise(shape, seed, scale=1.0):
    """As noise in src/bench/case.ts: uniform in +-scale, float32."""
    size, state, values = int(numpy.prod(shape)), imul(seed + 1, 0x9E3779B9) | 1, []
    for _ in range(size):
        state = (imul(state, 1664525) + 1013904223) & 0xFFFFFFFF
        signed = state - 2**32 if state >= 2**31 else state
        values.append(signed / 2**31 * scale)
    return torch.from_numpy(numpy.array(values, numpy.float32).reshape(shape))


def symbols(shape, seed, count):
    values = noise(shape, seed).double()
    return ((values + 1) / 2 * count).floor().long() % count


def seed_of(name):
    seed = 0x811C9DC5
    for letter in name.encode():
        seed = imul(seed ^ letter, 0x01000193)
    return seed >> 1


def give_weights(model):
    with torch.no_grad():
        for name, p in model.named_parameters():
            gain = name.endswith("weight_g") or (name.endswith("weight") and p.dim() == 1)
            value = noise(tuple(p.shape), seed_of(name), SCALE)
            p.copy_(1 + value if gain else value)


def vectors(i):
    return noise((BATCH, TIME, 6), 10 * i + 1), symbols((BATCH, TIME), 10 * i + 2, CLASSES)


def words(i):
    return symbols((BATCH, TIME), 10 * i + 1, WORDS), symbols((BATCH, TIME), 10 * i + 2, WORDS)


def pairs(i):
    source, lengths = symbols((BATCH, S), 10 * i + 1, SOURCES), symbols((BATCH,), 10 * i + 2, S) + 1
    batch = {"inputs": source, "lengths": lengths[:, None], "prefix": symbols((BATCH, U), 10 * i + 3, TARGETS)}
    return batch, symbols((BATCH, U), 10 * i + 4, TARGETS)


def sounds(i):
    codes, after = symbols((BATCH, 12), 10 * i + 1, 17), symbols((BATCH, 12), 10 * i + 2, 17)
    return {"inputs": codes, "speakers": symbols((BATCH, 1), 10 * i + 3, 4), "frames": noise((BATCH, 3, 2), 10 * i + 4)}, after


def losses(model, batch, make_optimizer, clip):
    give_weights(model)
    optimizer, found = make_optimizer(model.parameters()), {"losses": [], "norms": []}
    for i in range(STEPS):
        inputs, targets = batch(i)
        loss = cross_entropy(model(inputs, None)[0], targets)
        optimizer.zero_grad()
        loss.backward()
        norm = nn.utils.clip_grad_norm_(model.parameters(), clip)
        optimizer.step()
        for name, value in (("losses", loss), ("norms", norm)):
            found[name].append(float(str(value.detach().numpy())))
    return found


def adam(parameters):
    return torch.optim.Adam(parameters, lr=0.01)


def adamw(parameters):
    return torch.optim.AdamW(parameters, lr=0.01, weight_decay=0.01)


def sgd(parameters):
    return torch.optim.SGD(parameters, lr=0.1, momentum=0.9)


NEVER = float("inf")
LAYERS = [(6, 3, 1), (4, 1, 0), (4, 3, 0), (8, 1, 3)]
MODELS = {
    "RNN": (lambda: Recurrent(nn.RNN, 6, 9, CLASSES), vectors, sgd, 0.25),
    "LSTM": (lambda: Recurrent(nn.LSTM, 6, 9, CLASSES), vectors, adam, NEVER),
    "GRU": (lambda: Recurrent(nn.GRU, 6, 9, CLASSES), vectors, sgd, 0.25),
    "MinGRU": (lambda: MinRecurrent("zh", 6, 9, 2, CLASSES), vectors, adam, NEVER),
    "MinLSTM": (lambda: MinRecurrent("fih", 6, 9, 2, CLASSES), vectors, adam, NEVER),
    "TCN": (lambda: Tcn(6, (8, 8), 3, CLASSES), vectors, adamw, 0.4),
    "gated convolutions": (lambda: GatedConvModel(WORDS, 5, LAYERS), words, sgd, 0.25),
    "Transformer": (lambda: TransformerModel(WORDS, 8, 2, 12, 2, True), words, sgd, 0.25),
    "WaveNet": (lambda: ConditionedWaveNet(17, [1, 2, 4], 6, 5, 7, 4, 3, 2, 3, 4), sounds, adam, NEVER),
    "Seq2Seq": (lambda: Seq2Seq(SOURCES, TARGETS, 6, 2, 5), pairs, sgd, 0.25),
    "attention LSTM": (lambda: AttentionLSTM(SOURCES, TARGETS, 6, 2, 6, "additive"), pairs, sgd, 0.25),
    "GNMT": (lambda: GNMT(SOURCES, TARGETS, 5, 3, 4), pairs, sgd, 0.25),
    "translation Transformer": (lambda: Transformer(SOURCES, TARGETS, 8, 2, 12, 2, 1, True, False), pairs, sgd, 0.25),
    "ConvS2S": (lambda: ConvS2S(SOURCES, TARGETS, 5, 3, [(6, 3), (6, 3), (8, 2)], [(6, 3), (4, 2)], False), pairs, sgd, 0.25),
}


def main():
    torch.set_num_threads(1)
    found = {name: losses(build(), *more) for name, (build, *more) in MODELS.items()}
    lines = ",\n".join(f"    {json.dumps(name)}: {json.dumps(values)}" for name, values in found.items())
    path = Path(__file__).parents[2] / "src/bench/golden/losses.json"
    path.write_text(f'{{\n  "made": {json.dumps(make.made())},\n  "models": {{\n{lines}\n  }}\n}}\n')
    for name, values in found.items():
        print(f"{name}: " + ", ".join(f"{key} {some[0]:.4f} .. {some[-1]:.4f}" for key, some in values.items()))


if __name__ == "__main__":
    main()
