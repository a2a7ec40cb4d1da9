"""Writes sequences.json beside this file: two bidirectional layers of RNN, GRU and LSTM over packed sequences of different
lengths, as PyTorch takes them. Run once with any PyTorch >= 1.13:  python3 test/golden/makeSequences.py

For each kind: parameters by PyTorch name, the outputs (0 behind the end), the states [layers * 2, batch, hidden] at the end
of every sequence, and the gradients of sum(outputs * weights) + sum(states).
"""

import json
from pathlib import Path

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

BATCH, TIME, INPUTS, HIDDEN = 3, 5, 4, 3
LENGTHS = [3, 5, 1]


def stored(tensor):
    data = [float(f"{value:.9g}") for value in tensor.detach().flatten().tolist()]
    return {"shape": list(tensor.shape), "data": data}


def one(kind, seed):
    torch.manual_seed(seed)
    layers = kind(INPUTS, HIDDEN, num_layers=2, batch_first=True, bidirectional=True)
    x = torch.randn(BATCH, TIME, INPUTS, requires_grad=True)
    weights = torch.randn(BATCH, TIME, 2 * HIDDEN)
    packed = pack_padded_sequence(x, LENGTHS, batch_first=True, enforce_sorted=False)
    outputs, states = layers(packed)
    outputs, _ = pad_packed_sequence(outputs, batch_first=True, total_length=TIME)
    states = states if isinstance(states, tuple) else (states,)
    ((outputs * weights).sum() + sum(state.sum() for state in states)).backward()
    return {
        "parameters": {name: stored(value) for name, value in layers.named_parameters()},
        "inputs": stored(x),
        "weights": stored(weights),
        "outputs": stored(outputs),
        "states": [stored(state) for state in states],
        "inputGradient": stored(x.grad),
        "gradients": {name: stored(value.grad) for name, value in layers.named_parameters()},
    }


torch.set_num_threads(1)
found = {"lengths": LENGTHS, "rnn": one(nn.RNN, 1), "gru": one(nn.GRU, 2), "lstm": one(nn.LSTM, 3)}
Path(__file__).with_suffix("").with_name("sequences.json").write_text(json.dumps(found) + "\n")
