#!/usr/bin/env python3
"""Measure the instructions of a pipelined training job at every clock, for `pipewatt import`.

Needs Python 3.8 and pynvml (nvidia-ml-py), and the permission to lock clocks. Put it beside your training
script; each process makes one Recorder and tells it when instructions begin and end:

    from measure_pipeline import Recorder, sweep

    recorder = Recorder("measured", rank=rank, stage=stage, gpu=local_rank, synchronize=torch.cuda.synchronize)
    for clock in sweep(recorder, agree=any_rank):
        for _ in clock.iterations():
            for microbatch in schedule:
                with recorder.instruction("forward", microbatch):
                    ...
                with recorder.instruction("backward", microbatch):
                    ...

Where a `with` does not fit, `recorder.begin("forward", microbatch)` and `recorder.end()` do the same.
Receive inputs before an instruction begins and send outputs after it ended: waiting is not part of it.

Each clock is a folder, such as measured/1410/, with two files for each rank: instructions-rank0.csv (when
each instruction ran, in seconds since 1970) and samples-rank0.csv (power, energy counter and clock). Then:

    pipewatt import measured --waiting measured-waiting --output profile.csv

The blocking power is measured once: `measure_pipeline.py --waiting 60 measured-waiting` samples a GPU while something
else lets it wait (a process that posts a receive whose sender sleeps).

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
SAMPLE_S = 0.01
# Clocks are reported in steps of up to 15 MHz.
CLOCK_TOLERANCE_MHZ = 20


class Nvml:
    """One GPU, through NVML: power in W, energy in J, clocks in MHz; None where the GPU cannot tell."""

    def __init__(self, index):
        import pynvml

        self._nvml = pynvml
        pynvml.nvmlInit()
        name = visible(index)
        by_name = pynvml.nvmlDeviceGetHandleByUUID if isinstance(name, str) else pynvml.nvmlDeviceGetHandleByIndex
        self._gpu = by_name(name)
        self._is_locked = False

    def _ask(self, call, *arguments):
        """The answer of NVML; None where the GPU has none, or for once failed to give it."""
        try:
            return call(self._gpu, *arguments)
        except self._nvml.NVMLError:
            return None

    def power_w(self):
        """The power now. Without the field for it, NVML's usual figure, which newer GPUs average over 1 s."""
        field = getattr(self._nvml, "NVML_FI_DEV_POWER_INSTANT", None)
        if field is not None:
            found = self._ask(self._nvml.nvmlDeviceGetFieldValues, [field])
            if found and found[0].nvmlReturn == 0 and found[0].value.uiVal > 0:
                return found[0].value.uiVal / 1000
        milliwatts = self._ask(self._nvml.nvmlDeviceGetPowerUsage)
        return None if milliwatts is None else milliwatts / 1000

    def energy_j(self):
        """The counter since the driver was loaded (Volta and later). It is updated every 20 to 100 ms."""
        millijoules = self._ask(self._nvml.nvmlDeviceGetTotalEnergyConsumption)
        return None if millijoules is None else millijoules / 1000

    def clock_mhz(self):
        return self._ask(self._nvml.nvmlDeviceGetClockInfo, self._nvml.NVML_CLOCK_SM)

    def clocks_mhz(self):
        """Every clock that can be locked, highest first, at the highest memory clock."""
        memory = max(self._nvml.nvmlDeviceGetSupportedMemoryClocks(self._gpu))
        return sorted(self._nvml.nvmlDeviceGetSupportedGraphicsClocks(self._gpu, memory), reverse=True)

    def lock(self, clock_mhz):
        # Noted first: a signal may come between locking and noting it.
        self._is_locked = True
        try:
            self._nvml.nvmlDeviceSetGpuLockedClocks(self._gpu, clock_mhz, clock_mhz)
        except self._nvml.NVMLError as error:
            raise PermissionError(
                f"the clock cannot be locked at {clock_mhz} MHz ({error}); locking needs root, "
                "or CAP_SYS_ADMIN in a container") from error

    def restore(self):
        if self._is_locked:
            self._is_locked = False
            self._ask(self._nvml.nvmlDeviceResetGpuLockedClocks)


def visible(index):
    """The GPU that a framework counts as `index`: NVML knows nothing of CUDA_VISIBLE_DEVICES."""
    names = [name.strip() for name in os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",") if name.strip()]
    if isinstance(index, str) or not names:
        return index
    if index >= len(names):
        raise IndexError(f"there is no GPU {index} among CUDA_VISIBLE_DEVICES={','.join(names)}")
    return int(names[index]) if names[index].isdigit() else names[index]


class Samples(threading.Thread):
    """Samples a GPU until it is stopped, and writes the samples as they come."""

    def __init__(self, gpu, path, interval_s=SAMPLE_S, now_s=time.time):
        super().__init__(daemon=True)
        self._gpu, self._interval_s, self._now_s = gpu, interval_s, now_s
        self._stop_asked = threading.Event()
        self._failure = None
        self._file = open(path, "w", newline="")
        self._out = csv.writer(self._file, lineterminator="\n")
        self._out.writerow(["time", "power_w", "energy_j", "clock_mhz"])
        self.clocks_mhz = []

    def sample(self):
        power_w, energy_j, clock_mhz = self._gpu.power_w(), self._gpu.energy_j(), self._gpu.clock_mhz()
        # After the questions: the counter is never younger than its time.
        self._out.writerow([f"{self._now_s():.6f}", number(power_w, 3), number(energy_j, 3), number(clock_mhz, 0)])
        if clock_mhz is not None:
            self.clocks_mhz.append(clock_mhz)

    def run(self):
        try:
            while True:
                self.sample()
                if self._stop_asked.wait(self._interval_s):
                    return
        except Exception as failure:
            self._failure = failure

    def stop(self):
        self._stop_asked.set()
        if self.is_alive():
            self.join()
        self._file.close()
        if self._failure is not None:
            raise RuntimeError("sampling the GPU failed") from self._failure


def number(value, digits):
    return "" if value is None else f"{value:.{digits}f}"


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
        self._rows, self._iteration, self._open, self._clock_mhz = [], 0, None, None
        self.iteration_energy_j = []
        atexit.register(self.gpu.restore)
        restore_on_signals(self.gpu.restore)

    def begin(self, name, microbatch=0):
        if self._open is not None:
            raise RuntimeError(f"{name} begins before {self._open[0]} has ended")
        self._synchronize()
        self._open = (name, microbatch, self._now_s())

    def end(self):
        if self._open is None:
            raise RuntimeError("an instruction ends that never began")
        self._synchronize()
        name, microbatch, start_s = self._open
        self._open = None
        self._rows.append((name, microbatch, self._iteration, self._clock_mhz, start_s, self._now_s()))

    @contextlib.contextmanager
    def instruction(self, name, microbatch=0):
        self.begin(name, microbatch)
        yield
        self.end()

    @contextlib.contextmanager
    def clock(self, clock_mhz):
        """Everything within runs at this clock, and is recorded in a folder of its own."""
        folder = os.path.join(self.folder, str(clock_mhz))
        os.makedirs(folder, exist_ok=True)
        self.gpu.lock(clock_mhz)
        self._rows, self._iteration, self._open, self.iteration_energy_j = [], 0, None, []
        self._clock_mhz = clock_mhz
        samples = Samples(self.gpu, os.path.join(folder, f"samples-rank{self.rank}.csv"), now_s=self._now_s)
        # A simulated GPU has a time of its own, and samples itself.
        getattr(self.gpu, "sampled_by", Samples.start)(samples)
        try:
            yield
        finally:
            self._write(os.path.join(folder, f"instructions-rank{self.rank}.csv"))
            samples.stop()
        held_mhz = sorted(samples.clocks_mhz)[len(samples.clocks_mhz) // 2] if samples.clocks_mhz else None
        if held_mhz is not None and held_mhz < clock_mhz - CLOCK_TOLERANCE_MHZ:
            print(f"rank {self.rank}: the clock was mostly {held_mhz} MHz instead of {clock_mhz} MHz: the GPU "
                  "is held by its power limit or its temperature", file=sys.stderr)

    @contextlib.contextmanager
    def iteration(self):
        self._synchronize()
        start_j = self.gpu.energy_j()
        yield
        self._synchronize()
        end_j = self.gpu.energy_j()
        self.iteration_energy_j.append(None if None in (start_j, end_j) else end_j - start_j)
        self._iteration += 1

    def _write(self, path):
        with open(path, "w", newline="") as file:
            out = csv.writer(file, lineterminator="\n")
            out.writerow(["rank", "stage", "instruction", "microbatch", "iteration", "clock_mhz", "start", "end"])
            for name, microbatch, iteration, clock_mhz, start_s, end_s in self._rows:
                out.writerow([self.rank, self.stage, name, microbatch, iteration, clock_mhz,
                              f"{start_s:.6f}", f"{end_s:.6f}"])


def restore_on_signals(restore):
    """Restores the clock when the process is ended from outside; exit handlers do not run then."""
    if threading.current_thread() is not threading.main_thread():
        return
    for name in ("SIGTERM", "SIGHUP"):
        number_of = getattr(signal, name, None)
        before = signal.getsignal(number_of) if number_of is not None else signal.SIG_IGN
        if before not in (signal.SIG_IGN, None):
            signal.signal(number_of, ender(restore, before))


def ender(restore, before):
    def end(number_of, frame):
        restore()
        # A handler of the job, such as one that saves a checkpoint, still has its turn.
        if callable(before):
            before(number_of, frame)
        sys.exit(128 + number_of)

    return end


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
        """The mean energy of an iteration; None if the GPU has no energy counter."""
        counted = self._recorder.iteration_energy_j[self._warm_up:]
        return sum(counted) / len(counted) if counted and None not in counted else None


def sweep(recorder, clocks_mhz=None, agree=None, warm_up=WARM_UP, counted=COUNTED):
    """Yields one `Clock` after the other, from the highest down.

    `agree` must return the same truth on every rank of the job: whether any rank wants to go on (such as an
    all-reduce of the largest value). So the sweep ends only when every rank has seen the energy rise five times
    in a row, and all ranks measure the same clocks. Without it, the rank decides alone, which fits jobs of one
    rank only.
    """
    wants_more = agree if agree is not None else bool
    previous_j, rises = None, 0
    try:
        for clock_mhz in clocks_mhz if clocks_mhz is not None else recorder.gpu.clocks_mhz():
            clock = Clock(recorder, clock_mhz, warm_up, counted)
            with recorder.clock(clock_mhz):
                yield clock
            energy_j = clock.mean_energy_j()
            has_risen = None not in (energy_j, previous_j) and energy_j > previous_j
            rises = rises + 1 if has_risen else 0
            previous_j = energy_j
            if not wants_more(rises < RISES):
                return
    finally:
        recorder.gpu.restore()


def record_waiting(gpu, folder, seconds, wait=time.sleep, now_s=time.time):
    """Samples a GPU that waits; gives folder/samples-waiting.csv."""
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, "samples-waiting.csv")
    samples = Samples(gpu, path, now_s=now_s)
    getattr(gpu, "sampled_by", Samples.start)(samples)
    wait(seconds)
    samples.stop()
    return path


class SimulatedGpu:
    """A GPU that follows a known law, in a time of its own: an hour of it takes a second.

    Like a real one, its counter is updated only every 50 ms.
    """

    WAITING_W = 80.0
    UPDATE_S = 0.05

    def __init__(self, start_s=1.8e9):
        self._now_s, self._consumed_j, self._clock = start_s, 0.0, 1410
        self._power_w, self._shown_j, self._shown_s = self.WAITING_W, 0.0, start_s
        self._samples, self._next_s = None, start_s

    def sampled_by(self, samples):
        self._samples, self._next_s = samples, self._now_s

    def now_s(self):
        return self._now_s

    def time_s(self, work_s):
        return work_s * (0.3 + 0.7 * 1410 / self._clock)

    def busy_w(self):
        return 100 + 200 * (self._clock / 1410) ** 2.4

    def run(self, work_s):
        self._pass(self.time_s(work_s), self.busy_w())

    def wait(self, seconds):
        self._pass(seconds, self.WAITING_W)

    def _pass(self, seconds, power_w):
        end_s, self._power_w = self._now_s + seconds, power_w
        while self._now_s < end_s:
            until_s = min(end_s, self._shown_s + self.UPDATE_S, max(self._next_s, self._now_s + 1e-6))
            self._consumed_j += power_w * (until_s - self._now_s)
            self._now_s = until_s
            if until_s >= self._shown_s + self.UPDATE_S:
                self._shown_j, self._shown_s = self._consumed_j, until_s
            if self._samples is not None and until_s >= self._next_s:
                self._samples.sample()
                self._next_s += SAMPLE_S
        self._power_w = self.WAITING_W

    def power_w(self):
        return self._power_w

    def energy_j(self):
        return self._shown_j

    def clock_mhz(self):
        return self._clock

    def clocks_mhz(self):
        return list(range(1410, 300, -90))

    def lock(self, clock_mhz):
        self._clock = clock_mhz

    def restore(self):
        self._clock = 1410


def demo(folder):
    """Measures two simulated stages, the second of which has 15 % more work."""
    for stage, work_s in enumerate([0.1, 0.115]):
        gpu = SimulatedGpu()
        recorder = Recorder(folder, stage, stage, synchronize=lambda: None, device=gpu, now_s=gpu.now_s)
        # A rank that decides alone would stop elsewhere than the other.
        for clock in sweep(recorder, clocks_mhz=gpu.clocks_mhz()[:9], agree=lambda _: True):
            for _ in clock.iterations():
                for microbatch in range(4):
                    gpu.wait(0.013 + 0.007 * microbatch)
                    with recorder.instruction("forward", microbatch):
                        gpu.run(work_s)
                    gpu.wait(0.009)
                    with recorder.instruction("backward", microbatch):
                        gpu.run(2 * work_s)
            gpu.wait(1)
    waiting = SimulatedGpu()
    record_waiting(waiting, folder.rstrip("/") + "-waiting", 60, wait=waiting.wait, now_s=waiting.now_s)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--waiting", type=float, metavar="S", help="sample a GPU that waits, for S seconds")
    parser.add_argument("--gpu", type=int, default=0, help="index of the GPU, within CUDA_VISIBLE_DEVICES")
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
