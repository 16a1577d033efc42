import type { PipelineClocks } from './clock-lists.js';
import { pythonFloat } from './python-float.js';
import { stageLines } from './zeus-file.js';

/** The plan as the script describes it. */
interface ScriptPlan {
  readonly planner: string;
  readonly plannedTimeS: number;
}

/**
 * A Python script for people without a server: the clocks of each stage, and a class that a training
 * loop tells of each instruction's begin, which locks the clocks of one GPU through NVML.
 */
export function nvmlScript(clocks: PipelineClocks, { planner, plannedTimeS }: ScriptPlan): string {
  // NVML takes whole MHz.
  const whole = clocks.map((stage) =>
    stage.map((entry) => ({ ...entry, frequencyMHz: Math.round(entry.frequencyMHz) })),
  );
  const name = planner.replaceAll(/[^\w .-]/g, '?');
  return SCRIPT.replace('@PLANNER@', () => name)
    .replace('@TIME@', () => pythonFloat(plannedTimeS))
    .replace('@CLOCKS@', () => stageLines(whole).join('\n'));
}

const SCRIPT = `#!/usr/bin/env python3
"""GPU clocks of one pipeline, planned by pipewatt (@PLANNER@).

CLOCKS has a list for each stage: its instructions of one iteration in the order in which it runs
them, and the clock of each in MHz; 0 leaves the clock as it is. All GPUs of a stage (tensor
parallel) and the same stage of all pipelines run the same list. Save this file as
pipewatt_clocks.py beside the training script:

    from pipewatt_clocks import StageClocks

    with StageClocks(stage=pipeline_rank, gpu=local_rank) as clocks:
        for batch in batches:
            clocks.begin_iteration()
            ...
            torch.cuda.synchronize()      # so that the clock changes between instructions
            clocks.begin("forward")       # right before each forward
            ...
            torch.cuda.synchronize()
            clocks.begin("backward")      # right before each backward

A thread sets the clock while the instruction begins, since setting it takes some milliseconds.
When the with block ends, for whatever reason, the clocks are no longer locked.

Permissions: locking clocks (nvmlDeviceSetGpuLockedClocks, GPUs since Volta) needs root, or
CAP_SYS_ADMIN in a container (docker run --cap-add SYS_ADMIN). Without it every call raises
NVMLError_NoPermission. Needs pynvml: pip install nvidia-ml-py

On the command line:
    python3 pipewatt_clocks.py                     prints the clocks of each stage
    python3 pipewatt_clocks.py --check --gpu 0     whether this GPU has them and may be locked
    python3 pipewatt_clocks.py --reset --gpu 0     unlocks what a killed process left locked
"""

import argparse
import os
import queue
import signal
import sys
import threading

PLANNED_ITERATION_S = @TIME@

CLOCKS = [
@CLOCKS@
]


class StageClocks:
    """Locks the clock of one GPU instruction by instruction."""

    def __init__(self, stage, gpu=0):
        """gpu: number among the GPUs that this process sees, as in CUDA, or a UUID."""
        import pynvml

        if not 0 <= stage < len(CLOCKS):
            raise ValueError(f"found stage {stage}, expected 0 to {len(CLOCKS) - 1}")
        self.plan = CLOCKS[stage]
        self.stage = stage
        self.position = 0
        self.locked = 0
        self.failure = None
        self.nvml = pynvml
        self.gpu = gpu
        self.wishes = queue.SimpleQueue()
        self.thread = threading.Thread(target=self._lock_clocks, daemon=True)

    def __enter__(self):
        self.nvml.nvmlInit()
        self.handle = handle_of(self.nvml, self.gpu)
        # A batch scheduler ends jobs with SIGTERM, which skips the end of the with block.
        is_main = threading.current_thread() is threading.main_thread()
        if is_main and signal.getsignal(signal.SIGTERM) == signal.SIG_DFL:
            signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.wishes.put(None)
        self.thread.join()
        try:
            self.nvml.nvmlDeviceResetGpuLockedClocks(self.handle)
        finally:
            self.nvml.nvmlShutdown()
        return False

    def begin_iteration(self):
        """Called before an iteration: the iteration before it must have run its whole list."""
        if self.position not in (0, len(self.plan)):
            raise RuntimeError(
                f"stage {self.stage} has run {self.position} of {len(self.plan)} instructions; "
                "the plan is for another number of microbatches or another schedule"
            )
        self.position = 0

    def begin(self, kind):
        """Called right before an instruction: \`forward\`, \`backward\`."""
        if self.failure is not None:
            raise self.failure
        if self.position == len(self.plan):
            self.position = 0
        planned, clock = self.plan[self.position]
        if planned != kind:
            raise RuntimeError(
                f"instruction {self.position} of stage {self.stage} is a {kind}, "
                f"but a {planned} in the plan; both must be of the same schedule"
            )
        self.position += 1
        if clock != 0 and clock != self.locked:
            self.locked = clock
            self.wishes.put(clock)

    def _lock_clocks(self):
        while True:
            clock = self.wishes.get()
            # Only the last wish counts, if several have come meanwhile.
            while clock is not None and not self.wishes.empty():
                clock = self.wishes.get()
            if clock is None:
                return
            try:
                self.nvml.nvmlDeviceSetGpuLockedClocks(self.handle, clock, clock)
            except self.nvml.NVMLError as error:
                self.failure = error
                return


def handle_of(nvml, gpu):
    """The GPU that this process sees under a number, or the one with a UUID."""
    visible = [name.strip() for name in os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",")]
    name = visible[gpu] if isinstance(gpu, int) and visible != [""] else gpu
    if str(name).isdigit():
        return nvml.nvmlDeviceGetHandleByIndex(int(name))
    return nvml.nvmlDeviceGetHandleByUUID(name)


def check(gpu):
    """Prints what keeps a GPU from running the plan. Returns the exit code."""
    import pynvml as nvml

    nvml.nvmlInit()
    try:
        handle = handle_of(nvml, gpu)
        memory_clock = max(nvml.nvmlDeviceGetSupportedMemoryClocks(handle))
        supported = set(nvml.nvmlDeviceGetSupportedGraphicsClocks(handle, memory_clock))
        planned = {clock for stage in CLOCKS for _, clock in stage if clock != 0}
        missing = sorted(planned - supported)
        if missing:
            print(f"GPU {gpu} does not have the clocks {missing} MHz; it runs the nearest ones")
        highest = max(planned, default=max(supported))
        try:
            nvml.nvmlDeviceSetGpuLockedClocks(handle, highest, highest)
            nvml.nvmlDeviceResetGpuLockedClocks(handle)
        except nvml.NVMLError as error:
            print(f"GPU {gpu} cannot be locked: {error}; run as root or with CAP_SYS_ADMIN")
            return 1
        print(f"GPU {gpu} can be locked")
        return 1 if missing else 0
    finally:
        nvml.nvmlShutdown()


def reset(gpu):
    """Unlocks a GPU. Returns the exit code."""
    import pynvml as nvml

    nvml.nvmlInit()
    try:
        nvml.nvmlDeviceResetGpuLockedClocks(handle_of(nvml, gpu))
    finally:
        nvml.nvmlShutdown()
    return 0


def show():
    """Prints the clocks of each stage. Returns the exit code."""
    print(f"planned: {PLANNED_ITERATION_S} s per iteration")
    for stage, plan in enumerate(CLOCKS):
        print(f"stage {stage}: " + " ".join(f"{kind}@{clock}" for kind, clock in plan))
    return 0


def main():
    """Runs the command line. Returns the exit code."""
    parser = argparse.ArgumentParser(description="GPU clocks of one pipeline, planned by pipewatt")
    parser.add_argument("--gpu", default="0", help="number or UUID of the GPU (default: 0)")
    parser.add_argument("--check", action="store_true", help="can this GPU run the plan?")
    parser.add_argument("--reset", action="store_true", help="unlock the clocks of this GPU")
    asked = parser.parse_args()
    gpu = int(asked.gpu) if asked.gpu.isdigit() else asked.gpu
    if asked.check:
        return check(gpu)
    return reset(gpu) if asked.reset else show()


if __name__ == "__main__":
    sys.exit(main())
`;
