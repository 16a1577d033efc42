import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nvmlScript } from '../../sim/plans/nvml-script.js';
import { readPlanFile } from '../../sim/plans/read-plan.js';
import { testWithPython } from '../support/python.js';

/** An NVML without GPUs, which prints every call. Clocks above 1500 MHz are refused. */
const FAKE_NVML = `
class NVMLError(Exception):
    pass

def log(*what):
    print(*what, flush=True)

last = 0

def nvmlInit(): log("init")
def nvmlShutdown(): log("shutdown")
def nvmlDeviceGetHandleByIndex(index): return f"gpu{index}"
def nvmlDeviceGetHandleByUUID(uuid): return uuid
def nvmlDeviceGetSupportedMemoryClocks(handle): return [1215, 2619]
def nvmlDeviceGetSupportedGraphicsClocks(handle, memory): return [1410, 1395, 1260]
def nvmlDeviceResetGpuLockedClocks(handle): log("reset", handle)
def nvmlDeviceSetGpuLockedClocks(handle, lowest, highest):
    if highest > 1500:
        raise NVMLError("Insufficient Permissions")
    log("lock", handle, lowest, highest)
    global last
    last = highest
`;

const PLAN =
  "[[('forward', 1410), ('forward', 1410), ('backward', 1260)], [('forward', 0), ('backward', 1600), ('forward', 1395)]]";

/** Runs a program beside the script and the fake NVML. */
function run(program: string, args: readonly string[] = []) {
  const folder = mkdtempSync(join(tmpdir(), 'nvml-'));
  try {
    const { clocks } = readPlanFile(PLAN, 'plan');
    const script = nvmlScript(clocks, { planner: 'perseus', plannedTimeS: 3.25 });
    writeFileSync(join(folder, 'pipewatt_clocks.py'), script);
    writeFileSync(join(folder, 'pynvml.py'), FAKE_NVML);
    const { status, stdout, stderr } = spawnSync('python3', ['-c', program, ...args], {
      encoding: 'utf8',
      env: { ...process.env, PYTHONPATH: folder, PYTHONDONTWRITEBYTECODE: '1' },
      cwd: folder,
    });
    return { status, lines: stdout.trim().split('\n'), stderr };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A training loop that waits until each clock is set. */
const LOOP = (stage: number, kinds: readonly string[], iterations = 2) => `
import time, pynvml
from pipewatt_clocks import StageClocks
with StageClocks(stage=${stage}, gpu=0) as clocks:
    for _ in range(${iterations}):
        clocks.begin_iteration()
        for kind in ${JSON.stringify(kinds)}:
            clocks.begin(kind)
            while clocks.locked != pynvml.last and clocks.failure is None:
                time.sleep(0.001)
`;

testWithPython('the script locks a clock only where it changes, and unlocks it at the end', (t) => {
  const { status, lines, stderr } = run(LOOP(0, ['forward', 'forward', 'backward']));
  t.is(stderr, '');
  t.is(status, 0);
  t.deepEqual(lines, [
    ...['init', 'lock gpu0 1410 1410', 'lock gpu0 1260 1260'],
    ...['lock gpu0 1410 1410', 'lock gpu0 1260 1260', 'reset gpu0', 'shutdown'],
  ]);
});

testWithPython(
  'the script unlocks the GPU when training fails, and says what did not match',
  (t) => {
    const { status, lines, stderr } = run(LOOP(0, ['forward', 'backward']));
    t.is(status, 1);
    t.regex(
      stderr,
      /RuntimeError: instruction 1 of stage 0 is a backward, but a forward in the plan/,
    );
    t.deepEqual(lines, ['init', 'lock gpu0 1410 1410', 'reset gpu0', 'shutdown']);
  },
);

testWithPython('the script notices an iteration that does not run the whole list', (t) => {
  const { status, stderr } = run(LOOP(0, ['forward', 'forward']));
  t.is(status, 1);
  t.regex(stderr, /stage 0 has run 2 of 3 instructions; the plan is for another number of microb/);
});

testWithPython('a refused clock ends training with the reason, unlocked', (t) => {
  const { status, lines, stderr } = run(LOOP(1, ['forward', 'backward', 'forward']));
  t.is(status, 1);
  t.regex(stderr, /NVMLError: Insufficient Permissions/);
  t.deepEqual(lines, ['init', 'reset gpu0', 'shutdown'], '0 MHz sets no clock');
});

testWithPython('the script runs alone: it shows the clocks and unlocks a GPU', (t) => {
  const alone = 'import runpy; runpy.run_path("pipewatt_clocks.py", run_name="__main__")';
  t.deepEqual(run(alone).lines, [
    'planned: 3.25 s per iteration',
    'stage 0: forward@1410 forward@1410 backward@1260',
    'stage 1: forward@0 backward@1600 forward@1395',
  ]);
  t.deepEqual(run(alone, ['--reset', '--gpu', 'GPU-1']).lines, ['init', 'reset GPU-1', 'shutdown']);
  const checked = run(alone, ['--check', '--gpu', '3']);
  t.is(checked.status, 1);
  t.deepEqual(checked.lines, [
    ...['init', 'GPU 3 does not have the clocks [1600] MHz; it runs the nearest ones'],
    'GPU 3 cannot be locked: Insufficient Permissions; run as root or with CAP_SYS_ADMIN',
    'shutdown',
  ]);
});
