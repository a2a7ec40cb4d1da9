"""Writes {rnn,lstm,gru,minGru,minLstm,tcn}.json, {wordRnn,wordLstm,wordTcn,gatedConv}.json, transformer{Pre,Post}.json, normed.json,
recurrentOutput.json and waveNet.json
beside this file: ten training steps of tiny models as PyTorch takes them; and adaptiveSoftmax.json, which holds loss,
gradients and log-probabilities of one batch.

Run once with any PyTorch >= 1.13 (the tests read only the JSON):  python3 test/golden/make.py

Everything is float32 on one CPU thread from fixed seeds. Each file holds

  model, config, optimizer   what was trained, and how
  parameters                 before the first step, by PyTorch name: {shape, data} with data row-major
  steps                      ten batches {inputs, targets}, a different one at each step; of waveNet {speakers, frames} too
  losses                     ten losses, each taken before its own update
  gradientNorms              ten global L2 norms of the gradient, before clipping
  gradients                  of the first step, before clipping
  finalParameters            after the tenth update

Inputs are [batch, time, channel], or word numbers [batch, time]. Numbers are the shortest decimals that give the same float32 back, at most nine digits.
A recurrent model with carryState keeps its final state as the initial state of the next step, cut off from the gradient;
the others start every step from zero.
"""

import json
import platform
from pathlib import Path

import numpy
import torch
from torch import nn
from torch.nn import functional as F

BATCH, TIME, STEPS, IGNORE = 3, 11, 10, -100


class Recurrent(nn.Module):
    """x [B,T,inputs] -> rnn -> h [B,T,hidden] -> linear -> logits [B,T,classes]"""

    def __init__(self, kind, inputs, hidden, classes):
        super().__init__()
        self.rnn = kind(inputs, hidden, batch_first=True)
        self.head = nn.Linear(hidden, classes)

    def forward(self, x, state):
        h, state = self.rnn(x, state)
        return self.head(h), state


class SpeechModel(nn.Module):
    """x [B,T,inputs] -> lstm -> linear -> v; y_t = v_t + u * y_{t-1} [B,T,outputs], a diagonal recurrent output"""

    def __init__(self, inputs, hidden, outputs):
        super().__init__()
        self.sequence = nn.Module()
        self.sequence.lstm = nn.LSTM(inputs, hidden, batch_first=True)
        self.sequence.linear = nn.Linear(hidden, outputs)
        self.output = nn.Module()
        self.output.recurrence = nn.Parameter(torch.linspace(-0.5, 0.9, outputs))

    def forward(self, x, state):
        v = self.sequence.linear(self.sequence.lstm(x)[0])
        rows, y = [], torch.zeros_like(v[:, 0])
        for t in range(v.shape[1]):
            y = v[:, t] + self.output.recurrence * y
            rows.append(y)
        return torch.stack(rows, 1), state


class MinCell(nn.Module):
    """A layer of minGRU (gates z, h) or minLSTM (gates f, i, h) as the paper computes it: a scan of logarithms."""

    def __init__(self, gates, inputs, hidden):
        super().__init__()
        for gate in gates:
            setattr(self, gate, nn.Linear(inputs, hidden))

    def forward(self, x):
        h = self.h(x)
        value = torch.where(h >= 0, (F.relu(h) + 0.5).log(), -F.softplus(-h))
        if hasattr(self, "z"):
            keep, add = -F.softplus(self.z(x)), -F.softplus(-self.z(x))
        else:
            apart = F.softplus(-self.f(x)) - F.softplus(-self.i(x))
            keep, add = -F.softplus(apart), -F.softplus(-apart)
        kept = keep.cumsum(1)
        return (kept + torch.logcumsumexp(add + value - kept, 1)).exp()


class MinRecurrent(nn.Module):
    """x [B,T,inputs] -> cells -> h [B,T,hidden] -> linear -> logits [B,T,classes]"""

    def __init__(self, gates, inputs, hidden, layers, classes):
        super().__init__()
        self.rnn = nn.Module()
        self.rnn.cells = nn.ModuleList(MinCell(gates, hidden if l else inputs, hidden) for l in range(layers))
        self.head = nn.Linear(hidden, classes)

    def forward(self, x, state):
        for cell in self.rnn.cells:
            x = cell(x)
        return self.head(x), state


class Normed(nn.Module):
    """x [B,T,inputs] -> linear -> layer norm -> linear -> logits [B,T,classes]: matrices, biases and gains in turn"""

    def __init__(self, inputs, hidden, classes):
        super().__init__()
        self.first = nn.Linear(inputs, hidden)
        self.norm = nn.LayerNorm(hidden)
        self.head = nn.Linear(hidden, classes)

    def forward(self, x, state):
        return self.head(self.norm(self.first(x))), state


def groups(parameters, decay):
    """PyTorch's parameter groups: matrices decay, vectors do not."""
    every = list(parameters)
    return [
        {"params": [p for p in every if p.dim() > 1], "weight_decay": decay},
        {"params": [p for p in every if p.dim() < 2], "weight_decay": 0},
    ]


class Block(nn.Module):
    """Two weight-normed causal convolutions, each then ReLU, and a residual: relu(F(x) + x), x through a 1x1 if widths differ."""

    def __init__(self, inputs, outputs, kernel, dilation):
        super().__init__()
        self.padding = (kernel - 1) * dilation
        self.conv1 = nn.utils.weight_norm(nn.Conv1d(inputs, outputs, kernel, dilation=dilation))
        self.conv2 = nn.utils.weight_norm(nn.Conv1d(outputs, outputs, kernel, dilation=dilation))
        self.downsample = nn.Conv1d(inputs, outputs, 1) if inputs != outputs else None

    def forward(self, x):
        y = F.relu(self.conv1(F.pad(x, (self.padding, 0))))
        y = F.relu(self.conv2(F.pad(y, (self.padding, 0))))
        return F.relu(y + (x if self.downsample is None else self.downsample(x)))


class Tcn(nn.Module):
    """x [B,T,inputs] -> blocks of dilation 1, 2, 4 .. -> linear -> logits [B,T,outputs]"""

    def __init__(self, inputs, channels, kernel, outputs):
        super().__init__()
        widths = [inputs, *channels]
        self.network = nn.Sequential(*(Block(widths[i], widths[i + 1], kernel, 2**i) for i in range(len(channels))))
        self.head = nn.Linear(channels[-1], outputs)

    def forward(self, x, state):
        return self.head(self.network(x.transpose(1, 2)).transpose(1, 2)), state


class WordModel(nn.Module):
    """ids [B,T] -> encoder -> rnn -> h [B,T,hidden] -> decoder -> logits [B,T,words], as in PyTorch's word_language_model"""

    def __init__(self, kind, words, size, hidden, tied):
        super().__init__()
        self.field = kind.__name__.lower()
        self.encoder = nn.Embedding(words, size)
        setattr(self, self.field, kind(size, hidden, batch_first=True))
        self.decoder = nn.Linear(hidden, words)
        if tied:
            self.decoder.weight = self.encoder.weight
        for p in (self.encoder.weight, self.decoder.weight):
            nn.init.uniform_(p, -0.1, 0.1)
        nn.init.zeros_(self.decoder.bias)

    def forward(self, ids, state):
        h, state = getattr(self, self.field)(self.encoder(ids), state)
        return self.decoder(h), state


class TcnBody(nn.Module):
    """x [B,T,inputs] -> blocks of dilation 1, 2, 4 .. -> [B,T,channels[-1]]"""

    def __init__(self, inputs, channels, kernel):
        super().__init__()
        widths = [inputs, *channels]
        self.network = nn.Sequential(*(Block(widths[i], widths[i + 1], kernel, 2**i) for i in range(len(channels))))

    def forward(self, x):
        return self.network(x.transpose(1, 2)).transpose(1, 2)


class WordTcn(nn.Module):
    """ids [B,T] -> encoder -> tcn -> h [B,T,size] -> decoder, whose table is the encoder's -> logits [B,T,words]"""

    def __init__(self, words, size, channels, kernel):
        super().__init__()
        self.encoder = nn.Embedding(words, size)
        self.tcn = TcnBody(size, channels, kernel)
        self.decoder = nn.Linear(size, words)
        self.decoder.weight = self.encoder.weight

    def forward(self, ids, state):
        return self.decoder(self.tcn(self.encoder(ids))), state


class GatedConv(nn.Module):
    """x [B,T,inputs] -> fc1 -> gated causal convolutions, (width, kernel, residual) as in fairseq's FConvDecoder -> [B,T,width]"""

    def __init__(self, inputs, layers):
        super().__init__()
        widths = [layers[0][0], *(width for width, _, _ in layers)]
        linear = lambda i, o: nn.utils.weight_norm(nn.Linear(i, o))
        self.layers = layers
        self.fc1 = linear(inputs, widths[0])
        self.convolutions = nn.ModuleList(
            nn.utils.weight_norm(nn.Conv1d(widths[i], 2 * width, kernel)) for i, (width, kernel, _) in enumerate(layers))
        self.projections = nn.ModuleList(
            linear(widths[i + 1 - r], width) if r and widths[i + 1 - r] != width else None for i, (width, _, r) in enumerate(layers))

    def forward(self, x):
        values = [self.fc1(x)]
        for (_, kernel, r), conv, projection in zip(self.layers, self.convolutions, self.projections):
            y = F.glu(conv(F.pad(values[-1].transpose(1, 2), (kernel - 1, 0))).transpose(1, 2))
            if r:
                residual = values[-r]
                y = (y + (residual if projection is None else projection(residual))) * 0.5**0.5
            values.append(y)
        return values[-1]


class GatedConvModel(nn.Module):
    """ids [B,T] -> encoder -> gcnn -> h [B,T,width] -> decoder -> logits [B,T,words]"""

    def __init__(self, words, size, layers):
        super().__init__()
        self.encoder = nn.Embedding(words, size)
        self.gcnn = GatedConv(size, layers)
        self.decoder = nn.Linear(layers[-1][0], words)

    def forward(self, ids, state):
        return self.decoder(self.gcnn(self.encoder(ids))), state


class TransformerModel(nn.Module):
    """ids [B,T] -> encoder * sqrt(size) + positions -> layers that see no later position -> decoder -> logits [B,T,words]"""

    def __init__(self, words, size, heads, inner, layers, pre):
        super().__init__()
        self.encoder = nn.Embedding(words, size)
        if pre:
            self.position = nn.Embedding(TIME, size)
        layer = nn.TransformerEncoderLayer(size, heads, inner, dropout=0, batch_first=True, norm_first=pre)
        self.transformer_encoder = nn.TransformerEncoder(layer, layers, nn.LayerNorm(size) if pre else None)
        self.decoder = nn.Linear(size, words)
        if not pre:
            self.decoder.weight = self.encoder.weight
        for p in self.parameters():  # nn.TransformerEncoder copies one layer, and norms start at 1 and 0
            nn.init.uniform_(p, -0.4, 0.4)
        t, i = torch.arange(TIME)[:, None], torch.arange(0, size, 2)
        angle = t / 10000 ** (i / size)
        self.sines = torch.stack((angle.sin(), angle.cos()), -1).flatten(1)
        self.pre, self.size = pre, size

    def forward(self, ids, state):
        x = self.encoder(ids) * self.size**0.5 + (self.position.weight if self.pre else self.sines)
        mask = torch.full((TIME, TIME), float("-inf")).triu(1)
        return self.decoder(self.transformer_encoder(x, mask)), state


class WaveNetLayer(nn.Module):
    """z = tanh(filter) * sigmoid(gate) of a dilated causal convolution and both conditions; gives x + residual(z), skip(z)"""

    def __init__(self, residual, channels, skip, dilation, around, beside, last):
        super().__init__()
        self.padding = dilation
        self.conv = nn.Conv1d(residual, 2 * channels, 2, dilation=dilation)
        self.condition = nn.Conv1d(around, 2 * channels, 1, bias=False)
        self.local = nn.Conv1d(beside, 2 * channels, 1, bias=False)
        self.residual = None if last else nn.Conv1d(channels, residual, 1)
        self.skip = nn.Conv1d(channels, skip, 1)

    def forward(self, x, h, y):
        both = self.conv(F.pad(x, (self.padding, 0))) + self.condition(h) + self.local(y)
        filter, gate = both.chunk(2, 1)
        z = torch.tanh(filter) * torch.sigmoid(gate)
        return x if self.residual is None else x + self.residual(z), self.skip(z)


class WaveNet(nn.Module):
    """codes [B,T], h [B,around], y [B,T,beside] -> logits [B,T,classes]; van den Oord et al. 2016"""

    def __init__(self, classes, dilations, residual, channels, skip, around, beside):
        super().__init__()
        self.classes = classes
        self.causal = nn.Conv1d(classes, residual, 2, bias=False)
        self.layers = nn.ModuleList(
            WaveNetLayer(residual, channels, skip, dilation, around, beside, i == len(dilations) - 1) for i, dilation in enumerate(dilations))
        self.post1 = nn.Conv1d(skip, skip, 1)
        self.post2 = nn.Conv1d(skip, classes, 1)

    def forward(self, codes, h, y):
        x = self.causal(F.pad(F.one_hot(codes, self.classes).float().transpose(1, 2), (1, 0)))
        skip = 0
        for layer in self.layers:
            x, s = layer(x, h[:, :, None], y.transpose(1, 2))
            skip = skip + s
        return self.post2(F.relu(self.post1(F.relu(skip)))).transpose(1, 2)


class ConditionedWaveNet(nn.Module):
    """codes [B,T] with speakers [B,1] as global and frames [B,T/hop,features], made as long as the codes, as local condition"""

    def __init__(self, classes, dilations, residual, channels, skip, speakers, around, features, beside, hop):
        super().__init__()
        self.speaker = nn.Embedding(speakers, around)
        self.upsample = nn.ConvTranspose1d(features, beside, hop, stride=hop)
        self.wavenet = WaveNet(classes, dilations, residual, channels, skip, around, beside)

    def forward(self, inputs, state):
        y = self.upsample(inputs["frames"].transpose(1, 2)).transpose(1, 2)
        return self.wavenet(inputs["inputs"], self.speaker(inputs["speakers"])[:, 0], y), state


class SequenceTransformer(nn.Module):
    """x [B,T,inputs] -> linear + sines -> layers that see no later step, norms before -> head -> logits [B,T,outputs]"""

    def __init__(self, inputs, size, heads, inner, layers, outputs):
        super().__init__()
        self.transformer = nn.Module()
        self.transformer.linear = nn.Linear(inputs, size)
        layer = nn.TransformerEncoderLayer(size, heads, inner, dropout=0, batch_first=True, norm_first=True)
        self.transformer.transformer_encoder = nn.TransformerEncoder(layer, layers, nn.LayerNorm(size))
        self.linear = nn.Linear(size, outputs)
        for p in self.parameters():
            nn.init.uniform_(p, -0.4, 0.4)
        t, i = torch.arange(TIME)[:, None], torch.arange(0, size, 2)
        angle = t / 10000 ** (i / size)
        self.sines = torch.stack((angle.sin(), angle.cos()), -1).flatten(1)

    def forward(self, x, state):
        mask = torch.full((TIME, TIME), float("-inf")).triu(1)
        y = self.transformer.transformer_encoder(self.transformer.linear(x) + self.sines, mask)
        return self.linear(y), state


def cross_entropy(logits, targets):
    return F.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=IGNORE)


def binary_cross_entropy(logits, targets):
    return F.binary_cross_entropy_with_logits(logits, targets, reduction="sum") / (BATCH * TIME)


def numbers(tensor):
    """The tensor row-major, each float as the shortest decimal that reads back as the same float32."""
    flat = tensor.detach().reshape(-1).numpy()
    return [float(str(v)) if flat.dtype == numpy.float32 else int(v) for v in flat]


def record(tensor):
    return {"shape": list(tensor.shape), "data": numbers(tensor)}


def short(tensor):
    """Three decimals, to keep the files small."""
    return (tensor * 1000).round() / 1000


def class_batch(inputs, classes):
    targets = torch.randint(classes, (BATCH, TIME))
    targets[torch.rand(BATCH, TIME) < 0.2] = IGNORE
    return short(torch.randn(BATCH, TIME, inputs)), targets


def word_batches(words):
    """Consecutive segments of one random text in BATCH columns, targets one word later."""
    text = torch.randint(words, (BATCH, TIME * STEPS + 1))
    segments = iter((text[:, i : i + TIME], text[:, i + 1 : i + 1 + TIME]) for i in range(0, TIME * STEPS, TIME))
    return lambda: next(segments)


def binary_batch(inputs, outputs):
    return short(torch.randn(BATCH, TIME, inputs)), (torch.rand(BATCH, TIME, outputs) < 0.3).float()


def made():
    return f"PyTorch {torch.__version__}, NumPy {numpy.__version__}, Python {platform.python_version()}"


def train(name, seed, build, batch, loss_of, optimizer, make_optimizer, config, state=None, carry=False):
    torch.manual_seed(seed)
    model = build()
    golden = {"made": made(), "model": name, "config": config, "optimizer": optimizer}
    golden["parameters"] = {key: record(p) for key, p in model.named_parameters()}
    if state is not None:
        state = tuple(short(torch.randn(shape)) for shape in state)
        golden["initialState"] = {key: record(s) for key, s in zip("hc", state)}

    update = make_optimizer(model.parameters())
    steps, losses, norms = [], [], []
    for step in range(STEPS):
        inputs, targets = batch()
        logits, next_state = model(inputs, state)
        loss = loss_of(logits, targets)
        update.zero_grad()
        loss.backward()
        if step == 0:
            gradients = {key: record(p.grad) for key, p in model.named_parameters()}
        norms.append(nn.utils.clip_grad_norm_(model.parameters(), optimizer.get("clip", float("inf"))))
        update.step()
        if carry:
            state = next_state.detach() if torch.is_tensor(next_state) else tuple(s.detach() for s in next_state)
        named = inputs if isinstance(inputs, dict) else {"inputs": inputs}
        steps.append({**{key: record(value) for key, value in named.items()}, "targets": record(targets)})
        losses.append(loss)

    golden["steps"] = steps
    golden["losses"] = numbers(torch.stack(losses))
    golden["gradientNorms"] = numbers(torch.stack(norms))
    golden["gradients"] = gradients
    golden["finalParameters"] = {key: record(p) for key, p in model.named_parameters()}
    write(name, golden)


def wave_net():
    classes, speakers, features, hop, time = 17, 4, 2, 4, 12
    sizes = {"dilations": [1, 2, 4], "residual": 6, "channels": 5, "skip": 7}
    conditions = {"speakers": speakers, "around": 3, "features": features, "beside": 3, "hop": hop}

    def batch():
        codes = torch.randint(classes, (BATCH, time + 1))
        frames = short(torch.randn(BATCH, time // hop, features))
        return {"inputs": codes[:, :-1], "speakers": torch.randint(speakers, (BATCH, 1)), "frames": frames}, codes[:, 1:]

    train(
        "waveNet", 10, lambda: ConditionedWaveNet(classes, **sizes, **conditions), batch, cross_entropy,
        {"name": "adam", "learningRate": 0.01, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "clip": 0.5},
        lambda p: torch.optim.Adam(p, lr=0.01),
        {"classes": classes, **sizes, **conditions, "kernel": 2, "batch": BATCH, "time": time, "loss": "mean cross-entropy"},
    )


def speech():
    train(
        "recurrentOutput", 16, lambda: SpeechModel(6, 7, 5), lambda: binary_batch(6, 5), F.mse_loss,
        {"name": "adam", "learningRate": 0.01, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "clip": 0.5},
        lambda p: torch.optim.Adam(p, lr=0.01),
        {"inputs": 6, "hidden": 7, "outputs": 5, "carryState": False, "batch": BATCH, "time": TIME, "loss": "mean square error"},
    )


def adaptive_softmax():
    torch.manual_seed(7)
    inputs, words, cutoffs = 16, 23, [5, 12]
    model = nn.AdaptiveLogSoftmaxWithLoss(inputs, words, cutoffs, div_value=4.0)
    h = short(torch.randn(BATCH, TIME, inputs)).requires_grad_()
    targets = torch.randint(words, (BATCH, TIME))
    _, loss = model(h.reshape(-1, inputs), targets.reshape(-1))
    loss.backward()
    golden = {
        "made": made(),
        "model": "adaptiveSoftmax",
        "config": {"inputs": inputs, "words": words, "cutoffs": cutoffs, "divisor": 4},
        "parameters": {key: record(p) for key, p in model.named_parameters()},
        "h": record(h),
        "targets": record(targets),
        "losses": numbers(loss),
        "gradients": {**{key: record(p.grad) for key, p in model.named_parameters()}, "h": record(h.grad)},
        "logProbabilities": record(model.log_prob(h.reshape(-1, inputs))),
    }
    norm = torch.sqrt(sum((p.grad**2).sum() for p in model.parameters()))
    golden["gradientNorms"] = numbers(norm)
    write("adaptiveSoftmax", golden)


def write(name, golden):
    """JSON with one {shape, data} to a line."""

    def lines(value, indent):
        pad = "  " * indent
        if isinstance(value, dict) and value and any(isinstance(v, (dict, list)) for v in value.values()) and "data" not in value:
            inner = (f"{pad}  {json.dumps(k)}: {lines(v, indent + 1)}" for k, v in value.items())
            return "{\n" + ",\n".join(inner) + f"\n{pad}}}"
        if isinstance(value, list) and value and isinstance(value[0], dict):
            return "[\n" + ",\n".join(f"{pad}  {lines(v, indent + 1)}" for v in value) + f"\n{pad}]"
        return json.dumps(value, separators=(",", ":"))

    path = Path(__file__).with_name(f"{name}.json")
    path.write_text(lines(golden, 0) + "\n")
    print(f"{path.name}: {path.stat().st_size / 1024:.1f} KiB, losses {golden['losses'][0]:.4f} .. {golden['losses'][-1]:.4f}, "
          f"gradient norms {min(golden['gradientNorms']):.3f} .. {max(golden['gradientNorms']):.3f}")


def main():
    torch.set_num_threads(1)
    classify = {"batch": BATCH, "time": TIME, "loss": "mean cross-entropy over the positions not ignored", "ignoreIndex": IGNORE}

    train(
        "rnn", 1, lambda: Recurrent(nn.RNN, 5, 7, 4), lambda: class_batch(5, 4), cross_entropy,
        {"name": "sgd", "learningRate": 0.1, "momentum": 0.9, "nesterov": False},
        lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9),
        {"inputs": 5, "hidden": 7, "outputs": 4, "nonlinearity": "tanh", "carryState": False, **classify},
    )
    train(
        "lstm", 2, lambda: Recurrent(nn.LSTM, 6, 9, 5), lambda: class_batch(6, 5), cross_entropy,
        {"name": "adam", "learningRate": 0.01, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8},
        lambda p: torch.optim.Adam(p, lr=0.01),
        {"inputs": 6, "hidden": 9, "outputs": 5, "gates": "input, forget, cell, output", "carryState": True, **classify},
        state=[(1, BATCH, 9), (1, BATCH, 9)],
        carry=True,
    )
    train(
        "gru", 3, lambda: Recurrent(nn.GRU, 6, 9, 5), lambda: class_batch(6, 5), cross_entropy,
        {"name": "sgd", "learningRate": 0.1, "momentum": 0.9, "nesterov": True, "clip": 0.25},
        lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True),
        {"inputs": 6, "hidden": 9, "outputs": 5, "gates": "reset, update, new", "carryState": False, **classify},
    )
    for seed, name, gates in ((13, "minGru", "zh"), (14, "minLstm", "fih")):
        train(
            name, seed, lambda: MinRecurrent(gates, 6, 9, 2, 5), lambda: class_batch(6, 5), cross_entropy,
            {"name": "adam", "learningRate": 0.01, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8},
            lambda p: torch.optim.Adam(p, lr=0.01),
            {"inputs": 6, "hidden": 9, "layers": 2, "outputs": 5, "gates": gates, "carryState": False, **classify},
        )
    train(
        "tcn", 4, lambda: Tcn(5, (8, 8), 3, 5), lambda: binary_batch(5, 5), binary_cross_entropy,
        {"name": "adamw", "learningRate": 0.01, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "weightDecay": 0.01, "clip": 0.4},
        lambda p: torch.optim.AdamW(p, lr=0.01, weight_decay=0.01),
        {"inputs": 5, "channels": [8, 8], "kernel": 3, "dilations": [1, 2], "outputs": 5, "dropout": 0, "batch": BATCH, "time": TIME,
         "loss": "binary cross-entropy with logits, summed over the outputs, mean over batch and time"},
    )

    for seed, kind, size, hidden, tied, clip in ((5, nn.RNN, 5, 7, False, 0.25), (6, nn.LSTM, 6, 6, True, 0.15)):
        words = 19
        train(
            f"word{kind.__name__.capitalize()}", seed, lambda: WordModel(kind, words, size, hidden, tied), word_batches(words), cross_entropy,
            {"name": "sgd", "learningRate": 5.0, "momentum": 0, "nesterov": False, "clip": clip},
            lambda p: torch.optim.SGD(p, lr=5.0),
            {"words": words, "embedding": size, "hidden": hidden, "tied": tied, "carryState": True, "batch": BATCH, "time": TIME,
             "loss": "mean cross-entropy"},
            carry=True,
        )
    layers = [(6, 3, 1), (4, 1, 0), (4, 3, 0), (8, 1, 3)]
    train(
        "gatedConv", 8, lambda: GatedConvModel(words, 5, layers), word_batches(words), cross_entropy,
        {"name": "sgd", "learningRate": 1.0, "momentum": 0.99, "nesterov": True, "clip": 0.1},
        lambda p: torch.optim.SGD(p, lr=1.0, momentum=0.99, nesterov=True),
        {"words": words, "embedding": 5, "layers": layers, "carryState": False, "batch": BATCH, "time": TIME,
         "loss": "mean cross-entropy"},
    )
    channels, kernel = [8, 5], 3
    train(
        "wordTcn", 10, lambda: WordTcn(words, 5, channels, kernel), word_batches(words), cross_entropy,
        {"name": "rmsprop", "learningRate": 0.01, "alpha": 0.9, "epsilon": 1e-8, "momentum": 0.8, "weightDecay": 0.01, "clip": 0.5},
        lambda p: torch.optim.RMSprop(p, lr=0.01, alpha=0.9, momentum=0.8, weight_decay=0.01),
        {"words": words, "embedding": 5, "channels": channels, "kernel": kernel, "tied": True, "carryState": False, "batch": BATCH,
         "time": TIME, "loss": "mean cross-entropy"},
    )
    for seed, pre, smoothing in ((8, True, 0.0), (9, False, 0.1)):
        words, size, heads, inner, layers = 19, 8, 2, 12, 2
        train(
            "transformerPre" if pre else "transformerPost", seed, lambda: TransformerModel(words, size, heads, inner, layers, pre), word_batches(words),
            lambda logits, targets: F.cross_entropy(logits.flatten(0, 1), targets.flatten(), label_smoothing=smoothing),
            {"name": "sgd", "learningRate": 0.2, "momentum": 0.9, "nesterov": False, "clip": 0.3},
            lambda p: torch.optim.SGD(p, lr=0.2, momentum=0.9),
            {"words": words, "hidden": size, "heads": heads, "feedForward": inner, "levels": layers, "norm": "pre" if pre else "post",
             "positions": "learned" if pre else "sinusoidal", "tied": not pre, "smoothing": smoothing, "length": TIME,
             "batch": BATCH, "time": TIME, "loss": "mean cross-entropy"},
        )
    train(
        "sequenceTransformer", 12, lambda: SequenceTransformer(5, 8, 2, 12, 1, 4), lambda: binary_batch(5, 4), binary_cross_entropy,
        {"name": "adam", "learningRate": 0.01, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8},
        lambda p: torch.optim.Adam(p, lr=0.01),
        {"inputs": 5, "hidden": 8, "heads": 2, "feedForward": 12, "levels": 1, "norm": "pre", "outputs": 4, "batch": BATCH, "time": TIME,
         "loss": "binary cross-entropy with logits, summed over the outputs, mean over batch and time"},
    )
    train(
        "normed", 15, lambda: Normed(5, 8, 6), lambda: class_batch(5, 6), cross_entropy,
        {"name": "adamw", "learningRate": 0.01, "beta1": 0.9, "beta2": 0.99, "epsilon": 1e-8, "weightDecay": 2.0, "decays": "matrices", "clip": 0.4},
        lambda p: torch.optim.AdamW(groups(p, 2.0), lr=0.01, betas=(0.9, 0.99)),
        {"inputs": 5, "hidden": 8, "outputs": 6, "carryState": False, **classify},
    )
    speech()
    adaptive_softmax()
    wave_net()


if __name__ == "__main__":
    main()
