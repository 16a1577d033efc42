#!/usr/bin/env python3
"""Measure time and power of kernels of transformer training on one NVIDIA GPU, at the driver's own clocks.

Needs PyTorch with CUDA and nvidia-ml-py; sets nothing on the GPU. Takes two minutes:

    python3 measure_kernels.py > kernels.csv

The columns are explained in scenarios/catalog/kernels/README.md, beside figures made by this script.
"""

import csv
import datetime
import sys
import threading
import time

import pynvml
import torch
import torch.nn.functional as F

BF16 = torch.bfloat16
COLUMNS = (
    "case mode time_s calls tflops gbytes_s energy_j power_w power_w_polled clock_mhz clock_mhz_min temperature_c"
).split()

pynvml.nvmlInit()
GPU = pynvml.nvmlDeviceGetHandleByIndex(0)
DEVICE = torch.device("cuda:0")
OUT = csv.writer(sys.stdout, lineterminator="\n")


class Poll(threading.Thread):
    """Asks for power and clock every 10 ms until it is stopped."""

    def __init__(self):
        super().__init__(daemon=True)
        self.watts, self.mhz, self.on = [], [], True
        self.start()

    def run(self):
        while self.on:
            self.watts.append(pynvml.nvmlDeviceGetPowerUsage(GPU) / 1000)
            self.mhz.append(pynvml.nvmlDeviceGetClockInfo(GPU, pynvml.NVML_CLOCK_SM))
            time.sleep(0.01)

    def stop(self):
        self.on = False
        self.join()


def energy_j():
    return pynvml.nvmlDeviceGetTotalEnergyConsumption(GPU) / 1000


def mean(values):
    return sum(values) / len(values) if values else 0.0


def write(case, mode, time_s, calls, flops, bytes_, joules, power_w, poll):
    OUT.writerow(
        [
            case,
            mode,
            f"{time_s:.6g}",
            calls,
            round(flops / time_s / 1e12, 1) if flops else "",
            round(bytes_ / time_s / 1e9) if bytes_ else "",
            f"{joules:.6g}",
            round(power_w, 1),
            round(mean(poll.watts), 1),
            round(mean(poll.mhz)),
            min(poll.mhz, default=""),
            pynvml.nvmlDeviceGetTemperature(GPU, 0),
        ]
    )
    sys.stdout.flush()


def time_of(call, calls):
    """Seconds of one call, after three that warm up."""
    for _ in range(3):
        call()
    torch.cuda.synchronize()
    begin = time.time()
    for _ in range(calls):
        call()
    torch.cuda.synchronize()
    return max((time.time() - begin) / calls, 1e-5)


def steady(case, call, flops=0, bytes_=0, seconds=1.5, mode="steady"):
    """Runs call after call; the first half second is not counted."""
    try:
        one = time_of(call, 1)
    except RuntimeError as error:
        print(f"# {case}: {str(error).splitlines()[0][:160]}")
        return
    for _ in range(max(1, int(0.5 / one))):
        call()
    torch.cuda.synchronize()
    calls = max(3, int(seconds / one))
    poll, before, begin = Poll(), energy_j(), time.time()
    for _ in range(calls):
        call()
    torch.cuda.synchronize()
    took, joules = time.time() - begin, energy_j() - before
    poll.stop()
    write(case, mode, took / calls, calls, flops, bytes_, joules / calls, joules / took, poll)


def duty(case, call, flops, share, period_s=0.05, seconds=3.0):
    """Works for a share of each period and sleeps for the rest: the lower the mean power, the higher the clock."""
    per_period = max(1, int(period_s * share / time_of(call, 10)))
    first, last = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)

    def work(until):
        busy, periods = 0.0, 0
        while time.time() < until:
            begin = time.time()
            first.record()
            for _ in range(per_period):
                call()
            last.record()
            torch.cuda.synchronize()
            busy += first.elapsed_time(last) / 1000
            periods += 1
            time.sleep(max(0.0, begin + period_s - time.time()))
        return busy, periods * per_period

    work(time.time() + 1)
    poll, before, begin = Poll(), energy_j(), time.time()
    busy, calls = work(begin + seconds)
    took, joules = time.time() - begin, energy_j() - before
    poll.stop()
    write(case, f"duty {busy / took:.3f}", busy / calls, calls, flops, 0, joules / calls, joules / took, poll)


def random(*shape):
    return torch.randn(*shape, device=DEVICE, dtype=BF16)


def product(m, k, n):
    """A call of C = A·Bᵀ, as a linear layer's forward pass makes it, and its operations."""
    a, b, c = random(m, k), random(n, k).t(), torch.empty(m, n, device=DEVICE, dtype=BF16)
    return lambda: torch.mm(a, b, out=c), 2 * m * k * n


def products():
    call, flops = product(4096, 8192, 8192)
    for i in range(3):
        steady("gemm 4096x8192x8192 NT", call, flops, seconds=3.0, mode=f"steady repeat {i}")
    for tenths in range(2, 10):
        duty("gemm 4096x8192x8192 NT", call, flops, tenths / 10)


def fp8_products():
    one = torch.tensor(1.0, device=DEVICE)
    shapes = ((4096, 8192, 28672), (4096, 28672, 8192), (4096, 8192, 8192), (4096, 8192, 2560), (4096, 4096, 4096))
    for m, k, n in (*shapes, (1024, 8192, 8192), (8192, 8192, 8192)):
        a, b = random(m, k).to(torch.float8_e4m3fn), random(n, k).to(torch.float8_e4m3fn).t()
        steady(
            f"fp8 gemm {m}x{k}x{n}",
            lambda: torch._scaled_mm(a, b, scale_a=one, scale_b=one, out_dtype=BF16, use_fast_accum=True),
            2 * m * k * n,
        )
    x = random(8192, 8192)
    steady("cast bf16 to fp8 8192x8192", lambda: (x * 1.0).to(torch.float8_e4m3fn), 0, x.numel() * 3)


def grouped_products():
    shapes = ((8192, 8, 4096, 14336), (32768, 64, 2048, 1408), (65536, 32, 7168, 2048))
    fine = ((32768, 16, 2048, 1536), (32768, 16, 768, 2048), (16384, 16, 2880, 5760), (4096, 32, 4096, 3072))
    for tokens, experts, k, n in (*shapes, *fine):
        a, w = random(tokens, k), random(experts, n, k).transpose(-2, -1)
        ends = torch.arange(1, experts + 1, device=DEVICE, dtype=torch.int32) * (tokens // experts)
        case = f"grouped gemm {tokens} tokens {experts} experts {k}x{n}"
        steady(case, lambda: torch._grouped_mm(a, w, offs=ends), 2 * tokens * k * n)


def routing():
    """The work of a layer of experts around its products: choose experts, sort tokens by them, put them back."""
    tokens, hidden, experts, chosen = 4096, 4096, 128, 8
    x, scores = random(tokens, hidden), random(tokens, experts).float()
    order = torch.randperm(tokens * chosen, device=DEVICE)
    rows = order // chosen
    sorted_ = random(tokens * chosen, hidden)
    out = torch.zeros(tokens, hidden, device=DEVICE, dtype=BF16)
    moved = 2 * 2 * tokens * chosen * hidden
    steady(f"route {tokens} tokens to {chosen} of {experts}", lambda: scores.softmax(-1).topk(chosen), 0, scores.numel() * 8, 0.6)
    steady(f"sort {tokens * chosen} choices", lambda: torch.argsort(order), 0, 0, 0.6)
    steady(f"permute {tokens * chosen}x{hidden}", lambda: x.index_select(0, rows), 0, moved, 0.6)
    steady(f"unpermute {tokens * chosen}x{hidden}", lambda: out.index_add_(0, rows, sorted_), 0, moved, 0.6)
    gate, up = random(32768, 2048), random(32768, 2048)
    steady("swiglu 32768x2048", lambda: F.silu(gate) * up, 0, gate.numel() * 2 * 3, 0.6)


def attention():
    shapes = ((1, 4096, 8, 1, 128), (1, 4096, 16, 16, 64), (1, 2048, 32, 32, 128), (4, 2048, 32, 32, 128))
    for b, s, h, kv, d in (*shapes, (1, 16384, 16, 4, 128), (1, 8192, 32, 8, 64)):
        q, k, v = (random(b, heads, s, d).requires_grad_() for heads in (h, kv, kv))
        name, flops = f"b{b} s{s} h{h} kv{kv} d{d}", 2 * b * h * s * s * d

        def forward():
            return F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=h != kv)

        steady(f"attention forward {name}", forward, flops)
        out = forward()
        gradient = torch.randn_like(out)

        def backward():
            torch.autograd.grad(out, (q, k, v), gradient, retain_graph=True)

        steady(f"attention backward {name}", backward, 2.5 * flops)


def optimizer():
    """AdamW in fp32: reads weights, gradients and two moments, writes all but the gradients."""
    weights = torch.zeros(500_000_000, device=DEVICE).requires_grad_()
    weights.grad = torch.ones_like(weights)
    steady("fused adamw 500M fp32", torch.optim.AdamW([weights], lr=1e-6, fused=True).step, 0, 500e6 * 4 * 7)


def waiting():
    """Blocks that spin, like a GPU that waits in a receive; and a copy over PCIe."""
    for blocks in (1, 8, 32):
        streams = [torch.cuda.Stream() for _ in range(blocks)]

        def spin():
            for stream in streams:
                with torch.cuda.stream(stream):
                    torch.cuda._sleep(20_000_000)

        steady(f"spin {blocks} blocks", spin)
    size = 256 * 1024 * 1024
    host, device = torch.empty(size, dtype=torch.uint8, pin_memory=True), torch.empty(size, dtype=torch.uint8, device=DEVICE)
    steady("copy device to host 256 MiB", lambda: host.copy_(device, non_blocking=True), 0, size)


def small_products():
    for m in (128, 256, 512, 1024, 2048, 4096, 8192):
        for k, n in ((1024, 4096), (4096, 1024), (2048, 512)):
            steady(f"gemm {m}x{k}x{n} NT", *product(m, k, n), seconds=0.6)


def main():
    limit_w = pynvml.nvmlDeviceGetEnforcedPowerLimit(GPU) / 1000
    top_mhz = pynvml.nvmlDeviceGetMaxClockInfo(GPU, pynvml.NVML_CLOCK_SM)
    print(
        f"# {torch.cuda.get_device_name(0)}; driver {pynvml.nvmlSystemGetDriverVersion()}; torch {torch.__version__}; "
        f"{datetime.date.today()}; limit {limit_w} W; highest clock {top_mhz} MHz"
    )
    OUT.writerow(COLUMNS)
    for cases in (products, fp8_products, grouped_products, routing, attention, optimizer, waiting, small_products):
        cases()
        torch.cuda.empty_cache()


if __name__ == "__main__":
    main()
