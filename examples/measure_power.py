"""Logs the power of one GPU while loops run that compute, wait, copy and train. Sets nothing on the GPU.

    python measure_power.py FOLDER [--seconds 260]

Needs PyTorch and nvidia-ml-py. Writes into the folder:

    power.csv   t_s, instant_w, average_w, energy_j, clock_mhz: NVML, asked every few milliseconds
    phases.csv  loop, phase, start_s, end_s, on the same clock

`pipewatt power FOLDER/power.csv` gives the figures; scenarios/catalog/power has such logs of an H100.
"""

import argparse
import csv
import os
import threading
import time

import pynvml as nvml
import torch
import torch.nn.functional as F
from torch import nn

START = time.perf_counter()


def now():
    return time.perf_counter() - START


class PowerLog(threading.Thread):
    """Asks the driver as often as it answers: it has news every 100 ms."""

    def __init__(self, gpu):
        super().__init__(daemon=True)
        self.gpu = gpu
        self.running = True
        self.rows = []

    def run(self):
        fields = [nvml.NVML_FI_DEV_POWER_INSTANT, nvml.NVML_FI_DEV_POWER_AVERAGE]
        while self.running:
            time_s = now()
            values = nvml.nvmlDeviceGetFieldValues(self.gpu, fields)
            instant, average = (
                v.value.uiVal / 1000 if v.nvmlReturn == nvml.NVML_SUCCESS else "" for v in values
            )
            energy = nvml.nvmlDeviceGetTotalEnergyConsumption(self.gpu) / 1000
            clock = nvml.nvmlDeviceGetClockInfo(self.gpu, nvml.NVML_CLOCK_SM)
            self.rows.append((f"{time_s:.4f}", instant, average, energy, clock))
            time.sleep(0.004)


class Loops:
    """Work of a given length, and the log of its phases."""

    def __init__(self, seconds):
        self.seconds = seconds
        self.phases = []
        half = torch.bfloat16
        self.a = torch.randn(4096, 8192, device="cuda", dtype=half)
        self.b = torch.randn(8192, 8192, device="cuda", dtype=half).t()
        self.c = torch.empty(4096, 8192, device="cuda", dtype=half)
        self.source = torch.randn(256 * 2**20, device="cuda", dtype=half)
        self.target = torch.empty_like(self.source)
        self.product_s = self.time_of(lambda: torch.mm(self.a, self.b, out=self.c), 600)
        self.copy_s = self.time_of(lambda: self.target.copy_(self.source), 20)
        self.cycles_per_s = 1e9 / self.time_of(lambda: torch.cuda._sleep(1_000_000_000), 1)

    @staticmethod
    def time_of(work, count):
        work()
        torch.cuda.synchronize()
        start = now()
        for _ in range(count):
            work()
        torch.cuda.synchronize()
        return (now() - start) / count

    def compute(self, seconds):
        for _ in range(max(1, int(seconds / self.product_s))):
            torch.mm(self.a, self.b, out=self.c)

    def copy(self, seconds):
        for _ in range(max(1, int(seconds / self.copy_s))):
            self.target.copy_(self.source)

    def spin(self, seconds):
        """One block waits, as in a receive."""
        torch.cuda._sleep(int(seconds * self.cycles_per_s))

    def phase(self, loop, name, work):
        torch.cuda.synchronize()
        start = now()
        work()
        torch.cuda.synchronize()
        self.phases.append((loop, name, f"{start:.4f}", f"{now():.4f}"))

    def repeat(self, loop, seconds, phases):
        if now() > self.seconds:
            return
        end = now() + seconds
        while now() < end:
            for name, work in phases:
                self.phase(loop, name, work)
        time.sleep(2)


class Block(nn.Module):
    """A layer of Llama 3 8B."""

    def __init__(self, hidden=4096, heads=32, kv_heads=8, inner=14336, size=128):
        super().__init__()
        self.split = (heads, kv_heads, kv_heads)
        self.size = size
        self.norm1, self.norm2 = nn.RMSNorm(hidden), nn.RMSNorm(hidden)
        self.qkv = nn.Linear(hidden, sum(self.split) * size, bias=False)
        self.out = nn.Linear(heads * size, hidden, bias=False)
        self.up = nn.Linear(hidden, 2 * inner, bias=False)
        self.down = nn.Linear(inner, hidden, bias=False)

    def forward(self, x):
        batch, tokens, _ = x.shape
        parts = self.qkv(self.norm1(x)).split([n * self.size for n in self.split], -1)
        q, k, v = (
            part.view(batch, tokens, n, self.size).transpose(1, 2)
            for part, n in zip(parts, self.split)
        )
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)
        x = x + self.out(y.transpose(1, 2).reshape(batch, tokens, -1))
        value, gate = self.up(self.norm2(x)).chunk(2, -1)
        return x + self.down(F.silu(value) * gate)


class Training:
    """Iterations of a stage near the end of a 1F1B pipeline: two microbatches are under way."""

    def __init__(self):
        half = torch.bfloat16
        self.net = nn.Sequential(*(Block() for _ in range(8))).to("cuda", half)
        self.optimizer = torch.optim.AdamW(self.net.parameters(), lr=1e-5, fused=True)
        self.input = torch.randn(1, 4096, 4096, device="cuda", dtype=half)
        self.gradient = torch.randn(1, 4096, 4096, device="cuda", dtype=half)

    def compute(self, microbatches):
        waiting = []
        for _ in range(microbatches):
            waiting.append(self.net(self.input))
            if len(waiting) > 2:
                waiting.pop(0).backward(self.gradient)
        for output in waiting:
            output.backward(self.gradient)

    def step(self):
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=False)

    def checkpoint(self):
        """Copies the parameters to the host; the disk takes longer."""
        for parameter in self.net.parameters():
            parameter.to("cpu")
        time.sleep(1.5)

    def phases(self, loops, microbatches, bubble_s):
        return [
            ("wait", lambda: loops.spin(0.4 * bubble_s)),
            ("compute", lambda: self.compute(microbatches)),
            ("wait", lambda: loops.spin(0.6 * bubble_s)),
            ("optimizer", self.step),
        ]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("folder")
    parser.add_argument("--seconds", type=float, default=260, help="no loop begins later")
    args = parser.parse_args()
    os.makedirs(args.folder, exist_ok=True)
    nvml.nvmlInit()
    torch.cuda.init()
    log = PowerLog(nvml.nvmlDeviceGetHandleByIndex(torch.cuda.current_device()))
    log.start()
    loops = Loops(args.seconds)
    steady = {
        "idle": lambda: time.sleep(1),
        "spin": lambda: loops.spin(1),
        "compute": lambda: loops.compute(1),
        "copy": lambda: loops.copy(1),
    }
    for name, work in steady.items():
        loops.repeat(f"steady {name}", 5, [(name, work)])
    for half in (4.0, 2.0, 0.5, 0.25):
        square = [
            ("compute", lambda half=half: loops.compute(half)),
            ("spin", lambda half=half: loops.spin(half)),
        ]
        loops.repeat(f"square compute-spin {half}", max(12, 8 * half), square)
    trained = Training()
    for microbatches, bubble_s in ((8, 0.3), (4, 0.01)):
        phases = trained.phases(loops, microbatches, bubble_s)
        loops.repeat(f"train micro {microbatches} wait {bubble_s}", 30, phases)
    ten = 10 * trained.phases(loops, 16, 0.3) + [("checkpoint", trained.checkpoint)]
    loops.repeat("train micro 16 wait 0.3 checkpoint 10", 40, ten)
    log.running = False
    log.join()
    write(args.folder, "power.csv", "t_s,instant_w,average_w,energy_j,clock_mhz", log.rows)
    write(args.folder, "phases.csv", "loop,phase,start_s,end_s", loops.phases)


def write(folder, name, header, rows):
    with open(os.path.join(folder, name), "w", newline="") as file:
        file.write(header + "\n")
        csv.writer(file, lineterminator="\n").writerows(rows)


if __name__ == "__main__":
    main()
