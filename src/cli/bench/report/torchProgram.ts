// The program that times PyTorch on shapes of the bench: Python, given to `python3 -c` with seconds for each row. It
// prints a line of JSON for what runs it, and one for every row.

/** Names of rows that it has, as the bench has them. */
export const TORCH_ROWS = [
  'LSTM training step',
  'TCN training step',
  'Transformer translation step',
  'matmul 512',
  'matmul 1024',
  'matmul 2048',
] as const;

/** The program's text. */
export const TORCH_PROGRAM = `
import json, sys, time
try:
    import torch
    from torch import nn
    from torch.nn import functional as F
except ImportError as error:
    print(json.dumps({"missing": str(error)}))
    sys.exit()

seconds = float(sys.argv[1])
mps = getattr(torch.backends, "mps", None)
device = "cuda" if torch.cuda.is_available() else "mps" if mps and mps.is_available() else "cpu"
name = torch.cuda.get_device_name() if device == "cuda" else f"{device}, {torch.get_num_threads()} threads"
print(json.dumps({"torch": torch.__version__, "device": name}), flush=True)


def wait():
    if device == "cuda":
        torch.cuda.synchronize()
    elif device == "mps":
        torch.mps.synchronize()


def row(name, run):
    """The median of runs, each as a program calls it, in as many seconds; the first two are left out."""
    times, end = [], None
    while len(times) < 3 or (time.perf_counter() < end and len(times) < 200):
        wait()
        start = time.perf_counter()
        run()
        wait()
        times.append((time.perf_counter() - start) * 1000)
        end = end or time.perf_counter() + seconds
    times = sorted(times[2:])
    print(json.dumps({"name": name, "ms": times[len(times) // 2], "min": times[0], "runs": len(times)}), flush=True)


def trained(model, inputs, targets):
    model = model.to(device)
    adam = torch.optim.Adam(model.parameters(), lr=1e-3)
    inputs, targets = [x.to(device) for x in inputs], targets.to(device)

    def run():
        logits = model(*inputs)
        loss = F.cross_entropy(logits.flatten(0, 1), targets.flatten())
        adam.zero_grad()
        loss.backward()
        adam.step()

    return run


class LSTM(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder, self.head = nn.Embedding(64, 128), nn.Linear(256, 64)
        self.lstm = nn.LSTM(128, 256, batch_first=True)

    def forward(self, x):
        return self.head(self.lstm(self.encoder(x))[0])


class Block(nn.Module):
    def __init__(self, width, dilation):
        super().__init__()
        self.padding = 2 * dilation
        conv = lambda: nn.utils.weight_norm(nn.Conv1d(width, width, 3, dilation=dilation))
        self.conv1, self.conv2 = conv(), conv()

    def forward(self, x):
        y = F.relu(self.conv1(F.pad(x, (self.padding, 0))))
        return F.relu(x + F.relu(self.conv2(F.pad(y, (self.padding, 0)))))


class TCN(nn.Module):
    def __init__(self):
        super().__init__()
        self.body, self.head = nn.Sequential(*(Block(64, 2**i) for i in range(4))), nn.Linear(64, 10)

    def forward(self, x):
        return self.head(self.body(x.transpose(1, 2)).transpose(1, 2))


class Translator(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(8000, 256)
        options = dict(dim_feedforward=1024, dropout=0, batch_first=True, norm_first=True)
        self.layers = nn.Transformer(256, 4, 3, 3, **options)
        self.register_buffer("mask", torch.full((12, 12), float("-inf")).triu(1))

    def forward(self, source, target):
        y = self.layers(self.table(source) * 16, self.table(target) * 16, tgt_mask=self.mask)
        return F.linear(y, self.table.weight)


ids = lambda count, *shape: torch.randint(count, shape)
row("LSTM training step", trained(LSTM(), [ids(64, 32, 64)], ids(64, 32, 64)))
row("TCN training step", trained(TCN(), [torch.randn(16, 256, 64)], ids(10, 16, 256)))
row("Transformer translation step", trained(Translator(), [ids(8000, 64, 12), ids(8000, 64, 12)], ids(8000, 64, 12)))
for size in (512, 1024, 2048):
    a, b = torch.randn(2, size, size, device=device)
    row(f"matmul {size}", lambda: a @ b)
`;
