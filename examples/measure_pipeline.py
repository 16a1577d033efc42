#!/usr/bin/env python3
"""Measure the instructions of a pipelined training job at every clock, for `pipewatt import`.

Needs Python 3.8 and pynvml (nvidia-ml-py), and the permission to lock clocks. Put it beside your training
script; each process makes one Recorder and tells it when instructions begin and end:

    from measure_pipeline import Recorder, sweep

    recorder = Recorder("measured", rank=rank, stage=stage, gpu=local_rank, synchronize=torch.cuda.synchronize)
    for clock in sweep(recorder, agree=largest_over_all_ranks):
        for _ in clock.iterations():
            for microbatch in schedule:
                with recorder.instruction("forward", microbatch):
                    ...
                with recorder.instruction("backward", microbatch):
                    ...

Each clock is a folder, such as measured/1410/, with two files for each rank: instructions-rank0.csv (when
each instruction ran, in seconds since 1970) and samples-rank0.csv (power, energy counter and clock). Then:

    pipewatt import measured --output profile.csv

The blocking power is measured once, on two GPUs: `measure_pipeline.py --waiting 60` samples a GPU while
something else lets it wait (a process that posts a receive whose sender sleeps).

    python3 measure_pipeline.py --demo measured      # the same with simulated GPUs, without NVML
"""

import argparse
import atexit
import contextlib
import csv
import os
import signal
import sys
import threading
import time

WARM_UP, COUNTED = 10, 20
# Sweeping stops once the energy of an iteration has risen this many times in a row.
RISES = 5
SAMPLE_S = 0.02


class Nvml:
    """One GPU, through NVML: power in W, energy in J, clocks in MHz."""

    def __init__(self, index):
        import pynvml

        self._nvml = pynvml
        pynvml.nvmlInit()
        self._gpu = pynvml.nvmlDeviceGetHandleByIndex(index)
        self._is_locked = False

    def power_w(self):
        return self._nvml.nvmlDeviceGetPowerUsage(self._gpu) / 1000

    def energy_j(self):
        """The counter since the driver was loaded. The driver updates it every 20 to 100 ms."""
        return self._nvml.nvmlDeviceGetTotalEnergyConsumption(self._gpu) / 1000

    def clock_mhz(self):
        return self._nvml.nvmlDeviceGetClockInfo(self._gpu, self._nvml.NVML_CLOCK_SM)

    def clocks_mhz(self):
        """Every clock that can be locked, highest first, at the highest memory clock."""
        memory = max(self._nvml.nvmlDeviceGetSupportedMemoryClocks(self._gpu))
        return sorted(self._nvml.nvmlDeviceGetSupportedGraphicsClocks(self._gpu, memory), reverse=True)

    def lock(self, clock_mhz):
        try:
            self._nvml.nvmlDeviceSetGpuLockedClocks(self._gpu, clock_mhz, clock_mhz)
        except self._nvml.NVMLError as error:
            raise PermissionError(
                f"the clock cannot be locked at {clock_mhz} MHz ({error}); locking needs root, "
                "or CAP_SYS_ADMIN in a container") from error
        self._is_locked = True

    def restore(self):
        if self._is_locked:
            self._nvml.nvmlDeviceResetGpuLockedClocks(self._gpu)
            self._is_locked = False


class Samples(threading.Thread):
    """Samples a GPU until it is stopped, and writes the samples as they come."""

    def __init__(self, gpu, path, interval_s=SAMPLE_S):
        super().__init__(daemon=True)
        self._gpu, self._path, self._interval_s = gpu, path, interval_s
        self._stop_asked = threading.Event()

    def run(self):
        with open(self._path, "w", newline="") as file:
            out = csv.writer(file, lineterminator="\n")
            out.writerow(["time", "power", "energy", "clock"])
            while True:
                gpu = self._gpu
                out.writerow([f"{time.time():.6f}", gpu.power_w(), f"{gpu.energy_j():.3f}", gpu.clock_mhz()])
                if self._stop_asked.wait(self._interval_s):
                    return

    def stop(self):
        self._stop_asked.set()
        self.join()


class Recorder:
    """Writes down the instructions of one rank, and what its GPU draws meanwhile.

    `synchronize` waits until the GPU has nothing left to do; without it, times are those at which work was
    given to the GPU, not those at which it ran.
    """

    def __init__(self, folder, rank, stage, gpu=0, synchronize=None, device=None, now_s=time.time):
        if synchronize is None:
            raise ValueError("pass synchronize, such as torch.cuda.synchronize: kernels run asynchronously")
        self.folder, self.rank, self.stage = folder, rank, stage
        self.gpu = Nvml(gpu) if device is None else device
        self._synchronize, self._now_s = synchronize, now_s
        self._rows, self._iteration = [], 0
        self.iteration_energy_j = []
        atexit.register(self.gpu.restore)
        # A process that is ended by a signal runs no exit handlers unless it exits by itself.
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))

    @contextlib.contextmanager
    def instruction(self, name, microbatch=0):
        self._synchronize()
        start_s = self._now_s()
        yield
        self._synchronize()
        self._rows.append((name, microbatch, self._iteration, start_s, self._now_s()))

    @contextlib.contextmanager
    def clock(self, clock_mhz):
        """Everything within runs at this clock, and is recorded in a folder of its own."""
        folder = os.path.join(self.folder, str(clock_mhz))
        os.makedirs(folder, exist_ok=True)
        self.gpu.lock(clock_mhz)
        self._rows, self._iteration, self.iteration_energy_j = [], 0, []
        samples = Samples(self.gpu, os.path.join(folder, f"samples-rank{self.rank}.csv"))
        samples.start()
        try:
            yield
        finally:
            samples.stop()
            self._write(os.path.join(folder, f"instructions-rank{self.rank}.csv"))

    @contextlib.contextmanager
    def iteration(self):
        self._synchronize()
        start_j = self.gpu.energy_j()
        yield
        self._synchronize()
        self.iteration_energy_j.append(self.gpu.energy_j() - start_j)
        self._iteration += 1

    def _write(self, path):
        with open(path, "w", newline="") as file:
            out = csv.writer(file, lineterminator="\n")
            out.writerow(["rank", "stage", "instruction", "microbatch", "iteration", "start", "end"])
            for name, microbatch, iteration, start_s, end_s in self._rows:
                out.writerow([self.rank, self.stage, name, microbatch, iteration,
                              f"{start_s:.6f}", f"{end_s:.6f}"])


class Clock:
    """One clock of a sweep."""

    def __init__(self, recorder, clock_mhz, warm_up, counted):
        self.clock_mhz = clock_mhz
        self._recorder, self._warm_up, self._counted = recorder, warm_up, counted

    def iterations(self):
        """Counts the iterations to run at this clock; run exactly one for each."""
        for k in range(self._warm_up + self._counted):
            with self._recorder.iteration():
                yield k

    def mean_energy_j(self):
        counted = self._recorder.iteration_energy_j[self._warm_up:]
        return sum(counted) / len(counted)


def sweep(recorder, clocks_mhz=None, agree=None, warm_up=WARM_UP, counted=COUNTED):
    """Yields one `Clock` after the other, from the highest down.

    `agree` must return the same truth on every rank of the job (such as an all-reduce of the largest
    value): the sweep ends only when every rank has seen the energy rise five times in a row, so that all
    ranks measure the same clocks. Without it, the rank decides alone, which fits jobs of one rank only.
    """
    wants_more = agree if agree is not None else bool
    previous_j, rises = None, 0
    try:
        for clock_mhz in clocks_mhz if clocks_mhz is not None else recorder.gpu.clocks_mhz():
            clock = Clock(recorder, clock_mhz, warm_up, counted)
            with recorder.clock(clock_mhz):
                yield clock
            energy_j = clock.mean_energy_j()
            rises = rises + 1 if previous_j is not None and energy_j > previous_j else 0
            previous_j = energy_j
            if not wants_more(rises < RISES):
                return
    finally:
        recorder.gpu.restore()


def record_waiting(gpu, folder, seconds):
    """Samples a GPU that waits; gives folder/samples-waiting.csv."""
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, "samples-waiting.csv")
    samples = Samples(gpu, path)
    samples.start()
    time.sleep(seconds)
    samples.stop()
    return path


class SimulatedGpu:
    """A GPU that follows a known law, for the demo and for tests: it really takes its time."""

    WAITING_W = 80.0

    def __init__(self):
        self._lock = threading.Lock()
        self._clock, self._power_w = 1410, self.WAITING_W
        self._consumed_j, self._since_s = 0.0, time.time()

    def time_s(self, work_s):
        return work_s * (0.3 + 0.7 * 1410 / self._clock)

    def busy_w(self):
        return 100 + 200 * (self._clock / 1410) ** 2.4

    def run(self, work_s):
        end_s = time.time() + self.time_s(work_s)
        self._draw(self.busy_w())
        while time.time() < end_s:
            time.sleep(max(0.0, end_s - time.time()))
        self._draw(self.WAITING_W)

    def _draw(self, power_w):
        with self._lock:
            now_s = time.time()
            self._consumed_j += self._power_w * (now_s - self._since_s)
            self._since_s, self._power_w = now_s, power_w

    def power_w(self):
        return self._power_w

    def energy_j(self):
        with self._lock:
            return self._consumed_j + self._power_w * (time.time() - self._since_s)

    def clock_mhz(self):
        return self._clock

    def clocks_mhz(self):
        return list(range(1410, 600, -90))

    def lock(self, clock_mhz):
        self._clock = clock_mhz

    def restore(self):
        self._clock = 1410


def demo(folder):
    """Measures two simulated stages, one after the other, the second of which is 15 % slower."""
    for stage, work_s in enumerate([0.02, 0.023]):
        gpu = SimulatedGpu()
        recorder = Recorder(folder, rank=stage, stage=stage, synchronize=lambda: None, device=gpu)
        for clock in sweep(recorder, warm_up=1, counted=3):
            for _ in clock.iterations():
                for microbatch in range(2):
                    with recorder.instruction("forward", microbatch):
                        gpu.run(work_s)
                    time.sleep(0.01)
                    with recorder.instruction("backward", microbatch):
                        gpu.run(2 * work_s)
    record_waiting(SimulatedGpu(), os.path.join(folder, "waiting"), 1.0)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--waiting", type=float, metavar="S", help="sample a GPU that waits, for S seconds")
    parser.add_argument("--gpu", type=int, default=0, help="index of the GPU")
    parser.add_argument("--demo", action="store_true", help="measure simulated GPUs")
    parser.add_argument("folder", nargs="?", default="measured")
    arguments = parser.parse_args()
    if arguments.demo:
        demo(arguments.folder)
    elif arguments.waiting:
        print(record_waiting(Nvml(arguments.gpu), arguments.folder, arguments.waiting))
    else:
        parser.error("import this file in your training script, or run it with --waiting or --demo")
    return 0


if __name__ == "__main__":
    sys.exit(main())
