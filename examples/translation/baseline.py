"""Models of the forms and sizes of `seqgpu train eng-fra`, trained by PyTorch on the same pairs, the same subwords, the same
batches and as many of them: the baseline beside which ours stand.

  node examples/translation/pairs.mjs DATA pairs.json
  python3 examples/translation/baseline.py MODEL pairs.json [SEED]       MODEL: transformer, convs2s, seq2seq, attention-lstm, gnmt

Sizes, rates, label smoothing, dropout and steps are those of the preset, which pairs.json has; Adam, the rate up over the
warm-up and down in a line to 0. Prints the loss of training and at last one line of JSON: perplexity, BLEU (13a,
exponential smoothing, greedy) against the first reference and against all, target tokens a second. Needs PyTorch >= 1.13,
takes as many threads as OMP_NUM_THREADS says. Debian: python3-torch, and libopenblas0-pthread, without which it is fifty
times slower.
"""

import collections
import json
import math
import re
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

PAD, END, FIRST = 0, 1, 3


def padded(rows):
    longest = max(map(len, rows))
    return torch.tensor([row + [PAD] * (longest - len(row)) for row in rows])


def arrays(pairs):
    """Sources, target inputs and targets: [B, S], [B, T], [B, T]."""
    return (
        padded([source + [END] for source, _ in pairs]),
        padded([[END] + target for _, target in pairs]),
        padded([target + [END] for _, target in pairs]),
    )


class Transformer(nn.Module):
    """Vaswani et al. 2017, norms in front; one table for source, target and softmax."""

    def __init__(self, size, hidden, levels, heads, dropout, **_):
        super().__init__()
        self.columns = columns = hidden
        self.table = nn.Embedding(size, columns, padding_idx=PAD)
        nn.init.normal_(self.table.weight, std=columns**-0.5)
        options = dict(dim_feedforward=4 * columns, dropout=dropout, batch_first=True, norm_first=True)
        self.layers = nn.Transformer(columns, heads, levels, levels, **options)
        # Dropout as in the paper: not on the weights of attention, nor inside the net.
        for layer in (*self.layers.encoder.layers, *self.layers.decoder.layers):
            layer.dropout.p = layer.self_attn.dropout = 0
        for layer in self.layers.decoder.layers:
            layer.multihead_attn.dropout = 0
        at = torch.arange(256)[:, None] / torch.pow(10000, torch.arange(0, columns, 2)[None] / columns)
        self.register_buffer("waves", torch.stack([at.sin(), at.cos()], 2).reshape(256, columns))
        self.drop = nn.Dropout(dropout)

    def embedded(self, ids):
        return self.drop(self.table(ids) * self.columns**0.5 + self.waves[: ids.shape[1]])

    def encode(self, source):
        padding = source == PAD
        return self.layers.encoder(self.embedded(source), src_key_padding_mask=padding), padding

    def decode(self, encoding, inputs):
        length = inputs.shape[1]
        later = torch.triu(torch.ones(length, length, dtype=torch.bool), 1)
        h = self.layers.decoder(
            self.embedded(inputs), encoding[0], tgt_mask=later, memory_key_padding_mask=encoding[1]
        )
        return h @ self.table.weight.T


class ScaledGradient(torch.autograd.Function):
    @staticmethod
    def forward(context, x, scale):
        context.scale = scale
        return x.clone()

    @staticmethod
    def backward(context, slope):
        return slope * context.scale, None


class ConvS2S(nn.Module):
    """Gehring et al. 2017: gated convolutions, attention in every layer of the decoder, weight norm."""

    def __init__(self, size, hidden, embedding, levels, decoderLevels, kernelSize, dropout, **_):
        super().__init__()
        columns, channels, above, self.taps = embedding, hidden, decoderLevels, kernelSize
        self.table = nn.Embedding(size, columns, padding_idx=PAD)
        self.places = nn.ModuleList(nn.Embedding(64, columns) for _ in range(2))
        for table in (self.table, *self.places):
            nn.init.normal_(table.weight, std=0.1)

        def normed(layer, variance):
            nn.init.normal_(layer.weight, std=variance**0.5)
            nn.init.zeros_(layer.bias)
            return nn.utils.weight_norm(layer)

        def linear(a, b):
            return normed(nn.Linear(a, b), (1 - dropout) / a)

        def conv(padding):
            layer = nn.Conv1d(channels, 2 * channels, kernelSize, padding=padding)
            return normed(layer, 4 * (1 - dropout) / (kernelSize * channels))

        self.into, self.out = linear(columns, channels), linear(channels, columns)
        self.dinto, self.dout = linear(columns, channels), linear(channels, columns)
        self.encoder = nn.ModuleList(conv(kernelSize // 2) for _ in range(levels))
        self.decoder = nn.ModuleList(conv(0) for _ in range(above))
        self.queries = nn.ModuleList(linear(channels, columns) for _ in range(above))
        self.answers = nn.ModuleList(linear(columns, channels) for _ in range(above))
        self.drop = nn.Dropout(dropout)

    def embedded(self, ids, place):
        return self.drop(self.table(ids) + place(torch.arange(ids.shape[1])))

    def encode(self, source):
        x, padding = self.embedded(source, self.places[0]), source == PAD
        h = self.into(x).masked_fill(padding[..., None], 0)
        for layer in self.encoder:
            gated = F.glu(layer(self.drop(h).transpose(1, 2)), 1).transpose(1, 2)
            h = ((h + gated) * 0.5**0.5).masked_fill(padding[..., None], 0)
        z = ScaledGradient.apply(self.out(h), 1 / (2 * len(self.decoder)))
        return z, (z + x) * 0.5**0.5, padding

    def decode(self, encoding, inputs):
        z, values, padding = encoding
        x = self.embedded(inputs, self.places[1])
        h, count = self.dinto(x), (~padding).sum(1).float()[:, None, None]
        for layer, query, answer in zip(self.decoder, self.queries, self.answers):
            before = h
            h = F.glu(layer(F.pad(self.drop(h).transpose(1, 2), (self.taps - 1, 0))), 1).transpose(1, 2)
            scores = ((query(h) + x) * 0.5**0.5) @ z.transpose(1, 2)
            weights = scores.masked_fill(padding[:, None], -1e9).softmax(-1)
            h = (h + answer(weights @ values * count.sqrt())) * 0.5**0.5
            h = (h + before) * 0.5**0.5
        return self.drop(self.dout(h)) @ self.table.weight.T


class Recurrent(nn.Module):
    """What the LSTMs share: one table for source, target and softmax."""

    def __init__(self, size, units, dropout):
        super().__init__()
        self.table = nn.Embedding(size, units)
        nn.init.uniform_(self.table.weight, -0.1, 0.1)
        self.bias = nn.Parameter(torch.zeros(size))
        self.drop = nn.Dropout(dropout)

    def embedded(self, ids):
        return self.drop(self.table(ids))

    def said(self, h):
        return F.linear(h, self.table.weight, self.bias)

    @staticmethod
    def packed(layers, x, lengths):
        packed = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        y, states = layers(packed)
        return nn.utils.rnn.pad_packed_sequence(y, batch_first=True, total_length=x.shape[1])[0], states


class Seq2Seq(Recurrent):
    """Sutskever et al. 2014: each source from its last token to its first."""

    def __init__(self, size, hidden, levels, dropout, **_):
        super().__init__(size, units := hidden, dropout)
        options = dict(num_layers=levels, dropout=dropout if levels > 1 else 0, batch_first=True)
        self.encoder, self.decoder = nn.LSTM(units, units, **options), nn.LSTM(units, units, **options)

    def encode(self, source):
        lengths = (source != PAD).sum(1)
        place = lengths[:, None] - 1 - torch.arange(source.shape[1])
        return self.packed(self.encoder, self.embedded(source.gather(1, place.clamp(min=0))), lengths)[1]

    def decode(self, states, inputs):
        return self.said(self.drop(self.decoder(self.embedded(inputs), states)[0]))


class Scores(nn.Module):
    """Bahdanau et al. 2015; normed, as in NVIDIA's GNMT."""

    def __init__(self, units, normed):
        super().__init__()
        self.query, self.key = nn.Linear(units, units, bias=False), nn.Linear(units, units, bias=False)
        self.vector = nn.Parameter(torch.empty(units).uniform_(-(units**-0.5), units**-0.5))
        self.scale = nn.Parameter(torch.tensor(units**-0.5)) if normed else None
        self.bias = nn.Parameter(torch.zeros(units)) if normed else 0

    def forward(self, queries, annotations, padding):
        sums = self.query(queries)[:, :, None] + self.key(annotations)[:, None] + self.bias
        vector = self.vector if self.scale is None else self.scale * self.vector / self.vector.norm()
        scores = torch.tanh(sums) @ vector
        return scores.masked_fill(padding[:, None], -1e9).softmax(-1) @ annotations


class AttentionLSTM(Recurrent):
    """Bahdanau et al. 2015, asked by the top layer and answering the softmax as in Luong et al. 2015."""

    def __init__(self, size, hidden, levels, dropout, **_):
        super().__init__(size, units := hidden, dropout)
        options = dict(num_layers=levels, dropout=dropout if levels > 1 else 0, batch_first=True)
        self.encoder = nn.LSTM(units, units // 2, bidirectional=True, **options)
        self.decoder = nn.LSTM(units, units, **options)
        self.scores, self.combined = Scores(units, False), nn.Linear(2 * units, units)

    def encode(self, source):
        y, states = self.packed(self.encoder, self.embedded(source), (source != PAD).sum(1))
        return y, tuple(torch.cat([x[0::2], x[1::2]], 2) for x in states), source == PAD

    def decode(self, encoding, inputs):
        annotations, states, padding = encoding
        queries, _ = self.decoder(self.embedded(inputs), states)
        context = self.scores(queries, annotations, padding)
        return self.said(self.drop(torch.tanh(self.combined(torch.cat([context, queries], 2)))))


class GNMT(Recurrent):
    """Wu et al. 2016; the decoder starts from zeros as in gnmt_v2, or from the encoder's last states as in tensorflow/nmt."""

    def __init__(self, size, hidden, levels, dropout, normed=True, passState=False, **_):
        super().__init__(size, units := hidden, dropout)
        self.pass_state = passState
        layer = lambda inputs, **options: nn.LSTM(inputs, units, batch_first=True, **options)
        self.bottom = layer(units, bidirectional=True)
        self.encoder = nn.ModuleList(layer(units if l else 2 * units) for l in range(levels - 1))
        self.decoder = nn.ModuleList([layer(units), *(layer(2 * units) for _ in range(levels - 1))])
        self.scores = Scores(units, normed)

    def encode(self, source):
        lengths = (source != PAD).sum(1)
        x, states = self.packed(self.bottom, self.embedded(source), lengths)
        passed = [tuple(state[1:] for state in states)]
        for l, layer in enumerate(self.encoder):
            y, states = self.packed(layer, self.drop(x), lengths)
            passed.append(states)
            x = y + x if l else y
        return x, source == PAD, passed if self.pass_state else [None] * len(passed)

    def decode(self, encoding, inputs):
        annotations, padding, states = encoding
        x, _ = self.decoder[0](self.embedded(inputs), states[0])
        context = self.scores(x, annotations, padding)
        for l, layer in enumerate(self.decoder[1:]):
            y, _ = layer(self.drop(torch.cat([x, context], 2)), states[l + 1])
            x = y + x if l else y
        return self.said(x)


MODELS = {
    "transformer": Transformer,
    "convs2s": ConvS2S,
    "seq2seq": Seq2Seq,
    "attention-lstm": AttentionLSTM,
    "gnmt": GNMT,
}


def loss_of(model, batch, smoothing=0.0):
    source, inputs, targets = batch
    logits = model.decode(model.encode(source), inputs)
    summed = F.cross_entropy(
        logits.flatten(0, 1), targets.flatten(), ignore_index=PAD, reduction="sum", label_smoothing=smoothing
    )
    return summed, (targets != PAD).sum().item()


def nats(model, pairs):
    model.eval()
    order = sorted(range(len(pairs)), key=lambda i: len(pairs[i][0]) + len(pairs[i][1]))
    total = count = 0
    with torch.no_grad():
        for at in range(0, len(order), 128):
            summed, n = loss_of(model, arrays([pairs[i] for i in order[at : at + 128]]))
            total += summed.item()
            count += n
    model.train()
    return total / count


def greedy(model, sources):
    model.eval()
    order = sorted(range(len(sources)), key=lambda i: len(sources[i]))
    found = [None] * len(sources)
    with torch.no_grad():
        for at in range(0, len(order), 128):
            rows = order[at : at + 128]
            x = padded([sources[i] + [END] for i in rows])
            encoding = model.encode(x)
            y = torch.full((len(rows), 1), END)
            going = torch.ones(len(rows), dtype=torch.bool)
            for _ in range(min(64, 2 * x.shape[1] + 10)):
                ids = model.decode(encoding, y)[:, -1].argmax(-1)
                ids[~going] = PAD
                y = torch.cat([y, ids[:, None]], 1)
                going &= ids != END
                if not going.any():
                    break
            for i, row in zip(rows, y.tolist()):
                found[i] = row[1:]
    return found


def tokens_13a(text):
    text = text.replace("<skipped>", "").replace("-\n", "").replace("\n", " ")
    for entity, sign in (("&quot;", '"'), ("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">")):
        text = text.replace(entity, sign)
    text = f" {text} "
    for pattern, spaced in (
        (r"([\{-\~\[-\` -\&\(-\+\:-\@\/])", r" \1 "),
        (r"([^0-9])([\.,])", r"\1 \2 "),
        (r"([\.,])([^0-9])", r" \1 \2"),
        (r"([0-9])(-)", r"\1 \2 "),
    ):
        text = re.sub(pattern, spaced, text)
    return text.split()


def bleu(hypotheses, references):
    def grams(words, n):
        return collections.Counter(tuple(words[i : i + n + 1]) for i in range(len(words) - n))

    matches, totals, length, wanted = [0] * 4, [0] * 4, 0, 0
    for hypothesis, others in zip(hypotheses, references):
        words, others = tokens_13a(hypothesis), [tokens_13a(other) for other in others]
        length += len(words)
        wanted += min((abs(len(other) - len(words)), len(other)) for other in others)[1]
        for n in range(4):
            most = collections.Counter()
            for other in others:
                most |= grams(other, n)
            own = grams(words, n)
            matches[n] += sum((own & most).values())
            totals[n] += sum(own.values())
    if not any(matches) or not all(totals):
        return 0.0
    smooth, logs = 1, 0.0
    for found, total in zip(matches, totals):
        smooth *= 1 if found else 2
        logs += math.log(found / total if found else 1 / (smooth * total))
    return 100 * math.exp(logs / 4 + min(0, 1 - wanted / max(1, length)))


def main(name, path, seed=1):
    torch.manual_seed(int(seed))
    with open(path, encoding="utf8") as file:
        data = json.load(file)
    train, batches, settings = data["train"], data["batches"], data["models"][name]
    model = MODELS[name](data["size"], **settings)
    steps, peak, warmup, smoothing = (settings[one] for one in ("steps", "learningRate", "warmup", "smoothing"))
    optimizer = torch.optim.Adam(model.parameters(), peak, betas=settings["betas"])
    parameters = sum(p.numel() for p in model.parameters())
    print(f"{name}: {parameters} parameters, {steps} steps", flush=True)
    start, tokens = time.time(), 0
    for step, rows in enumerate(batches):
        rising = (step + 1) / (warmup + 1)
        falling = 1 - (step - warmup) / max(1, steps - warmup)
        for group in optimizer.param_groups:
            group["lr"] = peak * (rising if step < warmup else falling)
        summed, n = loss_of(model, arrays([train[i] for i in rows]), smoothing)
        optimizer.zero_grad()
        (summed / n).backward()
        nn.utils.clip_grad_norm_(model.parameters(), settings["clipNorm"])
        optimizer.step()
        tokens += n
        if (step + 1) % 200 == 0:
            seconds = time.time() - start
            print(f"step {step + 1}, {seconds:.0f} s, loss {summed.item() / n:.3f}", flush=True)
    seconds = time.time() - start
    valid = nats(model, data["valid"])

    pieces = [bytes.fromhex(one) for one in data["tokens"]]

    def written(ids):
        text = b"".join(pieces[i - FIRST] for i in ids if i >= FIRST)
        return text.decode("utf8", "replace").strip()

    references = collections.defaultdict(list)
    sources = {}
    for (source, target), (ids, _) in zip(data["texts"]["test"], data["test"]):
        references[source].append(target)
        sources[source] = ids
    said = [written(ids) for ids in greedy(model, list(sources.values()))]
    lists = [references[source] for source in sources]
    result = dict(
        model=name,
        parameters=parameters,
        steps=steps,
        seed=int(seed),
        seconds=round(seconds),
        targetTokensPerSecond=round(tokens / seconds),
        validPerplexity=round(math.exp(valid), 3),
        testPerplexity=round(math.exp(nats(model, data["test"])), 3),
        bleuFirstReference=round(bleu(said, [one[:1] for one in lists]), 2),
        bleuAllReferences=round(bleu(said, lists), 2),
        sentences=len(said),
        torch=torch.__version__,
        threads=torch.get_num_threads(),
    )
    print(json.dumps(result))


main(*sys.argv[1:])
