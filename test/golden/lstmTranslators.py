"""Writes seq2seq.json, attentionLstm.json, attentionLstmGeneral.json, gnmt.json and gnmtPassed.json beside this file, as translators.py does:
ten training steps of tiny LSTMs that translate, as PyTorch takes them, over packed sequences.

    python3 test/golden/lstmTranslators.py
"""

import math

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from make import cross_entropy, train
from translators import B, IGNORE, S, T, pair_batches


def packed(layers, x, lengths):
    """Outputs [B,S,...], 0 behind the ends, and the states there."""
    y, states = layers(pack_padded_sequence(x, lengths[:, 0], batch_first=True, enforce_sorted=False))
    return pad_packed_sequence(y, batch_first=True, total_length=S)[0], states


class Translator(nn.Module):
    def __init__(self, sources, targets, hidden, embedding, joint):
        super().__init__()
        self.source_embedding = nn.Embedding(sources, embedding)
        self.target_embedding = self.source_embedding if joint else nn.Embedding(targets, embedding)
        self.softmax = nn.Linear(hidden, targets)
        if joint:
            self.softmax.weight = self.target_embedding.weight

    def start(self):
        for p in self.parameters():
            nn.init.uniform_(p, -0.5, 0.5)


class Seq2Seq(Translator):
    """Sutskever et al. 2014: each source from its last token to its first."""

    def __init__(self, sources, targets, hidden, levels, embedding, joint=False):
        super().__init__(sources, targets, hidden, embedding, joint)
        self.encoder = nn.LSTM(embedding, hidden, levels, batch_first=True)
        self.decoder = nn.LSTM(embedding, hidden, levels, batch_first=True)
        self.start()

    def forward(self, batch, state):
        lengths = batch["lengths"]
        place = lengths - 1 - torch.arange(S)
        turned = batch["inputs"].gather(1, place.clamp(min=0))
        _, states = packed(self.encoder, self.source_embedding(turned), lengths)
        return self.softmax(self.decoder(self.target_embedding(batch["prefix"]), states)[0]), state


class AdditiveScores(nn.Module):
    """Bahdanau et al. 2015; normed, as in NVIDIA's GNMT."""

    def __init__(self, hidden, normed):
        super().__init__()
        self.linear_q, self.linear_k = nn.Linear(hidden, hidden, bias=False), nn.Linear(hidden, hidden, bias=False)
        self.linear_att = nn.Parameter(torch.empty(hidden))
        self.normed = normed
        if normed:
            self.normalize_scalar, self.normalize_bias = nn.Parameter(torch.empty(1)), nn.Parameter(torch.empty(hidden))

    def forward(self, queries, annotations, padding):
        sums = self.linear_q(queries)[:, :, None] + self.linear_k(annotations)[:, None]
        vector = self.linear_att
        if self.normed:
            sums, vector = sums + self.normalize_bias, vector / vector.norm() * self.normalize_scalar
        scores = (torch.tanh(sums) @ vector).masked_fill(padding[:, None], -math.inf)
        return scores.softmax(-1) @ annotations


class AttentionLSTM(Translator):
    def __init__(self, sources, targets, hidden, levels, embedding, score, joint=False):
        super().__init__(sources, targets, hidden, embedding, joint)
        self.encoder = nn.LSTM(embedding, hidden // 2, levels, batch_first=True, bidirectional=True)
        self.decoder = nn.LSTM(embedding, hidden, levels, batch_first=True)
        self.score = score
        self.attention = AdditiveScores(hidden, False) if score == "additive" else nn.Linear(hidden, hidden, bias=False)
        self.combined = nn.Linear(2 * hidden, hidden)
        self.start()

    def forward(self, batch, state):
        padding = torch.arange(S) >= batch["lengths"]
        annotations, states = packed(self.encoder, self.source_embedding(batch["inputs"]), batch["lengths"])
        states = tuple(torch.cat([x[0::2], x[1::2]], 2) for x in states)
        queries, _ = self.decoder(self.target_embedding(batch["prefix"]), states)
        if self.score == "additive":
            context = self.attention(queries, annotations, padding)
        else:
            scores = queries @ self.attention(annotations).transpose(1, 2)
            context = scores.masked_fill(padding[:, None], -math.inf).softmax(-1) @ annotations
        return self.softmax(torch.tanh(self.combined(torch.cat([context, queries], 2)))), state


class GNMT(Translator):
    """NVIDIA's gnmt_v2, without dropout; or with the paper's scores, and tensorflow/nmt's pass_hidden_state."""

    def __init__(self, sources, targets, hidden, levels, embedding, joint=False, normed=True, passState=False):
        super().__init__(sources, targets, hidden, embedding, joint)
        layer = lambda inputs, **options: nn.LSTM(inputs, hidden, batch_first=True, **options)
        self.encoder_bottom = layer(embedding, bidirectional=True)
        self.encoder = nn.ModuleList(layer(hidden if l else 2 * hidden) for l in range(levels - 1))
        self.decoder = nn.ModuleList([layer(embedding), *(layer(2 * hidden) for _ in range(levels - 1))])
        self.attention = AdditiveScores(hidden, normed)
        self.passState = passState
        self.start()

    def forward(self, batch, state):
        padding = torch.arange(S) >= batch["lengths"]
        x, (h, c) = packed(self.encoder_bottom, self.source_embedding(batch["inputs"]), batch["lengths"])
        states = [(h[1:], c[1:])]
        for l, layer in enumerate(self.encoder):
            y, after = packed(layer, x, batch["lengths"])
            states.append(after)
            x = y + x if l else y
        if not self.passState:
            states = [None] * len(states)
        bottom, _ = self.decoder[0](self.target_embedding(batch["prefix"]), states[0])
        context = self.attention(bottom, x, padding)
        x = bottom
        for l, layer in enumerate(self.decoder[1:]):
            y, _ = layer(torch.cat([x, context], 2), states[l + 1])
            x = y + x if l else y
        return self.softmax(x), state


def main():
    torch.set_num_threads(1)
    shapes = {"batch": B, "source": S, "time": T, "loss": "mean cross-entropy over the positions not ignored", "ignoreIndex": IGNORE}

    def one(name, seed, build, joint, more):
        sources, targets = (18, 18) if joint else (17, 19)
        train(
            name, seed, lambda: build(sources, targets, **more, joint=joint), pair_batches(sources, targets), cross_entropy,
            {"name": "sgd", "learningRate": 0.3, "momentum": 0.9, "nesterov": False, "clip": 1.0},
            lambda p: torch.optim.SGD(p, lr=0.3, momentum=0.9),
            {"vocabularies": {"source": sources, "target": targets}, **more, "tied": joint, "sharedEmbedding": joint, **shapes},
        )

    one("seq2seq", 31, Seq2Seq, False, {"hidden": 6, "levels": 2, "embedding": 5})
    one("attentionLstm", 32, AttentionLSTM, True, {"hidden": 6, "levels": 2, "embedding": 6, "score": "additive"})
    one("attentionLstmGeneral", 33, AttentionLSTM, False, {"hidden": 4, "levels": 1, "embedding": 5, "score": "general"})
    one("gnmt", 34, GNMT, False, {"hidden": 5, "levels": 3, "embedding": 4})
    one("gnmtPassed", 35, GNMT, True, {"hidden": 6, "levels": 3, "embedding": 6, "normed": False, "passState": True})


if __name__ == "__main__":
    main()
