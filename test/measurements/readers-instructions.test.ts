import test from 'ava';
import { ZEUS_DUMPS } from '../../sim/measurements/readers/zeus-dumps.js';
import { instructionOf, iterationOf } from '../../sim/measurements/readers/instruction-names.js';
import { placeOf, stageOfRank } from '../../sim/measurements/readers/places.js';
import { logText, problemsOf, readLog, readText, spanLines } from '../support/measurement-files.js';

test('names of instructions, as frameworks write them', (t) => {
  const kinds = (name: string) => instructionOf(name);
  t.deepEqual(kinds('forward'), { kind: 'forward' });
  t.deepEqual(kinds('stage0/forward'), { kind: 'forward', stage: 0 });
  t.deepEqual(kinds('forward_stage_3'), { kind: 'forward', stage: 3 });
  t.deepEqual(kinds('Forward 3'), { kind: 'forward', microbatch: 3 });
  t.deepEqual(kinds('BackwardPass'), { kind: 'backward' });
  t.deepEqual(kinds('backward_step'), { kind: 'backward' });
  t.deepEqual(kinds('forward-compute'), { kind: 'forward' });
  t.deepEqual(kinds('pp_rank_1 bwd mb 7'), { kind: 'backward', stage: 1, microbatch: 7 });
  t.deepEqual(kinds('backward_input'), { kind: 'input-gradient' });
  t.deepEqual(kinds('wgrad'), { kind: 'weight-gradient' });
  t.deepEqual(kinds('PP:2W11'), { kind: 'weight-gradient', stage: 2, microbatch: 11 });
  t.deepEqual(kinds('1F0'), { kind: 'forward', stage: 1, microbatch: 0 });
  t.deepEqual(kinds('load'), { kind: 'load' });
  const others = [
    ...['forward-backward', 'forward-recv', 'backward-send-forward-recv', 'PP:1RECV_F0'],
    ...['backward-params-all-reduce', 'backward_inner', 'optimizer', 'step', 'MulBackward0', ''],
    ...['forward input', 'weight', 'forward 1 2', 'x'.repeat(100), 'constructor', '__proto__'],
  ];
  for (const name of others) t.is(instructionOf(name), undefined, name);
  t.is(iterationOf('ProfilerStep#12'), 12);
  t.is(iterationOf('iteration_3'), 3);
  t.is(iterationOf('step'), -1);
  t.is(iterationOf('forward_step'), undefined);
});

test('ranks and stages in paths', (t) => {
  t.deepEqual(placeOf('run/stage1/rank3.csv'), { rank: 3, stage: 1 });
  t.deepEqual(placeOf('instructions-rank12.csv.gz'), { rank: 12 });
  t.deepEqual(placeOf('pp_rank_2-timers.log'), { stage: 2 });
  t.deepEqual(placeOf('frank1 upstage2.csv'), {});
  t.is(stageOfRank(5, { stages: 4, gpus: 8 }), 2);
  t.is(stageOfRank(5, { stages: 3, gpus: 8 }), undefined);
  t.is(stageOfRank(9, { stages: 4, gpus: 8 }), undefined);
});

test('ZeusMonitor: windows in iterations, energy of the own GPU, warm-up outside of them', (t) => {
  const file = readLog('zeus-monitor-rank1.csv');
  t.deepEqual(spanLines(file), [
    'forward stage 1 rank 1, iteration 0, 50 ms, 12.5 J',
    'backward stage 1 rank 1, iteration 0, 100 ms, 30 J',
    'forward stage 1 rank 1, iteration 0, 51 ms, 12.8 J',
    'backward stage 1 rank 1, iteration 0, 104 ms, 31 J',
    'forward stage 1 rank 1, iteration 1, 50 ms, 12.4 J',
    'backward stage 1 rank 1, iteration 1, 100 ms, 29 J',
  ]);
  t.is(file.spans[0]?.startS, 1795741312);
  t.deepEqual(file.notes, [
    'of 2 GPUs, gpu1 is taken for that of rank 1',
    '1 instruction outside of all iterations left out',
    'line 2: the window "setup" is neither an instruction nor an iteration',
  ]);
});

test('ZeusMonitor: of windows within windows of their kind the innermost counts', (t) => {
  const file = readLog('zeus-monitor-nested-stage0.csv');
  t.deepEqual(spanLines(file), [
    'forward stage 0 rank 2, 50 ms, 12.5 J',
    'forward stage 0 rank 2, 50 ms, 12.4 J',
    'backward stage 0 rank 2, 100 ms, 30 J',
  ]);
});

test("PyTorch's profiler: kernels that any thread launched, without communication at the ends", (t) => {
  const file = readLog('kineto-kernels.json');
  t.deepEqual(spanLines(file), [
    'forward stage 1 rank 3, iteration 4, 50 ms',
    'backward stage 1 rank 3, iteration 4, 120 ms',
    'forward stage 1 rank 3, iteration 5, 51 ms',
    'backward stage 1 rank 3, iteration 5, 120 ms',
  ]);
  t.is(file.timeBase, 'epoch');
  t.is(file.spans[0]?.startS?.toFixed(3), '1795741312.021');
});

test("PyTorch's profiler: without kernels, annotations of the GPU, else of the host", (t) => {
  const document = JSON.parse(logText('kineto-kernels.json')) as {
    traceEvents: { cat?: string }[];
  };
  const gpuOnly = document.traceEvents.filter(({ cat }) => cat === 'gpu_user_annotation');
  const onGpu = readText(JSON.stringify({ ...document, traceEvents: gpuOnly }), 'rank3.json');
  t.deepEqual(spanLines(onGpu), ['forward stage 1 rank 3, 70 ms', 'forward stage 1 rank 3, 71 ms']);
  const host = readLog('kineto-host.json', { stages: 4 });
  t.is(spanLines(host)[0], 'forward stage 1 rank 3, 30 ms');
  t.is(spanLines(host)[1], 'backward stage 1 rank 3, 60 ms');
  t.regex(host.notes.join('\n'), /6 durations: of the annotation on the host/);
});

test('Megatron: times of each rank, divided by the microbatches that the log implies', (t) => {
  const file = readLog('megatron-all.log');
  t.deepEqual(spanLines(file), [
    'forward stage 0 rank 0, iteration 5, 50 ms',
    'forward stage 0 rank 1, iteration 5, 51 ms',
    'forward stage 1 rank 2, iteration 5, 60 ms',
    'forward stage 1 rank 3, iteration 5, 60.5 ms',
    'backward stage 0 rank 0, iteration 5, 100 ms',
    'backward stage 0 rank 1, iteration 5, 101 ms',
    'backward stage 1 rank 2, iteration 5, 120 ms',
    'backward stage 1 rank 3, iteration 5, 121 ms',
    'forward stage 0 rank 0, iteration 6, 50.1 ms',
  ]);
  t.deepEqual(file.notes, ['times are divided by 4 microbatches, as the log says']);
});

test('Megatron: (min, max) of all ranks is of a stage only if there is one', (t) => {
  const text = logText('megatron-minmax.log');
  const several = problemsOf(text, 'log', { microbatches: 4, stages: 2 });
  t.regex(
    several,
    /log:4: its times are of all ranks at once, of 2 stages.*--timing-log-option all/,
  );
  t.deepEqual(spanLines(readText(text, 'log', { microbatches: 4, stages: 1 })), [
    'forward stage 0 rank 0, iteration 5, 60.5 ms',
    'backward stage 0 rank 0, iteration 5, 121 ms',
  ]);
  const max = text.replace('(min, max) time', 'max time').replaceAll(/\([\d.]+, ([\d.]+)\)/g, '$1');
  t.is(readText(max, 'log', { microbatches: 4, stages: 1 }).spans.length, 2);
});

test('Megatron: the older form in one line, and DeepSpeed, whose microsteps are single', (t) => {
  const old = readLog('megatron-old-stage1.log', { microbatches: 2 });
  t.deepEqual(spanLines(old), [
    'forward stage 1 rank 0, iteration 30, 15.8 ms',
    'backward stage 1 rank 0, iteration 30, 20.8 ms',
  ]);
  t.regex(
    problemsOf(logText('megatron-old-stage1.log'), 'stage1.log'),
    /give their number \(--microbatches\)/,
  );
  t.deepEqual(spanLines(readLog('deepspeed-stage0.log')), [
    'forward stage 0 rank 0, 27.5 ms',
    'backward stage 0 rank 0, 73.59 ms',
  ]);
});

const DUMP = 'zeus-dump/2026-11-27-01-02-03+dp1+pp2+tp1+PointSolution/';
const dumps = () =>
  ['0.prof.json', 'ranks.json', '0.sched.json'].map((name) => ({
    source: DUMP + name,
    text: logText(DUMP + name),
  }));

test("Zeus' dumps: clocks of the schedules in order, 0 keeps the clock, stages of ranks.json", (t) => {
  const file = ZEUS_DUMPS.readTogether!(dumps());
  t.deepEqual(spanLines(file), [
    'forward stage 1 rank 0, iteration 0, 50 ms, 12.5 J, 1410 MHz',
    'forward stage 1 rank 0, iteration 0, 51 ms, 12.6 J, 1395 MHz',
    'forward stage 1 rank 0, iteration 1, 50 ms, 12.5 J, 1410 MHz',
    'forward stage 1 rank 0, iteration 1, 52 ms, 12.7 J, 1395 MHz',
    'backward stage 1 rank 0, iteration 0, 100 ms, 30 J, 1395 MHz',
    'backward stage 1 rank 0, iteration 0, 101 ms, 30.1 J, 1200 MHz',
    'backward stage 1 rank 0, iteration 1, 100 ms, 30 J, 1395 MHz',
    'backward stage 1 rank 0, iteration 1, 102 ms, 30.2 J, 1200 MHz',
    'forward stage 0 rank 1, iteration 0, 40 ms, 1395 MHz',
    'forward stage 0 rank 1, iteration 0, 41 ms, 1395 MHz',
  ]);
});

test("Zeus' dumps: what is missing, and what does not fit together", (t) => {
  const [prof, ranks, sched] = dumps();
  const problems = (...files: NonNullable<typeof prof>[]) => {
    const error = t.throws(() => ZEUS_DUMPS.readTogether!(files));
    return error.message;
  };
  t.regex(problems(prof!, sched!), /has 0 files like ranks.json, expected one/);
  t.regex(problems(prof!, ranks!), /0.prof.json: has no schedule: 0.sched.json is missing/);
  t.regex(
    problems(ranks!, sched!),
    /has no N.prof.json with results; shipped clients of Zeus post none/,
  );
  const longer = { ...prof!, text: prof!.text.replace('[0.05, 0.051]', '[0.05, 0.051, 0.05]') };
  t.regex(
    problems(longer, ranks!, sched!),
    /0.time_breakdown.forward.0: has 3 times, but 2 energies/,
  );
  const milli = {
    ...prof!,
    text: prof!.text.replaceAll(/\b0\.(\d+)/g, (_, digits: string) =>
      String(Number(`0.${digits}`) * 1000),
    ),
  };
  t.regex(
    problems(milli, ranks!, sched!),
    /draws 0\.\d+ W on average.*times look like milliseconds/,
  );
  t.regex(problemsOf(prof!.text, prof!.source), /give their folder, with ranks.json/);
});

test('tables of instructions: no warm-up, clocks, other names left out', (t) => {
  const file = readLog('instructions-rank2.csv');
  t.deepEqual(spanLines(file), [
    'forward stage 1 rank 2, iteration 0, 50 ms, 1410 MHz',
    'backward stage 1 rank 2, iteration 0, 100 ms, 1410 MHz',
    'load stage 1 rank 2, iteration 0, 1 ms, 1410 MHz',
    'forward stage 1 rank 2, iteration 0, 55 ms',
  ]);
  t.deepEqual(file.notes, [
    'line 2: iterations below 0 warm up, and are left out',
    'line 6: "optimizer" is no instruction, and is left out',
  ]);
});
