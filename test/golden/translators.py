"""Writes translationTransformer{Pre,Post}.json and convS2S{,Tied}.json beside this file, as make.py does: ten training
steps of tiny models that translate, as PyTorch takes them. A step has `inputs` (source ids [B,S]), `lengths` [B,1],
`prefix` (target inputs [B,T]) and `targets` [B,T]. Source ids behind a row's length are random: they change nothing.

    python3 test/golden/translators.py
"""

import math

import torch
from torch import nn
from torch.nn import functional as F

from make import IGNORE, cross_entropy, train

B, S, T = 3, 7, 6


def pair_batches(sources, targets):
    """Random pairs, some of them shorter: END is 1, and begins the target, too; PAD is 0."""

    def batch():
        lengths, ends = torch.randint(1, S + 1, (B, 1)), torch.randint(1, T + 1, (B, 1))
        lengths[0], ends[1] = S, T
        source = torch.randint(3, sources, (B, S)).scatter(1, lengths - 1, 1)
        words = torch.randint(3, targets, (B, T)).scatter(1, ends - 1, 1)
        behind = torch.arange(T) >= ends
        prefix = torch.cat([torch.ones(B, 1, dtype=torch.long), words[:, :-1]], 1).masked_fill(behind, 0)
        return {"inputs": source, "lengths": lengths, "prefix": prefix}, words.masked_fill(behind, IGNORE)

    return batch


class CrossAttention(nn.Module):
    def __init__(self, size, heads):
        super().__init__()
        self.heads = heads
        for name in ("q_proj", "k_proj", "v_proj", "out_proj"):
            setattr(self, name, nn.Linear(size, size))

    def forward(self, x, source, padding):
        split = lambda y: y.unflatten(2, (self.heads, -1)).transpose(1, 2)
        q, k, v = split(self.q_proj(x)), split(self.k_proj(source)), split(self.v_proj(source))
        scores = (q @ k.transpose(2, 3) / math.sqrt(q.shape[3])).masked_fill(padding[:, None, None], -math.inf)
        return self.out_proj((scores.softmax(-1) @ v).transpose(1, 2).flatten(2))


class DecoderLayer(nn.Module):
    def __init__(self, size, heads, inner, pre):
        super().__init__()
        self.pre = pre
        self.self_attn = nn.MultiheadAttention(size, heads, batch_first=True)
        self.linear1, self.linear2 = nn.Linear(size, inner), nn.Linear(inner, size)
        self.norm1, self.norm2 = nn.LayerNorm(size), nn.LayerNorm(size)
        self.encoder_attn, self.encoder_attn_layer_norm = CrossAttention(size, heads), nn.LayerNorm(size)

    def around(self, x, f, norm):
        return x + f(norm(x)) if self.pre else norm(x + f(x))

    def forward(self, x, source, padding):
        mask = torch.full((T, T), -math.inf).triu(1)
        x = self.around(x, lambda v: self.self_attn(v, v, v, attn_mask=mask, need_weights=False)[0], self.norm1)
        x = self.around(x, lambda v: self.encoder_attn(v, source, padding), self.encoder_attn_layer_norm)
        return self.around(x, lambda v: self.linear2(F.relu(self.linear1(v))), self.norm2)


def sines(length, size):
    angle = torch.arange(length)[:, None] / 10000 ** (torch.arange(0, size, 2) / size)
    return torch.stack((angle.sin(), angle.cos()), -1).flatten(1)


class Transformer(nn.Module):
    def __init__(self, sources, targets, size, heads, inner, layers, written, pre, joint):
        super().__init__()
        self.scale = math.sqrt(size)
        self.source_embedding = nn.Embedding(sources, size)
        self.target_embedding = self.source_embedding if joint else nn.Embedding(targets, size)
        self.source_position, self.target_position = nn.Module(), nn.Module()
        if pre:
            self.source_position.weight = nn.Parameter(torch.empty(S, size))
            self.target_position.weight = nn.Parameter(torch.empty(T, size))
        layer = lambda: nn.TransformerEncoderLayer(size, heads, inner, dropout=0, batch_first=True, norm_first=pre)
        self.encoder, self.decoder = nn.Module(), nn.Module()
        self.encoder.layers = nn.ModuleList(layer() for _ in range(layers))
        self.decoder.layers = nn.ModuleList(DecoderLayer(size, heads, inner, pre) for _ in range(written))
        if pre:
            self.encoder.norm, self.decoder.norm = nn.LayerNorm(size), nn.LayerNorm(size)
        self.softmax = nn.Linear(size, targets, bias=False)
        if joint:
            self.softmax.weight = self.target_embedding.weight
        for p in self.parameters():
            nn.init.uniform_(p, -0.4, 0.4)

    def placed(self, embedding, position, ids):
        x = embedding(ids) * self.scale
        return x + (position.weight if hasattr(position, "weight") else sines(x.shape[1], x.shape[2]))

    def forward(self, batch, state):
        padding = torch.arange(S) >= batch["lengths"]
        x = self.placed(self.source_embedding, self.source_position, batch["inputs"])
        for layer in self.encoder.layers:
            x = layer(x, src_key_padding_mask=padding)
        y = self.placed(self.target_embedding, self.target_position, batch["prefix"])
        if hasattr(self.encoder, "norm"):
            x = self.encoder.norm(x)
        for layer in self.decoder.layers:
            y = layer(y, x, padding)
        if hasattr(self.decoder, "norm"):
            y = self.decoder.norm(y)
        return self.softmax(y), state


class GradMultiply(torch.autograd.Function):
    @staticmethod
    def forward(context, x, scale):
        context.scale = scale
        return x.clone()

    @staticmethod
    def backward(context, slope):
        return slope * context.scale, None


ROOT = math.sqrt(0.5)


def linear(inputs, outputs):
    return nn.utils.weight_norm(nn.Linear(inputs, outputs))


class ConvHalf(nn.Module):
    """What encoder and decoder have in common."""

    def __init__(self, words, size, layers, longest):
        super().__init__()
        self.embed_tokens = nn.Embedding(words, size)
        self.embed_positions = nn.Embedding(longest, size)
        widths = [layers[0][0], *(width for width, _ in layers)]
        self.fc1 = linear(size, widths[0])
        self.projections = nn.ModuleList(None if a == b else linear(a, b) for a, b in zip(widths, widths[1:]))
        self.convolutions = nn.ModuleList(
            nn.utils.weight_norm(nn.Conv1d(before, 2 * width, taps)) for before, (width, taps) in zip(widths, layers)
        )

    def embedded(self, ids):
        return self.embed_tokens(ids) + self.embed_positions.weight


def convolved(conv, x, left, right):
    return F.glu(conv(F.pad(x.transpose(1, 2), (left, right))), 1).transpose(1, 2)


class ConvS2S(nn.Module):
    """fairseq's FConvModel."""

    def __init__(self, sources, targets, size, outputs, encoder, decoder, tied):
        super().__init__()
        self.encoder = ConvHalf(sources, size, encoder, S)
        self.encoder.fc2 = linear(encoder[-1][0], size)
        self.decoder = ConvHalf(targets, size, decoder, T)
        self.decoder.attention = nn.ModuleList(nn.Module() for _ in decoder)
        for attention, (width, _) in zip(self.decoder.attention, decoder):
            attention.in_projection, attention.out_projection = linear(width, size), linear(size, width)
        self.decoder.fc2 = linear(decoder[-1][0], outputs)
        self.decoder.fc3 = nn.Linear(outputs, targets, bias=False) if tied else linear(outputs, targets)
        if tied:
            self.decoder.embed_tokens = self.encoder.embed_tokens
            self.decoder.fc3.weight = self.encoder.embed_tokens.weight
        with torch.no_grad():
            for p in self.parameters():
                p.uniform_(-0.5, 0.5)

    def forward(self, batch, state):
        lengths = batch["lengths"]
        padding = torch.arange(S) >= lengths
        e = self.encoder.embedded(batch["inputs"])
        x = self.encoder.fc1(e)
        for projection, conv in zip(self.encoder.projections, self.encoder.convolutions):
            residual = projection(x) if projection else x
            taps = conv.kernel_size[0]
            masked = x.masked_fill(padding[:, :, None], 0)
            x = (convolved(conv, masked, (taps - 1) // 2, taps // 2) + residual) * ROOT
        z = GradMultiply.apply(self.encoder.fc2(x), 1 / (2 * len(self.decoder.attention)))
        values = (z + e) * ROOT
        g = self.decoder.embedded(batch["prefix"])
        h = self.decoder.fc1(g)
        for projection, conv, attention in zip(self.decoder.projections, self.decoder.convolutions, self.decoder.attention):
            residual = projection(h) if projection else h
            y = convolved(conv, h, conv.kernel_size[0] - 1, 0)
            d = (attention.in_projection(y) + g) * ROOT
            weights = (d @ z.transpose(1, 2)).masked_fill(padding[:, None], -math.inf).softmax(-1)
            m = lengths[:, :, None].float()
            c = weights @ values * (m * m.rsqrt())
            h = ((attention.out_projection(c) + y) * ROOT + residual) * ROOT
        return self.decoder.fc3(self.decoder.fc2(h)), state


def main():
    torch.set_num_threads(1)
    shapes = {"batch": B, "source": S, "time": T, "loss": "mean cross-entropy over the positions not ignored", "ignoreIndex": IGNORE}
    for seed, pre in ((21, True), (22, False)):
        sources, targets = (17, 19) if pre else (18, 18)
        size, heads, inner, layers, written = 8, 2, 12, 2, 1 if pre else 2
        train(
            "translationTransformerPre" if pre else "translationTransformerPost", seed,
            lambda: Transformer(sources, targets, size, heads, inner, layers, written, pre, not pre),
            pair_batches(sources, targets), cross_entropy,
            {"name": "sgd", "learningRate": 0.2, "momentum": 0.9, "nesterov": False, "clip": 0.3},
            lambda p: torch.optim.SGD(p, lr=0.2, momentum=0.9),
            {"vocabularies": {"source": sources, "target": targets}, "hidden": size, "heads": heads, "feedForward": inner, "levels": layers,
             "decoderLevels": written, "norm": "pre" if pre else "post", "positions": "learned" if pre else "sinusoidal",
             "tied": not pre, "sharedEmbedding": not pre, "longest": {"source": S, "target": T}, **shapes},
        )
    for seed, tied in ((23, False), (24, True)):
        sources, targets = (18, 18) if tied else (17, 19)
        size, outputs = 5, 5 if tied else 3
        encoder, decoder = [(6, 3), (6, 3), (8, 2)], [(6, 3), (4, 2)]
        train(
            "convS2STied" if tied else "convS2S", seed, lambda: ConvS2S(sources, targets, size, outputs, encoder, decoder, tied),
            pair_batches(sources, targets), cross_entropy,
            {"name": "sgd", "learningRate": 0.25, "momentum": 0.99, "nesterov": True, "clip": 0.1},
            lambda p: torch.optim.SGD(p, lr=0.25, momentum=0.99, nesterov=True),
            {"vocabularies": {"source": sources, "target": targets}, "embedding": size, "outputs": outputs, "encoder": encoder,
             "decoder": decoder, "tied": tied, "sharedEmbedding": tied, "longest": {"source": S, "target": T}, **shapes},
        )


if __name__ == "__main__":
    main()
